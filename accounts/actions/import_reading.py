"""What is in an uploaded file: its layout, a profile of each column, and a first mapping."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from accounts.actions.import_files import path_of, spool_of
from accounts.models import Import
from accounts.queries.custom import mappable
from accounts.rules.columns import Profile, profile_columns, usual_mark, usual_order
from accounts.rules.layout import Choice
from accounts.rules.mapping import TargetField, guess_mapping, words_of
from accounts.rules.plan import KINDS, Plan, Source
from accounts.rules.sheets import Sheet, open_sheet
from accounts.rules.usage_shape import UsageShape, usage_shape
from accounts.targets import TARGETS, Target

PREVIEW_ROWS = 8
PREVIEW_CELL = 200
MOST_WORDS = 30
LONGEST_WORD = 80


def sheet_of(item: Import) -> Sheet:
    """The file in the layout that was found or chosen. Raises Unreadable."""
    choice = Choice(**item.layout.get("choice", {}))
    return open_sheet(path_of(item), choice, name=item.file_name, spool=spool_of(item))


def printable(text: str) -> str:
    """A cell as the database can keep it for display: without NUL and halves of characters."""
    whole = text.replace("\0", "\ufffd")
    return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def described(sheet: Sheet, choice: Choice) -> dict[str, Any]:
    """The layout as it is kept: in words, with a preview, and what was chosen."""
    layout = sheet.layout
    preview = []
    for line, cells in sheet.rows():
        preview.append([line, [printable(cell[:PREVIEW_CELL]) for cell in cells]])
        if len(preview) == PREVIEW_ROWS:
            break
    return {
        "choice": asdict(choice),
        "format": layout.format,
        "names": [printable(name) for name in layout.names],
        "words": [printable(said) for said in layout.words()],
        "doubts": [printable(doubt) for doubt in layout.doubts],
        "encoding": layout.encoding,
        "delimiter": layout.dialect.delimiter,
        "quote": layout.dialect.quote,
        "escape": layout.dialect.escape,
        "line_ends": layout.line_ends,
        "header_line": layout.header_lines[0] if layout.header_lines else 0,
        "rows": layout.row_count,
        "above": [[aside.line, printable(aside.text)] for aside in layout.above[:20]],
        "below": [[aside.line, printable(aside.text)] for aside in layout.below[:20]],
        "misfits": layout.misfits,
        "misfit_lines": list(layout.misfit_lines),
        "worksheet": layout.worksheet,
        "worksheets": list(layout.worksheets),
        "preview": preview,
    }


def profiles_of(sheet: Sheet) -> list[Profile]:
    """A profile of each column, over all rows."""
    layout = sheet.layout
    return profile_columns(layout.names, sheet.rows(), decimal_mark=layout.decimal_mark)


def kept_profile(profile: Profile) -> dict[str, Any]:
    """A profile as it is kept."""
    judgement = profile.judgement
    return {
        "index": profile.index,
        "name": printable(profile.name),
        "kind": profile.kind,
        "rows": profile.rows,
        "filled": profile.filled,
        "distinct": profile.distinct,
        "unique": profile.is_unique,
        "examples": [printable(example) for example in profile.examples],
        "questions": list(judgement.questions),
        "date_order": judgement.date_order,
        "short_years": judgement.two_digit_years,
        "decimal_mark": judgement.decimal_mark,
        "odd": [[odd.count, list(odd.lines), odd.reason] for odd in judgement.odd],
    }


def proposal(target: Target, profiles: list[Profile]) -> tuple[Plan, dict[str, str]]:
    """The mapping we would choose, and the reason for each field. Open questions stay open."""
    fields = [
        TargetField(item.key, item.label, KINDS[item.kind], item.required, item.aliases)
        for item in mappable(target).values()
    ]
    guess = guess_mapping(fields, profiles)
    reasons = {match.field: match.reason for match in guess.matches}
    sources = {
        match.field: source_of(profiles[match.column])
        for match in guess.matches
        if match.field != "external_id"
    }
    plan = Plan(fields=sources)
    if target.key == "usage" and (shape := usage_shape(profiles)):
        return _usage(plan, reasons, profiles, shape)
    column = guess.column_of("external_id")
    if column is None and target.by_key.get("external_id"):
        column = _own_key(target, plan, profiles)
        if column is not None:
            reasons["external_id"] = (
                "No column is named like a key;"
                f" “{profiles[column].name}” is different in every row"
            )
    return replace(plan, key=() if column is None else (column,)), reasons


def source_of(profile: Profile) -> Source:
    """A column, read as far as it settles how."""
    return Source(
        profile.index,
        order=profile.date_order,
        mark=profile.decimal_mark,
        percent=profile.judgement.units == ("%",),
    )


def _own_key(target: Target, plan: Plan, profiles: list[Profile]) -> int | None:
    """A column that is different in every row: the name where it is, else the first."""
    names = plan.columns_of(["name"])
    unique = [profile.index for profile in profiles if profile.is_unique and profile.kind == "text"]
    if target.key == "accounts" and names and names[0] in unique:
        return names[0]
    return unique[0] if unique else None


def _usage(
    plan: Plan, reasons: dict[str, str], profiles: list[Profile], shape: UsageShape
) -> tuple[Plan, dict[str, str]]:
    sources = {key: plan.fields[key] for key in ("active_users", "person") if key in plan.fields}
    sources |= {"account": source_of(profiles[shape.keys[0]])}
    sources |= {"day": source_of(profiles[shape.date])}
    words = words_of(profiles[shape.keys[0]].name)
    by = "contract" if {"subscription", "contract"} & set(words) else "account"
    reasons |= {"day": shape.reason, "account": "It is named like an identifier"}
    if shape.form == "long" and shape.feature is not None:
        sources |= {"feature": source_of(profiles[shape.feature])}
        sources |= {"n": source_of(profiles[shape.counts[0]])}
        return Plan(fields=sources, account_by=by, adds_up=True), reasons
    taken = {source.column for source in sources.values()}
    counts = tuple(column for column in shape.counts if column not in taken)
    return Plan(fields=sources, account_by=by, counts=counts), reasons


def read_columns(item: Import) -> None:
    """Profile the file and propose a mapping. Reads the whole file. Raises Unreadable."""
    profiles = profiles_of(sheet_of(item))
    plan, reasons = proposal(TARGETS[item.target], profiles)
    item.columns = [kept_profile(profile) for profile in profiles]
    item.plan = plan.to_json()
    item.layout["reasons"] = {key: printable(reason) for key, reason in reasons.items()}
    item.layout["usual"] = {"order": usual_order(profiles), "mark": usual_mark(profiles)}
    item.state = Import.State.READ
    item.problem = ""


def words_in(item: Import, columns: Iterable[int]) -> dict[int, list[str]]:
    """The different texts in some columns, for those that have few. One pass over the file."""
    few = {
        column: set[str]() for column in columns if item.columns[column]["distinct"] <= MOST_WORDS
    }
    if few:
        for _, cells in sheet_of(item).rows():
            for column, words in few.items():
                if column < len(cells) and (word := cells[column].strip()):
                    words.add(word)
    return {
        column: sorted(words)
        for column, words in few.items()
        if len(words) <= MOST_WORDS and all(len(word) <= LONGEST_WORD for word in words)
    }
