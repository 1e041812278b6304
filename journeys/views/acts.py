"""What every act of a journey shares: what somebody had seen when they clicked."""

from tenants.access import TenantRequest


def seen(request: TenantRequest, name: str) -> int | None:
    """The number a form sent along, of what was read; None where it sent none."""
    said = request.POST.get(name, "")
    return int(said) if said.isdecimal() and len(said) < 10 else None
