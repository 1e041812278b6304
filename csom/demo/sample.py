"""A small sample for a tenant of its own: loaded by a job, marked, and taken out in one go."""

import random
from dataclasses import replace
from datetime import datetime

from django.db import models, transaction

from accounts.models import (
    Account,
    ArrMovement,
    ChurnRecord,
    Contact,
    Contract,
    ContractChange,
    ContractTerms,
    FormerFact,
    Opportunity,
)
from bowtie.models import DealStep, Overlay, Stay
from csom.demo.make import SEED, fill
from csom.demo.scene import Scene
from csom.demo.worlds import TALLYBIRD
from csom.provision import provision
from health.models import AccountRow, Override, Replay, Snapshot
from journeys.models import (
    Commitment,
    Handoff,
    JointAgreement,
    JointGoal,
    JointPlan,
    JointRisk,
    JointStep,
    Onboarding,
    PlanTask,
    ShareLink,
    Turn,
)
from plays.models import Held, Run, Task
from pulse.models import (
    Activity,
    HabitNorm,
    Invoice,
    SeriesValue,
    SurveyAnswer,
    Ticket,
    Usage,
    UsageDay,
)
from spiced.models import CallReview, CriticalEvent, Element, ImpactGoal, ImpactMeasurement, Note
from tenants import trail
from tenants.jobs import Work, job
from tenants.models import Membership, Tenant, User
from tenants.roles import Role
from tenants.timeline import describe

# What stands on an account, by the path to it; whatever refers to a row comes before it.
ABOUT: tuple[tuple[type[models.Model], str], ...] = (
    (JointAgreement, "plan__account"),
    (JointGoal, "plan__account"),
    (JointRisk, "plan__account"),
    (JointStep, "plan__account"),
    (JointPlan, "account"),
    (PlanTask, "onboarding__account"),
    (Turn, "onboarding__account"),
    (Onboarding, "account"),
    (Task, "account"),
    (Run, "account"),
    (Held, "account"),
    (Commitment, "account"),
    (Handoff, "account"),
    (ShareLink, "account"),
    (Override, "account"),
    (AccountRow, "account"),
    (Snapshot, "account"),
    (Replay, "account"),
    (CallReview, "account"),
    (ImpactMeasurement, "goal__account"),
    (ImpactGoal, "account"),
    (CriticalEvent, "account"),
    (Element, "note__account"),
    (Note, "account"),
    (Overlay, "account"),
    (DealStep, "opportunity__account"),
    (Stay, "account"),
    (HabitNorm, "account"),
    (SeriesValue, "account"),
    (Usage, "account"),
    (UsageDay, "account"),
    (Activity, "account"),
    (Ticket, "account"),
    (SurveyAnswer, "account"),
    (Invoice, "account"),
    (ChurnRecord, "account"),
    (ArrMovement, "account"),
    (ContractChange, "contract__account"),
    (ContractTerms, "contract__account"),
    (Contract, "account"),
    (Opportunity, "account"),
    (Contact, "account"),
    (FormerFact, "account"),
)
ACCOUNTS = 24
DAYS = 190
SOURCE = "sample"

describe("csom.sample_loaded", "{n} sample accounts were loaded", icon="sparkles")
describe("csom.sample_removed", "{who} removed the sample data", icon="trash-2")


@job("csom.sample_data", label="Load sample data")
def load_sample(work: Work) -> None:
    """Give the tenant two dozen made-up accounts with half a year behind them. Once."""
    tenant = Tenant.objects.get(pk=work.tenant_id)
    if Account.objects.filter(source=SOURCE).exists():
        return
    members = list(
        Membership.objects.filter(tenant=tenant, ended_at=None)
        .select_related("user")
        .order_by("created_at", "pk")
    )
    provision(tenant, members[0].user, work.now)
    csms = _with_role(members, Role.CSM, Role.MANAGER) or [member.user for member in members]
    scene = Scene(
        world=replace(TALLYBIRD, slug="sample"),
        tenant=tenant,
        now=work.now,
        source=SOURCE,
        chance=random.Random(f"sample {SEED}"),  # noqa: S311 - a story, not a secret
        admin=members[0].user,
        csms=csms,
        sellers=_with_role(members, Role.SALES) or csms,
    )
    fill(scene, count=ACCOUNTS, days=DAYS, seed=SEED)
    Tenant.objects.filter(pk=tenant.pk).update(has_sample_data=True)
    trail.record("csom.sample_loaded", at=work.now, n=ACCOUNTS)


def _with_role(members: list[Membership], *roles: Role) -> list[User]:
    return [member.user for member in members if member.role in roles]


@transaction.atomic
def remove_sample(*, tenant: Tenant, author: User, now: datetime) -> int:
    """Take the sample accounts out with everything about them. Returns how many there were.

    What people themselves wrote about sample accounts goes too; other accounts stay untouched.
    """
    ids = list(Account.objects.filter(source=SOURCE).values_list("pk", flat=True))
    Account.objects.filter(parent__in=ids).update(parent=None)
    Opportunity.objects.filter(referred_by__in=ids).update(referred_by=None)
    for model, path in ABOUT:
        rows = model._base_manager.filter(**{f"{path}__in": ids})
        rows._raw_delete(rows.db)
    steps = DealStep.objects.filter(opportunity__source=SOURCE)
    steps._raw_delete(steps.db)
    deals = Opportunity.objects.filter(source=SOURCE)
    deals._raw_delete(deals.db)
    Account.objects.filter(pk__in=ids)._raw_delete(deals.db)
    Tenant.objects.filter(pk=tenant.pk).update(has_sample_data=False)
    trail.record("csom.sample_removed", at=now, actor=author, n=len(ids))
    return len(ids)
