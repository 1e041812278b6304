"""Records as typed lines, and two changes of them in one: pure rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Contact
from accounts.rules.people import STANCES
from spiced.rules.elements import OFTEN, PARTS, gaps
from spiced.rules.hints import hints
from spiced.rules.lines import Tongue, line_of, lines_of, read_lines
from spiced.rules.rows import matched, merged, named
from spiced.rules.values import WrongValue, filled_lines, fit, typed
from spiced.rules.words import line
from tests.trust.corpus import naughty

PAINS = PARTS["P"].field("pains")
PEOPLE = PARTS["D"].field("people")
STEPS = PARTS["D"].field("process")
PRIYA, TOM, OTHER = (f"01890000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))
TONGUE = Tongue({"Priya Raman": PRIYA, "Tom Berg": TOM, "Tom Larsen": OTHER}, "EUR")


def read(text, field=PAINS):
    return read_lines(field, text, TONGUE)


@pytest.mark.parametrize(
    ("typed_line", "row"),
    [
        ("Approvals come late", {"text": "Approvals come late"}),
        ("Late @Priya", {"text": "Late", "who": PRIYA}),
        ("@tom b Late", {"text": "Late", "who": TOM}),
        ("Late @Tom Larsen, at the site", {"text": "Late, at the site", "who": OTHER}),
        ("Late #mon", {"text": "Late", "frequency": "monthly"}),
        ("Late =310k", {"text": "Late", "annual_cost": 310_000_00, "currency": "EUR"}),
        ("Late =1.5m USD", {"text": "Late", "annual_cost": 1_500_000_00, "currency": "USD"}),
        ("Late =12,500 a guess", {"text": "Late a guess", "annual_cost": 12_500_00,
                                  "currency": "EUR"}),
        ("Late =€40 GUESS", {"text": "Late GUESS", "annual_cost": 40_00, "currency": "EUR"}),
        ("Late =500 JPY", {"text": "Late", "annual_cost": 500, "currency": "JPY"}),
        ("Late ~their aging report !red", {"text": "Late", "evidence": "their aging report",
                                           "status": "reduced"}),
        ("#1 of 9 = slow! see a@b.c", {"text": "#1 of 9 = slow! see a@b.c"}),
        (r"Ask \@Tom and \#daily", {"text": "Ask @Tom and #daily"}),
    ],
)  # fmt: skip
def test_a_line_says_what_a_pain_is(typed_line, row):
    assert read(typed_line) == [row]


@pytest.mark.parametrize(
    ("typed_line", "words"),
    [
        ("Late @Tom", "“@Tom” may be Tom Berg or Tom Larsen."),
        ("Late @Zed", "“@Zed” is no contact of this account."),
        ("Late @Priya @Tom Berg", "Who feels it is said twice."),
        ("Late #often", "“#often” is to be #daily, #weekly, #monthly, #quarterly or #yearly."),
        ("Late !re", "“!re” is to be !reduced or !resolved."),
        ("Late =5%", "“=5%” is no amount such as =310k."),
        ("Late =5.001", "“=5.001” is no amount of EUR."),
        ("Late =1.500", "“=1.500” is no amount of EUR."),
        ("Late =$5", "may be ARS"),
    ],
)
def test_what_a_key_does_not_lead_to_is_named_with_its_line(typed_line, words):
    with pytest.raises(WrongValue) as refused:
        read(f"Fine\n\n{typed_line}")
    ((key, told),) = refused.value.errors.items()
    assert key.startswith("1.") and words in told


def test_of_many_who_are_meant_a_few_are_named():
    many = Tongue({f"Tom Berg {n}": str(n) for n in range(40)}, "EUR")
    with pytest.raises(WrongValue, match="Tom Berg 13 or 34 more"):
        read_lines(PAINS, "Late @Tom", many)


def test_the_people_and_steps_of_a_decision_are_typed_alike():
    assert read("@Priya, economic buyer ~trail !supp\n@Tom Berg", PEOPLE) == [
        {"contact": PRIYA, "role": "economic buyer", "criteria": "trail", "stance": "supportive"},
        {"contact": TOM},
    ]
    assert read("CFO agrees #2026-12-15\nLegal, six weeks", STEPS) == [
        {"step": "CFO agrees", "on": "2026-12-15"}, {"step": "Legal, six weeks"},
    ]  # fmt: skip
    with pytest.raises(WrongValue, match="is to be a date"):
        read("CFO agrees #15", STEPS)


WORDS = st.text(st.sampled_from("ab @#=!~\\1,;.€äP"), max_size=30).map(
    lambda t: " ".join(t.split())
)
A_PAIN = st.fixed_dictionaries(
    {"text": WORDS.filter(bool)},
    optional={
        "who": st.sampled_from([PRIYA, TOM, OTHER]),
        "frequency": st.sampled_from(OFTEN),
        "cost": st.tuples(st.integers(0, 10**9), st.sampled_from(["EUR", "USD", "JPY", "KWD"])),
        "evidence": WORDS.filter(bool),
        "status": st.sampled_from(["open", "reduced", "resolved"]),
    },
)


@given(st.lists(A_PAIN, max_size=3))
def test_a_record_is_read_as_it_was_written(pains):
    rows: list[dict[str, object]] = []
    for pain in pains:
        cost = pain.pop("cost", None)
        money = dict(zip(("annual_cost", "currency"), cost, strict=True)) if cost else {}
        rows.append(PAINS.defaults | pain | money)
    back = fit(PAINS, read(lines_of(PAINS, rows, TONGUE))) or []
    assert back == rows


@given(
    st.fixed_dictionaries(
        {"contact": st.sampled_from([PRIYA, TOM])},
        optional={
            "role": WORDS.filter(bool),
            "criteria": WORDS.filter(bool),
            "stance": st.sampled_from(STANCES),
        },
    )
)
def test_a_person_of_a_decision_is_read_as_written(row):
    assert read(line_of(PEOPLE, row, TONGUE), PEOPLE) == [row]


def test_words_without_keys_are_kept_letter_by_letter():
    kept = 0
    for text in naughty():
        if "\x00" in text or not filled_lines(text) or len(text) > 4000:
            continue
        try:
            rows = fit(PAINS, read(text))
        except WrongValue:
            continue
        if set(rows[0]) == {"text", "status"}:
            kept += 1
            assert [row["text"] for row in rows] == [line.strip() for line in filled_lines(text)]
            assert fit(PAINS, read(lines_of(PAINS, rows, TONGUE))) == rows
    assert kept > 300


def test_somebody_who_is_gone_leaves_the_line():
    assert line_of(PAINS, {"text": "Late", "who": "somebody", "status": "open"}, TONGUE) == "Late"


def test_stances_are_those_of_a_contact():
    assert tuple(Contact.Stance.values) == STANCES


def pain(text, known_as="", **more):
    return ({"id": known_as} if known_as else {}) | {"text": text, "status": "open"} | more


def test_a_pain_worded_anew_is_the_same_pain():
    held = [pain("Approvals come late", "a"), pain("Invoices get lost", "b")]
    given_now = [pain("Invoices get lost"), pain("Approvals come a week late"), pain("Audit")]
    assert [row.get("id") for row in matched(PAINS, given_now, held)] == ["b", "a", None]
    assert [row["id"] for row in matched(PAINS, [pain("Else", "a")], held)] == ["a"]
    (typed_on,) = matched(PAINS, [pain("Late approvals every month")], [pain("Late", "c")])
    assert typed_on["id"] == "c"


def test_the_same_person_again_is_the_same_and_another_is_not():
    held = [{"id": "a", "contact": PRIYA}]
    again, other = matched(PEOPLE, [{"contact": PRIYA, "role": "signs"}, {"contact": TOM}], held)
    assert (again["id"], other.get("id")) == ("a", None)


def test_a_new_record_is_named_after_its_words_and_like_no_other():
    one, two = named(PAINS, [{"text": "Late"}, {"text": "Late"}], [])
    assert one["id"] != two["id"] and one["status"] == "open"
    assert named(PAINS, [{"text": "Late"}], []) == [one]
    assert named(PAINS, [{"text": "Late"}], [one])[0]["id"] == two["id"]


BASE = [pain("Late", "a"), pain("Lost", "b")]


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ([pain("Late", "a", who=PRIYA), BASE[1]], [BASE[0], pain("Lost", "b", who=TOM)],
         [pain("Late", "a", who=PRIYA), pain("Lost", "b", who=TOM)]),
        ([pain("Late", "a", who=PRIYA), BASE[1]], [pain("Late", "a", frequency="daily"), BASE[1]],
         [pain("Late", "a", who=PRIYA, frequency="daily"), BASE[1]]),
        ([*BASE, pain("Mine")], [pain("Theirs", "t"), *BASE],
         [pain("Theirs", "t"), *BASE, pain("Mine")]),
        ([*BASE, pain("Both", who=TOM)], [*BASE, pain("Both", "t", frequency="daily")],
         [*BASE, pain("Both", "t", who=TOM, frequency="daily")]),
        ([BASE[1]], BASE, [BASE[1]]),
        (BASE, [BASE[1]], [BASE[1]]),
        ([BASE[1], BASE[0]], [pain("Late", "a", who=TOM), BASE[1]],
         [BASE[1], pain("Late", "a", who=TOM)]),
    ],
)  # fmt: skip
def test_changes_of_different_pains_and_columns_are_brought_together(mine, theirs, expected):
    assert merged(PAINS, BASE, mine, theirs) == (expected, False)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ([pain("Late", "a", who=PRIYA), BASE[1]], [pain("Late", "a", who=TOM), BASE[1]]),
        ([BASE[1]], [pain("Late", "a", who=TOM), BASE[1]]),
        ([pain("Late", "a", who=PRIYA), BASE[1]], [BASE[1]]),
        ([*BASE, pain("Both", who=PRIYA)], [*BASE, pain("Both", "t", who=TOM)]),
    ],
)
def test_contradictions_are_told_and_what_is_mine_stays(mine, theirs):
    made, is_clash = merged(PAINS, BASE, mine, theirs)
    assert is_clash and [row.get("who") for row in made] == [row.get("who") for row in mine]


def test_one_pain_that_is_whole_is_enough_and_a_resolved_one_asks_for_nothing():
    whole = pain("Late", "a", who=PRIYA, frequency="daily", annual_cost=1)
    assert gaps("P", {"pains": [pain("Lost", "b"), whole]}) == ()
    assert gaps("P", {"pains": [pain("Lost", "b", who=TOM)]}) == ("frequency", "annual_cost")
    assert gaps("P", {"pains": [whole | {"status": "resolved"}, pain("Lost", "b")]}) == (
        "who", "frequency", "annual_cost",
    )  # fmt: skip
    assert gaps("P", {"pains": [pain("Late", "a", status="resolved")]}) == ()
    assert gaps("P", {}) == ("text", "who", "frequency", "annual_cost")
    assert gaps("D", {}) == ("text", "people", "process", "criteria")


def test_hints_name_what_would_bear_out_a_score():
    bare, borne = pain("Lost", "b"), pain("Late", "a", annual_cost=1, evidence="Report")
    assert "1 open pain without a cost or evidence" in hints("P", {"pains": [bare, borne]})[0]
    assert not hints("P", {"pains": [borne, bare | {"status": "resolved"}]})
    assert "1 person whose stance" in hints("D", {"people": [{"id": "a", "contact": TOM}]})[0]


def test_every_wrong_value_of_every_record_is_named():
    with pytest.raises(WrongValue) as refused:
        typed("P", {"pains": [pain("Late"), {"who": "x"}, pain("", annual_cost=2.5)], "mood": 1})
    assert set(refused.value.errors) == {
        "pains.1.who", "pains.1.text", "pains.2.annual_cost", "pains.2.text", "mood",
    }  # fmt: skip


def test_pains_are_said_plainly_by_their_words_or_read_back_whole():
    assert typed("P", {"text": "Late\n\n Lost "}) == {"text": [{"text": "Late"}, {"text": "Lost"}]}
    assert typed("P", {"text": "Late", "frequency": "daily"}) == {
        "text": [{"text": "Late", "frequency": "daily"}]
    }
    assert fit(PEOPLE, [{"contact": PRIYA, "role": "signs\nit"}]) == [
        {"contact": PRIYA, "role": "signs it"}
    ]
    assert typed("P", {"text": "Late", "pains": [pain("Late", "a")]}) == {
        "pains": [pain("Late", "a")]
    }


def test_lists_are_apart_by_commas_or_where_they_hold_one_by_semicolons():
    tools = PARTS["S"].field("tools")
    assert fit(tools, "Excel, mail,, Excel") == ["Excel", "mail"]
    assert fit(tools, "SAP, on site; mail") == ["SAP, on site", "mail"]
    assert fit(tools, ["SAP, on site"]) == ["SAP, on site"] and fit(tools, " , ") is None


def test_a_pain_in_words_names_who_how_often_and_what_it_costs():
    row = pain("Late", "a", who=PRIYA, frequency="weekly", annual_cost=5_00, currency="USD")
    told = line(PAINS, row | {"evidence": "Report"}, {PRIYA: "Priya Raman"}, "EUR")
    assert str(told) == "Late · Priya Raman · weekly · $5 a year · evidence: Report (open)"
