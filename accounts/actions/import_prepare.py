"""A file made ready: the rows that can be taken, one a line, and the others with their reasons."""

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from accounts.actions.import_files import prepared_of
from accounts.actions.import_reading import printable, sheet_of
from accounts.actions.staging import plain
from accounts.models import Import, ImportRow
from accounts.queries.custom import mappable
from accounts.queries.imports import accounts_of_contracts
from accounts.rules.keys import Repeats, find_repeats
from accounts.rules.plan import Plan, Problem, Reader
from accounts.rules.sheets import Sheet
from accounts.rules.unreadable import BadRow
from accounts.targets import TARGETS, Target
from tenants.models import Tenant
from tenants.scope import current_tenant_id

AT_ONCE = 1000
CELL_KEPT = 500
PLACE = ("account", "day", "feature", "person")
Records = list[dict[str, Any]]
Read = tuple[int, list[str], Records, list[Problem]]


def prepare(item: Import) -> Counter[str]:
    """Read every row once more and write those that can be taken. Raises Unreadable.

    Rows that cannot be read, that repeat a key, or that contradict another are kept with the
    reason. Memory: one batch of rows, and 8 bytes for each row of the file.
    """
    return _Preparation(item).write()


class _Preparation:
    """One pass of a file through its plan."""

    def __init__(self, item: Import) -> None:
        self.item = item
        self.target: Target = TARGETS[item.target]
        self.plan = Plan.from_json(item.plan)
        self.sheet: Sheet = sheet_of(item)
        tenant = Tenant.objects.get(pk=current_tenant_id())
        self.names = item.layout["names"]
        self.reader = Reader(
            self.plan,
            mappable(self.target),
            self.names,
            zone=ZoneInfo(tenant.time_zone),
            currency=tenant.currency,
        )
        self.fixes: Mapping[str, Mapping[str, str]] = item.fixes
        self.counts: Counter[str] = Counter()
        self.bad: list[ImportRow] = []

    def write(self) -> Counter[str]:
        ImportRow.objects.filter(belongs_to=self.item).delete()
        totals = self._totals() if self.plan.adds_up else None
        repeats = None if totals is not None else self._repeats()
        others = _others(repeats) if repeats else {}
        encode = json.JSONEncoder(default=plain).encode
        with prepared_of(self.item).open("w", encoding="utf-8") as out:
            for line, cells, records, problems in self._read():
                self.counts["rows"] += 1
                if problems:
                    self._refuse(ImportRow.Kind.UNREADABLE, line, cells, problems)
                elif repeats and repeats.is_conflict(line):
                    self._refuse_conflict(line, cells, others.get(line))
                elif repeats and repeats.is_copy(line):
                    self.counts["repeated"] += 1
                    self._keep(ImportRow.Kind.COPY, line, cells, [COPY])
                else:
                    records = records if totals is None else self._added(records, totals)
                    self.counts["repeated"] += not records and totals is not None
                    self.counts["ready"] += 1
                    out.write(encode([line, records]) + "\n")
        self._flush()
        return self.counts

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows of the file with the cells that were put right."""
        for line, cells in self.sheet.rows():
            fixed = self.fixes.get(str(line)) if self.fixes else None
            if fixed:
                width = max(len(cells), *(int(column) + 1 for column in fixed))
                cells = [*cells, *[""] * (width - len(cells))]
                for column, cell in fixed.items():
                    cells[int(column)] = cell
            yield line, cells

    def _read(self) -> Iterator[Read]:
        """Every row through the plan, accounts found by contract where it says so."""
        batches = iter(self.rows())
        while batch := list(islice(batches, AT_ONCE)):
            read = [self._read_row(line, cells) for line, cells in batch]
            if self.plan.account_by == "contract":
                self._find_accounts(read)
            yield from read

    def _read_row(self, line: int, cells: list[str]) -> Read:
        try:
            fitted = self.sheet.layout.fit(cells)
        except BadRow as bad:
            return line, cells, [], [Problem(None, "", bad.reason)]
        records, problems = self.reader.read(fitted)
        return line, fitted, records, problems

    def _find_accounts(self, read: Iterable[Read]) -> None:
        rows = list(read)
        keys = {record["account"] for row in rows for record in row[2] if record.get("account")}
        found = accounts_of_contracts(keys, self.item.source)
        column = self.plan.fields["account"].column
        for _, _, records, problems in rows:
            for record in records:
                key = record.get("account")
                if key is None:
                    continue
                if found.get(key) is None:
                    several = (
                        "Several contracts have" if key in found else "There is no contract with"
                    )
                    problems.append(Problem(column, key, f"{several} the external id “{key}”."))
                    break
                record["account"] = found[key]

    def _repeats(self) -> Repeats | None:
        columns = self.plan.key or self.plan.columns_of(PLACE)
        return find_repeats(self.rows, columns) if columns else None

    def _totals(self) -> dict[int, int | None]:
        """Hash of a place -> sum of its rows, for places with more than one row."""
        hashes = array("q", (_place(r[0]) for _, _, r, problems in self._read() if not problems))
        ordered = array("q", sorted(hashes))
        twice = {a for a, b in pairwise(ordered) if a == b}
        totals: dict[int, int | None] = {}
        for _, _, records, problems in self._read() if twice else ():
            if not problems and (place := _place(records[0])) in twice:
                totals[place] = (totals.get(place) or 0) + (records[0].get("n") or 0)
        return totals

    def _added(self, records: Records, totals: dict[int, int | None]) -> Records:
        """The first row of a place with the sum of all; nothing for the others."""
        place = _place(records[0])
        if place not in totals:
            return records
        total, totals[place] = totals[place], None
        return [] if total is None else [records[0] | {"n": total}]

    def _refuse_conflict(
        self, line: int, cells: list[str], other: tuple[int, tuple[int, ...]] | None
    ) -> None:
        if other is None:
            reason = "Another row of the file has the same key and other content."
            problems = [Problem(None, "", reason)]
        else:
            problems = [
                Problem(column, _cell(cells, column), f"Line {other[0]} has the same key, and here "
                        "something else.")
                for column in other[1]
            ]  # fmt: skip
        self._refuse(ImportRow.Kind.CONFLICT, line, cells, problems)

    def _refuse(self, kind: str, line: int, cells: list[str], problems: list[Problem]) -> None:
        self.counts["refused"] += 1
        self._keep(kind, line, cells, problems)

    def _keep(self, kind: str, line: int, cells: list[str], problems: list[Problem]) -> None:
        self.bad.append(bad_row(self.item, kind, line, cells, problems))
        if len(self.bad) >= AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        ImportRow.objects.bulk_create(self.bad)
        self.bad = []


COPY = Problem(None, "", "The same row stands further up; it is taken once.")


def bad_row(
    item: Import, kind: str, line: int, cells: list[str], problems: Iterable[Problem]
) -> ImportRow:
    """A row that is not taken, as it is kept and shown."""
    names = item.layout["names"]
    said = [
        {
            "column": problem.column,
            "name": "" if problem.column is None else names[problem.column],
            "value": printable(problem.value[:CELL_KEPT]),
            "reason": printable(problem.reason),
        }
        for problem in problems
    ]
    shown = [printable(cell) for cell in cells]
    return ImportRow(belongs_to=item, kind=kind, line=line, cells=shown, problems=said)


def _place(record: Mapping[str, Any]) -> int:
    return hash(tuple(str(record.get(key) or "") for key in PLACE))


def _others(repeats: Repeats) -> dict[int, tuple[int, tuple[int, ...]]]:
    """line -> (the line with the same key, the columns that differ), for the first of them."""
    found: dict[int, tuple[int, tuple[int, ...]]] = {}
    for repeat in repeats.examples:
        if repeat.differs:
            found[repeat.line] = (repeat.first_line, repeat.differs)
            found.setdefault(repeat.first_line, (repeat.line, repeat.differs))
    return found


def _cell(cells: list[str], column: int) -> str:
    return cells[column] if column < len(cells) else ""
