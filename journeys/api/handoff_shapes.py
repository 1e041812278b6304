"""A handoff as the API takes and gives it."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.rules.fields import MOST_WHOLE
from journeys.forms.handoffs import TEXT, HandoffForm, people_choices
from journeys.models import Handoff
from journeys.queries.handoffs import cases, kind_of, step_of
from journeys.rules.judgement import RATED
from journeys.rules.kinds import KINDS, STEP_KEYS
from spiced.queries.notes import contacts
from tenants.actor import Actor
from tenants.rest.bodies import Body
from tenants.rest.people import member

MOST_FIELDS = 40


class HandoffOutput(serializers.ModelSerializer[Handoff]):
    """An account changing hands."""

    sender = serializers.EmailField(source="sender.email", allow_null=True, read_only=True)
    receiver = serializers.EmailField(source="receiver.email", allow_null=True, read_only=True)
    gaps = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="Named on the last return."
    )

    class Meta:
        model = Handoff
        fields: tuple[str, ...] = (
            *("id", "account_id", "kind", "state", "sender", "receiver", "is_urgent", "returns"),
            *("gaps", "signed_at", "due_at", "breached_at", "submitted_at", "accepted_at"),
            *("completeness", "waived_item", "waiver_reason", "waiver_until", "version"),
        )
        read_only_fields: tuple[str, ...] = fields


class WholeHandoffOutput(HandoffOutput):
    """A handoff as it stands now: what is said, and what is missing by the charter."""

    said = serializers.DictField(
        source="fields", child=serializers.CharField(), read_only=True,
        help_text="What is said, by the key of what is asked.",
    )  # fmt: skip
    asks = serializers.DictField(
        child=serializers.CharField(), read_only=True, help_text="What is asked, in words, by key."
    )
    points = serializers.IntegerField(read_only=True)
    most_points = serializers.IntegerField(read_only=True)
    level = serializers.IntegerField(read_only=True, help_text="1 to 5, as it stands now.")
    mandatory = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="Items of the charter, by key."
    )
    missing = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="Of these, also a waived one."
    )
    lacks = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="What keeps it from being accepted, in words.",
    )
    is_overdue = serializers.BooleanField(
        read_only=True, help_text="The time of a waiver is over and its item still missing."
    )
    spiced = serializers.DictField(
        child=serializers.IntegerField(), read_only=True, help_text="Scores 0 to 3 by letter."
    )
    steps = serializers.DictField(
        child=serializers.DateTimeField(),
        read_only=True,
        help_text="When each step after acceptance was done.",
    )
    step = serializers.CharField(read_only=True, help_text="What it waits for; empty once done.")
    ratings = serializers.DictField(
        child=serializers.IntegerField(), read_only=True, help_text="By the receiver, 1 to 5."
    )

    class Meta(HandoffOutput.Meta):
        fields = (
            *HandoffOutput.Meta.fields,
            *("said", "asks", "points", "most_points", "level", "mandatory", "missing"),
            *("lacks", "is_overdue", "spiced", "steps", "step", "ratings"),
        )
        read_only_fields = fields


class SeenInput(Body):
    """What was read before: 409 `stale_handoff` where the handoff changed since."""

    seen_version = serializers.IntegerField(
        min_value=1, max_value=MOST_WHOLE, help_text="The version you read."
    )


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": TEXT},
        "maxProperties": MOST_FIELDS,
    }
)
class Said(serializers.Field[Any, Any, Any, Any]):
    """Texts by key."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, Mapping) or len(data) > MOST_FIELDS:
            raise ValidationError([f"This is an object of at most {MOST_FIELDS} texts by key."])
        if strange := [key for key, value in data.items() if not isinstance(value, str)]:
            raise ValidationError({key: ["This is a text."] for key in strange})
        return dict(data)


class SaidInput(SeenInput):
    """What is said. Keys left out stay as they are, an empty text clears one."""

    said = Said(help_text="By the keys of `asks`. Contacts by id, dates such as 2026-12-15.")
    signed_by = serializers.EmailField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The member who signs that there are none, where risks say “none”.",
    )


class ReturnInput(SeenInput):
    """What is missing: at least one gap, or a note."""

    gaps = serializers.ListField(
        child=serializers.CharField(max_length=300), required=False, default=list, max_length=30
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")


class WaiveInput(SeenInput):
    """Why the one item that is missing may wait."""

    reason = serializers.CharField(max_length=300)


class StepInput(Body):
    """Which promised step was done."""

    step = serializers.ChoiceField(choices=sorted(STEP_KEYS))


RateInput = type(
    "RateInput",
    (Body,),
    {
        key: serializers.IntegerField(min_value=1, max_value=5, help_text=label + ".")
        for key, label in RATED.items()
    }
    | {"__doc__": "The receiver's word, 1 to 5 each.", "__module__": __name__},
)


def whole(found: Handoff) -> dict[str, Any]:
    """A handoff, its account loaded, judged as it stands now: the body of an answer."""
    (case,) = cases([found], timezone.now())
    kind, judgement = kind_of(found), case.judgement
    told: dict[str, Any] = {
        "asks": {key: ask.label for key, ask in kind.asks.items()},
        "points": judgement.points,
        "most_points": kind.most_points,
        "level": judgement.level,
        "mandatory": judgement.mandatory,
        "missing": judgement.missing,
        "lacks": case.lacks,
        "is_overdue": case.is_overdue,
        "spiced": case.scores,
        "step": step_of(found),
    }
    for name, value in told.items():
        setattr(found, name, value)
    return dict(WholeHandoffOutput(found).data)


def signature(actor: Actor, email: str | None) -> dict[str, Any]:
    """What saving is told of who signed; nothing where nobody is named. Raises ValidationError."""
    if not email:
        return {}
    signed = {key for kind in KINDS.values() for key, ask in kind.asks.items() if ask.is_signed}
    return {"signer": member(actor, email, "signed_by"), "signed": signed}


def said_of(found: Handoff, fields: Mapping[str, str]) -> dict[str, str]:
    """What was sent, checked as its form checks it. Raises ValidationError naming the keys."""
    kind = kind_of(found)
    if strange := fields.keys() - kind.asks.keys():
        told = {f"said.{key}": ["There is no such field."] for key in sorted(strange)}
        raise ValidationError(told)
    form = HandoffForm(
        kind,
        people_choices(contacts(found.account)),
        found.fields | dict(fields) | {"version": found.version},
    )
    if wrong := sorted(form.errors.keys() & fields.keys()):
        raise ValidationError({f"said.{key}": [str(e) for e in form.errors[key]] for key in wrong})
    said = form.said()
    return {key: said[key] for key in fields}
