"""A page with scores or usage says when they are not fresh, and leads whoever may to the cause."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from health.queries.freshness import freshness
from health.rules.freshness import NIGHT, Freshness, judged, words
from pulse.models import UsageDay
from tenants.actor import Actor
from tenants.models import Job, Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

SignIn = Callable[[Actor], Client]
NOW = datetime(2026, 11, 19, 8, tzinfo=ZoneInfo("Europe/Berlin"))
SAID = "Not up to date"


def aged(tenant: Tenant) -> Tenant:
    Tenant.objects.filter(pk=tenant.pk).update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    tenant.refresh_from_db()
    return tenant


def nights(tenant: Tenant, state: str, *, now: datetime) -> None:
    """Every night that is looked at is done, but for the last."""
    today = now.astimezone(ZoneInfo(tenant.time_zone)).date()
    with act_for(tenant.pk):
        for back in range(4):
            Job.objects.create(
                kind=NIGHT, key=str(today - timedelta(days=back)), due_at=now,
                state=state if back == 0 else "done",
            )  # fmt: skip


def used(tenant: Tenant, day: date, *, span_days: int = 1) -> Account:
    with act_for(tenant.pk):
        account = make.account(f"Used {day}")
        UsageDay.objects.create(
            account=account, day=day, actions=9, span_days=span_days, recorded_at=timezone.now()
        )
        return account


# -- the rule --


@pytest.mark.parametrize(
    ("due", "until", "span", "late", "old"),
    [
        (None, None, 1, False, False),
        (NOW - timedelta(hours=2), date(2026, 11, 12), 1, False, False),
        (NOW - timedelta(hours=2, seconds=1), date(2026, 11, 11), 1, True, True),
        (None, date(2026, 11, 5), 7, False, False),
        (None, date(2026, 11, 4), 7, False, True),
    ],
)
def test_late_is_after_two_hours_and_old_after_seven_days(
    due: datetime | None, until: date | None, span: int, late: bool, old: bool
):
    found = judged(night_due=due, usage_until=until, span_days=span, now=NOW)
    assert (found.night_due is not None, found.usage_until is not None) == (late, old)
    assert bool(found) is (late or old)


def test_it_says_what_and_since_when():
    due = datetime(2026, 11, 19, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    both = words(Freshness(due, date(2025, 11, 4)), NOW.date())
    assert both == (
        "Not up to date: scores and plays wait for the night’s work that was due on 19 Nov, 01:00; "
        "no usage has arrived since 4 Nov 2025."
    )


# -- the query --


def test_one_query_finds_both(acme: Tenant, django_assert_num_queries):
    now = datetime.now(UTC)
    aged(acme)
    nights(acme, "done", now=now)
    used(acme, now.date() - timedelta(days=20))
    used(acme, now.date() - timedelta(days=12))
    with act_for(acme.pk), django_assert_num_queries(1):
        assert freshness(acme, now) == Freshness(None, now.date() - timedelta(days=12))


@pytest.mark.parametrize("state", ["waiting", "running", "dead"])
def test_a_night_counts_from_its_own_hour_until_it_is_done(acme: Tenant, state: str):
    aged(acme)
    begins = datetime(2026, 11, 19, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    nights(acme, state, now=begins)
    with act_for(acme.pk):
        assert not freshness(acme, begins + timedelta(hours=2))
        late = freshness(acme, begins + timedelta(hours=2, minutes=1))
        assert late.night_due == begins
        Job.objects.update(state="done")
        assert not freshness(acme, begins + timedelta(hours=3))


def test_a_new_company_is_told_nothing(acme: Tenant):
    with act_for(acme.pk):
        assert not freshness(acme, datetime.now(UTC))


def test_the_night_and_usage_of_another_company_are_its_own(acme: Tenant, rival: Tenant):
    now = datetime.now(UTC)
    aged(acme)
    nights(acme, "waiting", now=now - timedelta(days=1))
    used(acme, now.date() - timedelta(days=30))
    with act_for(rival.pk):
        assert not freshness(rival, now)


# -- the pages --


def test_pages_with_scores_say_so_and_others_do_not(acme: Tenant, sign_in: SignIn):
    old = timezone.localdate() - timedelta(days=30)
    account = used(acme, old)
    client = sign_in(make.member(acme, Role.MANAGER))
    shown = ["accounts/", "at-risk/", "today/", f"accounts/{account.pk}/"]
    shown += [f"accounts/{account.pk}/usage/", f"accounts/{account.pk}/timeline/"]
    for address in shown:
        page = client.get(f"/acme/{address}").text
        assert page.count(SAID) == 1 and "no usage has arrived since" in page, address
    for address in ("settings/", "bowtie/", "charter/"):
        assert SAID not in client.get(f"/acme/{address}").text, address
    part = {"HX-Request": "true", "HX-Target": "list"}
    assert SAID not in client.get("/acme/accounts/", headers=part).text


def test_it_leads_to_jobs_or_imports_whoever_may_see_them(acme: Tenant, sign_in: SignIn):
    aged(acme)
    used(acme, timezone.localdate() - timedelta(days=30))
    jobs, imports = 'href="/acme/settings/jobs/">Background work', 'href="/acme/imports/">Imports'
    links = {Role.ADMIN: jobs, Role.REVOPS: imports, Role.CSM: None, Role.EXECUTIVE: None}
    for role, link in links.items():
        banner = sign_in(make.member(acme, role)).get("/acme/accounts/").text
        banner = banner[banner.index(SAID) :].split("</header>")[0].split("<header")[0]
        assert "scores and plays wait" in banner and "no usage has arrived" in banner
        assert (link in banner) if link else "<a " not in banner, role


def test_fresh_pages_say_nothing(acme: Tenant, sign_in: SignIn):
    now = datetime.now(UTC)
    aged(acme)
    nights(acme, "done", now=now)
    used(acme, timezone.localdate() - timedelta(days=1))
    assert SAID not in sign_in(make.member(acme, Role.MANAGER)).get("/acme/accounts/").text
