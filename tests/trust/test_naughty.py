"""Hostile strings through every form, every name a view asks for, and every header.

Forms are read off the pages, names are noted as views ask for them, routes come from the resolver:
a new field is covered without being listed here. Every request is taken back, so each begins in
the same company.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.messages import get_messages
from django.db import connection, models
from django.http import QueryDict
from django.test import Client

from tenants.roles import Role
from tenants.scope import act_for
from tests.tenants.test_crawl import INSIDE, OUTSIDE, Route, named
from tests.tenants.world import tenant_models
from tests.trust.conftest import Lived, undone
from tests.trust.corpus import naughty, sendable, turns
from tests.trust.pages import Form, Page

SLUGS = {"plays": "champion_left", "health": "core", "charter": "segments", "handoffs": "kickoff"}
PLAIN = "Plain words 7d1"
LISTS, LINES = {"tools", "initiatives", "criteria"}, {"pains", "process"}  # of a SPICED note
# Redraw or try what is being built, and keep nothing; what is sent in the end has its own form.
KEEPS_NOTHING = {"conditions/build/", "health/models/<slug:key>/attempt/"}


# -- what is asked, and what came of it --


@contextmanager
def noting(names: set[str]) -> Iterator[None]:
    """Note every name that a view asks of a query or a form."""
    asked = {name: getattr(QueryDict, name) for name in ("get", "getlist", "__getitem__")}

    def noted(ask: Any) -> Any:
        def asks(self: QueryDict, name: Any, *rest: Any) -> Any:
            names.add(str(name))
            return ask(self, name, *rest)

        return asks

    with pytest.MonkeyPatch.context() as patch:
        for name, ask in asked.items():
            patch.setattr(QueryDict, name, noted(ask))
        yield


def addresses(lived: Lived) -> Iterator[tuple[Route, str, Client]]:
    """Every route inside, filled as a page linked to it, else by the names of its ids."""
    ids = known_ids(lived)
    for route in INSIDE:
        pattern = route.address[1:]
        for client, address in lived.seen.get(pattern, [])[:1]:
            yield route, address, client
        for client, form in lived.forms.get(pattern, [])[:1]:
            yield route, form.address, client
        if pattern not in lived.seen and pattern not in lived.forms:
            address = route.address
            for name, kind in route.parameters:
                noun = name.removesuffix("_id").replace("_", "")
                slug = SLUGS.get(address.split("/")[1], "core")
                fit = next((one for model, one in ids.items() if model.endswith(noun)), None)
                shown = str(fit or ids["account"]) if kind == "uuid" else slug
                address = named(name).sub(shown, address)
            yield route, f"/{lived.tenant.slug}{address}", lived.clients[Role.ADMIN]


def known_ids(lived: Lived) -> dict[str, Any]:
    with act_for(lived.tenant.pk):
        rows = {model: model._default_manager.first() for model in tenant_models()}
    return {model.__name__.lower(): row.pk for model, row in rows.items() if row is not None}


def kept_texts() -> set[str]:
    """Every text that stands somewhere in the company, alone, in a list or in a document."""
    parts = []
    for model in tenant_models():
        for column in model._meta.local_concrete_fields:
            name, table = f'"{column.column}"', f'"{model._meta.db_table}"'
            if isinstance(column, models.JSONField):
                each = f"jsonb_path_query({name}, 'strict $.** ? (@.type() == \"string\")')"
                parts.append(f"SELECT {each} #>> '{{}}' FROM {table}")
            elif column.get_internal_type() == "ArrayField":
                parts.append(f"SELECT unnest({name}::text[]) FROM {table}")
            elif isinstance(column, models.CharField | models.TextField):
                parts.append(f"SELECT {name}::text FROM {table}")
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(parts))
        return {text for (text,) in cursor.fetchall()}


def is_taken(answer: Any) -> bool:
    """Whether a form was taken: no refusal by status, none told on the page it leads back to."""
    told = [each.level_tag for each in get_messages(answer.wsgi_request)]
    return answer.status_code in (200, 204, 302) and "error" not in told


def as_kept(text: str) -> set[str]:
    """A text as a field may keep it: spaces around it trimmed, ends of lines as one sign."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return {text, text.strip(), lines, lines.strip()}


def as_lists(name: str, text: str) -> set[str]:
    """What a text becomes in a control that holds several, apart by lines, or by commas as well."""
    marks = "," if name in LISTS and not re.search(r"[;\r\n]", text) else r"[;\r\n]"
    parts = re.split(r"[\r\n]" if name in LINES else marks, text)
    return {part.strip() for part in parts} - {""}


def faulty(where: str, answer: Any) -> Iterator[str]:
    """What no answer to any string may be."""
    if answer.status_code >= 500:
        yield f"{where}: {answer.status_code}"
    told = b"".join(answer) if getattr(answer, "streaming", False) else answer.content
    if "text/html" in answer.headers.get("Content-Type", ""):
        for danger in Page("/", told.decode()).dangers:
            yield f"{where}: {danger} stands in the page"
    for name, value in answer.headers.items():
        if "\n" in value or "\r" in value or name == "X-Made-Up":
            yield f"{where}: a header was made"
    if (to := answer.headers.get("Location", "")) and not re.match(r"/($|[^/\\])", to):
        yield f"{where}: leads to {to[:60]}"


def summary(wrong: list[str]) -> str:
    return f"{len(wrong)} wrong:\n" + "\n".join(wrong[:40])


# -- the tests --


@pytest.mark.case("F1", "F6", "F7", "F8", "F10")
def test_what_forms_take_is_kept_letter_by_letter_and_shown_as_text(
    lived: Lived, pytestconfig: pytest.Config
):
    strings = [text for text in sendable(naughty()) if text.strip() and len(text) < 200]
    rounds = len(strings) if pytestconfig.getoption("--full") else 4
    wrong, untaken, refused, kept, at = [], [], 0, 0, 0
    keeping = {route: each for route, each in lived.forms.items() if route not in KEEPS_NOTHING}
    for route, forms in keeping.items():
        for client, form in forms:
            names = [name for name in form.texts if takes(lived, client, form, name)]
            lines = (re.sub(r"form-\d+", "form", name) for name in form.texts if name not in names)
            untaken += [
                f"{route} {name}" for name in dict.fromkeys(lines)
            ]  # a table's rows are one
            for _ in range(rounds if names else 0):
                at += 1
                texts = dict(zip(names, turns(strings, at * 11), strict=False))
                with undone():
                    answer = client.post(form.address, form.plain | texts)
                    where = f"{route} {texts!r:.200}"
                    wrong += faulty(where, answer)
                    if not is_taken(answer):
                        refused += 1
                        if not 400 <= answer.status_code < 500 and answer.status_code != 302:
                            wrong.append(f"{where}: {answer.status_code} is no refusal")
                        continue
                    with act_for(lived.tenant.pk):
                        found = kept_texts()
                    lost = [
                        name
                        for name, text in texts.items()
                        if not as_kept(text) & found
                        and not (name in LISTS | LINES and as_lists(name, text) <= found)
                    ]
                    wrong += [f"{route} {name}: {texts[name]!r:.80} is lost" for name in lost]
                    kept += len(texts) - len(lost)
                    for page, address in lived.seen.get(route, [])[:1]:
                        wrong += faulty(where, page.get(address))
    print(f"{kept} kept, {refused} refused, no prose in {sorted(set(untaken))}")
    assert not wrong, summary(wrong)
    assert kept > 200, "the forms are filled in"
    # Some controls take a key, a document or letters written as text, and no prose.
    controls = sum(len(form.texts) for forms in keeping.values() for _, form in forms)
    assert len(untaken) < controls / 5, ("forms were not filled in", sorted(set(untaken)))


@pytest.mark.case("F12")
def test_every_text_control_has_a_limit(lived: Lived):
    endless = {
        f"{route} {name}"
        for route, forms in lived.forms.items()
        for _, form in forms
        for name in form.texts
        if not form.fields[name].limit
    }
    assert not endless


def test_nobody_is_shown_a_form_they_may_not_send(lived: Lived):
    refused = []
    for route, forms in lived.forms.items():
        for client, form in forms:
            with undone():
                if client.post(form.address, form.plain).status_code == 403:
                    refused.append(f"{route} {sorted(form.fields)}")
    assert refused == []


def step(config: pytest.Config) -> int:
    """Every string with --full, every fifth without."""
    return 1 if config.getoption("--full") else 5


def takes(lived: Lived, client: Client, form: Form, name: str) -> bool:
    """Whether a form takes plain words under a name, and keeps them."""
    with undone():
        if not is_taken(client.post(form.address, form.plain | {name: PLAIN})):
            return False
        with act_for(lived.tenant.pk):
            return PLAIN in kept_texts()


@pytest.mark.case("F1", "F3", "F9", "F10", "M11", "G22")
def test_no_name_a_view_asks_for_breaks_it(lived: Lived, pytestconfig: pytest.Config):
    strings = sendable(naughty())
    rounds = 40 if pytestconfig.getoption("--full") else 2
    wrong, at = [], 0
    for route, address, client in addresses(lived):
        for method in ("get", "post"):
            names: set[str] = set()
            with undone(), noting(names):
                wrong += faulty(f"{method} {route}", getattr(client, method)(address))
            for _, form in lived.forms.get(route.address[1:], []):
                names |= set(form.fields)
            for _ in range(rounds if names else 0):
                at += 1
                sent = dict(zip(sorted(names), turns(strings, at * 7), strict=False))
                with undone(), noting(names):
                    answer = getattr(client, method)(address, sent)
                    wrong += faulty(f"{method} {route} {sent!r:.300}", answer)
    assert not wrong, summary(wrong)


@pytest.mark.case("F9", "G22", "G23")
def test_no_header_breaks_a_page_or_leads_elsewhere(lived: Lived, pytestconfig: pytest.Config):
    strings = [text for text in sendable(naughty()) if "\n" not in text and "\r" not in text]
    strings = strings[:: step(pytestconfig)]
    names = (
        *("Accept", "Accept-Language", "Cookie", "Referer", "Origin", "If-Modified-Since"),
        *("HX-Current-URL", "HX-Target", "HX-Trigger", "HX-Prompt", "X-Tenant", "User-Agent"),
        *("X-Forwarded-Host", "X-Forwarded-For", "X-HTTP-Method-Override", "If-None-Match"),
        *("Range", "X-Request-Id", "HX-Request", "HX-Boosted", "Content-Type", "Accept-Encoding"),
    )
    wrong = []
    client = lived.clients[Role.ADMIN]
    pages = [f"/{lived.tenant.slug}/accounts/", "/auth/login/", "/api/v1/openapi.json"]
    for at, text in enumerate(strings):
        name = names[at % len(names)]
        sent = {name: text.encode().decode("latin-1")}
        if name == "Cookie":
            sent = {"Cookie": sent["Cookie"] + client.cookies.output(header=";", sep=";")}
        for page in pages[at % 3 : at % 3 + 1]:
            wrong += faulty(f"{name}: {text!r:.80}", client.get(page, headers=sent))
    assert not wrong, summary(wrong)


def test_pages_outside_take_no_harm_either(lived: Lived):
    strings = sendable(naughty())
    wrong, at = [], 0
    for route in OUTSIDE:
        if route.address.startswith("/api/"):
            continue
        address = re.sub(r"<[^>]+>", "x", route.address).replace("^", "").replace("$", "")
        if "(?P" in address:
            continue
        for method in ("get", "post"):
            names: set[str] = set()
            with undone(), noting(names):
                wrong += faulty(f"{method} {route}", getattr(Client(), method)(address))
            for _ in range(2 if names else 0):
                at += 1
                sent = dict(zip(sorted(names), turns(strings, at * 7), strict=False))
                with undone():
                    client = Client(raise_request_exception=False)
                    answer = getattr(client, method)(address, sent)
                    wrong += faulty(f"{method} {route} {sent!r:.200}", answer)
    assert not wrong, summary(wrong)


@pytest.mark.case("F3", "F9")
def test_paths_are_text(lived: Lived, pytestconfig: pytest.Config):
    wrong = []
    client = lived.clients[Role.ADMIN]
    for text in [each for each in sendable(naughty()) if len(each) < 200][:: step(pytestconfig)]:
        for path in (f"/{quote(text)}/", f"/acme/{quote(text)}/", f"/acme/charter/{quote(text)}/"):
            answer = client.get(path)
            wrong += faulty(path, answer)
    assert not wrong, summary(wrong)
