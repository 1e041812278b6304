"""Health models built in the browser: measures in and out, dimensions, caps, scope, segments."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from charter.actions import install_defaults as install_charter
from health.actions.models import (
    InvalidModel,
    draft_for_segment,
    install_defaults,
    note_preview,
    save_draft,
)
from health.actions.publishing import ModelsClash, NotPreviewed, StaleModel, publish
from health.actions.snapshots import keep_snapshots
from health.forms.models import ModelForm
from health.models import HealthModel, Snapshot
from health.queries.measuring import Chunk, Moment
from health.queries.models import published
from health.queries.today import today_of_tenant, zone_of_tenant
from health.rules.catalogue import MEASURES
from health.rules.models import BadModel, read
from tenants.actor import Actor
from tenants.models import Tenant, User
from tenants.roles import Role
from tests import make
from tests.make import NOW, TODAY

SignIn = Callable[[Actor], Client]
URL = "/acme/health/models/core/"


@pytest.fixture
def models(inside: Tenant) -> dict[str, HealthModel]:
    install_charter(author=None, now=NOW)
    install_defaults(author=None, now=NOW)
    return {each.key: each for each in HealthModel.objects.all()}


@pytest.fixture
def author(acme: Tenant) -> User:
    return make.member(acme, Role.REVOPS).user


@pytest.fixture
def revops(author: User, sign_in: SignIn, acme: Tenant) -> Client:
    client = Client()
    client.force_login(author)
    return client


def entered(key: str = "core") -> dict[str, Any]:
    """The form as a browser would send it back unchanged."""
    newest = HealthModel.objects.filter(key=key).order_by("-version")[0]
    form = ModelForm(newest.body, initial={"seen_version": newest.version})
    sent = {field.html_name: field.value() for field in form}
    return {name: value for name, value in sent.items() if value is not None and value is not False}


def problems(answer: Any) -> list[str]:
    return re.findall(r'class="error[^>]*>(.*?)</', answer.text)


def draft_of(key: str) -> HealthModel:
    return HealthModel.objects.get(key=key, state=HealthModel.State.DRAFT)


def looked_at(key: str, author: User) -> HealthModel:
    return note_preview(draft=draft_of(key), author=author, now=NOW)


def parted(models: dict[str, HealthModel], author: User) -> None:
    """Core without Enterprise, and one for Enterprise alone, both drafted and looked at."""
    draft_for_segment(
        model=models["core"], segment="enterprise", label="Enterprise", author=author, now=NOW
    )
    for key in ("core", "core-enterprise"):
        looked_at(key, author)


def scored_by() -> dict[str, str]:
    """By account the key of the model that scores it today."""
    moment = Moment(TODAY, zone_of_tenant())
    in_force = published().in_force(TODAY)
    keep_snapshots(moment=moment, in_force=in_force, recorded_at=NOW, chunk=Chunk())
    rows = Snapshot.objects.filter(day=TODAY).select_related("account", "model")
    return {row.account.name: row.model.key if row.model else "" for row in rows}


def test_a_form_sent_back_unchanged_changes_nothing(models: dict[str, HealthModel], revops: Client):
    answer = revops.post(f"{URL}edit/", entered())
    assert answer.status_code == 302, problems(answer)
    assert draft_of("core").body == models["core"].body


def test_measures_dimensions_and_caps_come_and_go(models: dict[str, HealthModel], revops: Client):
    sent = entered() | {
        "dim-usage-add": "depth",
        "new_dimension": "Use by few",
        "new_dimension_add": "concentration",
        "seat_utilisation-remove": "on",
        "days_overdue-remove": "on",
        "arr_change-remove": "on",
        "cap-notice-remove": "on",
    }
    names = {metric["measure"] for each in models["core"].body["dimensions"]
             for metric in each["metrics"]}  # fmt: skip
    sent = {key: value for key, value in sent.items() if key in entered() or "remove" not in key
            or key.removesuffix("-remove") in names | {"cap-notice"}}  # fmt: skip
    answer = revops.post(f"{URL}edit/", sent)
    assert answer.status_code == 302, problems(answer)
    assert answer.url == f"{URL}edit/"  # what was added is there to be set
    body = draft_of("core").body
    found = {each["name"]: [metric["measure"] for metric in each["metrics"]]
             for each in body["dimensions"]}  # fmt: skip
    assert "depth" in found["Usage"]
    assert "seat_utilisation" not in found["Usage"]
    assert found["Use by few"] == ["concentration"]
    assert [each["key"] for each in body["caps"]] == [
        each["key"] for each in models["core"].body["caps"] if each["key"] != "notice"
    ]
    fewer = body["dimensions"][-1]["metrics"][0]
    assert fewer["anchors"] == [1.0, 0.5, 0.0]  # less of it is better


def test_a_dimension_goes_with_its_last_measure_and_the_last_one_stays(
    models: dict[str, HealthModel], revops: Client
):
    dimensions = models["core"].body["dimensions"]
    last = [metric["measure"] for metric in dimensions[-1]["metrics"]]
    sent = entered() | {f"{key}-remove": "on" for key in last}
    assert revops.post(f"{URL}edit/", sent).status_code == 302
    kept = draft_of("core").body["dimensions"]
    assert [each["key"] for each in kept] == [each["key"] for each in dimensions[:-1]]
    everything = [metric["measure"] for each in kept for metric in each["metrics"]]
    answer = revops.post(f"{URL}edit/", entered() | {f"{key}-remove": "on" for key in everything})
    assert answer.status_code == 422
    assert "expected a list of one or more" in answer.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"new_dimension": "Alone"}, "A new dimension has a name and a first measure."),
        ({"new_dimension_add": "depth"}, "A new dimension has a name and a first measure."),
        (
            {"dim-usage-add": "depth", "dim-impact-add": "depth"},
            "A measure can stand in one dimension only.",
        ),
        ({"whom": "only"}, "Choose at least one segment."),
        ({"touch_models": []}, "This field is required."),
        ({"dim-usage-add": "seat_utilisation"}, "Select a valid choice."),
        ({"green": "40"}, "must be above bands.yellow"),
        ({"seat_utilisation-weight": "-1"}, "expected a number from 0.001 to 100"),
    ],
)
def test_what_is_no_model_is_refused_with_a_reason(
    models: dict[str, HealthModel], revops: Client, change: dict[str, Any], words: str
):
    answer = revops.post(f"{URL}edit/", entered() | change)
    assert answer.status_code == 422
    assert words in answer.text
    assert not HealthModel.objects.filter(state="draft").exists()


def test_a_new_measure_begins_where_accounts_stand(models: dict[str, HealthModel], revops: Client):
    for number in range(20):
        account = make.account(f"A{number}", stage="max_impact")
        make.snapshot(account, TODAY, depth=number / 20, concentration=number / 20)
    sent = entered() | {"dim-usage-add": "depth", "dim-impact-add": "concentration"}
    revops.post(f"{URL}edit/", sent)
    anchors = {metric["measure"]: metric["anchors"] for each in draft_of("core").body["dimensions"]
               for metric in each["metrics"]}  # fmt: skip
    assert anchors["depth"] == [0.1, 0.5, 0.9]
    assert anchors["concentration"] == [0.9, 0.5, 0.1]


def test_what_would_move_is_told_while_typing_and_stores_nothing(
    models: dict[str, HealthModel], revops: Client
):
    account = make.account("Glimmer", stage="max_impact", touch_model="mid")
    known = dict.fromkeys(("seat_utilisation", "breadth", "habit_weeks", "goal_on_track"), 0.6)
    make.snapshot(account, TODAY, **known, score=50.0, band="yellow", coverage=1.0)
    told = revops.post(f"{URL}attempt/", entered() | {"least_coverage": "1", "green": "1.5",
                                                      "yellow": "1"}).text  # fmt: skip
    assert "1 account as of" in told
    assert "1 change band" in told or "1 changes band" in told
    assert "Glimmer" in told
    judged = revops.post(f"{URL}attempt/?judge=1", entered()).text
    assert judged.count("too few to say") == 2
    wrong = revops.post(f"{URL}attempt/", entered() | {"green": "x"})
    assert "Not a model yet" in wrong.text
    assert not HealthModel.objects.filter(state="draft").exists()
    assert revops.post("/acme/health/models/none/attempt/", {}).status_code == 404


def test_a_segment_gets_a_model_of_its_own_and_both_begin_together(
    models: dict[str, HealthModel], author: User
):
    for name, segment in (("Big", "enterprise"), ("Small", "smb"), ("Neither", "")):
        make.account(name, stage="max_impact", touch_model="mid", segment=segment)
        Account.objects.filter(name=name).update(customer_since=TODAY - timedelta(days=5))
    parted(models, author)
    assert draft_of("core").body["scope"]["but_segments"] == ["enterprise"]
    for alone in ("core", "core-enterprise"):
        with pytest.raises(ModelsClash, match="enterprise"):
            publish(draft=draft_of(alone), effective_on=TODAY, author=author, now=NOW)
    assert set(scored_by().values()) == {"core"}
    publish(
        draft=draft_of("core"), effective_on=TODAY, author=author, now=NOW,
        together={"core-enterprise": draft_of("core-enterprise").version},
    )  # fmt: skip
    assert scored_by() == {"Big": "core-enterprise", "Small": "core", "Neither": "core"}
    before = [each.key for each in published().on(TODAY - timedelta(days=400))]
    assert before.index("core") < before.index("core-enterprise")  # the first that fits scores


def test_what_was_parted_is_joined_again(models: dict[str, HealthModel], author: User):
    parted(models, author)
    together = {"core-enterprise": draft_of("core-enterprise").version}
    publish(draft=draft_of("core"), effective_on=TODAY, author=author, now=NOW, together=together)
    newest = HealthModel.objects.filter(key="core").latest("version")
    whole = newest.body | {"scope": models["core"].body["scope"]}
    day = TODAY + timedelta(days=1)
    save_draft(key="core", body=whole, seen_version=newest.version, author=author, now=NOW)
    looked_at("core", author)
    with pytest.raises(ModelsClash, match="would both score"):
        publish(draft=draft_of("core"), effective_on=day, author=author, now=NOW)
    publish(
        draft=draft_of("core"), effective_on=day, author=author, now=NOW,
        ending=["core-enterprise"],
    )  # fmt: skip
    assert {each.key for each in published().on(TODAY)} == {
        "core", "core-enterprise", "scale", "onboarding"
    }  # fmt: skip
    assert {each.key for each in published().on(day)} == {"core", "scale", "onboarding"}
    with pytest.raises(StaleModel):
        publish_nothing(author)


def publish_nothing(author: User) -> None:
    """A model that ended already cannot end again."""
    newest = HealthModel.objects.filter(key="core").latest("version")
    save_draft(key="core", body=newest.body, seen_version=newest.version, author=author, now=NOW)
    looked_at("core", author)
    publish(
        draft=draft_of("core"), effective_on=TODAY + timedelta(days=2), author=author, now=NOW,
        ending=["core-enterprise"],
    )  # fmt: skip


def test_each_draft_that_begins_was_looked_at(models: dict[str, HealthModel], author: User):
    draft_for_segment(
        model=models["core"], segment="enterprise", label="Enterprise", author=author, now=NOW
    )
    looked_at("core", author)
    other = draft_of("core-enterprise")
    for version, refusal in ((other.version, NotPreviewed), (other.version + 1, StaleModel)):
        with pytest.raises(refusal):
            publish(
                draft=draft_of("core"), effective_on=TODAY, author=author, now=NOW,
                together={other.key: version},
            )  # fmt: skip
    assert not HealthModel.objects.filter(key="core", version=2, state="published").exists()


def test_a_segment_the_model_is_not_for_is_refused(models: dict[str, HealthModel], author: User):
    parted(models, author)
    together = {"core-enterprise": draft_of("core-enterprise").version}
    publish(draft=draft_of("core"), effective_on=TODAY, author=author, now=NOW, together=together)
    core, own = (
        HealthModel.objects.filter(key=key).latest("version") for key in ("core", "core-enterprise")
    )
    for model, words in ((core, "is not for"), (own, "alone already")):
        with pytest.raises(InvalidModel, match=words):
            draft_for_segment(
                model=model, segment="enterprise", label="Enterprise", author=author, now=NOW
            )


def test_scopes_that_contradict_themselves_are_no_models(models: dict[str, HealthModel]):
    scope = models["core"].body["scope"]
    for wrong in ({"segments": []}, {"segments": ["a"], "but_segments": ["b"]}, {"segments": "a"},
                  {"but_segments": ["a", "a"]}):  # fmt: skip
        with pytest.raises(BadModel):
            read(models["core"].body | {"scope": scope | wrong})


def test_in_the_browser_from_one_model_to_two(models: dict[str, HealthModel], revops: Client):
    page = revops.get(URL).text
    assert "A model of its own for a segment" in page
    assert revops.post(f"{URL}segment/", {"segment": "no-such"}).status_code == 422
    answer = revops.post(f"{URL}segment/", {"segment": "enterprise"})
    assert answer.url == "/acme/health/models/core-enterprise/edit/"
    assert "scores nobody yet" in revops.get("/acme/health/models/core-enterprise/").text
    assert "Core, Enterprise" in revops.get("/acme/health/models/").text
    assert revops.post(f"{URL}segment/", {"segment": "enterprise"}).status_code == 409
    for key in ("core", "core-enterprise"):
        seen = {"seen_version": draft_of(key).version}
        revops.post(f"/acme/health/models/{key}/preview/", seen)
    page = revops.get(f"{URL}preview/").text
    assert 'value="core-enterprise:1" ' in page
    assert "checked" in page
    sent = {
        "seen_version": draft_of("core").version,
        "effective_on": f"{today_of_tenant(timezone.now())}",
    }
    alone = revops.post(f"{URL}publish/", sent)
    assert alone.status_code == 409
    assert "No model would score" in alone.text
    both = revops.post(f"{URL}publish/", sent | {"together": "core-enterprise:1"})
    assert both.status_code == 302
    assert "in Enterprise at the stages" in revops.get("/acme/health/models/").text


def test_a_new_model_that_is_dropped_is_gone(models: dict[str, HealthModel], revops: Client):
    revops.post(f"{URL}segment/", {"segment": "enterprise"})
    answer = revops.post("/acme/health/models/core-enterprise/drop/")
    assert answer.url == "/acme/health/models/"
    assert revops.get("/acme/health/models/core-enterprise/").status_code == 404


def test_measures_that_were_retired_are_not_offered(models: dict[str, HealthModel]):
    offered = dict(ModelForm(models["core"].body).fields["new_dimension_add"].choices)
    assert "depth" in offered
    assert "seat_utilisation" not in offered
    assert not [key for key in offered if key and MEASURES[key].direction == "none"]


def rows_of(name: str, **row: str) -> dict[str, str]:
    """What a browser sends of a condition of one row."""
    return {f"{name}::kind": "all"} | {f"{name}:0:{part}": text for part, text in row.items()}


def test_a_cap_holds_when_its_rows_say_so(models: dict[str, HealthModel], revops: Client):
    cap = models["core"].body["caps"][0]
    page = revops.get(f"{URL}edit/").text
    assert f'name="cap-{cap["key"]}-condition:0:what"' in page
    assert ":days" not in page  # a cap looks at one day, and not at the score it caps
    assert 'value="score"' not in page
    changed = rows_of(f"cap-{cap['key']}-condition", what="days_overdue", op=">=", v0="45")
    new = rows_of("new_cap-condition", what="tags", op="in", v0="pilot")
    named = {"new_cap": "Only a pilot", "new_cap_most": "60"}
    assert revops.post(f"{URL}edit/", entered() | changed | new | named).status_code == 302
    caps = draft_of("core").body["caps"]
    assert caps[0] == cap | {"condition": {"measure": "days_overdue", "op": ">=", "value": 45}}
    assert caps[1:-1] == models["core"].body["caps"][1:]
    assert caps[-1].pop("key") not in {each["key"] for each in caps[:-1]}
    assert caps[-1] == {
        "name": "Only a pilot", "most": 60.0,
        "condition": {"field": "tags", "op": "in", "value": ["pilot"]},
    }  # fmt: skip


def test_a_cap_that_lacks_something_says_so_and_one_for_everybody_warns(
    models: dict[str, HealthModel], revops: Client
):
    rows = rows_of("new_cap-condition", what="tags", op="in", v0="")
    named = {"new_cap": "Only a pilot", "new_cap_most": "60"}
    answer = revops.post(f"{URL}edit/", entered() | rows | named)
    assert answer.status_code == 422 and "Choose at least one value." in answer.text
    half = revops.post(f"{URL}edit/", entered() | {"new_cap": "Only a pilot"})
    assert half.status_code == 422 and "its points, and when it holds" in half.text
    make.row(make.account("Anybody"))
    everybody = rows_of("new_cap-condition", what="segment", op="unknown")
    everybody |= {"new_cap-condition::kind": "any", "new_cap-condition:1:what": "segment"}
    everybody |= {"new_cap-condition:1:op": "known"}
    answer = revops.post(f"{URL}edit/", entered() | everybody | named, follow=True)
    assert "Only a pilot: Every one of" in answer.text


@pytest.mark.case("E16")
@pytest.mark.parametrize(
    ("condition", "complaint"),
    [
        ({"for_days": 3, "of": {"measure": "arr", "op": ">", "value": 1}}, "one day only"),
        ({"changed": "stage"}, "one day only"),
        ({"changed": "arr"}, "one day only"),
        ({"definition": "at_risk"}, "one day only"),
        ({"days_until": "custom.live_on", "op": "<", "value": 9}, "one day only"),
        ({"not": {"measure": "score", "op": "known"}}, "the score it caps"),
        ({"field": "band", "op": "=", "value": "red"}, "the score it caps"),
        ({"field": "caps", "op": "known"}, "the score it caps"),
        ({"measure": "open_plays", "op": "=", "value": 0}, "known of today only"),
    ],
)
def test_a_cap_cannot_look_back_nor_at_what_it_makes(
    models: dict[str, HealthModel], condition: dict[str, Any], complaint: str
):
    body = models["core"].body
    body["caps"][0]["condition"] = condition
    with pytest.raises(BadModel, match=complaint):
        read(body)


def test_a_cap_may_read_what_is_said_of_the_account(models: dict[str, HealthModel], author: User):
    account = make.account("Nord", region="DACH", stage="recurring_impact", touch_model="high",
                           customer_since=TODAY - timedelta(days=90),
                           custom={"tier": "Gold"})  # fmt: skip
    body = models["core"].body
    body["caps"] = [
        {"key": "region", "name": "Region", "most": 40,
         "condition": {"all": [{"field": "region", "op": "=", "value": "DACH"},
                               {"field": "custom.tier", "op": "=", "value": "Gold"}]}},
    ]  # fmt: skip
    HealthModel.objects.filter(key="core").update(body=body)
    scored_by()
    assert Snapshot.objects.get(account=account, day=TODAY).caps == ["region"]
