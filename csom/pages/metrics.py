"""What a monitor asks for: figures of the whole installation and of no tenant, for Prometheus."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import accumulate
from secrets import compare_digest

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from csom.timings import BOUNDS, shared
from tenants import tallies
from tenants.access import open_to_all
from tenants.jobs import NIGHTLY
from tenants.models import Tally, Tenant
from tenants.queries.jobs import standing
from tenants.scope import act_for

FORMAT = "text/plain; version=0.0.4; charset=utf-8"
WAITING = """
    SELECT count(*), coalesce(extract(epoch FROM %(now)s - min(due_at)), 0)::float8
    FROM tenants_duejob JOIN tenants_tenant ON tenants_tenant.id = tenant_id
    WHERE due_at <= %(now)s AND is_active
"""
Sample = tuple[str, dict[str, str], float]


@open_to_all
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, to whoever holds the token; no such address where none is set."""
    if not settings.CSOM_METRICS_TOKEN:
        raise Http404
    kind, _, told = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not compare_digest(
        told.strip().encode(), settings.CSOM_METRICS_TOKEN.encode()
    ):
        answer = HttpResponse("This needs the token.\n", status=401, content_type="text/plain")
        answer["WWW-Authenticate"] = 'Bearer realm="CSOM"'
        return answer
    lines = [*of_requests(), *of_work(timezone.now()), *of_tallies()]
    return HttpResponse("\n".join(lines) + "\n", content_type=FORMAT)


def of_requests() -> Iterator[str]:
    """Durations and outcomes, by class, of all processes of this server since it started."""
    read = dict(shared.read())
    durations: list[Sample] = []
    for kind, timing in read.items():
        bounds = [*(f"{bound:g}" for bound in BOUNDS), "+Inf"]
        for bound, n in zip(bounds, accumulate(timing.buckets), strict=True):
            durations.append(("_bucket", {"class": kind, "le": bound}, n))
        durations.append(("_sum", {"class": kind}, timing.seconds))
        durations.append(("_count", {"class": kind}, sum(timing.buckets)))
    yield from family(
        "csom_request_seconds", "histogram", "Duration of requests by class.", durations
    )
    yield from family(
        "csom_requests_total",
        "counter",
        "Requests by class and outcome: ok, refused (4xx), failed (5xx).",
        [
            ("", {"class": kind, "outcome": outcome}, n)
            for kind, timing in read.items()
            for outcome, n in timing.outcomes.items()
        ],
    )


def of_work(now: datetime) -> Iterator[str]:
    """What waits, and how nights stand. One query, and one for each tenant, as that tenant."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"now": now})
        waiting, age = cursor.fetchone()
    dead, behind, late = 0, dict.fromkeys(NIGHTLY, 0.0), dict.fromkeys(NIGHTLY, 0)
    for tenant in Tenant.objects.filter(is_active=True):
        with act_for(tenant.pk):
            found = standing(tenant, now)
        dead += found.dead
        for kind, night in found.late.items():
            behind[kind] = max(behind[kind], night.behind.total_seconds())
            late[kind] += 1
    yield from one("csom_jobs_waiting", "Jobs that are due and not being worked on.", waiting)
    yield from one("csom_jobs_oldest_seconds", "How long the oldest of them is due.", age)
    yield from one(
        "csom_jobs_dead", "Jobs given up, of all tenants, until retried or dropped.", dead
    )
    yield from family(
        "csom_night_late_seconds",
        "gauge",
        "Since when the oldest night that is not done should have begun, the worst tenant.",
        [("", {"kind": kind}, seconds) for kind, seconds in behind.items()],
    )
    yield from family(
        "csom_nights_open",
        "gauge",
        "Tenants with a night that has begun and is not done.",
        [("", {"kind": kind}, n) for kind, n in late.items()],
    )


def of_tallies() -> Iterator[str]:
    """What should hardly ever happen, since the installation began. One query."""
    kept = dict(Tally.objects.values_list("name", "n"))
    words = {
        tallies.LEASE_EXPIRIES: "Leases of jobs that ran out: a worker died or was too slow.",
        tallies.REFUSED_ROWS: "Statements refused with SQLSTATE 42501; each is a defect.",
    }
    for name, told in words.items():
        yield from family(f"csom_{name}_total", "counter", told, [("", {}, kept.get(name, 0))])


def one(name: str, told: str, value: float) -> Iterator[str]:
    """A gauge without labels."""
    return family(name, "gauge", told, [("", {}, value)])


def family(name: str, kind: str, told: str, samples: Iterable[Sample]) -> Iterator[str]:
    """A metric in the text format. samples: (suffix, labels, value)."""
    yield f"# HELP {name} {told}"
    yield f"# TYPE {name} {kind}"
    for suffix, labels, value in samples:
        inner = ",".join(f'{label}="{text}"' for label, text in labels.items())
        yield f"{name}{suffix}{'{' + inner + '}' if inner else ''} {value:.15g}"
