"""The edge: which tenant a request is for, and the one transaction it runs in."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import (
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
    transaction,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import get_script_prefix, set_script_prefix
from django.utils import timezone
from django.views.defaults import page_not_found

from tenants.access import TenantRequest
from tenants.actor import Actor
from tenants.addresses import INSIDE, RESERVED
from tenants.keys import digest
from tenants.models import ApiKey, ApiKeyLookup, Membership
from tenants.rest.limits import take
from tenants.rest.problems import plainly
from tenants.roles import Role
from tenants.scope import act_for
from tenants.traces import current, sqlstate

Answer = Callable[[HttpRequest], HttpResponse]
READ_ONLY = "25006"  # SQLSTATE
SAFE = {"GET", "HEAD", "OPTIONS"}
USE_NOTED_EVERY = timedelta(minutes=1)
log = logging.getLogger("csom.request")


class TenantMiddleware:
    """Find the tenant in the path or the API key, check membership, open its transaction."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self._route(request)
        except (DatabaseError, InterfaceError) as error:
            if (answer := self.process_exception(request, error)) is None:
                raise
            return answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """503 with Retry-After where the database went away, in a view or around it."""
        if not is_away(error, request):
            return None
        log.error("database away", exc_info=error)
        if not connection.in_atomic_block:
            connection.close()
        return unavailable(request)

    def _route(self, request: HttpRequest) -> HttpResponse:
        first, _, rest = request.path_info.lstrip("/").partition("/")
        if request.path_info.startswith("/api/v1/"):
            return self._for_key(request)
        if not first or first in RESERVED:
            return self.get_response(request)
        return self._for_member(request, first, rest)

    def _for_member(self, request: HttpRequest, slug: str, rest: str) -> HttpResponse:
        if not request.user.is_authenticated:
            if request.headers.get("HX-Request"):
                answer = HttpResponse("Please sign in again.", status=401)
                answer["HX-Redirect"] = settings.LOGIN_URL
                return answer
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        membership = (
            Membership.objects.select_related("tenant")
            .filter(user=request.user, tenant__slug=slug)
            .filter(ended_at=None, tenant__is_active=True)
            .first()
        )
        if membership is None:
            return page_not_found(request, Http404())
        inside = cast(TenantRequest, request)
        inside.tenant = membership.tenant
        inside.actor = Actor(membership.tenant, Role(membership.role), inside.user, membership)
        return self._in_path(inside, slug, rest)

    def _in_path(self, request: TenantRequest, slug: str, rest: str) -> HttpResponse:
        """Answer with the slug moved from the path to the script prefix, and put it back."""
        before = get_script_prefix()
        request.urlconf = INSIDE
        request.path_info = f"/{rest}"
        set_script_prefix(f"/{slug}/")
        try:
            return self._in_transaction(request)
        finally:
            set_script_prefix(before)

    def _for_key(self, request: HttpRequest) -> HttpResponse:
        """The API: the tenant comes from the key. What needs no key says so in its view."""
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not secret:
            return self.get_response(request)
        found = ApiKeyLookup.objects.filter(key_hash=digest(secret.strip())).first()
        if found is None:
            return self.get_response(request)
        now = timezone.now()
        with act_for(found.tenant_id):
            key = ApiKey.objects.select_related("tenant").filter(pk=found.key_id).first()
            if key is None or not key.is_valid(now) or not key.tenant.is_active:
                return self.get_response(request)
            request.allowance = take(key.pk, now)  # type: ignore[attr-defined]
            if key.last_used_at is None or now - key.last_used_at > USE_NOTED_EVERY:
                ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
        inside = cast(TenantRequest, request)
        inside.tenant = key.tenant
        inside.actor = Actor(key.tenant, Role.API, key=key)
        current().key_id = key.pk
        return self._in_transaction(inside)

    def _in_transaction(self, request: TenantRequest) -> HttpResponse:
        """One transaction per request, in the tenant's time zone.

        Reading is read-only; a failure leaves nothing.
        """
        is_read = request.method in SAFE
        trace = current()
        trace.tenant_id, trace.actor_id = request.tenant.pk, request.actor.user_id
        zone = ZoneInfo(request.tenant.time_zone)
        with timezone.override(zone), act_for(request.tenant.pk):
            if is_read:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION READ ONLY")
            response = self.get_response(request)
            if is_read or response.status_code >= 500:
                transaction.set_rollback(True)
        return response


def is_away(error: BaseException | None, request: HttpRequest) -> bool:
    """Whether the database could not be reached, had no room, or takes no writes at present.

    What a reading request may not write is refused by our own transaction: that is a defect.
    """
    if isinstance(error, InternalError):
        return sqlstate(error) == READ_ONLY and not _reads_only(request)
    return isinstance(error, OperationalError | InterfaceError)


def _reads_only(request: HttpRequest) -> bool:
    return request.method in SAFE and hasattr(request, "tenant")


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database cannot do it at present: say so plainly, and when to try again."""
    words = "The database cannot do this at present. Try again shortly."
    answer = plainly(request, 503, "unavailable", words)
    answer["Retry-After"] = "5"
    return answer
