"""Pages for the browser tests only: one of each interaction, with a server that can fail."""

import json
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.loader import render_to_string
from django.urls import include, path

from csom.ui import samples

PAGES = Path(__file__).with_name("pages")
VERSION = '<input type="hidden" name="version" id="note-version" value="{}" hx-swap-oob="true">'

state: dict[str, Any] = {}


def reset() -> None:
    state.update(count=3, version=1, body="", is_down=False, asked=0, job=0, undone=0)


def show(page: str, request: HttpRequest, status: int = 200, **context: Any) -> HttpResponse:
    """A file of the folder pages, or a template in words."""
    source = page if "{" in page else PAGES.joinpath(f"{page}.html").read_text()
    template = engines["django"].from_string(source)
    return HttpResponse(template.render(context, request), status=status)


def with_events(response: HttpResponse, **events: Any) -> HttpResponse:
    response["HX-Trigger"] = json.dumps({key.replace("__", ":"): events[key] for key in events})
    return response


def home(request: HttpRequest) -> HttpResponse:
    return show(
        "home",
        request,
        title="Lab",
        nav=samples.style_guide()["nav"],
        palette_url="/styleguide/lab/palette",
        codes=(403, 404, 429, 500),
        count=state["count"],
        note={"version": state["version"], "body": state["body"]},
        items=range(1, 5),
        actions=samples.style_guide()["actions"],
    )


def evil(request: HttpRequest) -> HttpResponse:
    return show("evil", request)


def new(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return show("dialog", request, title="New thing")
    name = request.POST["name"].strip()
    if len(name) < 3:
        error = "At least 3 letters."
        return show("dialog", request, 422, title="New thing", error=error, value=name)
    state["count"] += 1
    told = {"text": f"{name} created", "undo": "/styleguide/lab/undo"}
    return with_events(HttpResponse(), toast=told, dialog__close={}, things__changed={})


def undo(request: HttpRequest) -> HttpResponse:
    state["count"] -= 1
    state["undone"] += 1
    return with_events(HttpResponse(status=204), things__changed={})


def count(request: HttpRequest) -> HttpResponse:
    return HttpResponse(state["count"])


def boom(request: HttpRequest, code: int) -> HttpResponse:
    return HttpResponse("<h1>trace</h1>", status=code)


def error(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(render_to_string(f"{name}.html"), status=int(name[:3]))


def job(request: HttpRequest) -> HttpResponse:
    state["job"] = min(100, state["job"] + 40)
    done = state["job"] == 100
    response = show(
        '{% include "components/progress.html" with id="import" url="/styleguide/lab/job"'
        ' done=done total=100 label="Import" words=words finished=finished only %}',
        request,
        done=state["job"],
        words=f"{state['job']}%",
        finished=done,
    )
    return with_events(response, toast={"text": "Import finished"}) if done else response


def note(request: HttpRequest) -> HttpResponse:
    if state["is_down"]:
        return HttpResponse(status=503)
    if int(request.POST["version"]) != state["version"]:
        rows = [
            {
                "name": "body",
                "label": "Note",
                "theirs": state["body"],
                "mine": request.POST["body"],
            }
        ]
        return show("conflict", request, 409, rows=rows, version=state["version"])
    state.update(body=request.POST["body"], version=state["version"] + 1)
    return HttpResponse(VERSION.format(state["version"]))


def peek(request: HttpRequest, item: int) -> HttpResponse:
    return HttpResponse(f"<p>Peek at {item}</p>")


def bulk(request: HttpRequest) -> HttpResponse:
    sent = request.POST
    return HttpResponse(f"{sent['do']} {sorted(sent.getlist('id'))} all={sent['all']}")


def palette(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "")
    state["asked"] += not words
    groups = samples.found(words) if words else samples.palette()
    template = '{% include "components/palette.html" %}'
    return show(template, request, groups=groups, prefix="found" if words else "fixed")


urlpatterns = [
    path("styleguide/lab/", home),
    path("styleguide/lab/evil", evil),
    path("styleguide/lab/new", new),
    path("styleguide/lab/undo", undo),
    path("styleguide/lab/count", count),
    path("styleguide/lab/boom/<int:code>", boom),
    path("styleguide/lab/error/<str:name>", error),
    path("styleguide/lab/job", job),
    path("styleguide/lab/note", note),
    path("styleguide/lab/peek/<int:item>", peek),
    path("styleguide/lab/bulk", bulk),
    path("styleguide/lab/palette", palette),
    path("", include("csom.urls")),
]
