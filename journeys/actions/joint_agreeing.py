"""Both sides agree to a joint plan, each once to the same terms."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Contact
from charter.queries import calendar
from journeys.actions.joint_holding import held_joint, steps_of
from journeys.actions.joint_plans import AnchorPassed
from journeys.actions.joint_room import keep_room
from journeys.models import JointAgreement, JointPlan, JointStep, ShareLink
from journeys.models.onboarding import Side
from tenants import trail
from tenants.errors import Refused
from tenants.formats import day, joined
from tenants.models import User
from tenants.timeline import describe

describe(
    "journeys.joint_plan_agreed",
    lambda facts: (
        f"{facts['name']} agreed to the joint plan" + ("" if facts["side"] == "us" else " for them")
    ),
    icon="handshake",
    detail=lambda facts: (
        "on the page shared with them" if facts["is_own_word"] else f"recorded by {facts['who']}"
    ),
)


class NotJoint(Refused):
    """A plan is agreed once each open step has an owner on both sides."""


class AlreadyAgreed(Refused):
    """That side agreed to these terms before."""


class NoSuchPerson(Refused):
    """A person agrees for each side."""

    status = 422


@transaction.atomic
def agree_ours(
    *,
    plan: JointPlan,
    actor: User | None,
    now: datetime,
    user: User | None = None,
    seen_terms: int | None = None,
) -> JointAgreement:
    """We agree to what the plan says. user: whose word it is, the actor's own where nobody is
    named. seen_terms: what was read.

    Raises NoSuchPerson, JointPlanOver, StaleJointPlan, AnchorPassed, NotJoint, AlreadyAgreed.
    """
    plan, who = held_joint(plan.pk, seen_terms), user or actor
    if who is None:
        raise NoSuchPerson("Say who of ours agrees.")
    return _agree(plan, now, side=Side.US, user=who, by=actor)


@transaction.atomic
def agree_theirs(
    *,
    plan: JointPlan,
    actor: User | None,
    now: datetime,
    contact: Contact,
    seen_terms: int | None = None,
) -> JointAgreement:
    """Record that somebody of the account agreed. Raises NoSuchPerson, and as ours does."""
    plan = held_joint(plan.pk, seen_terms)
    if contact.account_id != plan.account_id or contact.departed_on:
        raise NoSuchPerson("Choose somebody who is at the account.")
    return _agree(plan, now, side=Side.THEM, contact=contact, by=actor)


@transaction.atomic
def say_agreed(
    *, link: ShareLink, plan: JointPlan, now: datetime, seen_terms: int | None
) -> JointAgreement:
    """The contact agrees on the page shared with them. Raises as ours does."""
    plan = held_joint(plan.pk, seen_terms)
    return _agree(plan, now, side=Side.THEM, contact=link.contact, is_own_word=True)


def _agree(
    plan: JointPlan,
    now: datetime,
    *,
    side: Side,
    by: User | None = None,
    user: User | None = None,
    contact: Contact | None = None,
    is_own_word: bool = False,
) -> JointAgreement:
    if plan.anchor_on < now.astimezone(calendar().zone).date():
        raise AnchorPassed(f"{plan.anchor_name} was on {day(plan.anchor_on)}. Move the plan first.")
    rows = JointStep.objects.filter(plan=plan, closed_at=None)
    alone = [each.label for each in rows.select_related("owner", "contact") if not each.is_joint]
    if alone or not steps_of(plan):
        what = f"Missing for {joined(alone)}." if alone else "There is no step yet."
        raise NotJoint(f"A plan is joint once each step has an owner on both sides. {what}")
    try:
        with transaction.atomic():
            made = JointAgreement.objects.create(
                plan=plan, side=side, terms=plan.terms, user=user, contact=contact,
                recorded_by=by, is_own_word=is_own_word, at=now,
            )  # fmt: skip
    except IntegrityError as error:
        whose = "Our side" if side == Side.US else "The account"
        raise AlreadyAgreed(f"{whose} agreed to this already.") from error
    person = contact or user
    trail.record(
        "journeys.joint_plan_agreed",
        actor=by,
        at=now,
        account_id=plan.account_id,
        object_id=plan.pk,
        name=person.name if person else "",
        side=str(side),
        terms=plan.terms,
        is_own_word=is_own_word,
    )
    keep_room(plan=plan, actor=by, now=now)
    return made
