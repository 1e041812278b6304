"""Plays written in rows: nothing is lost on the way, and what is lacking is said where it is."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

import charter.actions
from accounts.models import Account
from health.forms.conditions import ConditionField, Setting
from health.rules.building import laid_out
from health.rules.conditions import parse
from plays.actions.definitions import DEFAULTS, InvalidPlay, save_draft
from plays.forms.whole import WholePlayForm
from plays.models import Play
from plays.rules.bodies import read
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.health.test_building import WORDS, entered, plain
from tests.make import NOW, TODAY
from tests.plays.conftest import BODY

SignIn = Callable[[Actor], Client]
NOTHING: dict[str, Any] = dict.fromkeys(("when", "scope", "suppress_if", "success"))


@pytest.fixture
def account(acme: Tenant, csm: Actor) -> Account:
    with act_for(acme.pk):
        charter.actions.install_defaults(author=None, now=make.NOW)
        return make.account("Northwind", owner=csm.user, arr_minor=164_000_00, stage="live")


def written(body: dict[str, Any]) -> dict[str, str]:
    """What a browser sends of a play's rows."""
    days = (body.get("success") or {}).get("within_days", 400)
    found = {"seen_version": "0", "within_days": str(days)}
    for place in ("when", "scope", "suppress_if", "success"):
        told = body.get(place) or {}
        told = told.get("when") if place == "success" else told
        found |= entered(laid_out(parse(told) if told else None, WORDS), place)
    names = ("priority", "first_action_hours", "cooldown_days", "because")
    found |= {name: str(body[name]) for name in names if name in body}
    found |= {"is_proactive": "on"} if body["is_proactive"] else {}
    for at, step in enumerate(body["steps"]):
        found |= {f"step-{at}-{name}": str(value) for name, value in step.items() if value}
    return found


@pytest.mark.parametrize("path", sorted(DEFAULTS.glob("*.json")), ids=lambda path: path.stem)
def test_every_default_play_survives_its_rows(inside: Tenant, path: Path):
    body = json.loads(path.read_text())
    name = body.pop("name")
    conditions = {p: ConditionField(Setting(WORDS, TODAY, "EUR")) for p, _ in WholePlayForm.PLACES}
    others = [(each.stem, each.stem) for each in DEFAULTS.glob("*.json")]
    given = QueryDict(mutable=True)
    given.update(written(body) | {"name": name, "key": path.stem})
    given.setlist("yields_to", body.get("yields_to", []))
    form = WholePlayForm(body, given, conditions=conditions, others=others)
    assert form.is_valid(), form.errors
    now, before = read(form.to_body()), read(body)
    assert replace(now, **NOTHING) == replace(before, **NOTHING)
    told, meant = ({k: plain(c) for k, c in each.conditions.items()} for each in (now, before))
    assert told == meant


@pytest.mark.parametrize(
    ("condition", "warning"),
    [
        ({"measure": "arr", "op": ">=", "value": 0}, "Every one of 1 account matches"),
        ({"measure": "arr", "op": ">", "value": 9e12}, "None of 1 account matches"),
    ],
)
def test_a_play_that_starts_everywhere_or_nowhere_is_saved_with_a_warning(
    acme: Tenant, account: Account, sign_in: SignIn, condition: dict[str, Any], warning: str
):
    revops = sign_in(make.member(acme, Role.REVOPS))
    with act_for(acme.pk):
        make.row(account)
    body = BODY | {"when": condition, "scope": None, "suppress_if": None}
    form = written(body) | {"key": "wide", "name": "Wide"}
    assert warning in revops.post("/acme/plays/new/", form, follow=True).text
    with act_for(acme.pk):
        assert Play.objects.get(key="wide").body["when"] == condition


def test_a_play_asks_for_what_holds_of_any_day(inside: Tenant):
    for condition, wrong in (
        ({"measure": "open_plays", "op": "=", "value": 0}, "when: “open plays” is known of today"),
        ({"definition": "gone"}, "when: there is no definition “gone”"),
    ):
        with pytest.raises(InvalidPlay, match=wrong):
            save_draft(key="x", name="X", body=BODY | {"when": condition}, author=None, now=NOW)


def test_a_new_play_is_written_tried_and_published(acme: Tenant, account: Account, sign_in: SignIn):
    revops = sign_in(make.member(acme, Role.REVOPS))
    today = timezone.now().date()
    with act_for(acme.pk):
        for back, trend in ((5, 0.0), (4, -0.5), (3, -0.5), (2, 0.0), (1, -0.6)):
            make.snapshot(account, today - timedelta(days=back), usage_trend=trend)
    assert 'name="when:0:what"' in revops.get("/acme/plays/new/").text
    form = written(BODY) | {"key": "slump", "name": "Slump"}
    wrong = revops.post("/acme/plays/new/", form | {"step-0-title": "", "step-1-title": ""})
    assert wrong.status_code == 422
    assert "A play has at least one step." in wrong.text and 'value="Slump"' in wrong.text
    lacking = revops.post("/acme/plays/new/", form | {"when:0:v0": "deep"})
    assert lacking.status_code == 422
    assert "Enter a number in %." in lacking.text and 'value="deep"' in lacking.text
    answer = revops.post("/acme/plays/new/", form)
    assert answer.status_code == 302
    page = revops.get(answer["Location"]).text
    assert "<b>1 start</b> at 1 account in 90 days" in page  # the second is within the cooldown
    assert revops.post("/acme/plays/new/", form).status_code == 409
    again = form | {"seen_version": "1", "cooldown_days": "0"}
    assert revops.post("/acme/plays/slump/write/", again).status_code == 302
    assert "<b>2 starts</b>" in revops.get("/acme/plays/slump/?rehearse=1").text
    assert revops.post("/acme/plays/slump/on/").status_code == 422
    assert revops.post("/acme/plays/slump/on/", {"seen_version": 1}).status_code == 409
    assert revops.post("/acme/plays/slump/on/", {"seen_version": 2}).status_code == 302
    assert sign_in(make.member(acme, Role.CSM)).get("/acme/plays/new/").status_code == 403
