"""The drill passes for a backup one could go on with, and for no other."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from csom.devstack import backup, drill
from tests.devstack.test_backup import database, full, run  # noqa: F401 - fixtures

PERSON = """
with person as (
  insert into tenants_user (id, email, name, password, is_active, is_staff, is_superuser,
                            date_joined, uses_single_keys)
  values (gen_random_uuid(), %s, 'Maya', '', true, false, false, now(), true) returning id
)
insert into tenants_membership (id, tenant_id, user_id, role, team, capacity_minutes, created_at)
select gen_random_uuid(), t.id, person.id, 'admin', '', 360, now()
from tenants_tenant t, person where t.slug = 'acme'
"""


@pytest.fixture
def peopled(full: str) -> str:  # noqa: F811
    run(full, PERSON, (f"{uuid.uuid4().hex}@example.com",))
    return full


@pytest.mark.case("H15")
def test_a_backup_passes_and_leaves_no_server_behind(
    peopled: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    living: Callable[[Path], list[int]],
) -> None:
    monkeypatch.setattr(drill.tempfile, "mkdtemp", lambda prefix: str(tmp_path / "drill"))
    (tmp_path / "drill").mkdir()
    file = tmp_path / "csom.dump"
    assert backup.save([str(file)]) == 0
    assert drill.main([str(file)]) == 0
    assert "is a backup" in capsys.readouterr().out
    assert not living(tmp_path / "drill") and not (tmp_path / "drill").exists()


@pytest.fixture(params=["policy", "column", "page"])
def harm(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """What is wrong with a database, and what the drill says of it."""
    yield {
        "policy": (
            "drop policy tenant_isolation on spiced_note; "
            "alter table spiced_note disable row level security",
            "spiced_note has no policy",
        ),
        "column": ("alter table plays_task drop column title", "plays_task lacks title"),
        "page": (
            "update tenants_tenant set time_zone = 'Nowhere' where slug = 'acme'",
            "the first page of acme answers 500",
        ),
    }[request.param]


@pytest.mark.case("H15")
def test_a_backup_that_lacks_something_does_not_pass(
    peopled: str, harm: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    statement, words = harm
    run(peopled, statement)
    file = tmp_path / "csom.dump"
    assert backup.save([str(file)]) == 0
    assert drill.main([str(file)]) == 1
    assert words in capsys.readouterr().err


def test_a_file_that_is_no_backup_does_not_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "csom.dump"
    file.write_text("this is no dump")
    assert drill.main([str(file)]) == 1
    assert "The drill failed" in capsys.readouterr().err
