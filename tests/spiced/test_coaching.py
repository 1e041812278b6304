"""What a reviewed call scores, what reviews say of a person, and who asked what in a call."""

import os
from pathlib import Path

import pytest

from spiced.rules.coaching import (
    BEHAVIOURS,
    ITEMS,
    disagreement,
    is_balanced,
    is_certified,
    total,
    weakest,
)
from spiced.rules.transcripts import Heard, heard, speakers

CALLS = Path(os.environ.get("CSOM_DATA", "/nowhere")) / "call-transcripts" / "sales-calls"
SEEN = tuple(BEHAVIOURS)


def items(*scores: int) -> dict[str, int]:
    return dict(zip(ITEMS, scores, strict=True))


def test_eleven_of_eighteen_and_three_behaviours_score_63_9():
    assert total(items(3, 2, 2, 1, 2, 1), SEEN[:3]) == pytest.approx(63.888889)


def test_the_ends_of_the_scale_are_0_and_100():
    assert total(items(0, 0, 0, 0, 0, 0), ()) == 0
    assert total(items(3, 3, 3, 3, 3, 3), SEEN) == 100


def test_a_behaviour_named_twice_counts_once():
    assert total(items(0, 0, 0, 0, 0, 0), ("close", "close")) == 5


@pytest.mark.parametrize(
    ("scores", "behaviours"),
    [
        ({"situation": 1}, ()),
        (items(4, 0, 0, 0, 0, 0), ()),
        (items(-1, 0, 0, 0, 0, 0), ()),
        (items(True, 0, 0, 0, 0, 0), ()),
        (items(1, 1, 1, 1, 1, 1), ("charm",)),
    ],
)
def test_a_score_that_cannot_be_is_refused(scores: dict[str, int], behaviours: tuple[str, ...]):
    with pytest.raises(ValueError):
        total(scores, behaviours)


@pytest.mark.parametrize(
    ("scores", "certified"),
    [
        ([80, 80, 80], True),
        ([80, 80], False),
        ([80, 79.9, 80, 80, 80], False),
        ([100, 80, 95, 10], True),
    ],
)
def test_three_calls_in_a_row_at_80_certify(scores: list[float], certified: bool):
    assert is_certified(scores) is certified


def test_the_weakest_item_is_the_lowest_mean_of_all_reviews():
    assert weakest([items(3, 2, 3, 0, 3, 3), items(1, 2, 3, 2, 3, 3)]) == ("emotional_impact", 1)
    assert weakest([items(2, 2, 2, 2, 2, 2)]) == ("situation", 2)
    assert weakest([]) is None


def test_raters_disagree_by_the_mean_of_all_pairs():
    assert disagreement([[70], [60, 72], [50, 60, 70]]) == (
        2,
        pytest.approx((12 + 10 + 20 + 10) / 4),
    )
    assert disagreement([[70], [80]]) == (0, None)


@pytest.mark.parametrize(
    ("share", "is_it"), [(None, False), (0.39, False), (0.4, True), (0.6, True), (0.61, False)]
)
def test_we_should_speak_40_to_60_percent(share: float | None, is_it: bool):
    assert is_balanced(share) is is_it


def test_questions_are_told_apart_by_the_marked_speaker():
    text = "Ana: Since when? And why?\n**Bo:** Does it matter?\nOr not??\nana: No?"
    found = heard(text, {"ANA"})
    assert (found.questions_ours, found.questions_theirs) == (3, 2)
    assert (found.words_ours, found.words_theirs) == (5, 5)
    assert found.talk_share == 0.5


def test_times_before_a_name_and_sentences_with_a_colon_are_no_speakers():
    text = "00:12 Ana: Since when?\n[00:15] Ludwig van B: Well.\nHere is the thing: why not?"
    found = heard(text, {"ana"})
    assert (found.questions_ours, found.questions_theirs) == (1, 1)
    assert speakers(text) == ["Ana", "Ludwig van B"]


def test_what_stands_above_and_below_the_call_is_left_out():
    text = (
        "Who called?\n**Notes:** What?\n---\nAna: Why?\nCy: What?\n---\n**Tip:** Next time?\nWhat?"
    )
    assert heard(text, {"Ana"}) == Heard(1, 1, 1, 1)
    assert heard(text, {"Zoe"}) == Heard() and Heard().talk_share is None


def test_a_mark_inside_an_address_is_no_question():
    assert heard("Ana: see example.test/a?b=1 please", {"Ana"}).questions_ours == 0


@pytest.mark.skipif(not CALLS.is_dir(), reason="no call-transcripts in CSOM_DATA")
@pytest.mark.parametrize(
    ("file", "ours", "asked"),
    [
        ("cold-call-unsuccessful-01.md", {"Brian"}, (3, 2)),
        ("demo-call-success-01.md", {"Alex", "Lisa"}, None),
        ("cold-call-success-01.md", {"Sarah"}, None),
        ("follow-up-success-01.md", {"Rachel"}, None),
    ],
)
def test_a_recorded_call_is_counted_by_side(
    file: str, ours: set[str], asked: tuple[int, int] | None
):
    text = (CALLS / file).read_text()
    found = heard(text, ours)
    call = text.split("\n---\n")[1]
    assert found.questions_ours + found.questions_theirs == call.count("?")
    if asked:
        assert (found.questions_ours, found.questions_theirs) == asked
    assert found.talk_share is not None and 0.3 < found.talk_share < 0.9
    mirrored = heard(text, set(speakers(call)) - ours)
    assert (mirrored.questions_theirs, mirrored.words_theirs) == (
        found.questions_ours,
        found.words_ours,
    )
