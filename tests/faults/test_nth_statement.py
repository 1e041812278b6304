"""The n-th statement fails, n = 1, 2, … until none is left: all or nothing, and trying again helps.

What is compared are sums over every table, read by their owner from outside.
"""

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, close_old_connections

from tenants import jobs
from tests.faults.faults import cut, nth_commit, nth_statement, refuse
from tests.faults.operations import OPERATIONS, Call, Posting
from tests.faults.tables import MACHINERY, differing, exact, shape
from tests.faults.world import World

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 400  # statements an operation may take
TRIED_FIRST, TRIED_LATER = 6, 10  # where not all are tried


@pytest.fixture(autouse=True)
def bells(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = False  # counted in the cache, where a failure is no failure
    monkeypatch.setattr(jobs, "ring", lambda *ids, after=0: None)


def attempt(call: Call) -> int:
    """Call as the web server or a worker would: what escapes is a failure."""
    try:
        return call()
    except (OperationalError, InterfaceError):
        return 503
    finally:
        close_old_connections()


def statements(call: Call) -> int:
    """How many statements a call takes when all goes well."""
    with nth_statement(MOST) as fault:
        assert attempt(call) < 400
    return fault.count


@pytest.mark.case("A3", "A4")
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_all_or_nothing_and_can_be_repeated(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed, world = World("undisturbed"), World("acme")
    count = statements(OPERATIONS[name](undisturbed))
    call = OPERATIONS[name](world)
    is_job = not isinstance(call, Posting)
    committed = [exact()]
    chunk = jobs._do_chunk

    def watched(*arguments: Any) -> bool:
        more = chunk(*arguments)
        committed.append(exact())
        return more

    monkeypatch.setattr(jobs, "_do_chunk", watched)
    n, is_full = 1, request.config.getoption("--full")
    while True:
        already = len(committed)
        with nth_statement(n, cut if n % 3 == 0 else refuse) as fault:
            status = attempt(call)
        if not fault.struck:
            break
        assert status == 503, f"{status} when statement {n} of {count} failed"
        changed = differing(committed[-1], exact())
        if changed and not is_job:  # all, and only the answer was lost
            break
        assert set(changed) <= (MACHINERY if is_job else set()), (n, changed)
        if is_full:  # a job goes on with its next chunk, which is tried from its beginning
            n = n + 1 if len(committed) == already else 1
        else:
            n += 1 if n < TRIED_FIRST else max(1, count // TRIED_LATER)
    assert status < 400 or attempt(call) < 400
    assert differing(shape(undisturbed.tenant.pk), shape(world.tenant.pk)) == {}


REPEATABLE = ["upsert_accounts", "post_usage", "run_import", "score_a_night", "fire_plays"]


@pytest.mark.case("A3")
@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "lost"])
@pytest.mark.parametrize("name", REPEATABLE)
def test_what_is_repeated_after_a_line_was_lost_at_commit_takes_effect_once(
    name: str, is_kept: bool
) -> None:
    undisturbed, world = World("undisturbed"), World("acme")
    assert attempt(OPERATIONS[name](undisturbed)) < 400
    call, n = OPERATIONS[name](world), 1
    while True:
        with nth_commit(n, is_kept=is_kept) as fault:
            status = attempt(call)
        if not fault.struck or n > MOST:
            break
        assert status == 503
        n += 1
    assert n > 2 and (status < 400 or not isinstance(call, Posting))
    assert differing(shape(undisturbed.tenant.pk), shape(world.tenant.pk)) == {}
