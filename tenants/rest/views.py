"""The base of every endpoint: capability, pace, and effects that happen once."""

from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils import timezone
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tenants.actor import Actor
from tenants.models import ApiKey
from tenants.rest.idempotency import Once, Replayed, begin
from tenants.rest.keys import actor_of
from tenants.rest.limits import Allowance
from tenants.rest.paging import Sort, page
from tenants.roles import Can

SAFE = {"GET", "HEAD", "OPTIONS"}


class Endpoint(APIView):
    """An endpoint names what it needs: `needs = Can.X`, or one capability for each method.

    Unsafe methods honour Idempotency-Key; every answer says how much the key may still call.
    """

    needs: ClassVar[Can | dict[str, Can]]
    once: Once | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Fail at import where a method of an endpoint has no capability."""
        super().__init_subclass__(**kwargs)
        need = getattr(cls, "needs", None)
        methods = {name.upper() for name in cls.http_method_names if hasattr(cls, name)}
        missing = methods - {"OPTIONS"} - set(need if isinstance(need, dict) else methods)
        if need is None or missing:
            raise TypeError(f"{cls.__name__} names no capability for {sorted(missing) or 'all'}")

    @property
    def actor(self) -> Actor:
        """Who calls."""
        return actor_of(self.request)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        allowance = allowance_of(request)
        if allowance is not None and not allowance.is_given:
            raise exceptions.Throttled(wait=allowance.wait)
        if request.method not in SAFE:
            _ = request._request.body, request.data  # bounded, readable, before anything is held
            self.once = begin(request, cast(ApiKey, self.actor.key), timezone.now())

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, Replayed):
            return exc.answer
        self.once = None
        return super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> Any:
        answer = super().finalize_response(request, cast(Any, response), *args, **kwargs)
        if self.once is not None and isinstance(response, Response) and response.status_code < 400:
            self.once.keep(response, timezone.now())
        if (allowance := allowance_of(request)) is not None:
            for name, value in allowance.headers.items():
                answer[name] = value
        return answer

    def paged(
        self,
        rows: QuerySet[Any],
        output: type[serializers.BaseSerializer[Any]],
        *,
        sort: Sort = "id",
    ) -> Response:
        """One page of rows as `{"data": [...], "next": address or null}`; see `paging.page`."""
        found = page(self.request, rows, sort=sort)
        return Response({"data": output(found.rows, many=True).data, "next": found.next})


def allowance_of(request: Request) -> Allowance | None:
    """What the key's bucket answered; None without a key."""
    return getattr(request._request, "allowance", None)
