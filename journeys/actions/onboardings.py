"""An onboarding begins from a template, is agreed with the account, and ends at First Impact."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import Account, Contact
from charter.queries import calendar
from journeys.actions.reckoning import reckon
from journeys.models import Handoff, Onboarding, OnboardingTemplate, PlanTask
from journeys.queries.onboardings import BEGINS_AT
from journeys.queries.templates import template_for
from journeys.rules.schedule import schedule
from journeys.rules.templates import TaskBody, read
from plays.queries.staff import Staff
from tenants import trail
from tenants.errors import Refused
from tenants.formats import day
from tenants.models import User
from tenants.timeline import describe

describe("journeys.onboarding_begun", "Onboarding began: {template}", icon="sprout")
describe(
    "journeys.onboarding_agreed",
    lambda facts: (
        f"{facts['who']} agreed First Impact for {day(date.fromisoformat(facts['on'][1]))}"
    ),
    icon="calendar",
    detail="{reason}",
)


class AlreadyOnboarding(Refused):
    """The account has an open onboarding."""


class WrongStage(Refused):
    """Only accounts between commit and First Impact are onboarded."""


class TemplateNotInForce(Refused):
    """A plan begins from a published version."""


class DateInPast(Refused):
    """A plan cannot begin or be due on a day that is over."""

    status = 422


class OnboardingOver(Refused):
    """The onboarding has ended."""


@transaction.atomic
def begin_onboarding(
    *,
    account: Account,
    template: OnboardingTemplate,
    actor: User | None,
    now: datetime,
    anchor_on: date,
    handoff: Handoff | None = None,
    owner: User | None = None,
) -> Onboarding:
    """Make a plan for an account from a published template, dated from an anchor.

    An accepted handoff counts the plan from the day of commit; by hand the anchor is today or
    later. Raises TemplateNotInForce, WrongStage, DateInPast, AlreadyOnboarding.
    """
    hours = calendar()
    today = now.astimezone(hours.zone).date()
    if template.state != OnboardingTemplate.State.PUBLISHED:
        raise TemplateNotInForce(f"{template} is not in force. Choose one that is.")
    if account.stage not in BEGINS_AT:
        raise WrongStage("An account is onboarded between commit and First Impact.")
    if handoff is None and anchor_on < today:
        raise DateInPast("The anchor lies in the past. A plan begins today or later.")
    body = read(template.body)
    spans = schedule((task.node for task in body.tasks), anchor_on, hours)
    impact_on = spans[body.impact_key].due_on
    try:
        with transaction.atomic():
            onboarding = Onboarding.objects.create(
                account=account,
                handoff=handoff,
                template=template,
                owner=owner or account.owner,
                anchor_on=anchor_on,
                planned_on=impact_on,
                agreed_on=impact_on,
                begun_at=now,
            )
    except IntegrityError as error:
        raise AlreadyOnboarding("This account has an onboarding already.") from error
    people = People(onboarding)
    is_handed_over = handoff is not None and handoff.accepted_at is not None
    PlanTask.objects.bulk_create(
        PlanTask(
            onboarding=onboarding,
            position=at,
            starts_on=spans[task.key].starts_on,
            due_on=spans[task.key].due_on,
            first_due_on=spans[task.key].due_on,
            **copied(task),
            **people.of(task),
            **(closed(actor, now) if is_handed_over and task.phase == "handoff" else {}),
        )
        for at, task in enumerate(body.tasks)
    )
    reckon(onboarding, now, actor)
    record("journeys.onboarding_begun", onboarding, actor, now, template=str(template))
    return onboarding


def begin_after_handoff(*, handoff: Handoff, actor: User | None, now: datetime) -> None:
    """Begin the onboarding of an accepted handoff, by the template of the account's touch model.

    Nothing where none is in force, or an onboarding is open.
    """
    account = Account.objects.select_related("owner").get(pk=handoff.account_id)
    template = template_for(account.touch_model)
    is_open = Onboarding.objects.filter(account=account, ended_at=None).exists()
    if template is None or is_open or account.stage not in BEGINS_AT:
        return
    begin_onboarding(
        account=account,
        template=template,
        actor=actor,
        now=now,
        anchor_on=handoff.signed_at.astimezone(calendar().zone).date(),
        handoff=handoff,
    )


@transaction.atomic
def agree_on(
    *, onboarding: Onboarding, actor: User | None, now: datetime, on: date, reason: str = ""
) -> Onboarding:
    """Agree another day for First Impact; the one the plan began with is kept beside it.

    Raises OnboardingOver, DateInPast.
    """
    onboarding = held(onboarding.pk)
    if on < now.astimezone(calendar().zone).date():
        raise DateInPast("Agree on today or a day to come.")
    before, onboarding.agreed_on = onboarding.agreed_on, on
    onboarding.reschedules += before != on
    onboarding.save(update_fields=["agreed_on", "reschedules"])
    record(
        "journeys.onboarding_agreed", onboarding, actor, now,
        on=[before.isoformat(), on.isoformat()], reason=reason.strip(),
    )  # fmt: skip
    return onboarding


def held(onboarding_id: UUID) -> Onboarding:
    """An open onboarding, locked, with its account. Raises OnboardingOver."""
    found = (
        Onboarding.objects.select_for_update(of=("self",))
        .select_related("account__owner", "account__seller")
        .get(pk=onboarding_id)
    )
    if found.ended_at is not None:
        raise OnboardingOver("This onboarding has ended.")
    return found


def closed(by: User | None, now: datetime) -> dict[str, Any]:
    """The columns of a task that was just done."""
    return {
        "state": PlanTask.State.DONE,
        "closed_at": now,
        "closed_by": by,
        "waiting_on": "",
        "waiting_since": None,
    }


def copied(task: TaskBody) -> dict[str, Any]:
    """What a task of a plan takes over from the template."""
    names = ("key", "phase", "label", "note", "side", "role", "offset", "days", "weight")
    flags = {"is_visible": task.is_visible, "is_gate": task.is_gate, "after": list(task.after)}
    return {name: getattr(task, name) for name in names} | flags


class People:
    """Who does a task: a member of ours by role, a contact of theirs by role. Two queries."""

    def __init__(self, onboarding: Onboarding) -> None:
        self.onboarding = onboarding
        self.staff = Staff()
        self.contacts: dict[str, UUID] = {}
        found = Contact.objects.filter(account=onboarding.account_id, archived_at=None)
        for contact in found.exclude(status=Contact.Status.DEPARTED).order_by("pk"):
            for role in contact.roles:
                self.contacts.setdefault(role, contact.pk)

    def of(self, task: TaskBody) -> dict[str, Any]:
        """Owner or contact of a task, as columns; nobody where none has the role."""
        if task.side == "them":
            fallback = self.contacts.get("champion")
            return {"contact_id": self.contacts.get(task.role, fallback)}
        if task.role in ("csm", "onboarding"):
            return {"owner_id": self.onboarding.owner_id}
        return {"owner_id": self.staff.owner_of(task.role, self.onboarding.account)}


@transaction.atomic
def record(verb: str, onboarding: Onboarding, by: User | None, now: datetime, **facts: Any) -> None:
    """One line of the trail about an onboarding."""
    trail.record(
        verb,
        actor=by,
        at=now,
        account_id=onboarding.account_id,
        object_id=onboarding.pk,
        **facts,
    )
