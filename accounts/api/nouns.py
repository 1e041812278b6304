"""Four endpoints for each target: the list, one by id, one by external id, many at once."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_view,
)
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions.upsert import bring_in
from accounts.api import bulk
from accounts.api.filters import Filters, filters_of
from accounts.api.shapes import example_of, has_id, name_of, output_of, referring
from accounts.targets import Target
from tenants.rest.paging import Sort
from tenants.rest.schema import PAGING, page_of
from tenants.rest.views import Endpoint
from tenants.roles import Can

MANY = 500
MULTI_STATUS = 207


class Noun(Endpoint):
    """What the four endpoints of a target share."""

    target: ClassVar[Target]
    output: ClassVar[type]
    filters: ClassVar[Filters]
    sort: ClassVar[Sort] = "id"
    most: ClassVar[int] = MANY
    needs: ClassVar[Can | dict[str, Can]] = {}

    @property
    def rows(self) -> QuerySet[Any]:
        """All rows of the target, with what their answer shows of others."""
        found: QuerySet[Any] = self.target.model._default_manager.all()
        return found.select_related(*referring(self.target))


class List(Noun):
    """Rows by filters, page by page."""

    needs = {"GET": Can.READ_ACCOUNTS}

    def get(self, request: Request) -> Response:
        rows = self.filters.apply(self.rows, request)
        return self.paged(rows, self.output, sort=self.sort)


class One(Noun):
    """One row by its id."""

    needs = {"GET": Can.READ_ACCOUNTS}

    def get(self, request: Request, id: UUID) -> Response:
        return Response(self.output(get_object_or_404(self.rows, pk=id)).data)


class OneByKey(Noun):
    """One row by the key it has in the system it comes from."""

    needs = {"GET": Can.READ_ACCOUNTS}

    def get(self, request: Request, source: str, external_id: str) -> Response:
        found = get_object_or_404(self.rows, source=source, external_id=external_id)
        return Response(self.output(found).data)


class Bulk(Noun):
    """Many rows at once, each taken or refused on its own."""

    needs = {"POST": Can.EDIT_ACCOUNTS}

    def post(self, request: Request) -> Response:
        source, rows = bulk.read_body(request.data, self.most)
        outcome = bring_in(
            self.target, rows, source=source, now=timezone.now(), actor=self.actor.user
        )
        status = MULTI_STATUS if outcome.refused else 200
        return Response(bulk.answer_of(outcome), status=status)


def noun_urls(
    target: Target, *, read: Can, write: Can, sort: Sort = "id", most: int = MANY
) -> list[URLPattern]:
    """The addresses of one target, below its key."""
    shared: dict[str, Any] = {
        "target": target,
        "output": output_of(target),
        "filters": Filters(filters_of(target)),
        "sort": sort,
        "most": most,
        "tag": target.label,
        "__module__": __name__,
    }
    name, plural = name_of(target), target.label.lower()
    noun, root = target.key, f"{target.key}/"
    reading, writing = shared | {"needs": {"GET": read}}, shared | {"needs": {"POST": write}}

    listed = extend_schema(
        operation_id=f"list_{noun}",
        summary=f"List {plural}",
        description=f"{target.label}, page by page, narrowed by filters.",
        parameters=[*PAGING, *shared["filters"].parameters],
        responses=page_of(shared["output"]),
    )
    put = extend_schema(
        operation_id=f"bulk_upsert_{noun}",
        summary=f"Create or update {plural}",
        description=(
            f"Up to {most} rows. A row that is known by source and key is updated; a field left "
            "out stays as it is, null clears it. 200 where all rows were taken, 207 where at "
            "least one was refused; a refused row keeps no other from being taken."
        ),
        request=bulk.body_of(target, most),
        responses={200: bulk.BulkOutput, MULTI_STATUS: bulk.BulkOutput},
        examples=bulk.examples_of(target),
    )
    urls = [
        (root, List, reading, {"get": listed}, "list"),
        (f"{root}bulk/", Bulk, writing, {"post": put}, "bulk"),
    ]
    if has_id(target.model):
        one = extend_schema(
            operation_id=f"get_{noun}_by_id",
            summary=f"One {target.one} by id",
            description=f"One {target.one}, by the id it has here.",
            responses=shared["output"],
        )
        by_key = extend_schema(
            operation_id=f"get_{noun}_by_external_id",
            summary=f"One {target.one} by external id",
            description=f"One {target.one}, by the key it has in the system it comes from.",
            parameters=[
                _in_path("source", "The system.", "crm"),
                _in_path("external_id", "Its key there.", example_of(target)["external_id"]),
            ],
            responses=shared["output"],
        )
        urls += [
            (f"{root}<uuid:id>/", One, reading, {"get": one}, "one"),
            (
                f"{root}external/<str:source>/<path:external_id>/",
                OneByKey,
                reading,
                {"get": by_key},
                "one_by_key",
            ),
        ]
    patterns: list[URLPattern] = []
    for address, base, members, described, ending in urls:
        made: type[Noun] = type(f"{name}{base.__name__}", (base,), members)
        view = extend_schema_view(**described)(made).as_view()
        patterns.append(path(address, view, name=f"api_{noun}_{ending}"))
    return patterns


def _in_path(name: str, words: str, example: str) -> OpenApiParameter:
    told = [OpenApiExample("One that may exist", example)]
    return OpenApiParameter(name, str, OpenApiParameter.PATH, description=words, examples=told)
