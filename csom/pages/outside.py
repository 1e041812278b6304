"""Pages outside every tenant: where to go, whether we live, what went wrong."""

import sys

from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from tenants.access import open_to_all
from tenants.addresses import inside, outside
from tenants.middleware import is_away, unavailable
from tenants.models import Membership
from tenants.rest.problems import plainly


@open_to_all
def home(request: HttpRequest) -> HttpResponse:
    """To the tenant, to the choice where there are several, or to the sign-in page."""
    if not request.user.is_authenticated:
        return redirect(outside("account_login"))
    slugs = list(
        Membership.objects.filter(user=request.user, ended_at=None, tenant__is_active=True)
        .order_by("tenant__name")
        .values_list("tenant__slug", flat=True)[:2]
    )
    if len(slugs) == 1:
        return redirect(inside(slugs[0], "home"))
    return redirect(outside("tenants:switch"))


@open_to_all
@transaction.non_atomic_requests
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers, whatever the database does: restarting it would help nobody."""
    return JsonResponse({"status": "ok"})


@open_to_all
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and its migrations are current; 503 otherwise."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return JsonResponse(
        {"status": "migrations are waiting" if waiting else "ok", "waiting": len(waiting)},
        status=503 if waiting else 200,
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or old."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What was sent cannot be read at all; 503 where only its session could not be kept."""
    gone = exception.__context__ if isinstance(exception, SessionInterrupted) else None
    if gone is not None and is_away(gone.__context__, request):
        return unavailable(request)
    if isinstance(exception, RequestDataTooBig):
        return plainly(request, 413, "too_large", "Send less in one call.")
    is_told = isinstance(exception, BadRequest)
    words = str(exception) if is_told else "The call cannot be read."
    return plainly(request, 400, "bad_request", words)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such address."""
    return plainly(
        request, 404, "not_found", "There is no such address; it may lack its last slash."
    )


def failed(request: HttpRequest) -> HttpResponse:
    """A defect of ours; 503 where the database failed around a view."""
    if is_away(sys.exc_info()[1], request):
        return unavailable(request)
    return plainly(request, 500, "failed", "Something went wrong on our side.")
