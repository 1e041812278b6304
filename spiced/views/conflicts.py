"""The answer to a save that came too late: both texts side by side, a choice for each field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.models import Account
from spiced.forms.choices import PICK, Choice
from spiced.forms.elements import held
from spiced.forms.lines import tongue_of
from spiced.models import Element, Note
from spiced.queries.notes import changed_by, elements_of, people_of, version_of
from spiced.rules.diffs import Piece, compared
from spiced.rules.elements import PARTS, rows_of
from spiced.rules.fields import LINE, LONGEST, MOST, Kind
from spiced.rules.lines import Tongue, lines_of
from spiced.rules.rows import matched, merged
from spiced.rules.words import said
from tenants.access import TenantRequest
from tenants.formats import day

LABELS = {"heard_from": "Heard from", "heard_on": "Heard on", "evidence": "Evidence"}
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Row:
    """One field in both texts, in pieces with the words marked that the other lacks.

    fields: what of mine is sent, by name. who, at: who wrote theirs, and when. merged: both in one
    to write on, where the field holds words; longest: of how many characters. pick: what is chosen.
    """

    key: str
    label: str
    theirs: tuple[Piece, ...]
    mine: tuple[Piece, ...]
    fields: Pairs
    who: str
    at: datetime
    merged: str | None
    longest: int
    pick: str


def conflict(
    request: TenantRequest,
    account: Account,
    letter: str,
    place: str,
    seen_version: int,
    mine: Mapping[str, Any],
    choice: Choice | None = None,
) -> HttpResponse:
    """409 with what both changed in view; the rest of mine goes along with the form.

    seen_version: the one mine began from. mine: what the author wrote, by field. choice: one that
    came too late as well, or, with 422, could not be saved; it stays as it was made.
    """
    note = Note.objects.select_related("author").get(account=account, is_current=True)
    theirs, base = elements_of(note)[letter], version_of(account, seen_version)
    if base is not None:
        mine = _brought_together(mine, theirs, base.get(letter) or Element(letter=letter))
    texts = _texts(account, letter, theirs, mine, request.tenant.currency)
    changes = changed_by(account, letter, seen_version)
    labels = {field.key: field.label for field in PARTS[letter].fields} | LABELS
    picks = choice.picks if choice else {}
    differing = [
        key
        for key in labels
        if key in mine and (texts.theirs[key] != texts.mine[key] or picks.get(key) == "both")
    ]
    mine_alone = [key for key in differing if key not in changes]
    context = {
        "account": account,
        "place": place,
        "letter": letter,
        "part": PARTS[letter],
        "rows": [
            _row(request, letter, key, labels[key], texts, changes[key], choice)
            for key in differing
            if key in changes
        ],
        "carried": [
            pair
            for key in mine_alone
            for pair in [(f"{PICK}{key}", "mine"), *_sent(key, texts.sent.get(key))]
        ],
        "kept": [labels[key] for key in mine_alone],
        "version": note.version,
        "base": seen_version,
        "touchpoint": request.POST.get("touchpoint", ""),
        "draft": f"spiced:{place}:{account.pk}:{letter}",
        "errors": choice.errors if choice else [],
    }
    template = "spiced/conflict.html#conflict" if request.htmx else "spiced/conflict.html"
    answer = render(request, template, context, status=422 if context["errors"] else 409)
    answer["HX-Retarget"], answer["HX-Reswap"] = f"#note-{place}", "outerHTML"
    return answer


def _brought_together(mine: Mapping[str, Any], theirs: Element, base: Element) -> dict[str, Any]:
    """Mine with whatever they changed of records that I left alone."""
    found = dict(mine)
    for field in PARTS[base.letter].records:
        if field.key in found:
            was, now = rows_of(field, base.details), rows_of(field, theirs.details)
            rows = matched(field, found[field.key] or (), was)
            found[field.key], _ = merged(field, was, rows, now)
    return found


def _row(
    request: TenantRequest,
    letter: str,
    key: str,
    label: str,
    texts: "_Texts",
    note: Note,
    choice: Choice | None,
) -> Row:
    theirs, mine = texts.theirs[key], texts.mine[key]
    longest = _longest(letter, key)
    pick = choice.picks.get(key, "mine") if choice else "mine"
    merged = _merged(theirs, mine, longest) if longest else None
    if choice and pick == "both":
        merged = choice.merged[key]
    before, after = compared(theirs, mine)
    who = "You, in another window" if note.author_id == request.actor.user_id else ""
    return Row(
        key=key,
        label=label,
        theirs=before,
        mine=after,
        fields=_sent(key, texts.sent.get(key)),
        who=who or str(note.author or "An import"),
        at=note.saved_at,
        merged=merged,
        longest=longest,
        pick=pick,
    )


@dataclass(frozen=True)
class _Texts:
    """Words by field of both sides, and mine as a form sends it."""

    theirs: Mapping[str, str]
    mine: Mapping[str, str]
    sent: Mapping[str, Any]


def _texts(
    account: Account, letter: str, theirs: Element, given: Mapping[str, Any], currency: str
) -> _Texts:
    mine = Element(
        letter=letter,
        text=theirs.text,
        details=dict(theirs.details),
        heard_from=theirs.heard_from,
        heard_on=theirs.heard_on,
        evidence=theirs.evidence,
    )
    for key, value in given.items():
        _put(mine, key, value)
    tongue = tongue_of(people_of(account), currency)
    their_words, my_words = (_worded(letter, each, tongue) for each in (theirs, mine))
    return _Texts(their_words, my_words, held(mine, letter, tongue))


def _worded(letter: str, element: Element, tongue: Tongue) -> dict[str, str]:
    """Words by field; records as the lines one types."""
    names = {known_as: name for name, known_as in tongue.people.items()}
    words = said(letter, element.values, names, tongue.currency) | _heard(element)
    for field in PARTS[letter].records:
        words[field.key] = lines_of(field, element.details.get(field.key), tongue)
    return words


def _put(element: Element, key: str, value: Any) -> None:
    if key in ("text", *LABELS):
        setattr(element, key, value)
    else:
        element.details[key] = value.isoformat() if isinstance(value, date) else value


def _heard(element: Element) -> dict[str, str]:
    return {
        "heard_from": element.heard_from.name if element.heard_from else "",
        "heard_on": day(element.heard_on) if element.heard_on else "",
        "evidence": element.evidence,
    }


def _sent(key: str, value: Any) -> Pairs:
    """A value as the fields of a form send it."""
    return [(key, "" if value is None else str(value))]


def _longest(letter: str, key: str) -> int:
    """How many characters a field of words holds; 0 for one that holds no words."""
    kinds = {field.key: field.kind for field in PARTS[letter].fields}
    longest = {Kind.TEXT: LONGEST, Kind.LINE: LINE, Kind.LIST: LINE, Kind.ROWS: MOST * LONGEST}
    return longest.get(kinds.get(key, Kind.DATE), 0)


def _merged(theirs: str, mine: str, longest: int) -> str | None:
    """Both texts in one, to begin with; None where there is but one."""
    if not theirs or not mine:
        return None
    if longest > LONGEST:  # records, one a line
        return "\n".join(dict.fromkeys(f"{theirs}\n{mine}".splitlines()))
    return f"{theirs}\n{mine}" if longest > LINE else f"{theirs}, {mine}"
