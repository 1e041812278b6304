"""Health models and measures on pages: sentences, drafts, previews, publication."""

import copy
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from health.actions.models import (
    InvalidModel,
    StaleModel,
    install_defaults,
    note_preview,
    save_draft,
)
from health.actions.publishing import ModelsClash, NotPreviewed, TooEarly, publish
from health.actions.snapshots import score_days
from health.forms.models import ModelForm
from health.models import HealthModel, Snapshot
from health.queries.models import published
from health.queries.preview import preview
from health.rules.models import read
from tenants.actor import Actor
from tenants.models import Tenant, User
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW, TODAY

SignIn = Callable[[Actor], Client]


@pytest.fixture
def models(acme: Tenant) -> Tenant:
    with act_for(acme.pk):
        install_defaults(author=None, now=NOW)
    return acme


@pytest.fixture
def revops(acme: Tenant, sign_in: SignIn) -> Client:
    return sign_in(make.member(acme, Role.REVOPS))


def core() -> HealthModel:
    return HealthModel.objects.get(key="core", version=1)


def changed(**change: Any) -> dict[str, Any]:
    return copy.deepcopy(core().body) | change


def drafted(author: User, **change: Any) -> HealthModel:
    return save_draft(key="core", body=changed(**change), seen_version=1, author=author, now=NOW)


def entered(acme: Tenant) -> dict[str, object]:
    """The form as a browser would send it back unchanged."""
    with act_for(acme.pk):
        newest = HealthModel.objects.filter(key="core").order_by("-version")[0]
        form = ModelForm(newest.body, initial={"seen_version": newest.version})
    return {field.html_name: "" if field.value() is None else field.value() for field in form}


def test_defaults_are_installed_once(models: Tenant, inside: Tenant):
    assert install_defaults(author=None, now=NOW) == []
    assert set(published().by_key) == {"core", "scale", "onboarding"}
    places = {each.key: read(each.body).places for each in published().on(TODAY)}
    assert [key for key, of in places.items() if ("low", "max_impact") in of] == ["scale"]
    assert not [key for key, of in places.items() if ("low", "churned") in of]


def test_a_draft_needs_a_look_before_it_scores_from_a_day_on(models: Tenant, inside: Tenant):
    author = make.user()
    draft = drafted(author, bands={"green": 80, "yellow": 40})
    again = save_draft(key="core", body=draft.body, seen_version=2, author=author, now=NOW)
    assert (again.pk, again.version) == (draft.pk, 3)
    with pytest.raises(StaleModel):  # a colleague who still has the first saving before him
        save_draft(key="core", body=draft.body, seen_version=2, author=author, now=NOW)
    given: dict[str, Any] = {"author": author, "now": NOW}
    with pytest.raises(NotPreviewed):
        publish(draft=draft, effective_on=TODAY, **given)
    note_preview(draft=again, **given)
    with pytest.raises(TooEarly):
        publish(draft=draft, effective_on=TODAY - timedelta(days=1), **given)
    tomorrow = TODAY + timedelta(days=1)
    publish(draft=draft, effective_on=tomorrow, **given)
    assert [published().in_force(day).models[0].green for day in (TODAY, tomorrow)] == [75, 80]
    with pytest.raises(StaleModel):
        publish(draft=draft, effective_on=tomorrow, **given)


def test_a_change_of_a_draft_asks_for_another_look(models: Tenant, inside: Tenant):
    author = make.user()
    draft = note_preview(draft=drafted(author), author=author, now=NOW)
    save_draft(key="core", body=draft.body, seen_version=2, author=author, now=NOW)
    with pytest.raises(NotPreviewed):
        publish(draft=draft, effective_on=TODAY, author=author, now=NOW)


def test_a_gap_or_an_overlap_of_models_is_not_published(models: Tenant, inside: Tenant):
    author = make.user()
    only_high = {"touch_models": ["high"], "stages": core().body["scope"]["stages"]}
    draft = note_preview(draft=drafted(author, scope=only_high), author=author, now=NOW)
    with pytest.raises(ModelsClash, match="No model would score touch model “mid”"):
        publish(draft=draft, effective_on=TODAY, author=author, now=NOW)


def test_models_that_would_overlap_later_are_not_published(models: Tenant, inside: Tenant):
    """Fits today, and would score the same accounts as a version that comes next week."""
    author, week = make.user(), TODAY + timedelta(days=7)
    wider = core().body["scope"] | {"touch_models": ["high", "mid", "low"]}
    HealthModel.objects.create(
        key="core", version=9, name="Core", state="published", saved_at=NOW, effective_on=week,
        body=changed(scope=wider),
    )  # fmt: skip
    scale = HealthModel.objects.get(key="scale")
    draft = save_draft(key="scale", body=scale.body, seen_version=1, author=author, now=NOW)
    note_preview(draft=draft, author=author, now=NOW)
    with pytest.raises(ModelsClash, match=r"^From .*would both score touch model “low”"):
        publish(draft=draft, effective_on=TODAY, author=author, now=NOW)


def test_a_look_at_a_draft_that_was_changed_meanwhile_does_not_count(
    models: Tenant, inside: Tenant, sign_in: SignIn
):
    revops = make.member(models, Role.REVOPS)
    draft = drafted(revops.user)
    url = "/acme/health/models/core/preview/"
    client = sign_in(revops)
    save_draft(key="core", body=changed(base=70), seen_version=2, author=make.user("Cy"), now=NOW)
    answer = client.post(url, {"seen_version": draft.version})
    assert answer.status_code == 409
    assert "Somebody changed this draft meanwhile" in answer.text
    kept = HealthModel.objects.get(pk=draft.pk)
    assert kept.body["base"] == 70
    assert "preview" not in kept.body
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"seen_version": kept.version}).status_code == 302
    assert "preview" in HealthModel.objects.get(pk=draft.pk).body


def test_a_draft_over_an_unseen_version_or_with_nonsense_is_refused(models: Tenant, inside: Tenant):
    author = make.user()
    drafted(author)
    with pytest.raises(StaleModel):
        drafted(author)
    with pytest.raises(InvalidModel, match="above bands"):
        save_draft(key="core", body=changed(bands={"green": 1, "yellow": 2}), seen_version=2,
                   author=author, now=NOW)  # fmt: skip


def test_a_preview_shows_who_moves(models: Tenant, inside: Tenant):
    account = make.account("Initech", stage="first_impact", touch_model="mid",
                           customer_since=date(2025, 1, 1), arr_minor=500)  # fmt: skip
    far = make.account("Scale", stage="first_impact", touch_model="tech")
    for each in (account, far):
        make.snapshot(each, TODAY, model=core(), score=60.0, base=60.0, band="yellow",
                      arr_minor=500, goal_on_track=0.6, days_since_impact=120, seat_utilisation=0.5,
                      breadth=0.5, habit_weeks=6, usage_trend=-0.1, key_roles_met=2,
                      days_since_two_way=60,
                      champion_status=60.0)  # fmt: skip
    found = preview(drafted(make.user(), bands={"green": 90, "yellow": 55}))
    (shift,) = found.shifts
    assert (shift.name, shift.score_before, shift.band_before) == ("Initech", 60, "yellow")
    assert shift.score_after == pytest.approx((50 * 55 + 20 * 53) / 75)
    assert shift.band_after == "red"
    assert found.changed == found.movers == [shift]
    assert (found.arr("red", after=True), found.bands(after=False)["yellow"]) == (500, 1)
    assert found.histogram(after=True)[5] == 1


def test_a_new_version_leaves_past_scores_alone(models: Tenant, inside: Tenant):
    make.account(stage="first_impact", touch_model="mid", customer_since=date(2025, 1, 1))
    score_days(days=[TODAY - timedelta(days=1), TODAY], now=NOW)
    author = make.user()
    draft = note_preview(draft=drafted(author), author=author, now=NOW)
    publish(draft=draft, effective_on=TODAY, author=author, now=NOW)
    score_days(days=[TODAY - timedelta(days=1), TODAY], now=NOW)
    assert [each.model.version for each in Snapshot.objects.order_by("day")] == [1, 2]


def test_a_model_is_read_in_words(models: Tenant, csm: Actor, sign_in: SignIn):
    client = sign_in(csm)
    assert "Onboarding" in client.get("/acme/health/models/").text
    page = client.get("/acme/health/models/core/").text
    row = re.search(r"Seat utilisation</a>(.*?)</tr>", page)
    assert row
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row[1])
    assert cells == ["30%", "20%", "50%", "80%", "7 days"]
    assert "Impact lapsed: at most 69 while impact lapsed is at least 1." in page
    assert "Change in a draft" not in page
    assert client.get("/acme/health/models/none/").status_code == 404


def test_a_model_is_changed_previewed_and_published(models: Tenant, revops: Client, acme: Tenant):
    address = "/acme/health/models/core/"
    assert revops.get(f"{address}edit/").status_code == 200
    assert revops.post(f"{address}edit/", entered(acme) | {"dim-usage": "40"}).status_code == 302
    with act_for(acme.pk):
        draft = HealthModel.objects.get(version=2)
        assert draft.body["dimensions"][1]["weight"] == 40
        assert draft.body["dimensions"][0] == core().body["dimensions"][0]
    assert "Draft 2" in revops.get(address).text
    page = revops.get(f"{address}preview/")
    assert page.status_code == 200 and "I have looked at it" in page.text
    day = (timezone.now() + timedelta(days=1)).date().isoformat()
    asked = {"effective_on": day, "seen_version": 2}
    assert revops.post(f"{address}publish/", asked).status_code == 409
    assert revops.post(f"{address}preview/", {"seen_version": 2}).status_code == 302
    for wrong, status in (
        ({"effective_on": "never"}, 422),
        ({"effective_on": "2020-01-01"}, 422),
        ({"seen_version": 1}, 409),
    ):
        assert revops.post(f"{address}publish/", asked | wrong).status_code == status
    assert revops.post(f"{address}publish/", asked).status_code == 302
    with act_for(acme.pk):
        assert HealthModel.objects.get(version=2).state == "published"
    assert revops.get(f"{address}preview/").status_code == 404


def test_nonsense_in_the_form_comes_back(models: Tenant, revops: Client, acme: Tenant):
    form = entered(acme)
    for wrong, words in (
        ({"dim-usage": "much"}, "number"),
        ({"breadth-x50": "0.9"}, "must rise or fall"),
        ({"seen_version": "7"}, ""),
    ):
        answer = revops.post("/acme/health/models/core/edit/", form | wrong)
        assert answer.status_code in (409, 422)
        assert words in answer.text
    revops.post("/acme/health/models/core/edit/", form)
    assert revops.post("/acme/health/models/core/drop/").status_code == 302
    assert revops.post("/acme/health/models/core/drop/").status_code == 404


def test_designing_is_for_revops(models: Tenant, csm: Actor, rival: Tenant, sign_in: SignIn):
    client = sign_in(csm)
    for address in ("edit", "preview"):
        assert client.get(f"/acme/health/models/core/{address}/").status_code == 403
    for address in ("publish", "drop"):
        assert client.post(f"/acme/health/models/core/{address}/").status_code == 403
    designer = sign_in(make.member(rival, Role.REVOPS))
    assert designer.get("/rival/health/models/core/").status_code == 404
    assert designer.get("/rival/health/models/core/publish/").status_code == 405
    assert designer.post("/rival/health/models/").status_code == 405


def test_measures_say_what_they_are_and_how_much_is_known(
    models: Tenant, csm: Actor, sign_in: SignIn, acme: Tenant
):
    with act_for(acme.pk):
        for number, trend in enumerate((-0.4, 0.1, None)):
            make.snapshot(make.account(f"Account {number}", stage="live"), usage_trend=trend)
        make.snapshot(make.account("Prospect"), usage_trend=0.9)
    client = sign_in(csm)
    page = client.get("/acme/health/measures/").text
    assert "Usage trend" in page and "2 of 3" in page
    page = client.get("/acme/health/measures/usage_trend/").text
    assert "−40%" in page and "Account 1" in page and "Prospect" not in page
    assert "pulse_usageday" in page
    assert client.get("/acme/health/measures/mood/").status_code == 404
    assert client.post("/acme/health/measures/").status_code == 405
