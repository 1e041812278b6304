"""What people enter about a joint plan and its steps."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from accounts.models import Account, Contact
from journeys.actions.joint_plans import Anchor, anchor_of
from journeys.actions.joint_steps import StepSaid
from journeys.models import JointPlan, JointStep
from journeys.rules.backward import BUFFER, LONGEST
from spiced.models import CriticalEvent, ImpactGoal
from tenants.formats import day
from tenants.models import Membership

OTHER = "day"
WHY = 300


def _date() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class AnchorForm(forms.Form):
    """What a plan counts back from: an event, the renewal, or a day of its own."""

    anchor = forms.ChoiceField(label="Counts back from", widget=forms.RadioSelect)
    name = forms.CharField(
        label="Another day: what it is", max_length=300, required=False,
        help_text="In their words, as the account sees it.",
    )  # fmt: skip
    on = forms.DateField(label="Another day: when", widget=_date(), required=False)
    buffer = forms.IntegerField(
        label="Kept free before it", min_value=0, max_value=LONGEST, initial=BUFFER,
        help_text="Working days, for what nobody foresaw.",
    )  # fmt: skip
    terms = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        account: Account,
        events: Sequence[CriticalEvent],
        today: date,
        data: Any = None,
        *,
        plan: JointPlan | None = None,
    ) -> None:
        self.account = account
        choices = [(f"event:{e.pk}", f"{e.statement}, {day(e.happens_on)}") for e in events]
        if account.renews_on and account.renews_on > today:
            choices.append(("renewal", f"Renewal, {day(account.renews_on)}"))
        choices.append((OTHER, "Another day"))
        super().__init__(data, initial=_initial(plan) if plan else {"anchor": choices[0][0]})
        self.fields["anchor"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The anchor that was chosen, or what is missing of it."""
        got = super().clean() or {}
        if got.get("anchor") == OTHER:
            for name, words in (("name", "Say what that day is."), ("on", "Choose the day.")):
                if not got.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return got

    def chosen(self) -> Anchor:
        """The anchor with the day it has now. Raises NoAnchor."""
        got = self.cleaned_data
        kind, _, event = got["anchor"].partition(":")
        return anchor_of(
            self.account, kind,
            event_id=UUID(event) if event else None, name=got["name"], on=got["on"],
        )  # fmt: skip

    def wanted(self) -> dict[str, Any]:
        """What an action is told. Raises NoAnchor."""
        got = self.cleaned_data
        return {"anchor": self.chosen(), "buffer": got["buffer"], "seen_terms": got["terms"]}


class BeginJointForm(AnchorForm):
    """A new plan."""

    is_usual = forms.BooleanField(
        label="Begin with the usual steps", required=False, initial=True,
        help_text="Kickoff to confirmed impact, one after the other. Change them as you need.",
    )  # fmt: skip

    def wanted(self) -> dict[str, Any]:
        got = super().wanted()
        del got["seen_terms"]
        return got | {"is_usual": self.cleaned_data["is_usual"]}


class JointStepForm(forms.Form):
    """What a step is, how long it takes, what it comes after, and who does it on both sides."""

    label = forms.CharField(label="What is reached", max_length=160)
    days = forms.IntegerField(label="Working days it takes", min_value=0, max_value=LONGEST)
    owner = forms.ChoiceField(label="Our owner", required=False)
    contact = forms.ChoiceField(label="Their owner", required=False)
    after = forms.MultipleChoiceField(
        label="Comes after", required=False, widget=forms.SelectMultiple({"size": 5})
    )
    terms = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        steps: Sequence[JointStep],
        members: Iterable[Membership],
        contacts: Iterable[Contact],
        data: Any = None,
        *,
        step: JointStep | None = None,
        terms: int,
    ) -> None:
        initial: dict[str, Any] = {"terms": terms}
        if step is not None:
            initial |= {
                "label": step.label,
                "days": step.days,
                "owner": step.owner_id,
                "contact": step.contact_id,
                "after": step.after,
            }
        elif steps:
            initial |= {"after": [steps[-1].key]}
        super().__init__(data, initial=initial)
        people = [(str(each.user_id), each.user.name) for each in members]
        theirs = [(str(each.pk), each.name) for each in contacts]
        others = [(e.key, e.label) for e in steps if step is None or e.pk != step.pk]
        self.fields["owner"].choices = [("", "Nobody"), *people]  # type: ignore[attr-defined]
        self.fields["contact"].choices = [("", "Nobody"), *theirs]  # type: ignore[attr-defined]
        self.fields["after"].choices = others  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What an action is told."""
        got = self.cleaned_data
        said = StepSaid(
            label=got["label"],
            days=got["days"],
            owner_id=UUID(got["owner"]) if got["owner"] else None,
            contact_id=UUID(got["contact"]) if got["contact"] else None,
            after=tuple(got["after"]),
        )
        return {"said": said, "seen_terms": got["terms"]}


class AgreedForm(forms.Form):
    """Who of the account agreed."""

    contact = forms.ChoiceField(label="Who agreed")
    terms = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, contacts: Sequence[Contact], terms: int, data: Any = None) -> None:
        super().__init__(data, initial={"terms": terms})
        self.contacts = {str(each.pk): each for each in contacts}
        choices = [(key, each.name) for key, each in self.contacts.items()]
        self.fields["contact"].choices = choices  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What an action is told."""
        got = self.cleaned_data
        return {"contact": self.contacts[got["contact"]], "seen_terms": got["terms"]}


class JointFrameForm(forms.Form):
    """What a plan is for, and how often both sides meet on it."""

    goals = forms.MultipleChoiceField(
        label="For these goals", required=False, widget=forms.CheckboxSelectMultiple
    )
    cadence = forms.ChoiceField(
        label="Both sides meet",
        required=False,
        choices=[("", "At no set time"), *JointPlan.Cadence.choices],
    )
    terms = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, goals: Sequence[ImpactGoal], linked: Collection[UUID], plan: JointPlan, data: Any
    ) -> None:
        chosen = [str(pk) for pk in linked]
        initial = {"goals": chosen, "cadence": plan.cadence, "terms": plan.terms}
        super().__init__(data, initial=initial)
        choices = [(str(each.pk), each.statement) for each in goals]
        self.fields["goals"].choices = choices  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What an action is told."""
        got = self.cleaned_data
        ids = [UUID(pk) for pk in got["goals"]]
        return {"goal_ids": ids, "cadence": got["cadence"], "seen_terms": got["terms"]}


class JointRiskForm(forms.Form):
    """What may keep the plan from its day."""

    text = forms.CharField(
        label="What may happen", max_length=300, widget=forms.Textarea({"rows": 2})
    )
    owner = forms.ChoiceField(label="Who looks after it")

    def __init__(self, members: Iterable[Membership], owner_id: UUID | None, data: Any) -> None:
        super().__init__(data, initial={"owner": owner_id})
        people = [(str(each.user_id), each.user.name) for each in members]
        self.fields["owner"].choices = people  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What an action is told."""
        return {"text": self.cleaned_data["text"], "owner_id": UUID(self.cleaned_data["owner"])}


class EndJointForm(forms.Form):
    """How a plan ends."""

    outcome = forms.ChoiceField(
        label="It was", choices=JointPlan.Outcome.choices, widget=forms.RadioSelect,
        initial=JointPlan.Outcome.ACHIEVED,
    )  # fmt: skip
    reason = forms.CharField(
        label="Why", max_length=WHY, required=False, widget=forms.Textarea({"rows": 2}),
        help_text="Needed where it is given up.",
    )  # fmt: skip

    def wanted(self) -> dict[str, Any]:
        """What an action is told."""
        return dict(self.cleaned_data)


def _initial(plan: JointPlan) -> dict[str, Any]:
    shown: dict[str, Any] = {"buffer": plan.buffer, "terms": plan.terms, "anchor": plan.anchor}
    if plan.anchor == JointPlan.Anchor.EVENT:
        shown["anchor"] = f"event:{plan.event_id}"
    if plan.anchor == OTHER:
        shown |= {"name": plan.anchor_name, "on": plan.anchor_on}
    return shown
