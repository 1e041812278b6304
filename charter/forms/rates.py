"""Rates of other currencies: when the fiscal year begins, and one rate a line."""

import calendar

from django import forms

from charter.forms.chapter import Body, ChapterForm
from charter.rules.rates import problems_of_line

MONTHS = [(str(n), calendar.month_name[n]) for n in range(1, 13)]


class RatesForm(ChapterForm):
    def add_fields(self) -> None:
        self.fields["first_month"] = forms.TypedChoiceField(
            label="First month of the fiscal year",
            choices=MONTHS,
            coerce=int,
            initial=str(self.body["first_month"]),
        )
        self.fields["rates"] = forms.CharField(
            required=False,
            help_text="One a line: the year in which the fiscal year begins, the currency, and "
            "what one of it is worth. 2026 USD 0.92",
            initial="\n".join(
                f"{each['year']} {each['currency']} {each['rate']}" for each in self.body["rates"]
            ),
            widget=forms.Textarea(attrs={"rows": 10}),
        )

    def clean_rates(self) -> list[Body]:
        found = []
        for number, line in enumerate(self.cleaned_data["rates"].splitlines(), 1):
            if not (parts := line.split()):
                continue
            if len(parts) != 3:
                raise forms.ValidationError(
                    f"Line {number}: “{line.strip()}” is not a year, a currency and a rate."
                )
            year, currency, rate = parts
            is_year = year.isascii() and year.isdecimal()
            each = {
                "year": int(year) if is_year else year,
                "currency": currency.upper(),
                "rate": rate,
            }
            if wrong := problems_of_line(each):
                raise forms.ValidationError(f"Line {number}: {' '.join(wrong)}")
            found.append(each)
        return sorted(found, key=lambda each: (each["year"], each["currency"]))

    def to_body(self) -> Body:
        return {"first_month": self.value("first_month"), "rates": self.value("rates")}
