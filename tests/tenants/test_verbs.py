"""Every verb that the code writes to the trail, and every kind of job, reads in words."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from accounts.targets import TARGETS
from tenants.jobs import KINDS, LABELS
from tenants.roles import MEANS, scopes
from tenants.timeline import WORDINGS

OWN = [each for each in apps.get_app_configs() if Path(each.path).parent == settings.BASE_DIR]
APPS = "|".join(each.label for each in OWN)
VERB = re.compile(rf"({APPS})\.[a-z_]+")
BEGUN = re.compile(rf"({APPS})\.\w*$")
NO_WRITERS = {"describe", "job", "include"}


def modules() -> Iterator[ast.Module]:
    """What the product has loaded of its own once its addresses are known."""
    import_module("csom.urls")
    import_module("csom.urls_inside")
    for module in [*sys.modules.values()]:
        path = Path(getattr(module, "__file__", None) or "/")
        is_own = any(path.is_relative_to(app.path) for app in OWN)
        if is_own and (
            path.stem in ("actions", "sample") or {"actions", "queries"} & {*path.parts}
        ):
            yield ast.parse(path.read_text())


def written(tree: ast.Module) -> set[str]:
    """Literals that are verbs, but for those that a call of another kind names."""
    others: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in NO_WRITERS and node.args:
            others |= {id(each) for each in ast.walk(node.args[0])}
        if isinstance(node, ast.JoinedStr):
            begun = BEGUN.match(str(getattr(node.values[0], "value", "")))
            assert not begun, f"a verb is put together: {ast.unparse(node)}"
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    said = {str(node.value) for node in found if id(node) not in others}
    return {each for each in said if VERB.fullmatch(each)}


def _name(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


def test_every_verb_of_the_trail_reads_in_words():
    verbs = {verb for tree in modules() for verb in written(tree)}
    verbs |= {target.verb for target in TARGETS.values()}
    assert len(verbs) > 60
    assert verbs - WORDINGS.keys() == set()
    assert WORDINGS.keys() - verbs == set(), "words for what nothing writes"


def test_every_kind_of_job_and_every_scope_reads_in_words():
    assert all(LABELS[kind] and "." not in LABELS[kind] for kind in KINDS)
    assert set(scopes()) <= {str(can) for can in MEANS}


@pytest.mark.parametrize(
    "code",
    [
        "trail.record('accounts.thing_done', at=now)",
        "TrailEntry(verb='accounts.thing_done')",
        "verb = 'accounts.thing_done' if is_new else 'accounts.thing_done'",
        "told('accounts.thing_done' if is_new else 'accounts.thing_done', row)",
    ],
)
def test_the_scan_notices_a_verb(code: str):
    assert written(ast.parse(code)) == {"accounts.thing_done"}


def test_the_scan_refuses_a_verb_that_is_put_together():
    with pytest.raises(AssertionError, match="put together"):
        written(ast.parse("trail.record(f'accounts.thing_{what}')"))
