"""Pages outside every tenant: where to go, whether we live, what went wrong."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from tenants.access import open_to_all
from tenants.addresses import inside, outside
from tenants.models import Membership


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
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers."""
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
