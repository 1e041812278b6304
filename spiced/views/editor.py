"""What the SPICED editor shows: the five steps, one of them open, and what to ask next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import Account
from accounts.queries.reach import in_reach
from spiced.forms.elements import ConfirmForm, ElementForm
from spiced.models import ImpactGoal, Note
from spiced.queries.impact import citable
from spiced.queries.merged import new_buyers
from spiced.queries.notes import Picture, names_in, people_of, picture
from spiced.rules.elements import LETTERS, PARTS, rows_of
from spiced.rules.events import why_compelling
from spiced.rules.fields import Field
from spiced.rules.fields import Kind as FieldKind
from spiced.rules.hints import hints
from spiced.rules.questions import Ask, asks
from spiced.rules.states import Kind, State, missing_before
from spiced.rules.touchpoints import Touchpoint, is_sold, likely
from spiced.rules.words import Line, lines_in, told
from tenants.access import TenantRequest
from tenants.formats import day, plural
from tenants.roles import Can, Role

PLACES = ("page", "drawer")


@dataclass(frozen=True)
class Step:
    """One of the five steps at the left."""

    state: State
    url: str
    is_open: bool

    @property
    def css(self) -> str:
        return {Kind.MISSING: "is-empty", Kind.STALE: "is-stale", Kind.PARTIAL: "is-part"}.get(
            self.state.kind, ""
        )


def today_of(request: TenantRequest) -> date:
    """The date where the tenant is."""
    return timezone.now().astimezone(ZoneInfo(request.tenant.time_zone)).date()


def number_of(words: str) -> int | None:
    """A version number somebody sent; None where it is none."""
    return int(words) if words.isascii() and words.isdecimal() and len(words) < 10 else None


def place_of(request: TenantRequest) -> str:
    """Where the editor stands: in a page, or in the drawer above one."""
    asked = request.POST.get("place") or request.GET.get("place", "")
    return asked if asked in PLACES else "page"


def touchpoint_of(request: TenantRequest, account: Account, note: Note | None) -> str:
    """The occasion sent, else that of the draft one is typing, else the likely one."""
    if (sent := request.POST.get("touchpoint", "")) in list(Touchpoint):
        return sent
    is_own = note is not None and note.is_draft and note.author_id == request.actor.user_id
    return note.touchpoint if note and is_own else likely(account.stage)


def open_letter(asked: str, seen: Picture) -> str:
    """The step asked for, else the first that is not complete."""
    if asked in LETTERS:
        return asked
    unfinished = (each for each in LETTERS if seen.states[each].kind is not Kind.COMPLETE)
    return next(unfinished, LETTERS[0])


def editor(
    request: TenantRequest,
    account: Account,
    *,
    letter: str = "",
    place: str = "page",
    form: ElementForm | None = None,
    confirm: ConfirmForm | None = None,
    is_focused: bool = False,
    version: int | None = None,
) -> dict[str, Any]:
    """The context of `spiced/note.html#editor`.

    form, confirm: bound forms that were refused; version: the one the refused form began from.
    """
    today, currency = today_of(request), request.tenant.currency
    seen = picture(account, today)
    letter = open_letter(letter, seen)
    element = seen.elements.get(letter)
    everybody = list(people_of(account))
    people = [person for person in everybody if person.archived_at is None]
    names = {str(person.pk): person.name for person in everybody}
    url = reverse("spiced:note", args=[account.pk])
    following = LETTERS[LETTERS.index(letter) + 1 :][:1]
    asked = _asks(account, seen, letter, names)
    auto_id = f"id_{place}_%s"
    if form is None:
        touchpoint = touchpoint_of(request, account, seen.note)
        form = ElementForm.holding(
            element, letter, everybody, currency, touchpoint, auto_id=auto_id
        )
    if is_focused and form.fields:
        next(iter(form.fields.values())).widget.attrs["autofocus"] = True
    may_edit = in_reach(request.actor, Can.EDIT_SPICED).filter(pk=account.pk).exists()
    may_override = request.actor.role is Role.MANAGER
    may_confirm = seen.states[letter].kind is not Kind.MISSING and bool(people)
    if confirm is None and may_confirm:
        confirm = ConfirmForm(
            people,
            today,
            may_override,
            goals_for(account, letter, seen.values(letter).get("goal")),
            auto_id=f"id_{place}_confirm_%s",
        )
    return {
        "account": account,
        "place": place,
        "letter": letter,
        "part": PARTS[letter],
        "state": seen.states[letter],
        "picture": seen,
        "version": seen.version if version is None else version,
        "meter": [str(seen.states[each].kind) for each in LETTERS],
        "steps": [
            Step(
                seen.states[each],
                f"{url}?{urlencode({'step': each, 'place': place})}",
                each == letter,
            )
            for each in LETTERS
        ],
        "index_target": seen.terms.index_target(account.touch_model),
        "new_buyers": new_buyers(seen, people),
        "confirmed": day(seen.confirmed_on, today) if seen.confirmed_on else "",
        "ask": _ask(request, asked),
        "another_url": _another(request, url, letter, place, asked),
        "form": form,
        "confirm": confirm,
        "following": PARTS[following[0]] if following else None,
        "rests_on": [PARTS[each].name for each in missing_before(letter, seen.blank)],
        "not_critical": _not_critical(letter, seen),
        "is_compelling": letter == "CE" and bool(_not_critical(letter, seen)),
        "draft": f"spiced:{place}:{account.pk}:{letter}",
        "may_edit": may_edit,
        "records": _records(seen, letter, names, currency),
        "hints": hints(letter, seen.values(letter)),
        "is_sold": is_sold(account.stage),
        "of_account": of_account(account) if letter == "S" else [],
        "said": []
        if may_edit
        else told(letter, seen.values(letter), names_in({letter: seen.values(letter)}), currency),
    }


def goals_for(account: Account, letter: str, cited: str | None = None) -> list[ImpactGoal] | None:
    """The goals a part may be confirmed with, the one it cites first; None where it needs none."""
    if not any(field.kind is FieldKind.GOAL for field in PARTS[letter].fields):
        return None
    return sorted(citable(account), key=lambda goal: str(goal.pk) != cited)


def _asks(account: Account, seen: Picture, letter: str, names: Mapping[str, str]) -> list[Ask]:
    """The questions worth asking, those of the open step first."""
    event = seen.event
    pains = rows_of(PARTS["P"].fields[0], seen.values("P"))
    feels_it = next((pain["who"] for pain in pains if pain.get("who")), "")
    feels_it = feels_it or seen.values("I").get("person") or ""
    facts = {
        "event": event.statement if event else "",
        "event_on": day(event.on) if event and event.on else "",
        "person": names.get(feels_it, ""),
    }
    states = [seen.states[each] for each in LETTERS]
    return asks(seen.terms.bank, states, first=letter, stage=account.stage, facts=facts)


def _turn(request: TenantRequest) -> int:
    return number_of(request.GET.get("ask", "")) or 0


def _ask(request: TenantRequest, asked: list[Ask]) -> Ask | None:
    return asked[_turn(request) % len(asked)] if asked else None


def _another(request: TenantRequest, url: str, letter: str, place: str, asked: list[Ask]) -> str:
    if len(asked) < 2:
        return ""
    turn = str((_turn(request) + 1) % len(asked))
    return f"{url}?{urlencode({'step': letter, 'place': place, 'ask': turn, 'part': 'ask'})}"


def _not_critical(letter: str, seen: Picture) -> str:
    if letter != "CE" or seen.states["CE"].kind is Kind.MISSING:
        return ""
    times_moved = seen.event.times_moved if seen.event and seen.event.is_in_note else 0
    consequence = seen.values("CE").get("consequence") or ""
    return why_compelling(consequence=consequence, times_moved=times_moved)


def of_account(account: Account) -> list[str]:
    """What the account itself says of a situation, so that nobody types it again."""
    size = plural(account.employees, "person,people") if account.employees else ""
    return [each for each in (account.industry, size, account.region) if each]


def _records(
    seen: Picture, letter: str, names: Mapping[str, str], currency: str
) -> list[tuple[Field, list[Line]]]:
    """What was understood of the lines typed into the open step, by field."""
    values = seen.values(letter)
    return [
        (field, list(lines.values()))
        for field in PARTS[letter].records
        if (lines := lines_in(field, values, names, currency))
    ]
