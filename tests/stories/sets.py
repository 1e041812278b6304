"""Files of one source from elsewhere, brought in through the wizard."""

import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Import, ImportRow
from tenants.scope import act_for
from tests.accounts.wizard import Wizard, adds_up, column

FOLDER = Path(os.environ.get("CSOM_DATA", "/nowhere"))
PLAIN = {"stage", "key", "account_by", "counts", "adds_up"}


class Set:
    """Files of one source, brought in one after the other."""

    def __init__(self, wizard: Wizard, folder: str, source: str) -> None:
        self.wizard, self.folder, self.source = wizard, FOLDER / folder, source
        if not self.folder.is_dir():
            pytest.skip(f"no {folder} in CSOM_DATA")

    def content(self, name: str, rows: int | None = None) -> bytes:
        content = (self.folder / name).read_bytes()
        if rows is None:
            return content
        return b"".join(content.splitlines(keepends=True)[: rows + 1])

    def map(
        self,
        file: str,
        target: str,
        rows: int | None = None,
        /,
        *,
        words: Any = None,
        **columns: Any,
    ) -> Import:
        """Upload and check: a field by the name of its column, or as the form takes it."""
        wizard = self.wizard
        item = wizard.upload(self.content(file, rows), file, target, self.source)
        item = wizard.columns(item)
        said: dict[str, Any] = {}
        for field, value in columns.items():
            known = value in item.layout["names"]
            is_choice = field in PLAIN or field[1:2] == "_"
            name_of = field.replace("_", "-", 1) if field[1:2] == "_" else field
            said[name_of if is_choice else f"f-{field}"] = column(item, value) if known else value
        proposed = wizard.proposed(item)
        merged = {**proposed, **said}
        merged = {key: value for key, value in merged.items() if value is not None}
        answer = wizard.post(item, "mapping", {k: v for k, v in merged.items() if k[:2] != "v-"})
        if answer.status_code == 422 and words:
            form = answer.context["form"]
            for field in form.fields:
                if field[:2] == "v-":
                    word = form[field].label[1:].split("”")[0]
                    merged[field] = words.get(word, form[field].initial)
            answer = wizard.post(item, "mapping", merged)
        assert answer.status_code == 302, {
            **answer.context["form"].errors.get_json_data(),
        }
        wizard.work()
        item = wizard.item(item.pk)
        assert item.state == "checked" and adds_up(item), item.counts
        return item

    def reasons(self, item: Import) -> dict[str, int]:
        """Why rows were refused, values left out, with how many."""
        with act_for(self.wizard.tenant.pk):
            rows = list(ImportRow.objects.filter(belongs_to=item).exclude(kind="copy"))
        said = (re.sub(r"“.*?”|[0-9-]+", "…", row.problems[0]["reason"]) for row in rows)
        return dict(Counter(said).most_common(5))

    def bring_in(self, file: str, target: str, rows: int | None = None, /, **how: Any) -> Import:
        """Bring a file in, then once more: the second time changes nothing."""
        item = self.wizard.run(self.map(file, target, rows, **how))
        assert item.state == "done" and adds_up(item), item.counts
        again = self.map(file, target, rows, **how)
        assert again.counts["new"] == again.counts["changed"] == 0, again.counts
        assert again.counts["refused"] == item.counts["refused"]
        print(file, item.counts, self.reasons(item))
        return item
