"""The documentation points at what exists and says what is so."""

import re
from pathlib import Path

import pytest

from tenants.roles import GRANTS, PEOPLE, Role

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md"]
ADRS = [page for page in PAGES if re.match(r"\d{4}-", page.name)]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def slug(heading: str) -> str:
    """A heading as its anchor."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {slug(line.lstrip("#")) for line in page.read_text().splitlines() if line[:1] == "#"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path):
    for target in LINK.findall(page.read_text()):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        if anchor:
            assert anchor in anchors(found), target


@pytest.mark.parametrize("page", ADRS, ids=lambda page: page.name[:4])
def test_every_decision_has_context_decision_and_consequence(page: Path):
    found = re.findall(r"^## (\w+)$", page.read_text(), flags=re.M)
    assert found == ["Context", "Decision", "Consequence"]
    assert page.name in (ROOT / "docs/adr/README.md").read_text()


def test_decisions_are_numbered_without_a_gap():
    assert [int(page.name[:4]) for page in ADRS] == list(range(1, len(ADRS) + 1))


def test_every_role_of_the_readme_has_its_page():
    text = (ROOT / "README.md").read_text()
    for name in ("csm", "manager", "revops", "administrator", "executive", "sales", "api"):
        assert f"(docs/{name}.md)" in text


def test_the_table_of_rights_is_the_one_in_force():
    page = (ROOT / "docs/administrator.md").read_text()
    for line in rights():
        assert line in page


def rights() -> list[str]:
    """GRANTS as the lines of a table."""
    roles = [*PEOPLE, Role.API]
    head = f"| right | {' | '.join(role.label for role in roles)} |"
    shown = {"tenant": "all", None: ""}
    body = [
        f"| `{can}` | {' | '.join(shown.get(reach, str(reach or '')) for reach in row)} |"
        for can, row in GRANTS.items()
    ]
    return [head, *body]
