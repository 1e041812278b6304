"""Handoffs within CS begin: when onboarding ends, and when an account got another CSM."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.models import Account
from health.models import AccountRow
from journeys.actions.beginnings import begin_handoff
from journeys.actions.drafts import known_people
from journeys.models import Handoff, JointPlan, Onboarding, PlanTask
from journeys.queries.changed_hands import Change, change_of
from journeys.queries.joint import joint_cases
from plays.models import Task
from spiced.models import ImpactGoal
from tenants import trail
from tenants.errors import Refused
from tenants.formats import day, figure, money
from tenants.models import User
from tenants.timeline import describe

Kind = Handoff.Kind
URGENT_BEFORE = timedelta(days=60)  # of a renewal
MOST_NAMED = 8

describe("journeys.handoff_dropped", "Handoff dropped: {reason}", icon="x")


class AlreadyHanding(Refused):
    """A handoff of this kind is open for the account."""


class NotChanged(Refused):
    """The account did not change hands, or was handed over since."""


@transaction.atomic
def hand_over_onboarding(
    *, onboarding: Onboarding, actor: User | None, now: datetime
) -> Handoff | None:
    """Begin the handoff from onboarding to CS, once: after hypercare, or as the onboarding ends.

    None where it began before.
    """
    account = onboarding.account
    known = Handoff.objects.filter(account=account, kind=Kind.ONBOARDING_TO_CS)
    if known.filter(signed_at__gte=onboarding.begun_at).exists():
        return None
    sender = onboarding.owner_id or account.owner_id
    fields = {"goals": _goals(account), "plan": _plan(account, now)}
    return begin_handoff(
        kind=Kind.ONBOARDING_TO_CS,
        account=account,
        sender_id=sender,
        fields={key: text for key, text in fields.items() if text},
        at=now,
        now=now,
    )


def is_past_hypercare(onboarding: Onboarding) -> bool:
    """Whether go-live and what comes after it in its phase are done. One query."""
    gates = PlanTask.objects.filter(onboarding=onboarding, phase="go_live", is_gate=True)
    states = list(gates.values_list("state", flat=True))
    return len(states) > 1 and PlanTask.State.OPEN not in states


@transaction.atomic
def drop_untouched(
    *, account_id: UUID, kind: str, actor: User | None, now: datetime, reason: str
) -> None:
    """Take a draft back that nobody wrote in, where what it began with was taken back."""
    drafts = Handoff.objects.select_for_update().filter(
        account=account_id, kind=kind, state=Handoff.State.DRAFT, version=1
    )
    for draft in drafts:
        draft_id = draft.pk
        draft.delete()
        trail.record(
            "journeys.handoff_dropped",
            actor=actor,
            at=now,
            account_id=account_id,
            object_id=draft_id,
            reason=reason,
        )


@transaction.atomic
def hand_over_to_new_csm(*, account: Account, actor: User | None, now: datetime) -> Handoff:
    """Begin the handoff that was offered when the account got another CSM.

    Urgent where it is red or renews within 60 days. Raises NotChanged, AlreadyHanding.
    """
    account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    change = change_of(account, now)
    if change is None:
        raise NotChanged("This account did not change hands, or was handed over since.")
    made = begin_handoff(
        kind=Kind.CSM_TO_CSM,
        account=account,
        sender_id=change.giver_id,
        fields=_known(account, now),
        at=change.at,
        now=now,
        is_urgent=is_urgent(account, change),
    )
    if made is None:
        raise AlreadyHanding("A handoff between CSMs is open for this account. Finish that first.")
    return made


def is_urgent(account: Account, change: Change) -> bool:
    """Whether the account was red, or renewed within 60 days, as it changed hands."""
    row = AccountRow.objects.filter(account=account.pk).values_list("band", flat=True).first()
    renews = account.renews_on
    return row == "red" or (renews is not None and renews <= change.at.date() + URGENT_BEFORE)


def _known(account: Account, now: datetime) -> dict[str, str]:
    """What the product knows of an account that changes hands. Six queries."""
    renewal = ""
    if account.renews_on:
        renewal = f"{day(account.renews_on)}, {money(account.arr_minor, account.currency)} a year"
    tasks = Task.objects.filter(account=account, state=Task.State.OPEN).order_by("due_at", "pk")
    titles = [
        f"{each.title}, due {day(each.due_at and each.due_at.date())}"
        for each in tasks[:MOST_NAMED]
    ]
    left = tasks.count() - len(titles)
    if left > 0:
        titles.append(f"and {left} more in the queue")
    found = known_people(account.pk) | {
        "goals": _goals(account),
        "plan": _plan(account, now),
        "plays": "\n".join(titles),
        "renewal": renewal,
    }
    return {key: text for key, text in found.items() if text}


def _goals(account: Account) -> str:
    goals = ImpactGoal.objects.filter(account=account).exclude(status=ImpactGoal.Status.RETIRED)
    lines = []
    for goal in goals.order_by("created_at", "pk")[:MOST_NAMED]:
        way = ""
        if goal.target is not None and goal.baseline is not None:
            way = f": {figure(goal.baseline)} to {figure(goal.target)} {goal.unit}".rstrip()
        lines.append(f"{goal.statement}{way}")
    return "\n".join(lines)[:2000]


def _plan(account: Account, now: datetime) -> str:
    plan = JointPlan.objects.filter(account=account, ended_at=None)
    found = plan.select_related("account", "event").first()
    if found is None:
        return ""
    (case,) = joint_cases([found], now)
    return f"For {found.anchor_name}, {day(found.anchor_on)}: {case.word}, {case.accord.word}"[:300]
