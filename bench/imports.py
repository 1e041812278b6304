"""A file of accounts through the wizard's jobs, beside COPY of the rows it brings in.

Ours: every row read and judged, rehearsed, then brought in with what is needed to take it back.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from accounts.actions.imports import map_columns
from accounts.models import Import
from accounts.rules.plan import Plan
from bench import floor
from bench.measure import Case
from bench.tenant import Bench
from tenants.jobs import run
from tenants.models import Job
from tenants.scope import act_for

HEAD = b"id,name,industry,employees,region,segment\n"
PREFIX = "/bench-imports/imports/"
CLEAR = (
    "accounts_importchange", "accounts_importrow", "accounts_import", "health_accountrow",
    "bowtie_stay", "accounts_account",
)  # fmt: skip


def cases(quick: bool) -> Iterator[Case]:
    n = 1_000 if quick else 100_000
    made: Callable[[], _File] = cache(lambda: _File(n))
    words = "COPY of the rows it brings in"

    def ours() -> None:
        made().bring_in()

    def least() -> None:
        made().copy()

    def mapped() -> None:
        made().map()

    yield Case("import_csv", 8, words, n, ours, least, mapped, repeats=1)


class _File:
    """A file, a person with a browser, and the rows it becomes."""

    def __init__(self, n: int) -> None:
        self.bench, self.n = Bench("bench-imports"), n
        self.client = self.bench.browser()
        self.content = HEAD + b"".join(
            b"f%d,Firm number %d,Energy,%d,EMEA,mid\n" % (at, at, at % 5000) for at in range(n)
        )
        self.lines, self.item_id = "", UUID(int=0)
        self.map()
        self.bring_in()
        self.lines = floor.rows("accounts_account", self.bench.id)
        connection.close()

    def map(self) -> None:
        """Upload the file and map its columns as proposed; nothing is checked yet."""
        floor.empty(self.bench.id, *CLEAR)
        upload = SimpleUploadedFile("firms.csv", self.content)
        answer = self._post("", {"file": upload, "target": "accounts", "source": "crm"})
        self.item_id = UUID(answer["Location"].rstrip("/").split("/")[-1])
        self._post(f"{self.item_id}/columns/")
        self._work()
        with act_for(self.bench.id):
            item = Import.objects.get(pk=self.item_id)
            map_columns(item=item, plan=Plan.from_json(item.plan), now=timezone.now())
        connection.close()

    def bring_in(self) -> None:
        """The check and the run, as the worker does them."""
        self._work()
        self._post(f"{self.item_id}/run/")
        self._work()
        with act_for(self.bench.id):
            done = Import.objects.get(pk=self.item_id)
            if done.counts.get("new") != self.n:
                raise SystemExit(f"{done.state}: {done.counts} {done.problem}")

    def copy(self) -> None:
        floor.copy_in("accounts_account", self.lines)

    def _post(self, address: str, data: dict[str, Any] | None = None) -> Any:
        answer = self.client.post(f"{PREFIX}{address}", data or {})
        if answer.status_code != 302:
            raise SystemExit(re.sub(r"<[^>]+>|\s+", " ", answer.text)[:800])
        return answer

    def _work(self) -> None:
        """The jobs of imports that are due."""
        now: datetime = timezone.now()
        with act_for(self.bench.id):
            due = Job.objects.filter(kind__startswith="accounts.import", state="waiting")
            ids = list(due.filter(due_at__lte=now).values_list("pk", flat=True))
        for job_id in ids:
            run(self.bench.id, job_id)
