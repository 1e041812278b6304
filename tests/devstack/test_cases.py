"""The check of cases finds what it is there for."""

from csom.checks import cases

CATALOGUE = {
    "A": {"title": "Servers", "cases": {"A1": "Down.", "A2": "Up.", "A3": "Slow."}, "waits": {}}
}


def findings(tests: dict[str, list[str]], **waits: str) -> list[str]:
    catalogue = {"A": CATALOGUE["A"] | {"waits": waits}}
    told = {case: [("tests/test_x.py", name) for name in held] for case, held in tests.items()}
    return list(cases.findings(catalogue, told))


def test_a_case_is_tested_or_waits_and_never_both():
    assert findings({"A1": ["test_down"], "A2": ["test_up"]}, A3="a clock") == []
    [neither] = findings({"A1": ["test_down"]}, A3="a clock")
    assert neither == "A2 has no test that names it and waits for nothing"
    [both] = findings({"A1": ["x"], "A2": ["x"], "A3": ["test_slow"]}, A3="a clock")
    assert both == "A3 is said to wait, and test_slow tests it"
    [unknown] = findings({"A1": ["x"], "A2": ["x"], "A9": ["x"]}, A3="a clock")
    assert unknown.startswith("A9 is not a case")


def test_marks_are_found_on_functions_examples_and_modules():
    source = """
import pytest
pytestmark = [pytest.mark.django_db, pytest.mark.case("A1")]

@pytest.mark.case("A2", "A3")
@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.case("A10"))])
def test_one(x):
    pass

def test_two():
    return "pytest.mark.case('A4')"
"""
    assert set(cases.names(source, "test_m")) == {
        ("test_m", "A1"),
        ("test_one", "A2"),
        ("test_one", "A3"),
        ("test_one", "A10"),
    }


def test_the_page_tells_each_case_and_who_holds_it():
    catalogue = {"A": CATALOGUE["A"] | {"waits": {"A2": "a pooler"}}}
    text = cases.page(catalogue, {"A1": [("tests/test_x.py", "test_down")]})
    assert "| A1 | Down. | [test_down](../tests/test_x.py) |" in text
    assert "| A2 | Up. | waits for a pooler |" in text
