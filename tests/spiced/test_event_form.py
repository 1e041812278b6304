"""The dialog of a date that matters: what belongs together stands beside each other, once."""

from datetime import date

from spiced.forms.events import ConfirmEventForm, ConsequenceForm, EventForm

TODAY = date(2026, 11, 19)


def lines(form: ConsequenceForm) -> list[list[str]]:
    return [[field.name for field in row] for row in form.rows()]


def test_what_belongs_together_stands_beside_each_other():
    form = EventForm([], "EUR", TODAY)
    assert lines(form) == [
        ["statement"], ["on"], ["condition"], ["operator", "value", "expected_on"],
        ["consequence"], ["consequence_kind", "amount"], ["sufferer"],
    ]  # fmt: skip
    assert lines(ConsequenceForm([], "EUR")) == [
        ["consequence"], ["consequence_kind", "amount"], ["sufferer"]
    ]  # fmt: skip


def test_every_field_is_shown_once():
    for form in (EventForm([], "EUR", TODAY), ConsequenceForm([], "EUR")):
        shown = [name for row in lines(form) for name in row]
        assert sorted(shown) == sorted(field.name for field in form.visible_fields())


def test_a_form_without_lines_shows_its_fields_as_they_come():
    assert not hasattr(ConfirmEventForm([], TODAY), "rows")
