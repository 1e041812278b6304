"""The versions of a note, and any two of them side by side."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import Account
from accounts.queries.reach import account_in_reach
from spiced.models import Note
from spiced.queries.notes import elements_of, names_of
from spiced.queries.notes import versions as versions_of
from spiced.rules.diffs import rows
from spiced.rules.elements import LETTERS, PARTS, people_in
from spiced.rules.words import said
from tenants.access import TenantRequest, needs
from tenants.formats import day
from tenants.roles import Can

MOST = 200


@needs(Can.READ_SPICED)
@require_GET
def versions(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """All versions, newest first, and the difference of two; the last two where none is named."""
    account = account_in_reach(request.actor, Can.READ_SPICED, account_id)
    found = list(versions_of(account)[:MOST])
    by_number = {str(note.version): note for note in found}
    after = by_number.get(request.GET.get("after", "")) or (found[0] if found else None)
    earlier = [note for note in found if after and note.version < after.version]
    before = by_number.get(request.GET.get("before", "")) or (earlier[0] if earlier else None)
    context: dict[str, Any] = {
        "account": account,
        "versions": found,
        "n": versions_of(account).count(),
        "before": before,
        "after": after,
        "rows": [],
    }
    if before and after:
        texts = _texts(account, before, after, request.tenant.currency)
        context["rows"] = [row for row in rows(*texts) if row.is_changed]
    return render(request, "spiced/versions.html", context)


def _texts(
    account: Account, before: Note, after: Note, currency: str
) -> list[dict[tuple[str, str], str]]:
    """Both versions as words by (part, label)."""
    both = [elements_of(before), elements_of(after)]
    named = {
        person
        for parts in both
        for letter, element in parts.items()
        for person in people_in(letter, element.values)
    }
    names = names_of(named)
    texts = []
    for parts in both:
        text: dict[tuple[str, str], str] = {}
        for letter in LETTERS:
            if (element := parts.get(letter)) is None:
                continue
            words = said(letter, element.values, names, currency)
            part = PARTS[letter]
            text |= {(part.name, field.label): words[field.key] for field in part.fields}
            heard = element.heard_from.name if element.heard_from else ""
            text[(part.name, "Heard from")] = heard
            text[(part.name, "Heard on")] = day(element.heard_on) if element.heard_on else ""
            text[(part.name, "Evidence")] = element.evidence
            text[(part.name, "Confirmed")] = "yes" if element.is_confirmed else ""
        texts.append(text)
    return texts
