"""Web and worker processes killed at random moments leave what a quiet run leaves.

One tenant takes an import, calls of the API, a night and its plays undisturbed; others take the
same while processes are killed outright. In the end every table of each says the same, but for ids
and moments: nothing was lost, nothing happened twice.
"""

import random
import threading
import time

import pytest
from django.utils import timezone

from tenants import jobs, nights
from tenants.jobs import run
from tenants.models import DueJob, Job
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.accounts.wizard import Wizard
from tests.faults.site import Site, children, kill, until
from tests.faults.tables import differing, shape
from tests.faults.world import World

TICKS = 5  # seconds, in place of the minute of real ones
SEED = 20261127
CALLS = 10
FILE = b"id,name,employees\n" + b"".join(
    b"I%d,Imported %d,%d\n" % (n, n, n + 10) for n in range(1200)
)


class Scenario:
    """What one tenant goes through."""

    def __init__(self, site: Site, slug: str) -> None:
        self.site = site
        self.world = World(slug)
        self.tenant = self.world.tenant
        with act_for(self.tenant.pk):
            self.key = make.api_key(self.world.people[Role.ADMIN])
        self.told: list[int] = []

    def begin(self) -> threading.Thread:
        """Queue the import, and have a client send its calls, each until it is told it is done."""
        wizard = Wizard(self.world.client(Role.ADMIN), self.tenant)
        item = wizard.check(wizard.columns(wizard.upload(FILE)))
        assert wizard.post(item, "run").status_code == 302
        thread = threading.Thread(target=self._send)
        thread.start()
        return thread

    def _send(self) -> None:
        for n in range(CALLS):
            rows = [{"external_id": f"C{n}-{m}", "name": f"Called {m}"} for m in range(20)]
            use = {"account": f"C{n}-0", "day": "2026-10-01", "feature": "f"}
            used = [use | {"person": f"p{m}", "n": m} for m in range(30)]
            for noun, data in (("accounts", rows), ("usage", used)):
                headers = {"Authorization": f"Bearer {self.key}"}
                headers["Idempotency-Key"] = f"{noun}-{n}"
                body = {"source": "crm", "data": data}
                while True:
                    answer = self.site.try_to("POST", f"/api/v1/{noun}/bulk/", body, headers)
                    if answer is not None and answer.status == 200:
                        break
                    assert answer is None or answer.status in {409, 503}, (answer, answer.body)
                    time.sleep(0.05)
                self.told.append(200)

    def open(self) -> list[Job]:
        """The jobs that are neither done nor given up, the delayed ones brought forward."""
        now = timezone.now()
        with act_for(self.tenant.pk):
            waiting = Job.objects.filter(state="waiting", due_at__gt=now)
            DueJob.objects.filter(job_id__in=list(waiting.values_list("pk", flat=True))).update(
                due_at=now
            )
            waiting.update(due_at=now)
            dead = list(Job.objects.filter(state="dead").values_list("kind", "attempt", "error"))
            assert not dead
            return list(Job.objects.exclude(state="done"))

    def running(self) -> bool:
        with act_for(self.tenant.pk):
            return Job.objects.filter(state="running").exists()

    def expire(self) -> None:
        """What five minutes without a sign of the holder do: the leases are over.

        Those who live hold theirs no longer either, and may write nothing more. Attempts are
        not counted here: more strike at one chunk than it may fail.
        """
        now = timezone.now()
        with act_for(self.tenant.pk):
            held = Job.objects.filter(state="running")
            ids = list(held.values_list("pk", flat=True))
            held.update(due_at=now, attempt=0)
            DueJob.objects.filter(job_id__in=ids).update(due_at=now)

    def quietly(self) -> None:
        """Everything, one after the other, in this process."""
        self.begin().join()
        self._work_off()
        nights.queue_nights(self.tenant, timezone.now())
        self._work_off()

    def _work_off(self) -> None:
        while waiting := self.open():
            done = [run(self.tenant.pk, one.pk) for one in sorted(waiting, key=lambda one: one.key)]
            assert any(done), [one.error for one in waiting]


class Killer:
    """Strikes at a process of the site, at a moment of its own choosing."""

    def __init__(self, site: Site, chance: random.Random, kills: int) -> None:
        self.site, self.chance, self.left, self.hits = site, chance, kills, 0
        self.ticked = 0.0

    def strike(self, scenario: Scenario) -> None:
        """Wait for work to be under way, a moment more, and kill."""
        until(lambda: self._is_under_way(scenario), "work is under way", patience=60)
        time.sleep(self.chance.uniform(0, 0.3))
        self.hits += scenario.running()
        name = self.chance.choice(["worker", "worker", "worker", "web"])
        process = self.site.processes[name].pid
        living = children(process)
        if self.chance.random() < 0.05 or not living:  # the whole of it
            kill(process)
            self.site.processes[name].wait()
            for child in living:
                kill(child)
            self.site.start_again(name)
        else:
            kill(self.chance.choice(living))
        self.left -= 1
        scenario.expire()

    def _is_under_way(self, scenario: Scenario) -> bool:
        """Whether somebody works, or nothing is left. The clock ticks meanwhile, as it always does.

        What was put back, or rung for at one who died, is not rung for by anybody else.
        """
        if scenario.running() or not scenario.open():
            return True
        if time.monotonic() - self.ticked > TICKS:
            self.site.tick()
            self.ticked = time.monotonic()
        return False

    def work_off(self, scenario: Scenario, most: int, *, by_tick: bool = False) -> None:
        """Ring until all is done, striking `most` times. A tick begins nights as well."""
        checked = time.monotonic()
        while waiting := scenario.open():
            for name in ("worker", "web"):
                if not self.site.alive(name):
                    self.site.start_again(name)
            if by_tick:
                self.site.tick()
            elif not self.site.broker.llen("celery"):
                self.site.ring(waiting)
            if most and self.left:
                self.strike(scenario)
                most -= 1
            else:
                time.sleep(0.2)
            if time.monotonic() - checked > 15:  # a lease may have been taken by who died just then
                scenario.expire()
                checked = time.monotonic()


@pytest.mark.case("A1", "A2", "B1", "B2", "B18")
def test_killed_processes_leave_what_a_quiet_run_leaves(
    installation: Site, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "ring", lambda *ids, after=0: None)  # of this process
    installation.web()
    quiet = Scenario(installation, f"quiet-{time.monotonic_ns()}")
    quiet.quietly()
    wanted = shape(quiet.tenant.pk)
    installation.worker()
    kills = 500 if request.config.getoption("--full") else 20
    killer = Killer(installation, random.Random(SEED), kills)
    while killer.left:
        scenario = Scenario(installation, f"killed-{time.monotonic_ns()}")
        sender = scenario.begin()
        killer.work_off(scenario, 6)
        sender.join()
        killer.work_off(scenario, 3)
        nights.queue_nights(scenario.tenant, timezone.now())
        killer.work_off(scenario, 8, by_tick=True)
        assert len(scenario.told) == 2 * CALLS
        until(installation.is_quiet, "nobody works on")
        assert differing(wanted, shape(scenario.tenant.pk)) == {}
    assert killer.hits >= kills // 4, "the kills met nobody at work"
