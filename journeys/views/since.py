"""What changed in SPICED since an account was handed over."""

from typing import Any

from journeys.models import Handoff
from spiced.queries.notes import versions
from spiced.queries.side_by_side import changed_rows, version_at
from tenants.access import TenantRequest

SHORT = 8  # fields; more of them stand folded


def spiced_since(request: TenantRequest, found: Handoff) -> dict[str, Any]:
    """The note as it stood when the handoff was submitted, or begun, beside the one of now."""
    base = found.submitted_at or found.signed_at
    before = version_at(found.account, base)
    after = versions(found.account).filter(is_draft=False).first()
    is_same = before is None or after is None or before.pk == after.pk
    rows = [] if is_same else changed_rows(before, after, request.tenant.currency)  # type: ignore[arg-type]
    return {
        "moment": base,
        "is_submitted": found.submitted_at is not None,
        "before": before,
        "after": after,
        "rows": rows,
        "is_short": len(rows) <= SHORT,
    }
