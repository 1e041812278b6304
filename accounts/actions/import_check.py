"""The check of an import: every row read, then a rehearsal that tells what would change."""

from typing import Any

from accounts.actions.import_prepare import prepare
from accounts.actions.import_rows import batch_at, keep_refusals, rehearse
from accounts.models import Import
from accounts.queries.custom import mappable
from accounts.rules.plan import Plan
from accounts.rules.unreadable import Unreadable
from accounts.targets import TARGETS
from tenants.jobs import Work, job

KEPT_NAMES = 2000


@job("accounts.import_check", label="Check an import")
def check_import(work: Work, *, import_id: str) -> dict[str, Any] | None:
    """Prepare the file, then rehearse a batch at a time. Nothing of the tenant's data changes."""
    item = Import.objects.select_for_update().get(pk=import_id)
    if item.state != Import.State.CHECKING or item.job_id != work.job_id:
        return None
    if work.cursor is None:
        return _begin(item, work)
    batch = batch_at(item, work.cursor["at"])
    taken = rehearse(item, batch, work.now)
    keep_refusals(item, batch, taken.outcome)
    counts = work.statistics["counts"]
    for state, count in taken.counts.items():
        counts[state] = counts.get(state, 0) + count
    made = {row.external_id for row in taken.made.rows} if taken.made else set()
    missing = sorted({*work.statistics.get("missing", []), *made})[:KEPT_NAMES]
    work.statistics |= {"missing": missing, "done": work.statistics["done"] + len(batch.lines)}
    if batch.next is not None:
        return {"at": batch.next}
    item.counts = counts | {"accounts": len(missing)}
    item.state = Import.State.CHECKED
    item.save()
    return None


def _begin(item: Import, work: Work) -> dict[str, Any] | None:
    gone = Plan.from_json(item.plan).fields.keys() - mappable(TARGETS[item.target]).keys()
    if gone:
        item.state = Import.State.READ
        item.problem = f"No longer in use: {', '.join(sorted(gone))}. Look at the columns again."
        item.save()
        return None
    try:
        counts = prepare(item)
    except Unreadable as unreadable:
        item.state, item.problem = Import.State.RECEIVED, unreadable.reason[:500]
        item.save()
        return None
    total = counts.pop("ready", 0)
    work.statistics |= {"counts": dict(counts), "done": 0, "total": total}
    return {"at": 0}
