"""Every case of `cases.toml` is held by a test that names it, or says what it waits for.

`--write` writes docs/trust-cases.md anew; without it the page must be current.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "trust-cases.md"
INTRODUCTION = """# Cases of trust

What can go wrong, what CSOM does then, and the tests that hold it to that. Made from
`csom/checks/cases.toml` and the tests' marks; `./run check cases` fails where a case has neither a
test nor a reason to wait. What the promises mean stands in [Trust](trust.md).
"""
Tests = Mapping[str, list[tuple[str, str]]]


def main() -> int:
    catalogue, tests = read(), marked(ROOT / "tests")
    text = page(catalogue, tests)
    if "--write" in sys.argv:
        PAGE.write_text(text)
    found = list(findings(catalogue, tests))
    if not PAGE.exists() or PAGE.read_text() != text:
        found.append(f"{PAGE.name} is not current: python -m csom.checks.cases --write")
    print("\n".join(found))
    return 1 if found else 0


def read() -> dict[str, Any]:
    """The catalogue: chapters with a title, cases (id: what) and waits (id: for what)."""
    return tomllib.loads(Path(__file__).with_name("cases.toml").read_text())


def findings(catalogue: Mapping[str, Any], tests: Tests) -> Iterator[str]:
    """One line per case that is neither tested nor waiting, or both, or unknown."""
    cases = {case for chapter in catalogue.values() for case in chapter["cases"]}
    waits = {case for chapter in catalogue.values() for case in chapter["waits"]}
    for case in sorted((waits | tests.keys()) - cases, key=order):
        yield f"{case} is not a case of the catalogue: {tests.get(case, 'it waits')}"
    for case in sorted(cases - waits - tests.keys(), key=order):
        yield f"{case} has no test that names it and waits for nothing"
    for case in sorted(waits & tests.keys(), key=order):
        yield f"{case} is said to wait, and {tests[case][0][1]} tests it"


def marked(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """The tests that name each case: (file below the root, function; the module's name if all)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for file in sorted(folder.rglob("test_*.py")):
        for test, case in names(file.read_text(), file.stem):
            where = (file.relative_to(folder.parent).as_posix(), test)
            if where not in found.setdefault(case, []):
                found[case].append(where)
    return found


def names(source: str, module: str) -> Iterator[tuple[str, str]]:
    """Each (test, case) of a module: marks on functions and their examples, and on the module."""
    for statement in ast.parse(source).body:
        nodes: list[ast.AST] = [statement]
        name = module
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            nodes, name = list(statement.decorator_list), statement.name
        for node in nodes:
            for each in ast.walk(node):
                if isinstance(each, ast.Call) and ast.unparse(each.func) == "pytest.mark.case":
                    yield from ((name, str(ast.literal_eval(word))) for word in each.args)


def page(catalogue: Mapping[str, Any], tests: Tests) -> str:
    """The table as a page, and how much of it is held."""
    cases = sum(len(chapter["cases"]) for chapter in catalogue.values())
    waiting = sum(len(chapter["waits"]) for chapter in catalogue.values())
    lines = [INTRODUCTION, f"{cases} cases: {cases - waiting} tested, {waiting} waiting."]
    for letter, chapter in catalogue.items():
        lines += [f"\n## {letter}. {chapter['title']}\n", "| case | what | held by |"]
        lines.append("| --- | --- | --- |")
        for case, what in chapter["cases"].items():
            held = "; ".join(f"[{test}](../{file})" for file, test in tests.get(case, []))
            reason = chapter["waits"].get(case)
            lines.append(f"| {case} | {what} | {f'waits for {reason}' if reason else held} |")
    return "\n".join(lines) + "\n"


def order(case: str) -> tuple[str, int]:
    """A2 before A10."""
    return case[:1], int(case[1:]) if case[1:].isdigit() else 0


if __name__ == "__main__":
    sys.exit(main())
