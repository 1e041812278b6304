"""The import wizard: upload, layout, mapping, check, run, result; each step is a page."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.actions.import_undo import TooLateToUndo, start_undo
from accounts.actions.imports import (
    NothingToBringIn,
    UnreadableFile,
    WrongStep,
    accept_layout,
    choose_layout,
    discard,
    put_right,
    receive,
    start_run,
)
from accounts.forms.uploads import LayoutForm, UploadForm
from accounts.models import Import, ImportRow
from accounts.queries.imports import freshness, job_of, kept_after_undo, recent, rows_of
from accounts.rules.safe_csv import csv_lines
from accounts.targets import TARGETS
from accounts.views.import_mapping import STEPS, mapping_page
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.roles import Can

State, Kind = Import.State, ImportRow.Kind
WORKING = {State.READING, State.CHECKING, State.RUNNING, State.UNDOING}
WORDS = {
    State.READING: "Reading the columns",
    State.CHECKING: "Checking every row",
    State.RUNNING: "Bringing rows in",
    State.UNDOING: "Taking the import back",
}
STEP_OF = {
    State.RECEIVED: 1,
    State.READING: 1,
    State.READ: 2,
    State.CHECKING: 3,
    State.CHECKED: 3,
}
BAD = (Kind.UNREADABLE, Kind.UNFIT)
SHOWN = 50
MOST_EXPORTED = 100_000


@needs(Can.IMPORT)
@require_http_methods(["GET", "POST"])
def imports(request: TenantRequest) -> HttpResponse:
    """Files that were brought in, how fresh each source is, and the way in for a new file."""
    if request.method == "GET":
        return _imports(request, UploadForm(initial={"target": request.GET.get("target", "")}))
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _imports(request, form, status=422)
    sent = form.cleaned_data["file"]
    try:
        item = receive(
            target=form.cleaned_data["target"],
            source=form.cleaned_data["source"],
            name=sent.name,
            chunks=sent.chunks(),
            actor=request.user,
            now=timezone.now(),
        )
    except UnreadableFile as refusal:
        form.add_error("file", str(refusal))
        return _imports(request, form, status=422)
    return redirect("accounts:import", item.pk)


@needs(Can.IMPORT)
@require_GET
def one_import(request: TenantRequest, import_id: UUID) -> HttpResponse:
    """The step an import is at; ?step=layout or ?step=columns goes back."""
    item = get_object_or_404(Import, pk=import_id)
    step = request.GET.get("step", "")
    may_go_back = item.state in {State.READ, State.CHECKED}
    if item.state in WORKING:
        return _progress(request, item, "accounts/imports/working.html")
    if item.state == State.RECEIVED or (may_go_back and step == "layout"):
        return _layout(request, item, LayoutForm(item.layout))
    if item.state == State.READ or (may_go_back and step == "columns"):
        return mapping_page(request, item)
    if item.state == State.CHECKED:
        return _check(request, item)
    return _result(request, item)


@needs(Can.IMPORT)
@require_POST
def layout(request: TenantRequest, import_id: UUID) -> HttpResponse:
    """Read the file in another layout and show it again."""
    item = get_object_or_404(Import, pk=import_id)
    form = LayoutForm(item.layout, request.POST)
    if not form.is_valid():
        return _layout(request, item, form, status=422)
    try:
        choose_layout(item=item, choice=form.choice(), now=timezone.now())
    except UnreadableFile as refusal:
        form.add_error(None, str(refusal))
        return _layout(request, item, form, status=422)
    except WrongStep as refusal:
        return _refused(request, item, refusal)
    return redirect("accounts:import", item.pk)


@needs(Can.IMPORT)
@require_POST
def columns(request: TenantRequest, import_id: UUID) -> HttpResponse:
    """The layout is right: go on to the columns."""
    item = get_object_or_404(Import, pk=import_id)
    try:
        accept_layout(item=item, now=timezone.now())
    except (WrongStep, UnreadableFile) as refusal:
        return _refused(request, item, refusal)
    return redirect("accounts:import", item.pk)


@needs(Can.IMPORT)
@require_POST
def correct(request: TenantRequest, import_id: UUID) -> HttpResponse:
    """Put cells of refused rows right; they come as cell-<line>-<column>."""
    item = get_object_or_404(Import, pk=import_id)
    corrections: dict[int, dict[int, str]] = {}
    for name, value in request.POST.items():
        sign, _, place = name.partition("-")
        line, _, column = place.partition("-")
        is_place = sign == "cell" and line.isdigit() and column.isdigit()
        if is_place and value != request.POST.get(f"was-{place}", ""):
            corrections.setdefault(int(line), {})[int(column)] = str(value)
    known = set(
        rows_of(item, *Kind.values).filter(line__in=corrections).values_list("line", flat=True)
    )
    width = len(item.layout["names"])
    is_sound = all(
        line in known and all(column < width for column in cells)
        for line, cells in corrections.items()
    )
    if not corrections or not is_sound:
        return _check(request, item, "Change a cell of a refused row first.", status=422)
    try:
        put_right(item=item, corrections=corrections, now=timezone.now())
    except WrongStep as refusal:
        return _refused(request, item, refusal)
    return redirect("accounts:import", item.pk)


@needs(Can.IMPORT)
@require_POST
def run(request: TenantRequest, import_id: UUID) -> HttpResponse:
    """Bring the checked rows in."""
    item = get_object_or_404(Import, pk=import_id)
    try:
        start_run(item=item, actor=request.user, now=timezone.now())
    except (WrongStep, NothingToBringIn) as refusal:
        return _refused(request, item, refusal)
    return redirect("accounts:import", item.pk)


@needs(Can.IMPORT)
@require_POST
def undo(request: TenantRequest, import_id: UUID) -> HttpResponse:
    """Take an import back."""
    item = get_object_or_404(Import, pk=import_id)
    try:
        start_undo(item=item, actor=request.user, now=timezone.now())
    except TooLateToUndo as refusal:
        return _refused(request, item, refusal)
    return redirect("accounts:import", item.pk)


@needs(Can.IMPORT)
@require_POST
def forget(request: TenantRequest, import_id: UUID) -> HttpResponse:
    """Discard an upload that was not brought in."""
    item = get_object_or_404(Import, pk=import_id)
    try:
        discard(item=item, actor=request.user, now=timezone.now())
    except WrongStep as refusal:
        return _refused(request, item, refusal)
    return redirect("accounts:imports")


@needs(Can.IMPORT)
@require_GET
def progress(request: TenantRequest, import_id: UUID) -> HttpResponse:
    """The bar alone; when the work is done, the page of the next step."""
    item = get_object_or_404(Import, pk=import_id)
    if item.state not in WORKING:
        return HttpResponseClientRedirect(reverse("accounts:import", args=[item.pk]))
    return _progress(request, item, "components/progress.html")


@needs(Can.IMPORT)
@require_GET
def refused_csv(request: TenantRequest, import_id: UUID) -> HttpResponse:
    """The rows that were not taken, as they stand in the file, with line and reason."""
    item = get_object_or_404(Import, pk=import_id)
    rows = rows_of(item, *BAD, Kind.CONFLICT)[:MOST_EXPORTED]
    header = [*item.layout["names"], "Line", "Reason"]
    width = len(item.layout["names"])
    lines = (
        [*(row.cells + [""] * width)[:width], row.line, reasons(row)] for row in rows.iterator()
    )
    answer = HttpResponse("".join(csv_lines(header, lines)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="refused-rows.csv"'
    return answer


def reasons(row: ImportRow) -> str:
    """All that is wrong with a row, in one text."""
    return " ".join(
        f"{problem['name']}: {problem['reason']}" if problem["name"] else problem["reason"]
        for problem in row.problems
    )


def _imports(request: TenantRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    shown = {
        "form": form,
        "items": [{"item": item, "target": TARGETS[item.target].label} for item in recent()],
        "sources": [
            {"fresh": fresh, "target": TARGETS[fresh.target].label} for fresh in freshness()
        ],
    }
    return render(request, "accounts/imports/imports.html", shown, status=status)


def _layout(
    request: TenantRequest, item: Import, form: LayoutForm, status: int = 200
) -> HttpResponse:
    shown = _shell(item) | {"form": form, "step": 1}
    return render(request, "accounts/imports/layout.html", shown, status=status)


def _check(
    request: TenantRequest, item: Import, message: str = "", status: int = 200
) -> HttpResponse:
    bad, conflicts = rows_of(item, *BAD), rows_of(item, Kind.CONFLICT)
    job = job_of(item)
    shown = _shell(item) | {
        "message": message,
        "stats": _stats(item),
        "bad": list(bad[:SHOWN]),
        "bad_count": bad.count(),
        "conflicts": list(conflicts[:SHOWN]),
        "conflict_count": conflicts.count(),
        "copies": rows_of(item, Kind.COPY).count(),
        "missing": (job.statistics.get("missing", []) if job else [])[:SHOWN],
        "would_change": item.counts.get("new", 0) + item.counts.get("changed", 0),
        "shown": SHOWN,
    }
    return render(request, "accounts/imports/check.html", shown, status=status)


def _result(request: TenantRequest, item: Import) -> HttpResponse:
    kept = kept_after_undo(item)
    shown = _shell(item) | {
        "stats": _stats(item),
        "may_undo": item.state == State.DONE
        and item.undo_until is not None
        and timezone.now() <= item.undo_until,
        "bad": list(rows_of(item, *BAD, Kind.CONFLICT)[:SHOWN]),
        "bad_count": rows_of(item, *BAD, Kind.CONFLICT).count(),
        "kept": [
            {"target": TARGETS[change.target].one, "change": change} for change in kept[:SHOWN]
        ],
        "shown": SHOWN,
    }
    return render(request, "accounts/imports/result.html", shown)


def _progress(request: TenantRequest, item: Import, template: str) -> HttpResponse:
    job = job_of(item)
    done = job.statistics.get("done", 0) if job else 0
    total = job.statistics.get("total", 0) if job else 0
    shown = _shell(item) | {
        "id": f"import-{item.pk}",
        "url": reverse("accounts:import_progress", args=[item.pk]),
        "label": WORDS[State(item.state)],
        "done": done,
        "total": total or 1,
        "words": f"{done:,} of {total:,} rows" if total else "Waiting for its turn",
        "finished": False,
        "is_dead": job is not None and job.state == "dead",
    }
    return render(request, template, shown)


def _refused(request: TenantRequest, item: Import, refusal: Refused) -> HttpResponse:
    item.refresh_from_db()
    shown = _shell(item) | {"refusal": str(refusal)}
    return render(request, "accounts/imports/refused.html", shown, status=refusal.status)


def _shell(item: Import) -> dict[str, Any]:
    at = STEP_OF.get(State(item.state), 4)
    return {
        "title": item.file_name,
        "item": item,
        "target": TARGETS[item.target],
        "layout": item.layout,
        "step": at,
        "steps": list(enumerate(STEPS)),
    }


def _stats(item: Import) -> list[dict[str, Any]]:
    """Where every row of the file goes. The five add up to the rows of the file."""
    counts = item.counts
    labels = (
        ("rows", "Rows in the file"),
        ("new", "New"),
        ("changed", "Changed"),
        ("unchanged", "The same as stored"),
        ("refused", "Refused"),
        ("repeated", "Repeated in the file"),
    )
    return [
        {"label": label, "value": f"{counts.get(key, 0):,}", "note": "", "tone": "", "url": ""}
        for key, label in labels
    ]
