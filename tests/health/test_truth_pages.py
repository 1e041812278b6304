"""The page of the backtest: its answer, its refusals, and every figure open to its decisions."""

import csv
import io
import re
from collections.abc import Callable

import numpy as np
import pytest
from django.test import Client

from health.models import HealthModel
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tests import make
from tests.health.test_backtest import BODY, EXAMPLE, START, Told, story, version

SignIn = Callable[[Actor], Client]
URL, ROWS, FILE = (f"/acme/health/truth/{part}" for part in ("", "decisions/", "decisions/export/"))
PROOF = "/acme/at-risk/proof/"


@pytest.fixture
def model(inside: Tenant) -> HealthModel:
    return version("plain", 1, BODY, START)


@pytest.fixture
def revops(acme: Tenant, sign_in: SignIn) -> Client:
    return sign_in(make.member(acme, Role.REVOPS))


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_score_that_tells_says_so_with_its_interval(model: HealthModel, revops: Client):
    story(EXAMPLE, model)
    page = words(revops.get(URL).text)
    assert "the lost one had the lower score in 81% of pairs, 95% interval 64% to 95%" in page
    assert "At risk less healthy: +58.3 pts" in page
    assert "Healthy, and lost" in page
    assert "81% of pairs" in words(revops.get(PROOF).text)


@pytest.mark.case("E20")
def test_a_small_sample_states_no_rate(model: HealthModel, revops: Client):
    story(EXAMPLE[:14], model)
    for url in (URL, PROOF):
        page = revops.get(url).text
        assert "Too early to say: 14 decisions had a score 90 days before" in words(page)
        assert "%" not in page.split("Too early")[1].split("How it is judged")[0]


def test_a_score_without_signal_is_told_so(model: HealthModel, revops: Client):
    story(
        [Told(score, is_lost=lost) for score in range(20, 95, 3) for lost in (True, False)], model
    )
    page = words(revops.get(URL).text)
    assert "It does not separate" in page
    assert "a coin would in 50%" in page


def test_a_score_that_points_the_wrong_way_is_told_so(model: HealthModel, revops: Client):
    story([Told(100 - each.score, is_lost=each.is_lost) for each in EXAMPLE], model)
    assert "It points the wrong way" in words(revops.get(URL).text)


def test_every_count_opens_to_as_many_decisions(model: HealthModel, revops: Client):
    story(EXAMPLE, model)
    page = revops.get(URL).text
    links = re.findall(r'href="(/acme/health/truth/decisions/[^"]*)"[^>]*>(\d+)<', page)
    assert len(links) >= 7
    for url, count in links:
        opened = revops.get(url.replace("&amp;", "&")).text
        assert f"{count} decision" in opened
        assert opened.count('<span class="table__acct">') == int(count)


def test_a_day_or_distance_that_cannot_be_read_is_refused(model: HealthModel, revops: Client):
    for query in ("?until=31-31-2026", "?horizon=91", "?horizon=x"):
        assert revops.get(URL + query).status_code == 422
        assert revops.get(ROWS + query).status_code == 422
        assert revops.get(FILE + query).status_code == 422
    assert revops.get(ROWS + "?band=violet").status_code == 422
    assert revops.get(URL + "?until=0001-01-01").status_code == 422
    assert revops.get(URL + "?until=9999-12-31").status_code == 200


def test_the_file_holds_what_was_judged(model: HealthModel, revops: Client):
    """The area counted from the file alone is that of the page."""
    story(EXAMPLE, model)
    text = revops.get(FILE).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 42
    lost = np.array([row["is lost"] == "1" for row in rows])
    scores = np.array([float(row["score"]) for row in rows])
    pairs = scores[lost][:, None] - scores[~lost][None, :]
    assert ((pairs < 0) + 0.5 * (pairs == 0)).mean() == 0.8125
    assert {row["ARR before EUR"] for row in rows} == {"100.00"}


def test_the_file_holds_accounts_in_reach_alone(model: HealthModel, acme: Tenant, sign_in: SignIn):
    first, *_ = story(EXAMPLE[:3], model)
    csm = make.member(acme, Role.CSM)
    type(first).objects.filter(pk=first.pk).update(owner_id=csm.user_id)
    rows = sign_in(csm).get(FILE).content.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert first.name in rows[1]


def test_a_preview_says_whether_the_draft_would_have_predicted_better(
    model: HealthModel, revops: Client
):
    story(EXAMPLE, model)
    turned = BODY["dimensions"][0] | {
        "metrics": [{"measure": "seat_utilisation", "weight": 100, "anchors": [1, 0.5, 0]}]
    }
    version("plain", 2, {**BODY, "dimensions": [turned]}, None)
    page = words(revops.get("/acme/health/models/plain/preview/").text)
    assert "As they were given: Yes" in page
    assert "With the draft: It points the wrong way" in page
    assert "81% 64% to 95%" in page
    assert re.search(r"19% \d+% to \d+%", page)
