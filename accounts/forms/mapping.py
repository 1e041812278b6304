"""Which column means what, and what each leaves open."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms

from accounts.actions.placing import PLACES
from accounts.rules.fields import Field, Kind
from accounts.rules.plan import EMPTY, REFUSE, Plan, Source, plain_word
from accounts.rules.texts import FALSE_WORDS, TRUE_WORDS
from accounts.targets import Target

FIXED = "="
ORDERS = [
    ("", "Choose the order"),
    ("DMY", "Day first: 31/12/2026"),
    ("MDY", "Month first: 12/31/2026"),
    ("YMD", "Year first: 2026-12-31"),
]
MARKS = [("", "Choose the mark"), (".", "Point: 1,234.50"), (",", "Comma: 1.234,50")]
TIMES = [("1", "As they stand"), ("12", "A month: times 12")]
ACCOUNT_BY = [("account", "The account's external id"), ("contract", "A contract's external id")]
MONEY_HELP = "As it is written: 1,234.50. Contracts and deals count a year."
NUMBERS = {Kind.WHOLE, Kind.NUMBER, Kind.MONEY, Kind.SHARE}
DATES = {Kind.DATE, Kind.MOMENT}


class MappingForm(forms.Form):
    """Which column fills which field. It asks only what the chosen columns leave open.

    fields: what a file can fill, the tenant's own too. columns: kept profiles. words: field ->
    the different words in its column, where the field takes few values.
    """

    def __init__(
        self,
        target: Target,
        fields: Iterable[Field],
        columns: Sequence[Mapping[str, Any]],
        plan: Plan,
        words: Mapping[str, Sequence[str]],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.target, self.columns, self.words = target, columns, words
        self.names = [(str(column["index"]), column["name"]) for column in columns]
        self.mapped = [item for item in fields if item.key != "external_id"]
        self.has_key = "external_id" in target.by_key
        if self.has_key:
            self.fields["key"] = forms.MultipleChoiceField(
                label="What identifies a row",
                choices=self.names,
                widget=forms.CheckboxSelectMultiple,
                initial=[str(column) for column in plan.key],
                error_messages={"required": "Choose the column, or the columns together, that tell "
                                "one row from every other."},
            )  # fmt: skip
        for item in self.mapped:
            self._add(item, plan.fields.get(item.key))
        self._add_rules(plan)

    def _add(self, item: Field, source: Source | None) -> None:
        at = "" if source is None else FIXED if source.column is None else str(source.column)
        choices = [("", "Not in this file"), (FIXED, "The same for every row"), *self.names]
        self.fields[f"f-{item.key}"] = forms.ChoiceField(
            label=item.label, choices=choices, required=False, initial=at
        )
        self.fields[f"x-{item.key}"] = forms.CharField(
            label=f"{item.label}, for every row",
            required=False,
            max_length=200,
            initial=source.fixed if source else "",
            widget=self._fixed_widget(item),
        )
        column = self._column(item.key)
        if column is not None:
            self._ask(item, column, source or Source())

    def _fixed_widget(self, item: Field) -> forms.Widget:
        if not item.choices or item.kind is not Kind.CHOICE:
            return forms.TextInput(attrs={"autocomplete": "off"})
        return forms.Select(choices=[("", ""), *((word, word) for word in item.choices)])

    def _column(self, key: str) -> Mapping[str, Any] | None:
        """The profile of the column that is chosen for a field right now."""
        name = f"f-{key}"
        at = self.data.get(name, "") if self.is_bound else self.fields[name].initial
        return (
            self.columns[int(at)] if at and at.isdigit() and int(at) < len(self.columns) else None
        )

    def _ask(self, item: Field, column: Mapping[str, Any], source: Source) -> None:
        """What a column leaves open for its field."""
        if item.kind in DATES and column["date_order"] is None:
            self._choose(f"o-{item.key}", f"Dates in “{column['name']}”", ORDERS, source.order)
        if item.kind in DATES and column["short_years"]:
            self.fields[f"y-{item.key}"] = forms.BooleanField(
                label="Years have two digits: 26 means 2026", initial=source.short_years
            )
        is_open = column["decimal_mark"] is None and column["questions"]
        if item.kind in NUMBERS and is_open and column["kind"] not in {"date", "datetime"}:
            self._choose(f"m-{item.key}", f"Numbers in “{column['name']}”", MARKS, source.mark)
        if item.kind is Kind.MONEY:
            self._choose(f"t-{item.key}", "Amounts are", TIMES, str(source.times))
            self.fields[f"t-{item.key}"].required = False
        if item.kind is Kind.SHARE:
            self.fields[f"p-{item.key}"] = forms.BooleanField(
                label="Bare numbers are percents", required=False, initial=source.percent
            )
        words = self.words.get(item.key, ())
        if not source.values and all(guessed(item, word) != REFUSE for word in words):
            return
        for number, word in enumerate(words):
            kept = source.values.get(word, guessed(item, word))
            self.fields[f"v-{item.key}-{number}"] = forms.ChoiceField(
                label=f"“{word}” means",
                required=False,
                choices=[(REFUSE, "Refuse the row"), (EMPTY, "Nothing"), *options(item)],
                initial=kept,
            )

    def _choose(
        self, name: str, label: str, choices: list[tuple[str, str]], initial: str | None
    ) -> None:
        self.fields[name] = forms.ChoiceField(label=label, choices=choices, initial=initial or "")

    def _add_rules(self, plan: Plan) -> None:
        if PLACES.choices and {"account", "domain"} & self.target.by_key.keys():
            choices = [("", "Not said"), *PLACES.choices]
            self._choose("stage", "New accounts stand at", choices, plan.stage)
            self.fields["stage"].required = False

        def tick(name: str, label: str, *, help_text: str = "") -> None:
            self.fields[name] = forms.BooleanField(
                label=label, required=False, initial=getattr(plan, name), help_text=help_text
            )

        if "account" in self.target.by_key:
            if self.target.key not in {"contracts"}:
                self._choose("account_by", "The account is named by", ACCOUNT_BY, plan.account_by)
            tick(
                "makes_accounts",
                "Create accounts that are missing",
                help_text="Named by their external id. Otherwise their rows are refused.",
            )
        if self.target.key == "usage":
            numbers = [
                (str(column["index"]), column["name"])
                for column in self.columns
                if column["kind"] in {"integer", "decimal", "empty"}
            ]
            self.fields["counts"] = forms.MultipleChoiceField(
                label="Columns that are each a feature",
                choices=numbers,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                initial=[str(column) for column in plan.counts],
                help_text="For files with one row a day and a column for each feature.",
            )
            tick("keeps_zeros", "Store zeros too", help_text="A zero says that nothing happened.")
            tick(
                "adds_up",
                "Add up rows of the same account, day and feature",
                help_text="Otherwise such rows contradict each other and are refused.",
            )
        tick("skips_words", "Read words for nothing (n/a, null, -) as empty")
        tick("skips_far", "Read far dates such as 9999-12-31 as empty")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for item in self.mapped:
            if cleaned.get(f"f-{item.key}") == FIXED and not cleaned.get(f"x-{item.key}"):
                self.add_error(f"x-{item.key}", "Say what every row has.")
        unasked = [
            name
            for name, field in self.fields.items()
            if name.startswith("v-") and name not in self.data and field.initial == REFUSE
        ]
        if unasked:
            self.add_error(
                None,
                "The file has words we do not know. Say below what they mean, "
                "or leave their rows to be refused.",
            )
        self._check_usage(cleaned)
        return cleaned

    def _check_usage(self, cleaned: Mapping[str, Any]) -> None:
        if self.target.key != "usage":
            return
        for key in ("account", "day"):
            if not cleaned.get(f"f-{key}"):
                self.add_error(f"f-{key}", "Usage needs it in every row.")
        if cleaned.get("counts") and (cleaned.get("f-n") or cleaned.get("f-feature")):
            self.add_error(
                "counts", "Either each of these columns is a feature, or a column names it."
            )

    def plan(self) -> Plan:
        """The mapping as it was said."""
        said = self.cleaned_data
        return Plan(
            key=tuple(int(column) for column in said.get("key", ())),
            fields={
                item.key: self._source(item, said)
                for item in self.mapped
                if said.get(f"f-{item.key}")
            },
            account_by=said.get("account_by") or "account",
            makes_accounts=said.get("makes_accounts", False),
            stage=said.get("stage", ""),
            skips_words=said["skips_words"],
            skips_far=said["skips_far"],
            counts=tuple(int(column) for column in said.get("counts", ())),
            adds_up=said.get("adds_up", False),
            keeps_zeros=said.get("keeps_zeros", False),
        )

    def _source(self, item: Field, said: Mapping[str, Any]) -> Source:
        key = item.key
        if said[f"f-{key}"] == FIXED:
            return Source(None, said[f"x-{key}"], order="YMD", mark=".")
        column = self.columns[int(said[f"f-{key}"])]
        values = {
            word: said[f"v-{key}-{number}"]
            for number, word in enumerate(self.words.get(key, ()))
            if said.get(f"v-{key}-{number}", REFUSE) != REFUSE
        }
        return Source(
            int(said[f"f-{key}"]),
            order=said.get(f"o-{key}") or column["date_order"],
            mark=said.get(f"m-{key}") or column["decimal_mark"],
            short_years=said.get(f"y-{key}", False),
            percent=said.get(f"p-{key}", False),
            times=int(said.get(f"t-{key}") or 1),
            values=values,
        )

    def lines(self, reasons: Mapping[str, str]) -> list[dict[str, Any]]:
        """The fields of the target in order, each with its controls, as the page shows them."""
        shown = []
        for item in self.mapped:
            column = self._column(item.key)
            asked = [
                self[f"{sign}-{item.key}"]
                for sign in "omytp"
                if f"{sign}-{item.key}" in self.fields
            ]
            words = [
                self[f"v-{item.key}-{number}"]
                for number in range(len(self.words.get(item.key, ())))
                if f"v-{item.key}-{number}" in self.fields
            ]
            is_guess = column is not None and not self.is_bound
            shown.append(
                {
                    "field": item,
                    "help": MONEY_HELP if item.kind is Kind.MONEY else item.help,
                    "pick": self[f"f-{item.key}"],
                    "fixed": self[f"x-{item.key}"],
                    "is_fixed": self[f"f-{item.key}"].value() == FIXED,
                    "column": column,
                    "reason": reasons.get(item.key, "") if is_guess else "",
                    "asked": asked,
                    "words": words,
                }
            )
        return shown

    @property
    def rules(self) -> list[Any]:
        """The questions that concern the whole file."""
        names = ("account_by", "makes_accounts", "stage", "counts", "keeps_zeros", "adds_up",
                 "skips_words", "skips_far")  # fmt: skip
        return [self[name] for name in names if name in self.fields]


def options(item: Field) -> list[tuple[str, str]]:
    """What a word of the file can mean for a field."""
    if item.kind is Kind.YES_NO:
        return [("yes", "Yes"), ("no", "No")]
    if item.kind is Kind.WHOLE:
        steps = range(item.least or 0, (item.most or 0) + 1)
        return [(str(step), str(step)) for step in steps]
    return [(choice, choice.replace("_", " ")) for choice in item.choices]


def guessed(item: Field, word: str) -> str:
    """What a word means where it is one of ours, or a plain number; else REFUSE."""
    plain = plain_word(word)
    if item.kind is Kind.YES_NO:
        return "yes" if plain in TRUE_WORDS else "no" if plain in FALSE_WORDS else REFUSE
    return {plain_word(ours): ours for ours, _ in options(item)}.get(plain, REFUSE)
