"""What is remembered of calls to the API, and until when."""

from datetime import time

from tenants.jobs import Work, job
from tenants.models import IdempotencyRecord
from tenants.rest.idempotency import KEPT


@job("tenants.calls_tidy", label="Forget old answers of the API", nightly_at=time(2, 40))
def forget_calls(work: Work, *, day: str) -> None:
    """Forget what calls with an Idempotency-Key answered more than two days ago."""
    IdempotencyRecord.objects.filter(created_at__lte=work.now - KEPT).delete()
