"""People and programs that go on while something is broken: pages read, calls repeated by key."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType

from django.db import connection

from accounts.models import Account
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.faults.site import Answer, Site, until
from tests.faults.world import World

BULK = "/api/v1/accounts/bulk/"


class Load:
    """One reader and one writer. The writer repeats each call until it is told that it is done."""

    def __init__(self, site: Site, world: World) -> None:
        self.site, self.world = site, world
        with act_for(world.tenant.pk):
            secret = make.api_key(world.people[Role.ADMIN])
        session = world.client(Role.CSM).cookies["session"].value
        self.reader = {"Cookie": f"session={session}"}
        self.writer = {"Authorization": f"Bearer {secret}"}
        self.statuses: Counter[int] = Counter()
        self.read = self.written = self.refused = 0
        self.wrong: list[Answer] = []
        self.ends = threading.Event()
        self.threads = [threading.Thread(target=work) for work in (self._read, self._write)]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.ends.set()
        for thread in self.threads:
            thread.join()

    def page(self) -> Answer:
        """Read a page of the tenant."""
        return self.site.ask("GET", self.world.url("accounts/"), headers=self.reader)

    def post(self, n: int) -> Answer:
        """The n-th call: one new account, under a key of its own."""
        rows = {"source": "load", "data": [{"external_id": f"L{n}", "name": f"Load {n}"}]}
        return self.site.ask("POST", BULK, rows, self.writer | {"Idempotency-Key": f"load-{n}"})

    def goes_on(self, *, patience: float) -> None:
        """Wait until a page was read and a call done from now on."""
        read, written = self.read, self.written
        reached = lambda: self.read > read + 1 and self.written > written + 1  # noqa: E731
        until(reached, lambda: f"served again; {self.statuses} {self.wrong[:1]}", patience=patience)

    def is_refused(self) -> None:
        """Wait until both are told to come back later."""
        refused = self.refused
        until(lambda: self.refused > refused + 3, lambda: f"told to come back; {self.statuses}")

    def check(self) -> None:
        """Only answers, 503 and a key's limit were seen; each call that was done is there, once."""
        assert not self.wrong, (self.statuses, self.wrong[0], self.wrong[0].body[:600])
        connection.close()  # of this process, which was cut as well
        with act_for(self.world.tenant.pk):
            made = Account.objects.filter(source="load")
            assert made.count() in (self.written, self.written + 1), self.statuses
            keys = set(made.values_list("external_id", flat=True))
        assert keys >= {f"L{n}" for n in range(self.written)}

    def _read(self) -> None:
        while not self.ends.is_set():
            if (answer := self._ask(self.page)) and answer.status == 200:
                self.read += 1
            time.sleep(0.05)

    def _write(self) -> None:
        while not self.ends.is_set():
            answer = self._ask(lambda: self.post(self.written))
            if answer and answer.status == 200:
                self.written += 1
            slowly = answer and answer.status == 429  # a key's limit, met where this goes on long
            time.sleep(float(answer.headers["Retry-After"]) if answer and slowly else 0.05)

    def _ask(self, call: Callable[[], Answer]) -> Answer | None:
        try:
            answer = call()
        except OSError:
            return None  # the web server itself was killed
        self.statuses[answer.status] += 1
        if answer.status == 503 and is_plain(answer):
            self.refused += 1
        elif answer.status not in (200, 429) and not (
            answer.status == 409 and b"in_flight" in answer.body
        ):
            self.wrong.append(answer)
        return answer


def is_plain(answer: Answer) -> bool:
    """A 503 that says so in the way of its caller, and when to come back."""
    if not answer.headers.get("Retry-After", "").isdigit():
        return False
    if answer.headers["Content-Type"] == "application/problem+json":
        return bool(answer.json()["code"] == "unavailable")
    return b"back in a moment" in answer.body
