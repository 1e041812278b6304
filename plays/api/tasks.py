"""Tasks: what people have to do, read, added, done and put off."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.dates import of_our_time
from accounts.api.filters import Filter, Filters
from accounts.api.named import account_named
from accounts.rules.fields import MOST_WHOLE, Field, Kind
from plays.actions.tasks import add_task, finish_task, snooze_task
from plays.models import Task
from plays.queries.reach import task_in_reach, tasks_in_reach
from tenants.rest.bodies import Body, read
from tenants.rest.people import member
from tenants.rest.schema import PAGING, page_of
from tenants.rest.views import Endpoint
from tenants.roles import Can

STATES = tuple(Task.State.values)


class TaskOutput(serializers.ModelSerializer[Task]):
    """Something a person does for an account."""

    owner = serializers.EmailField(source="owner.email", allow_null=True, read_only=True)
    play = serializers.CharField(
        source="run.play_key", allow_null=True, read_only=True, help_text="Where a play asked."
    )

    class Meta:
        model = Task
        fields = (
            *("id", "account_id", "title", "reason", "kind", "owner", "play", "state", "priority"),
            *("minutes", "planned_on", "due_at", "snoozed_until", "snooze_reason", "created_at"),
            *("closed_at", "version"),
        )
        read_only_fields = fields


class TaskInput(Body):
    """A new task."""

    title = serializers.CharField(max_length=200)
    account_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    owner = serializers.EmailField(
        required=False, allow_null=True, default=None, help_text="E-mail address of a member."
    )
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")
    due_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, validators=[of_our_time]
    )
    planned_on = serializers.DateField(
        required=False, allow_null=True, default=None, validators=[of_our_time]
    )
    minutes = serializers.IntegerField(required=False, min_value=0, max_value=1440, default=20)
    priority = serializers.IntegerField(required=False, min_value=1, max_value=4, default=3)


class FinishInput(Body):
    """Which version you read, where that matters."""

    seen_version = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=MOST_WHOLE
    )


class SnoozeInput(FinishInput):
    """Until when; null brings the task back."""

    until = serializers.DateTimeField(allow_null=True, validators=[of_our_time])
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")


MEMBER = Field("owner", "Owner", Kind.EMAIL)
FILTERS = Filters(
    [
        Filter("state", "state", Field("state", "State", Kind.CHOICE, choices=STATES), "State."),
        Filter("owner", "owner__email", MEMBER, "E-mail address of a member."),
        Filter("account_id", "account_id", MEMBER, "Id of the account."),
        Filter("play", "run__play_key", Field("play", "Play", most=40), "Key of the play."),
        Filter(
            "due_before", "due_at__lt", Field("due_before", "Due", Kind.MOMENT), "Due before this."
        ),
    ]
)


class Tasks(Endpoint):
    """The list of tasks."""

    needs = {"GET": Can.READ_TASKS, "POST": Can.WORK_TASKS}
    tag = "Tasks"

    @extend_schema(
        operation_id="list_tasks",
        summary="List tasks",
        description="Tasks, newest first, narrowed by filters.",
        parameters=[*PAGING, *FILTERS.parameters],
        responses=page_of(TaskOutput),
    )
    def get(self, request: Request) -> Response:
        rows = tasks_in_reach(self.actor, Can.READ_TASKS).select_related("owner", "run")
        return self.paged(FILTERS.apply(rows, request), TaskOutput, sort="-created_at")

    @extend_schema(
        operation_id="create_task",
        summary="Add a task",
        description="A task for a member, on an account or without one.",
        request=TaskInput,
        responses={201: TaskOutput},
        examples=[
            OpenApiExample(
                "Call back",
                {"title": "Call Priya back", "due_at": "2026-11-27T09:00:00Z", "priority": 2},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        said = read(TaskInput, request)
        account_id, email = said.pop("account_id"), said.pop("owner")
        account = None
        if account_id is not None:
            account = account_named(self.actor, Can.WORK_TASKS, account_id)
        task = add_task(
            account=account,
            owner=member(self.actor, email),
            actor=self.actor,
            now=timezone.now(),
            **said,
        )
        return Response(TaskOutput(task).data, status=201)


class OneTask(Endpoint):
    """One task."""

    needs = {"GET": Can.READ_TASKS}
    tag = "Tasks"

    @extend_schema(operation_id="get_task", summary="One task", responses=TaskOutput)
    def get(self, request: Request, id: UUID) -> Response:
        return Response(TaskOutput(task_in_reach(self.actor, Can.READ_TASKS, id)).data)


class Finish(Endpoint):
    """Mark a task done. 409 `task_is_closed` where it is closed already."""

    needs = {"POST": Can.WORK_TASKS}
    tag = "Tasks"

    @extend_schema(
        operation_id="finish_task",
        summary="Finish a task",
        request=FinishInput,
        responses=TaskOutput,
        examples=[OpenApiExample("Done", {"seen_version": 1}, request_only=True)],
    )
    def post(self, request: Request, id: UUID) -> Response:
        body = read(FinishInput, request)
        return _worked(self, id, finish_task, body)


class Snooze(Endpoint):
    """Put a task off until a moment to come; null brings it back."""

    needs = {"POST": Can.WORK_TASKS}
    tag = "Tasks"

    @extend_schema(
        operation_id="snooze_task",
        summary="Put a task off",
        request=SnoozeInput,
        responses=TaskOutput,
        examples=[
            OpenApiExample(
                "Next week",
                {"until": "2026-12-01T08:00:00Z", "reason": "Away until then"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, id: UUID) -> Response:
        body = read(SnoozeInput, request)
        return _worked(self, id, snooze_task, body)


def _worked(
    endpoint: Endpoint, task_id: UUID, act: Callable[..., Task], said: dict[str, Any]
) -> Response:
    found = get_object_or_404(tasks_in_reach(endpoint.actor, Can.WORK_TASKS), pk=task_id)
    act(task=found, actor=endpoint.actor, now=timezone.now(), **said)
    return Response(TaskOutput(task_in_reach(endpoint.actor, Can.WORK_TASKS, task_id)).data)
