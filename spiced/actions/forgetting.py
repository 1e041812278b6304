"""What notes say of people goes with them, in every version that is kept."""

from collections.abc import Collection
from uuid import UUID

from accounts.actions.import_undo import when_gone
from accounts.models import Contact
from spiced.models import Element
from spiced.rules.elements import PARTS, without_people

NAMING = """EXISTS (
    SELECT 1 FROM jsonb_path_query(spiced_element.details, '$.** ? (@.type() == "string")') held
    WHERE held #>> '{}' = ANY(%s)
)"""


def forget_people(ids: Collection[UUID], account_ids: Collection[UUID]) -> None:
    """Take contacts of some accounts out of their notes: who feels, who decides, their stance.

    Words that name somebody stay as they were written. One query, and one for those that change.
    """
    gone = [str(each) for each in ids]
    held = Element.objects.filter(note__account__in=account_ids)
    naming = list(held.extra(where=[NAMING], params=[gone]))  # noqa: S610 - all of it ours
    for element in naming:
        element.details = without_people(PARTS[element.letter], element.details, set(gone))
    Element.objects.bulk_update(naming, ["details"], batch_size=500)


when_gone(Contact, forget_people)
