"""Conditions as rows: what is laid out comes back as it was, and a row says what it lacks."""

from typing import Any

import pytest
from hypothesis import given, settings

from health.rules.building import Group, done, laid_out, posted, put_together
from health.rules.conditions import parse
from health.rules.things import Own, vocabulary
from health.rules.tree import All, Changed, Compare, Condition, ForDays, Is, Known, Not, Some
from tests.health.test_matching import held, leaf, trees

OWN = [
    Own("tier", "Tier", "choice", ("Gold", "iron")),
    Own("seats", "Seats", "number", ()),
    Own("pilot", "Pilot", "yes_no", ()),
    Own("live_on", "Live on", "date", ()),
]
CHOICES = {"stage": [("live", "Live")], "band": [("red", "At risk")], "tags": [("a", "a")]}
DEFINED = {key: key for key in ("one", "two", "onboarded", "qualified_expansion")}
WORDS = vocabulary("lists", choices=CHOICES, own=OWN, definitions=DEFINED, money="EUR")


def entered(group: Group, name: str = "when") -> dict[str, str]:
    """What a browser sends of rows."""
    found: dict[str, str] = {}

    def put(part: Any) -> None:
        at = f"{name}:{part.place}"
        found[f"{at}:days"] = part.days
        if isinstance(part, Group):
            found[f"{at}:kind"] = part.kind
            for each in part.parts:
                put(each)
            return
        found[f"{at}:what"], found[f"{at}:op"] = part.what, part.op
        for number, text in enumerate(part.texts):
            found[f"{at}:v{number}"] = text

    put(group)
    return found


def plain(condition: Condition) -> Condition:
    """The same meaning in the form that rows give it."""
    match condition:
        case All((only,)) | Some((only,)):
            return plain(only)
        case All(parts):
            return All(tuple(plain(part) for part in parts))
        case Some(parts):
            return Some(tuple(plain(part) for part in parts))
        case Not(Some((only,))):
            return plain(Not(only))
        case Not(part):
            return Not(plain(part))
        case ForDays(days, part):
            return ForDays(days, plain(part))
        case Is(field, op, values) if values in (("true",), ("false",)) or op == "contains":
            return condition
        case Is(field, op, values):
            is_in, is_many = op in ("=", "in"), field in ("tags", "caps", "products", "lost_roles")
            some = tuple(dict.fromkeys(value for value in values if value))
            known = Known(field, not is_in, is_number=False)
            if not some:
                return known
            line = Is(field, "in" if is_in else "not in", some)
            if "" in values and (is_in or is_many):
                return (Some if is_in else All)((line, known))
            return line
        case Changed(field, was, now):
            befores, afters = [[(v,) for v in dict.fromkeys(side)] or [()] for side in (was, now)]
            every = tuple(Changed(field, one, other) for one in befores for other in afters)
            return every[0] if len(every) == 1 else Some(every)
        case Compare(key, op, value, "") if key == "days_to_renewal":
            return Compare(key, op, value, "renews_on")
    return condition


@settings(max_examples=400, deadline=None)
@given(data=trees(leaf | held))
def test_a_condition_survives_its_rows(data: Any):
    condition = parse(data)
    group = posted(entered(laid_out(condition, WORDS)), "when")
    assert group is not None
    made = put_together(group, WORDS)
    assert made is not None, [line.error for line in group.lines()]
    assert plain(parse(made)) == plain(condition)


def test_numbers_are_entered_as_people_read_them():
    group = laid_out(parse({"measure": "usage_trend", "op": "<=", "value": -0.3}), WORDS)
    assert group.lines()[0].texts == ["-30"]
    money = laid_out(parse({"measure": "arr", "op": ">=", "value": 2_500_000}), WORDS)
    assert money.lines()[0].texts == ["25000"]
    money.lines()[0].texts = ["12,500.5"]
    assert put_together(money, WORDS) == {"measure": "arr", "op": ">=", "value": 1_250_050}


def test_buttons_add_and_take_out_rows():
    group = laid_out(None, WORDS)
    group = done(done(group, "add:"), "group:")
    assert [part.place for part in group.parts] == ["0", "1", "2"]
    group = done(group, "add:2")
    assert [line.place for line in group.lines()] == ["0", "1", "2-0", "2-1"]
    group = done(done(group, "remove:0"), "remove:1-0")
    assert [line.place for line in group.lines()] == ["0", "1-0"]
    for odd in ("", "remove:", "add:9-9", "group:0", "burn:0", "add:x"):
        assert len(done(group, odd).lines()) == 2


@pytest.mark.case("E16")
@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"what": ""}, "Choose what to look at."),
        ({"what": "luck"}, "not known any more"),
        ({"what": "arr", "op": ""}, "Choose how to compare."),
        ({"what": "arr", "op": "contains"}, "Choose how to compare."),
        ({"what": "arr", "op": ">="}, "Enter a value."),
        ({"what": "arr", "op": ">=", "v0": "much"}, "Enter a number of EUR."),
        ({"what": "arr", "op": ">=", "v0": "nan"}, "Enter a number"),
        ({"what": "usage_trend", "op": "<", "v0": "x"}, "Enter a number in %."),
        ({"what": "stage", "op": "in", "v0": ""}, "Choose at least one value."),
        ({"what": "arr", "op": ">", "v0": "1", "days": "x"}, "Days are a whole number"),
        ({"what": "custom.live_on", "op": "days <=", "v0": "soon"}, "Enter whole days"),
        ({"what": "arr", "op": "changed", "v0": "<", "v1": ""}, "Enter a number"),
    ],
)
def test_a_row_says_what_it_lacks(row: dict[str, str], complaint: str):
    given = {"when::kind": "all"} | {f"when:0:{key}": text for key, text in row.items()}
    group = posted(given, "when")
    assert group is not None
    assert put_together(group, WORDS) is None
    assert complaint in group.lines()[0].error


def test_what_cannot_be_put_together_is_said_of_the_whole():
    given = {"w::kind": "all", "w::days": "5", "w:0:what": "custom.live_on", "w:0:op": "<="}
    group = posted(given | {"w:0:v0": "2026-13-01"}, "w")
    assert group is not None
    assert put_together(group, WORDS) is None
    assert "expected a day" in group.error


@pytest.mark.parametrize(
    "given",
    [{}, {"w:0:what": "arr"}, {"w::what": "arr"}, {"x::kind": "all"}, {"w:::kind": "all"}],
)
def test_what_is_no_form_of_rows_is_none(given: dict[str, str]):
    assert posted(given, "w") is None


def test_a_cap_looks_neither_back_nor_at_the_score():
    words = vocabulary("cap", choices=CHOICES, own=OWN, definitions={"one": "One"}, money="EUR")
    assert not {"score", "band", "caps", "definition.one", "open_plays"} & set(words.things)
    assert "changed" not in words.things["arr"].ops
    assert "days <=" not in words.things["custom.live_on"].ops
