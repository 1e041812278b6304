"""Impact goals written over the API: set, changed, measured, confirmed, retired."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.named import account_named
from accounts.models import Account, Contact
from accounts.queries.reach import in_reach
from spiced.actions.endings import restore_goal, retire_goal
from spiced.actions.goals import (
    EMOTIONAL,
    RATIONAL,
    change_goal,
    save_emotional_goal,
    save_rational_goal,
)
from spiced.actions.measurements import confirm_measurement, measure_goal
from spiced.api.goal_shapes import (
    ChangeGoalInput,
    ConfirmMeasurementInput,
    MeasureInput,
    MeasurementOutput,
    NewGoalInput,
    RetireInput,
)
from spiced.api.register import ImpactOutput, Impacts
from spiced.models import ImpactGoal, ImpactMeasurement
from spiced.queries.register import standings
from tenants.actor import Actor
from tenants.rest.bodies import Body, read
from tenants.rest.schema import PAGING, page_of
from tenants.rest.views import Endpoint
from tenants.roles import Can

SAMPLE_ID = "01930000-0000-7000-8000-000000000001"


class NoInput(Body):
    """Nothing needs to be said."""


class Goals(Impacts):
    """The impact register, and goals set in it."""

    needs = {"GET": Can.READ_SPICED, "POST": Can.EDIT_SPICED}

    @extend_schema(
        operation_id="set_impact",
        summary="Set an impact goal",
        description=(
            "Beside those the SPICED note speaks of. A rational goal without measure, unit, "
            "baseline, target or date, and an emotional one without a person, is refused with 422 "
            "`incomplete_goal` and `missing`."
        ),
        request=NewGoalInput,
        responses={201: ImpactOutput},
        examples=[
            OpenApiExample(
                "Faster answers",
                {
                    "account_id": SAMPLE_ID,
                    "kind": "rational",
                    "statement": "Cases are answered sooner",
                    "category": "time",
                    "measure": "Response time",
                    "unit": "h",
                    "baseline": 8,
                    "baseline_on": "2026-09-01",
                    "target": 2,
                    "deadline_on": "2027-03-31",
                    "unit_value_minor": 3000000,
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        said = read(NewGoalInput, request)
        account = account_named(self.actor, Can.EDIT_SPICED, said.pop("account_id"))
        kind = said.pop("kind")
        save = save_rational_goal if kind == ImpactGoal.Kind.RATIONAL else save_emotional_goal
        told = _told(account, kind, said)
        goal = save(account=account, actor=self.actor, now=timezone.now(), **told)
        return _answer(self.actor, goal, 201)


class OneGoal(Endpoint):
    """One impact goal."""

    needs = {"GET": Can.READ_SPICED, "POST": Can.EDIT_SPICED}
    tag = "SPICED"

    @extend_schema(operation_id="get_impact", summary="One impact goal", responses=ImpactOutput)
    def get(self, request: Request, id: UUID) -> Response:
        return _answer(self.actor, _goal(self.actor, Can.READ_SPICED, id))

    @extend_schema(
        operation_id="change_impact",
        summary="Change an impact goal",
        description=(
            "Fields left out stay as they are. 409 `in_note` where the SPICED note says what would "
            "change, `closed_goal` for a retired one; 422 as for a new goal, `wrong_dates`."
        ),
        request=ChangeGoalInput,
        responses=ImpactOutput,
        examples=[OpenApiExample("The target", {"target": 3}, request_only=True)],
    )
    def post(self, request: Request, id: UUID) -> Response:
        goal = _goal(self.actor, Can.EDIT_SPICED, id)
        given = _told(goal.account, goal.kind, read(ChangeGoalInput, request))
        changed = change_goal(goal=goal, actor=self.actor, now=timezone.now(), given=given)
        return _answer(self.actor, changed)


class RetireGoal(Endpoint):
    """A goal that no longer matters."""

    needs = {"POST": Can.EDIT_SPICED}
    tag = "SPICED"

    @extend_schema(
        operation_id="retire_impact",
        summary="Retire an impact goal",
        description="Its measurements stay. 409 `closed_goal` where it was retired before.",
        request=RetireInput,
        responses=ImpactOutput,
        examples=[OpenApiExample("Sold", {"reason": "They sold the unit"}, request_only=True)],
    )
    def post(self, request: Request, id: UUID) -> Response:
        goal = _goal(self.actor, Can.EDIT_SPICED, id)
        said = read(RetireInput, request)
        retired = retire_goal(goal=goal, actor=self.actor, now=timezone.now(), **said)
        return _answer(self.actor, retired)


class RestoreGoal(Endpoint):
    """A retired goal matters after all."""

    needs = {"POST": Can.EDIT_SPICED}
    tag = "SPICED"

    @extend_schema(
        operation_id="restore_impact",
        summary="Take an impact goal up again",
        description="409 `still_open` where it is not retired.",
        request=NoInput,
        responses=ImpactOutput,
        examples=[OpenApiExample("It matters again", {}, request_only=True)],
    )
    def post(self, request: Request, id: UUID) -> Response:
        goal = _goal(self.actor, Can.EDIT_SPICED, id)
        read(NoInput, request)
        return _answer(self.actor, restore_goal(goal=goal, actor=self.actor, now=timezone.now()))


class Measurements(Endpoint):
    """The measurements of one goal."""

    needs = {"GET": Can.READ_SPICED, "POST": Can.EDIT_SPICED}
    tag = "SPICED"

    @extend_schema(
        operation_id="list_measurements",
        summary="List the measurements of a goal",
        description="Newest first. One counts once somebody at the account confirmed it.",
        parameters=PAGING,
        responses=page_of(MeasurementOutput),
    )
    def get(self, request: Request, id: UUID) -> Response:
        goal = _goal(self.actor, Can.READ_SPICED, id)
        rows = ImpactMeasurement.objects.filter(goal=goal)
        return self.paged(rows, MeasurementOutput, sort="-measured_on")

    @extend_schema(
        operation_id="measure_impact",
        summary="Measure an impact goal",
        description="With `contact_id` it is confirmed at once. 409 `closed_goal` for a retired "
        "one.",
        request=MeasureInput,
        responses={201: MeasurementOutput},
        examples=[
            OpenApiExample(
                "From the help desk",
                {"value": 4, "measured_on": "2026-11-18", "evidence": "Help desk, October"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, id: UUID) -> Response:
        goal, now = _goal(self.actor, Can.EDIT_SPICED, id), timezone.now()
        said = read(MeasureInput, request)
        if said["measured_on"] > timezone.localdate(now):
            raise ValidationError({"measured_on": ["This has not happened yet."]})
        teller = said.pop("contact_id")
        said["confirmed_by"] = _contact(goal.account, "contact_id", teller) if teller else None
        made = measure_goal(goal=goal, actor=self.actor, now=now, **said)
        made.refresh_from_db()
        return Response(MeasurementOutput(made).data, status=201)


class ConfirmMeasurement(Endpoint):
    """The account says that a measurement is right."""

    needs = {"POST": Can.EDIT_SPICED}
    tag = "SPICED"

    @extend_schema(
        operation_id="confirm_measurement",
        summary="Confirm a measurement",
        description=(
            "A goal whose target is reached by it is achieved. 409 `already_confirmed`, "
            "`closed_goal` for one of a retired goal."
        ),
        request=ConfirmMeasurementInput,
        responses=MeasurementOutput,
        examples=[
            OpenApiExample(
                "In a call", {"contact_id": SAMPLE_ID, "channel": "call"}, request_only=True
            )
        ],
    )
    def post(self, request: Request, id: UUID) -> Response:
        reached = in_reach(self.actor, Can.EDIT_SPICED)
        found = ImpactMeasurement.objects.filter(goal__account__in=reached)
        measurement = get_object_or_404(found.select_related("goal__account"), pk=id)
        said = read(ConfirmMeasurementInput, request)
        teller = _contact(measurement.goal.account, "contact_id", said["contact_id"])
        confirmed = confirm_measurement(
            measurement=measurement,
            actor=self.actor,
            now=timezone.now(),
            confirmed_by=teller,
            channel=said["channel"],
        )
        return Response(MeasurementOutput(confirmed).data)


def _goal(actor: Actor, can: Can, pk: UUID) -> ImpactGoal:
    found: QuerySet[ImpactGoal] = ImpactGoal.objects.filter(account__in=in_reach(actor, can))
    return get_object_or_404(found.select_related("account"), pk=pk)


def _told(account: Account, kind: str, said: dict[str, Any]) -> dict[str, Any]:
    """Values as the actions take them. Raises ValidationError for what the kind does not have."""
    if "person_id" in said:
        said["person"] = _contact(account, "person_id", said.pop("person_id"))
    known = RATIONAL if kind == ImpactGoal.Kind.RATIONAL else EMOTIONAL
    strange = {"person_id" if name == "person" else name for name in said if name not in known}
    if strange:
        raise ValidationError(
            {name: [f"Goals that are {kind} have no such field."] for name in strange}
        )
    return said


def _contact(account: Account, name: str, pk: UUID) -> Contact:
    found = Contact.objects.filter(account=account, pk=pk).first()
    if found is None:
        raise ValidationError({name: ["There is no such contact at this account."]})
    return found


def _answer(actor: Actor, goal: ImpactGoal, status: int = 200) -> Response:
    found = standings(in_reach(actor, Can.READ_SPICED), timezone.localdate()).get(pk=goal.pk)
    return Response(ImpactOutput(found).data, status=status)
