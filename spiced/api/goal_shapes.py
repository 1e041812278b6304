"""Impact goals and their measurements as the API takes and gives them."""

from rest_framework import serializers

from accounts.api.dates import of_our_time
from accounts.rules.fields import MOST_WHOLE
from spiced.models import ImpactGoal, ImpactMeasurement
from tenants.rest.bodies import Body

CHANNELS = tuple(each for each in ImpactMeasurement.Channel.values if each != "page")


class ChangeGoalInput(Body):
    """What a goal is. Fields left out stay as they are; null clears one."""

    statement = serializers.CharField(max_length=500, required=False, help_text="In their words.")
    measure = serializers.CharField(max_length=120, required=False)
    unit = serializers.CharField(max_length=20, required=False)
    baseline = serializers.FloatField(required=False, help_text="Where it began.")
    baseline_on = serializers.DateField(
        required=False, validators=[of_our_time], help_text="The day it stood so; else today."
    )
    target = serializers.FloatField(
        required=False, help_text="Of an emotional goal the agreement to reach, 2 to 5."
    )
    deadline_on = serializers.DateField(
        required=False, allow_null=True, validators=[of_our_time], help_text="By when."
    )
    unit_value_minor = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=MOST_WHOLE,
        help_text="Money per unit and year.",
    )
    category = serializers.ChoiceField(
        choices=ImpactGoal.Category.values, required=False, allow_blank=True
    )
    method = serializers.CharField(
        max_length=300, required=False, allow_blank=True, help_text="How it is measured."
    )
    measure_every_days = serializers.IntegerField(required=False, min_value=1, max_value=730)
    person_id = serializers.UUIDField(
        required=False, help_text="The contact who feels an emotional goal."
    )


class NewGoalInput(ChangeGoalInput):
    """A new goal: for the business (rational) or for a person (emotional)."""

    account_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ImpactGoal.Kind.values)
    statement = serializers.CharField(max_length=500, help_text="In their words.")


class RetireInput(Body):
    """Why the goal no longer matters."""

    reason = serializers.CharField(max_length=300)


class MeasureInput(Body):
    """A goal's value on a day."""

    value = serializers.FloatField()
    measured_on = serializers.DateField(validators=[of_our_time])
    evidence = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", help_text="What shows it."
    )
    contact_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Who of the account confirmed it."
    )
    channel = serializers.ChoiceField(
        choices=CHANNELS,
        required=False,
        allow_blank=True,
        default="",
        help_text="How they told us.",
    )


class ConfirmMeasurementInput(Body):
    """Who of the account confirmed a measurement."""

    contact_id = serializers.UUIDField()
    channel = serializers.ChoiceField(
        choices=CHANNELS,
        required=False,
        allow_blank=True,
        default="",
        help_text="How they told us.",
    )


class MeasurementOutput(serializers.ModelSerializer[ImpactMeasurement]):
    """A goal's value on a day. It counts once somebody at the account confirmed it."""

    class Meta:
        model = ImpactMeasurement
        fields = (
            *("id", "goal_id", "value", "measured_on", "evidence", "channel", "confirmed_by_id"),
            *("confirmed_at", "doubt", "doubted_by_id", "doubted_at", "recorded_at"),
        )
        read_only_fields = fields
