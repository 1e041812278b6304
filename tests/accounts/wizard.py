"""A file through the wizard's own endpoints, its jobs worked off as a worker would."""

import re
import time
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q
from django.test import Client, TestCase
from django.utils import timezone

from accounts.models import Import
from tenants.jobs import run
from tenants.models import Job, Tenant
from tenants.scope import act_for


class Wizard:
    """One tenant's wizard, seen by one client."""

    def __init__(self, client: Client, tenant: Tenant) -> None:
        self.client, self.tenant = client, tenant
        self.at = f"/{tenant.slug}/imports/"

    def upload(
        self, content: bytes, name: str = "accounts.csv", target: str = "accounts",
        source: str = "crm",
    ) -> Import:  # fmt: skip
        answer = self.client.post(
            self.at, {"file": SimpleUploadedFile(name, content), "target": target, "source": source}
        )
        assert answer.status_code == 302, re.sub(r"<[^>]+>", " ", answer.text)[-1500:]
        return self.item(answer["Location"].rstrip("/").split("/")[-1])

    def item(self, pk: Any) -> Import:
        with act_for(self.tenant.pk):
            return Import.objects.get(pk=pk)

    def work(self) -> None:
        """Work off what is due of imports, or wait for the worker that took it first."""
        with act_for(self.tenant.pk):
            due = list(
                Job.objects.filter(kind__startswith="accounts.import")
                .filter(Q(state="waiting", due_at__lte=timezone.now()) | Q(state="running"))
                .values_list("pk", flat=True)
            )
        for job_id in due:
            with TestCase.captureOnCommitCallbacks(execute=True):
                is_taken = not run(self.tenant.pk, job_id, clock=timezone.now)
            assert not is_taken or self._is_done_elsewhere(job_id), self.error(job_id)

    def _is_done_elsewhere(self, job_id: Any) -> bool:
        for _ in range(300):
            with act_for(self.tenant.pk):
                state = Job.objects.values_list("state", flat=True).get(pk=job_id)
            if state != "running":
                return bool(state == "done")
            time.sleep(0.1)
        return False

    def error(self, job_id: Any) -> str:
        with act_for(self.tenant.pk):
            return Job.objects.get(pk=job_id).error

    def post(self, item: Import, step: str, data: dict[str, Any] | None = None) -> Any:
        return self.client.post(f"{self.at}{item.pk}/{step}/", data or {})

    def page(self, item: Import) -> Any:
        return self.client.get(f"{self.at}{item.pk}/")

    def columns(self, item: Import) -> Import:
        assert self.post(item, "columns").status_code == 302
        self.work()
        return self.item(item.pk)

    def proposed(self, item: Import) -> dict[str, Any]:
        """The mapping form as a browser would send it back unchanged."""
        answer = self.page(item)
        assert answer.status_code == 200
        form = answer.context["form"]
        return {
            field.html_name: value
            for field in form
            if (value := field.value()) not in (None, False, "", [])
        } | {field.html_name: field.value() or "" for field in form if field.name[:2] == "v-"}

    def check(self, item: Import, **changes: Any) -> Import:
        """Map as proposed but for some fields, and check."""
        said = self.proposed(item)
        for key, value in changes.items():
            said.pop(key, None)
            if value is not None:
                said[key] = value
        answer = self.post(item, "mapping", said)
        assert answer.status_code == 302, re.sub(r"<[^>]+>", " ", answer.text)[:3000]
        self.work()
        return self.item(item.pk)

    def run(self, item: Import) -> Import:
        assert self.post(item, "run").status_code == 302
        self.work()
        return self.item(item.pk)

    def bring_in(self, content: bytes, **how: Any) -> Import:
        """Upload, accept what is proposed, check and run."""
        upload = {key: how.pop(key) for key in ("name", "target", "source") if key in how}
        item = self.columns(self.upload(content, **upload))
        item = self.check(item, **how)
        return self.run(item) if item.counts.get("new") or item.counts.get("changed") else item


def column(item: Import, name: str) -> str:
    """The position of a column, as the mapping form takes it."""
    return str(item.layout["names"].index(name))


def adds_up(item: Import) -> bool:
    """Every row of the file went somewhere, once."""
    parts = ("new", "changed", "unchanged", "refused", "repeated")
    return item.counts["rows"] == sum(item.counts.get(part, 0) for part in parts)
