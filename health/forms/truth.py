"""What is asked of the backtest: how long before the decision, up to which day, which rows."""

from datetime import date

from django import forms
from django.core.validators import MinValueValidator

from health.queries.backtest import HORIZONS
from health.rules.scoring import BANDS, UNKNOWN

LOST, KEPT = "lost", "kept"
OUTCOMES = ((LOST, "Lost"), (KEPT, "Kept"))


class TruthForm(forms.Form):
    """All optional: the day before today's decisions are not looked beyond, 90 days before."""

    until = forms.DateField(
        label="Decisions of the year up to",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(date(2000, 1, 1), "Choose a day from 2000 on.")],
    )
    horizon = forms.TypedChoiceField(
        label="Score",
        choices=[(each, f"{each} days before the decision") for each in HORIZONS],
        coerce=int,
        required=False,
    )


class DecisionsForm(TruthForm):
    """Which of the decisions."""

    band = forms.ChoiceField(choices=[(each, each) for each in (*BANDS, UNKNOWN)], required=False)
    outcome = forms.ChoiceField(choices=OUTCOMES, required=False)
