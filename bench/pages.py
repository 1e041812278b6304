"""Pages over 20,000 accounts, beside an empty page of the same signed-in person.

The floor has the session, the membership, the tenant's transaction, the layout and nothing else.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from django.test import Client
from django.urls import path
from django.utils import timezone

from bench.measure import Case
from bench.tenant import accounts, vacuum
from csom import urls_inside
from csom.provision import provision
from health.queries.bands import week_days
from tenants.access import TenantRequest, needs
from tenants.models import Membership, Tenant, User
from tenants.roles import Can, Role
from tenants.scope import act_for

TIMES = 20  # requests in one measurement, so that ticks of the clock do not matter

ACCOUNTS = accounts(
    external_id="n::text",
    arr_minor="(n * 7919 %% 100000) * 100",
    customer_since="%(day)s - 500",
    renews_on="%(day)s + n %% 365",
    sentiment="3",
    sentiment_at="%(now)s",
)
BAND = "CASE WHEN {n} %% 10 = 0 THEN 'red' WHEN {n} %% 10 < 4 THEN 'yellow' ELSE 'green' END"
ROWS = f"""
    INSERT INTO health_accountrow (tenant_id, account_id, name, name_norm, segment,
        segment_by_rule, stage,
        owner_id, owner_name, team, arr_minor, currency, renews_on, score, band, band_before,
        coverage,
        change_28, spark, reason, spiced, event_on, event_text, event_class, next_step,
        next_step_at, open_plays, last_touch_on, scored_on, caps, lost_roles, is_archived)
    SELECT tenant_id, id, name, name_norm, segment, '', stage, %(owner)s, 'Maya Okafor', 'EMEA',
        arr_minor, currency, renews_on, 20 + n %% 70 + n / 1000.0, {BAND.format(n="n")},
        {BAND.format(n="(n + 7)")}, 0.8, n %% 31 - 20,
        '66,61,58,60,57,55,52,51,49,' || n %% 50 || ',45,41',
        'Approvals per week down ' || n %% 60 || '%%', 'ccpms', %(day)s + n %% 90,
        'year-end audit ' || n, 'confirmed',
        CASE WHEN n %% 3 > 0 THEN 'Call CFO ' || n ELSE '' END,
        %(now)s, 1, %(day)s - n %% 40, %(day)s,
        CASE WHEN n %% 20 = 0 THEN ARRAY['champion_left'] ELSE '{{}}' END,
        CASE WHEN n %% 30 = 0 THEN ARRAY['champion'] ELSE '{{}}' END, false
    FROM (SELECT *, external_id::int n FROM accounts_account) a
"""
TASKS = """
    INSERT INTO plays_task (tenant_id, id, account_id, step, title, reason, kind, owner_id,
        priority, minutes, is_proactive, due_at, has_clock, snooze_reason, state, created_at,
        version)
    SELECT tenant_id, gen_random_uuid(), id, 0, 'Call about ' || n, '', 'task', %(owner)s,
        1 + n %% 4, 20, n %% 3 > 0, %(now)s + n %% 5 * interval '1 day', n %% 9 = 0, '', 'open',
        %(now)s, 1
    FROM (SELECT *, external_id::int n FROM accounts_account) a WHERE n %% 250 = 0
"""
BANDS = """
    INSERT INTO health_bandday (tenant_id, day, band, accounts, arr_minor)
    SELECT %(tenant)s, day, band, %(n)s / 3, %(n)s * 10000000::bigint
    FROM unnest(%(days)s::date[]) day, unnest(ARRAY['red', 'yellow', 'green']) band
"""


@needs(Can.BE_MEMBER)
def empty(request: TenantRequest) -> HttpResponse:
    """The layout and nothing in it."""
    return render(request, "layouts/page.html", {"title": "Empty"})


urls_inside.urlpatterns.append(path("empty/", empty))


def cases(quick: bool) -> Iterator[Case]:
    n = 500 if quick else 20_000
    client: Callable[[], Client] = cache(lambda: _client(n))
    least = _asking(client, "empty/")
    floor = "an empty signed-in page"
    for name, goal, address in (
        ("page_accounts", 5, "accounts/"),
        ("page_accounts_mine", 5, "accounts/?owner=me&sort=renews"),
        ("page_today", 5, "today/"),  # 80 tasks of the person, one opened beside them
        ("page_at_risk", 5, "at-risk/"),  # sums every row of the tenant, and draws a chart
    ):
        yield Case(name, goal, floor, n, _asking(client, address), least, client, repeats=3)


def _asking(client: Callable[[], Client], address: str) -> Callable[[], object]:
    def ask() -> None:
        for _ in range(TIMES):
            answer = client().get(f"/bench-pages/{address}")
            if answer.status_code != 200:
                raise SystemExit(f"{address} answers {answer.status_code}")

    return ask


def _client(n: int) -> Client:
    """A manager's browser, in a tenant of n accounts."""
    now: datetime = timezone.now()
    tenant = Tenant.objects.create(slug="bench-pages", name="Bench", time_zone="UTC")
    person = User.objects.create_user(email="pages@example.com", name="Maya Okafor")
    Membership.objects.create(tenant=tenant, user=person, role=str(Role.MANAGER), team="EMEA")
    provision(tenant, person, now)
    given: dict[str, Any] = {"tenant": tenant.pk, "n": n, "day": now.date(), "now": now}
    given |= {"owner": person.pk, "days": week_days(now.date())[:-1]}
    with act_for(tenant.pk), connection.cursor() as cursor:
        for sql in (ACCOUNTS, ROWS, BANDS, TASKS):
            cursor.execute(sql, given)
    vacuum()
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    for address in ("empty/", "accounts/", "at-risk/", "today/"):
        client.get(f"/bench-pages/{address}")  # templates are compiled before anything is measured
    connection.close()
    return client
