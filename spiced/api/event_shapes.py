"""A critical event as the API takes and gives it."""

from rest_framework import serializers

from accounts.api.dates import of_our_time
from accounts.rules.fields import MOST_WHOLE
from spiced.models import CriticalEvent
from spiced.rules.elements import CONSEQUENCES, OPERATORS
from spiced.rules.events import ENDINGS, Class
from tenants.rest.bodies import Body

MOST_MOVES = 30_000


class EventOutput(serializers.ModelSerializer[CriticalEvent]):
    """A date that matters to an account."""

    level = serializers.ChoiceField(
        choices=tuple(str(each) for each in Class),
        read_only=True,
        help_text="Compelling without a consequence, or once it moved twice.",
    )
    happens_on = serializers.DateField(
        read_only=True, allow_null=True, help_text="The date, or by when the condition is expected."
    )

    class Meta:
        model = CriticalEvent
        fields = (
            *("id", "account_id", "statement", "on", "condition", "operator", "value"),
            *("expected_on", "happens_on", "level", "consequence", "consequence_kind"),
            *("amount_minor", "sufferer_id", "confirmed_by_id", "confirmed_at", "status"),
            *("times_moved", "is_in_note", "is_renewal", "recorded_at"),
        )
        read_only_fields = fields


class ChangeEventInput(Body):
    """What an event is. Fields left out stay as they are; null clears one."""

    statement = serializers.CharField(max_length=300, required=False)
    on = serializers.DateField(required=False, allow_null=True, validators=[of_our_time])
    condition = serializers.CharField(max_length=200, required=False, allow_blank=True)
    operator = serializers.ChoiceField(choices=OPERATORS, required=False, allow_blank=True)
    value = serializers.FloatField(
        required=False, allow_null=True, help_text="What the condition reaches."
    )
    expected_on = serializers.DateField(
        required=False,
        allow_null=True,
        validators=[of_our_time],
        help_text="By when the condition is reached.",
    )
    consequence = serializers.CharField(max_length=500, required=False, allow_blank=True)
    consequence_kind = serializers.ChoiceField(
        choices=CONSEQUENCES, required=False, allow_blank=True
    )
    amount_minor = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=MOST_WHOLE,
        help_text="What the consequence costs.",
    )
    sufferer_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="The contact who suffers it."
    )


class NewEventInput(ChangeEventInput):
    """A new event: a name, and a date or a condition."""

    account_id = serializers.UUIDField()
    statement = serializers.CharField(max_length=300)


class ConfirmEventInput(Body):
    """Who of the account confirmed it."""

    contact_id = serializers.UUIDField()


class MoveEventInput(Body):
    """Where to, and why."""

    on = serializers.DateField(validators=[of_our_time])
    reason = serializers.CharField(max_length=300)
    seen_moves = serializers.IntegerField(
        min_value=0, max_value=MOST_MOVES, help_text="How often it had moved when you looked."
    )


class CloseEventInput(Body):
    """How it ended, and why."""

    status = serializers.ChoiceField(choices=tuple(ENDINGS))
    reason = serializers.CharField(max_length=300)
