"""Date controls hold what browsers take: the ISO form, whatever the language."""

from datetime import date

import pytest
from django import forms


class Form(forms.Form):
    on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))


def test_a_date_control_is_filled_in_the_form_browsers_read():
    assert 'value="2026-03-04"' in str(Form(initial={"on": date(2026, 3, 4)})["on"])


@pytest.mark.parametrize("ambiguous", ["03/04/2026", "3.4.2026", "4 March 2026"])
def test_no_other_order_is_guessed(ambiguous: str):
    assert not Form({"on": ambiguous}).is_valid()
