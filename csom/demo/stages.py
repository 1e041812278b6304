"""How far accounts came on the bowtie, and on what evidence."""

from datetime import timedelta

from bowtie.models import Overlay, Stay
from bowtie.rules.gates import GO_LIVE
from csom.demo.lives import Fate
from csom.demo.scene import AT_ONCE, Scene
from csom.demo.worlds import MONTHS


def fill_stages(scene: Scene) -> None:
    """Write the stays of each account; before the time told, only the one it was in."""
    begun = scene.today - timedelta(days=MONTHS * 30)
    stays: list[Stay] = []
    for life in scene.lives:
        account = scene.accounts[life.number]
        before = [step for step in life.stages if step[1] < begun]
        path = [*before[-1:], *life.stages[len(before) :]]
        for at, (stage, day) in enumerate(path):
            is_imported = bool(before) and at == 0
            entered = scene.at(day, 11, at)
            leaves = scene.at(path[at + 1][1], 11, at + 1) if at + 1 < len(path) else None
            came_from = "" if is_imported or at == 0 else path[at - 1][0]
            by = account.seller if stage in ("prospect", "mql", "sql", "sal") else account.owner
            stay = Stay(
                account=account,
                stage=stage,
                entered_at=entered,
                left_at=leaves,
                came_from=came_from,
                evidence={} if is_imported else _evidence(stage),
                moved_by=by,
                is_imported=is_imported,
                recorded_at=entered,
            )
            stays.append(stay)
            if came_from:
                scene.tell(
                    "bowtie.stage_entered",
                    entered,
                    by,
                    account,
                    stay.pk,
                    stage=[came_from, stage],
                    evidence=stay.evidence,
                    override_reason="",
                )
    Stay.objects.bulk_create(stays, batch_size=AT_ONCE)
    _overlays(scene)


def _overlays(scene: Scene) -> None:
    """Two accounts in trouble are in escalation, and one that slips is paused."""
    told = [
        (Fate.TROUBLED, 2, "escalated", "Data was late three times"),
        (Fate.SLIPPING, 1, "paused", "A merger on their side; back next quarter"),
    ]
    for fate, most, kind, reason in told:
        chosen = [life for life in scene.lives if life.fate is fate][:most]
        for back, life in enumerate(chosen, start=1):
            day = scene.working(scene.today - timedelta(days=9 * back))
            Overlay.objects.create(
                account=scene.accounts[life.number],
                kind=kind,
                since=day,
                reason=reason,
                set_by=scene.accounts[life.number].owner,
                recorded_at=scene.at(day, 14),
            )


def _evidence(stage: str) -> dict[str, bool | str]:
    if stage == "live":
        return dict.fromkeys(GO_LIVE, True)
    if stage == "onboarding":
        return {"handoff": "accepted"}
    return {}
