"""SPICED: for how long what was heard counts, how well accounts are known, what is asked."""

from typing import Any

from django import forms

from charter.forms.chapter import Body, ChapterForm, Grid, Row
from charter.forms.segments import TOUCH
from charter.rules.documents import MOST_FRESH_DAYS
from charter.rules.questions import AGAIN, LONGEST, PARTS, about, by_part, problem

MORE = 5  # empty rows for new questions
STAGES = [
    ("", "At any stage"),
    ("prospect,mql,sql,sal", "Before they buy"),
    ("committed,onboarding,live", "While they start"),
    ("first_impact,recurring_impact,max_impact", "Once there is impact"),
]
TOPICS = [
    (name, [(f"{part}.{field}", about(part, field)) for field in (*fields, AGAIN)])
    for part, (name, fields) in PARTS.items()
]


class SpicedForm(ChapterForm):
    def add_fields(self) -> None:
        for part, (name, _) in PARTS.items():
            self.fields[f"fresh-{part}"] = forms.IntegerField(
                label=f"{name}: days it counts in full",
                initial=self.body["fresh_days"][part],
                min_value=1,
                max_value=MOST_FRESH_DAYS,
            )
        for key, label in TOUCH:
            self.fields[f"target-{key}"] = forms.FloatField(
                label=f"{label}: target of the SPICED index",
                initial=self.body["index_targets"][key],
                min_value=0.01,
                max_value=1,
                required=False,
            )
        for each in self.body["questions"]:
            called = about(each["part"], each["field"])
            self._add_question(f"q-{each['key']}", called, each["text"], each["stages"])
        for n in range(MORE):
            self.fields[f"new-{n}-topic"] = forms.ChoiceField(
                label=f"New question {n + 1}: asks for",
                choices=[("", "Choose what it asks for"), *TOPICS],
                required=False,
            )
            self._add_question(f"new-{n}", f"New question {n + 1}", "", [])

    def _add_question(self, key: str, called: str, text: str, stages: list[str]) -> None:
        self.fields[f"{key}-text"] = forms.CharField(
            label=f"{called}: question",
            initial=text,
            max_length=LONGEST,
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
        )
        held = ",".join(stages)
        known = {value for value, _ in STAGES}
        own = [] if held in known else [(held, _in_words(stages))]
        self.fields[f"{key}-stages"] = forms.ChoiceField(
            label=f"{called}: asked", choices=[*STAGES, *own], initial=held, required=False
        )

    def clean(self) -> dict[str, Any]:
        """Name what is wrong with a question beside it."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for name, value in list(given.items()):
            if name.endswith("-text") and value and (wrong := problem(value)):
                self.add_error(name, wrong[0].upper() + wrong[1:])
        for n in range(MORE):
            if given.get(f"new-{n}-text") and not given.get(f"new-{n}-topic"):
                self.add_error(f"new-{n}-topic", "Choose what the question asks for.")
        return given

    def grids(self) -> list[Grid]:
        fresh: list[Row] = [(name, self.cells("fresh", part)) for part, (name, _) in PARTS.items()]
        targets: list[Row] = [(label, self.cells("target", key)) for key, label in TOUCH]
        asked = [
            (
                name,
                [
                    (about(e["part"], e["field"]), self.cells(f"q-{e['key']}", "text", "stages"))
                    for e in questions
                ],
            )
            for name, questions in by_part(self.body["questions"])
        ]
        new = [(str(n + 1), self.cells(f"new-{n}", "text", "stages", "topic")) for n in range(MORE)]
        return [
            Grid(
                "Freshness",
                "A score counts in full for so many days, by half for as many again, then not.",
                ("Part", "Days"),
                [("", fresh)],
            ),
            Grid(
                "Target of the SPICED index",
                "The index is the fresh scores of 15, from 0 to 1. Empty: no target.",
                ("Touch model", "Target"),
                [("", targets)],
            ),
            Grid(
                "Questions",
                "An emptied question goes. {event}, {event_on} and {person} are filled in.",
                ("Asks for", "Question", "Asked"),
                asked,
            ),
            Grid(
                "New questions",
                "A row without a question is left out.",
                ("New", "Question", "Asked", "Asks for"),
                [("", new)],
            ),
        ]

    def to_body(self) -> Body:
        kept = [
            each | self._said(f"q-{each['key']}")
            for each in self.body["questions"]
            if self.value(f"q-{each['key']}-text")
        ]
        return {
            "fresh_days": {part: self.value("fresh", part) for part in PARTS},
            "index_targets": {key: self.value("target", key) for key, _ in TOUCH},
            "questions": kept + self._new({each["key"] for each in self.body["questions"]}),
        }

    def _new(self, taken: set[str]) -> list[Body]:
        """The questions entered anew, each under a key that no question of the version has."""
        made = []
        for n in range(MORE):
            if not self.value(f"new-{n}-text"):
                continue
            part, _, field = self.value(f"new-{n}-topic").partition(".")
            stem = f"{part.lower()}-{(field or 'again').replace('_', '-')}"
            key = next(each for i in range(2, 1000) if (each := f"{stem}-{i}") not in taken)
            taken.add(key)
            made.append({"key": key, "part": part, "field": field} | self._said(f"new-{n}"))
        return made

    def _said(self, key: str) -> Body:
        stages = self.value(key, "stages")
        return {"stages": stages.split(",") if stages else [], "text": self.value(key, "text")}


def _in_words(stages: list[str]) -> str:
    return ", ".join(stage.replace("_", " ") for stage in stages).capitalize()
