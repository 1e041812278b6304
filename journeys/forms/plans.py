"""What people enter about an onboarding and its tasks."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from accounts.models import Contact
from journeys.actions.plan_changes import Said
from journeys.models import OnboardingTemplate, PlanTask
from journeys.rules.templates import OURS, PHASES, SIDES, THEIRS
from tenants.models import Membership

WHY = 300


def _date(**attributes: Any) -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"} | attributes, format="%Y-%m-%d")


class BeginForm(forms.Form):
    """From which template, and the day the plan counts from."""

    template = forms.ChoiceField()
    anchor_on = forms.DateField(
        label="Counts from",
        widget=_date(),
        help_text="Dates of tasks are working days after this day.",
    )

    def __init__(
        self,
        templates: Iterable[OnboardingTemplate],
        chosen: OnboardingTemplate | None,
        today: date,
        data: Any = None,
    ) -> None:
        super().__init__(data, initial={"anchor_on": today, "template": chosen and chosen.pk})
        self.templates = {str(each.pk): each for each in templates}
        choices = [(key, str(each)) for key, each in self.templates.items()]
        self.fields["template"].choices = choices  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What an action is told."""
        got = self.cleaned_data
        return {"template": self.templates[got["template"]], "anchor_on": got["anchor_on"]}


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(max_length=WHY, widget=forms.Textarea({"rows": 2}))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def wanted(self) -> dict[str, Any]:
        """What an action is told."""
        return {"reason": self.cleaned_data["reason"], "seen_version": self.cleaned_data["version"]}


class WaitForm(ReasonForm):
    """On whom a task waits, and for what."""

    on = forms.ChoiceField(
        label="It waits on",
        choices=[("them", "The account"), ("us", "Us")],
        widget=forms.RadioSelect,
        initial="them",
    )
    reason = forms.CharField(label="For what", max_length=WHY, required=False)
    field_order = ("on", "reason")

    def wanted(self) -> dict[str, Any]:
        return super().wanted() | {"on": self.cleaned_data["on"]}


class EndForm(forms.Form):
    """Nothing to say but yes."""

    def wanted(self) -> dict[str, Any]:
        """What an action is told."""
        return {}


class LeaveForm(forms.Form):
    """Why an onboarding ends without First Impact."""

    reason = forms.CharField(max_length=WHY, widget=forms.Textarea({"rows": 2}))

    def wanted(self) -> dict[str, Any]:
        """What an action is told."""
        return {"reason": self.cleaned_data["reason"]}


class HeardForm(forms.Form):
    """What an account expects where it is other than what was promised."""

    heard = forms.CharField(
        label="What they expect", max_length=400, widget=forms.Textarea({"rows": 3})
    )

    def wanted(self) -> dict[str, Any]:
        """What an action is told."""
        return {"heard": self.cleaned_data["heard"]}


class AgreeForm(forms.Form):
    """Another day for First Impact."""

    on = forms.DateField(label="First Impact on", widget=_date())
    reason = forms.CharField(label="Why", max_length=WHY, required=False)

    def wanted(self) -> dict[str, Any]:
        """What an action is told."""
        return {"on": self.cleaned_data["on"], "reason": self.cleaned_data["reason"]}


class PlanTaskForm(forms.Form):
    """Who does a task, by when, after which others, and whether the account sees it."""

    due_on = forms.DateField(label="Due", widget=_date())
    owner = forms.ChoiceField(label="Our owner", required=False)
    contact = forms.ChoiceField(label="Their owner", required=False)
    after = forms.MultipleChoiceField(
        label="Comes after", required=False, widget=forms.SelectMultiple({"size": 6})
    )
    is_visible = forms.BooleanField(label="The account sees it", required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        tasks: Sequence[PlanTask],
        members: Iterable[Membership],
        contacts: Iterable[Contact],
        *args: Any,
        task: PlanTask | None = None,
        **kwargs: Any,
    ) -> None:
        if task is not None:
            kwargs["initial"] = {
                "due_on": task.due_on,
                "owner": task.owner_id,
                "contact": task.contact_id,
                "after": task.after,
                "is_visible": task.is_visible,
                "version": task.version,
            }
        super().__init__(*args, **kwargs)
        self._choose("owner", [(str(each.user_id), each.user.name) for each in members])
        self._choose("contact", [(str(each.pk), each.name) for each in contacts])
        others = [(each.key, each.label) for each in tasks if task is None or each.pk != task.pk]
        self.fields["after"].choices = others  # type: ignore[attr-defined]
        if task is not None:
            del self.fields["contact" if task.side == "us" else "owner"]

    def _choose(self, name: str, people: list[tuple[str, str]]) -> None:
        self.fields[name].choices = [("", "Nobody"), *people]  # type: ignore[attr-defined]

    def said(self) -> Said:
        """What the task should be."""
        got = self.cleaned_data
        owner, contact = got.get("owner"), got.get("contact")
        return Said(
            due_on=got["due_on"],
            owner_id=UUID(owner) if owner else None,
            contact_id=UUID(contact) if contact else None,
            after=tuple(got["after"]),
            is_visible=got["is_visible"],
        )

    def wanted(self) -> dict[str, Any]:
        """What an action is told."""
        return {"said": self.said(), "seen_version": self.cleaned_data["version"]}


class NewPlanTaskForm(PlanTaskForm):
    """A task that the template does not have."""

    label = forms.CharField(label="What is to be done", max_length=160)
    phase = forms.ChoiceField(choices=list(PHASES.items()))
    who = forms.ChoiceField(
        label="Whose task",
        choices=[
            (SIDES["us"], [(f"us:{key}", label) for key, label in OURS.items()]),
            ("The account", [(f"them:{key}", label) for key, label in THEIRS.items()]),
        ],
    )
    field_order = ("label", "phase", "who", "due_on", "owner", "contact", "after", "is_visible")

    def wanted(self) -> dict[str, Any]:
        got, said = self.cleaned_data, self.said()
        side, role = got["who"].split(":")
        if side == "us":
            said = Said(said.due_on, said.owner_id, None, said.after, said.is_visible)
        else:
            said = Said(said.due_on, None, said.contact_id, said.after, said.is_visible)
        told = {"label": got["label"], "phase": got["phase"]}
        return {"side": side, "role": role, "said": said, **told}
