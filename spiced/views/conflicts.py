"""The answer to a save that came too late: both texts side by side, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import Account
from spiced.actions.notes import StaleNote
from spiced.forms.elements import held
from spiced.models import Element
from spiced.queries.notes import contacts
from spiced.rules.elements import PARTS
from spiced.rules.words import said
from tenants.access import TenantRequest
from tenants.formats import day

LABELS = {"heard_from": "Heard from", "heard_on": "Heard on"}


@dataclass(frozen=True)
class Row:
    """One field in both texts. fields: what of mine is sent, by name."""

    key: str
    label: str
    theirs: str
    mine: str
    fields: list[tuple[str, str]]


def conflict(
    request: TenantRequest,
    account: Account,
    letter: str,
    place: str,
    stale: StaleNote,
    given: Mapping[str, Any],
) -> HttpResponse:
    """409 with what is in dispute in view; the rest of mine goes along with the form."""
    rows = _rows(account, letter, stale.theirs[letter], given, request.tenant.currency)
    disputed = {key for part, key in stale.clashes if part == letter}
    query = urlencode({"step": letter, "place": place})
    context = {
        "account": account,
        "place": place,
        "letter": letter,
        "who": _who(request, stale),
        "rows": [row for row in rows if row.key in disputed],
        "carried": [pair for row in rows if row.key not in disputed for pair in row.fields],
        "version": stale.note.version,
        "draft": f"spiced:{place}:{account.pk}:{letter}",
        "theirs_url": f"{reverse('spiced:note', args=[account.pk])}?{query}",
    }
    template = "spiced/conflict.html#conflict" if request.htmx else "spiced/conflict.html"
    answer = render(request, template, context, status=409)
    answer["HX-Retarget"], answer["HX-Reswap"] = f"#note-{place}", "outerHTML"
    return answer


def _rows(
    account: Account, letter: str, theirs: Element, given: Mapping[str, Any], currency: str
) -> list[Row]:
    mine = Element(
        letter=letter,
        text=theirs.text,
        details=dict(theirs.details),
        heard_from=theirs.heard_from,
        heard_on=theirs.heard_on,
    )
    for key, value in given.items():
        _put(mine, key, value)
    names = {str(contact.pk): contact.name for contact in contacts(account)}
    their_words, my_words = (
        said(letter, each.values, names, currency) | _heard(each) for each in (theirs, mine)
    )
    sent = held(mine, letter, currency)
    labels = {field.key: field.label for field in PARTS[letter].fields} | LABELS
    return [
        Row(key, label, their_words[key], my_words[key], _sent(key, sent.get(key)))
        for key, label in labels.items()
    ]


def _put(element: Element, key: str, value: Any) -> None:
    if key in ("text", *LABELS):
        setattr(element, key, value)
    else:
        element.details[key] = value.isoformat() if isinstance(value, date) else value


def _heard(element: Element) -> dict[str, str]:
    return {
        "heard_from": element.heard_from.name if element.heard_from else "",
        "heard_on": day(element.heard_on) if element.heard_on else "",
    }


def _sent(key: str, value: Any) -> list[tuple[str, str]]:
    """A value as the fields of a form send it; a list sends one for each."""
    if isinstance(value, list):
        return [(key, str(each)) for each in value]
    return [(key, "" if value is None else str(value))]


def _who(request: TenantRequest, stale: StaleNote) -> str:
    if stale.note.author_id == request.actor.user_id:
        return "You, in another window,"
    return str(stale.note.author or "An import")
