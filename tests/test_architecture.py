"""The shape of the code: references point down, only actions write, actions look alike."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db.models import ForeignKey

ROOT = Path(__file__).parents[1]
UPWARDS = ("tenants", "charter", "accounts", "spiced", "pulse", "bowtie", "health", "plays")
APPS = (*UPWARDS, "journeys", "csom")
SIDE_BY_SIDE = {("pulse", "spiced")}

WRITES = {"save", "create", "delete", "bulk_create", "bulk_update"}
WRITES |= {"update_or_create", "get_or_create"}
# The ground that actions stand on: the trail, jobs, the key's pace, the answers kept for a repeat,
# and the end of a company.
GROUND = {
    *("tenants/trail.py", "tenants/jobs.py", "tenants/middleware.py", "tenants/models.py"),
    *("tenants/rest/idempotency.py", "csom/deletion.py"),
}
# The demo writes an invented past, which no action may.
PAST = "csom/demo/"
# Steps that actions of the same app share; nobody else calls them.
STEPS = {
    "accounts/actions/import_rows.py take",
    "accounts/actions/ownership.py own_entries",
    "plays/actions/closing.py close",
    "plays/actions/closing.py mark_late",
    "plays/actions/opening.py write",
}


def modules(*parts: str) -> Iterator[Path]:
    """Our modules without migrations, those of the named apps."""
    for app in parts or APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts and "devstack" not in path.parts:
                yield path


def is_action(path: Path) -> bool:
    return "actions" in path.parts or path.name == "actions.py"


def test_references_between_tables_point_down():
    wrong = []
    for model in apps.get_models():
        own = model._meta.app_label
        for field in model._meta.local_fields:
            if not isinstance(field, ForeignKey) or own not in APPS:
                continue
            other = field.related_model._meta.app_label
            if other in APPS and APPS.index(other) > APPS.index(own):
                wrong.append(f"{own}.{model.__name__}.{field.name} -> {other}")
            if (own, other) in SIDE_BY_SIDE:
                wrong.append(f"{own}.{model.__name__}.{field.name} -> {other}, beside it")
    assert wrong == []


def test_only_actions_write():
    wrong = []
    for path in modules():
        where = str(path.relative_to(ROOT))
        if is_action(path) or where in GROUND or where.startswith(PAST):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            called, on = node.func.attr, ast.unparse(node.func.value)
            is_rows = ".objects" in on or "_default_manager" in on
            if called in WRITES or (called == "update" and is_rows):
                wrong.append(f"{where}:{node.lineno} {on}.{called}()")
    assert wrong == []


def public(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def decorators(function: ast.FunctionDef) -> set[str]:
    return {ast.unparse(each).partition("(")[0] for each in function.decorator_list}


def test_actions_take_the_moment_and_everything_else_by_name():
    """What a person or key does takes `actor` and `now`, by name.

    Batches take their target and rows first; steps of jobs take their work first.
    """
    wrong = []
    for path in modules():
        if not is_action(path):
            continue
        for function in public(path):
            names = [each.arg for each in function.args.kwonlyargs]
            first = [each.arg for each in function.args.args]
            if "actor" not in {*names, *first} or first[-1:] == ["rows"]:
                continue
            if first or "now" not in names:
                wrong.append(f"{path.relative_to(ROOT)} {function.name}")
    assert set(wrong) - STEPS == set()


def test_actions_that_take_a_moment_and_record_are_one_transaction():
    wrong = []
    for path in modules():
        if not is_action(path):
            continue
        for function in public(path):
            told = ast.unparse(function)
            records = "trail.record" in told
            if records and not decorators(function) & {"transaction.atomic", "job"}:
                wrong.append(f"{path.relative_to(ROOT)} {function.name}")
    assert set(wrong) - STEPS == set()


def test_nothing_asks_the_machine_what_day_it_is():
    wrong = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {
                *("date.today", "datetime.today", "datetime.utcnow"),
            }:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []


def test_shared_steps_are_called_inside_their_app_only():
    for step in STEPS:
        where, _, name = step.partition(" ")
        app = where.partition("/")[0]
        module = where.removesuffix(".py").replace("/", ".")
        assert name in {function.name for function in public(ROOT / where)}, step
        for path in modules():
            if f"from {module} import" in path.read_text() and path.parts[len(ROOT.parts)] != app:
                imported = ast.unparse(ast.parse(path.read_text())).partition(f"from {module}")[2]
                assert name not in imported.partition("\n")[0], f"{path} calls {step}"


REGISTERS = re.compile(r"^@(job|on_news|follow|follows|placing)\b", re.MULTILINE)


def test_a_worker_knows_every_job_and_listener_without_an_address_being_asked() -> None:
    """A process that never loads the URLs must know the kinds that the web queues."""
    wanted = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in modules()
        if REGISTERS.search(path.read_text())
    }
    script = "import django, sys; django.setup(); print(*sys.modules)"
    command = [sys.executable, "-c", script]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert len(wanted) > 10
    assert wanted - set(loaded.split()) == set()
