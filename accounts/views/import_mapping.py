"""The step of an import in which columns meet fields."""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.actions.import_reading import words_in
from accounts.actions.imports import WrongStep, map_columns
from accounts.forms.mapping import MappingForm
from accounts.models import Import
from accounts.queries.custom import mappable
from accounts.rules.plan import Plan, takes_words
from accounts.targets import TARGETS
from tenants.access import TenantRequest, needs
from tenants.roles import Can

STEPS = ("Upload", "Layout", "Columns", "Check", "Result")


@needs(Can.IMPORT)
@require_POST
def mapping(request: TenantRequest, import_id: UUID) -> HttpResponse:
    """Settle which column fills which field, and have every row checked."""
    item = get_object_or_404(Import, pk=import_id)
    if item.state not in {Import.State.READ, Import.State.CHECKED}:
        return redirect("accounts:import", item.pk)
    form = _form(item, request.POST)
    if not form.is_valid():
        return _page(request, item, form, status=422)
    try:
        map_columns(item=item, plan=form.plan(), now=timezone.now())
    except WrongStep as refusal:
        form.add_error(None, str(refusal))
        return _page(request, item, form, status=409)
    return redirect("accounts:import", item.pk)


def mapping_page(request: TenantRequest, item: Import) -> HttpResponse:
    """The fields with the columns we would choose, or those that were chosen before."""
    return _page(request, item, _form(item, None))


def _form(item: Import, data: QueryDict | None) -> MappingForm:
    """The form, with the words of the columns that fields with few values are filled from."""
    target, plan = TARGETS[item.target], Plan.from_json(item.plan)
    fields = mappable(target)
    column_of: dict[str, int] = {}
    for described in fields.values():
        if not takes_words(described):
            continue
        source = plan.fields.get(described.key)
        said = (
            str(data.get(f"f-{described.key}", ""))
            if data is not None
            else str(source.column)
            if source and source.column is not None
            else ""
        )
        if said.isdigit() and int(said) < len(item.columns):
            column_of[described.key] = int(said)
    found = words_in(item, set(column_of.values()))
    words = {key: found[column] for key, column in column_of.items() if column in found}
    return MappingForm(target, fields.values(), item.columns, plan, words, data)


def _page(
    request: TenantRequest, item: Import, form: MappingForm, status: int = 200
) -> HttpResponse:
    reasons = item.layout.get("reasons", {})
    lines = form.lines(reasons)
    used = {line["column"]["index"] for line in lines if line["column"]}
    keys = form["key"].value() or [] if form.has_key else []
    used |= {int(column) for column in keys if str(column).isdigit()}
    counts = form["counts"].value() or [] if "counts" in form.fields else []
    used |= {int(column) for column in counts if str(column).isdigit()}
    shown = {
        "title": item.file_name,
        "item": item,
        "target": TARGETS[item.target],
        "form": form,
        "lines": lines,
        "key_reason": reasons.get("external_id", ""),
        "unused": [column for column in item.columns if column["index"] not in used],
        "lacking": [
            line["field"].label
            for line in lines
            if line["field"].required and not line["pick"].value()
        ],
        "step": 2,
        "steps": list(enumerate(STEPS)),
    }
    return render(request, "accounts/imports/mapping.html", shown, status=status)
