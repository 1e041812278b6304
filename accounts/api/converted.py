"""What stands in another currency, told in the tenant's own beside it."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from accounts.models import Contract
from accounts.queries.rates import in_ours, rates


class InOurs(serializers.IntegerField):
    """A contract's ARR in the reporting currency. The rates are read once for an answer."""

    def get_attribute(self, instance: Contract) -> Any:
        said = self.root.__dict__
        if "rates" not in said:
            said["rates"] = rates(), timezone.localdate()
        known, today = said["rates"]
        return in_ours(instance, known, today)


def in_ours_field() -> InOurs:
    """The field `arr_reporting_minor`."""
    return InOurs(
        read_only=True,
        allow_null=True,
        help_text="ARR in the reporting currency, minor units, at the rate of the fiscal year of "
        "today, or of the contract's last day or first where it does not run; null without a rate.",
    )
