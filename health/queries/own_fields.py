"""The tenant's own fields beside the rows of lists: carried where shown, and sorted by."""

from django.db.models import F, QuerySet
from django.db.models.fields.json import KeyTransform

from health.models import AccountRow
from health.rules.lists import OWN_VALUE, Asked


def with_own(rows: QuerySet[AccountRow], asked: Asked) -> QuerySet[AccountRow]:
    """Rows that carry the account's own fields as `own_fields`, where any of them is shown, and
    the one that sorts them as OWN_VALUE."""
    if asked.own_shown:
        rows = rows.annotate(own_fields=F("account__custom"))
    if key := asked.sort_column.own_key:
        rows = rows.annotate(**{OWN_VALUE: KeyTransform(key, "account__custom")})
    return rows
