"""Run the benchmarks: `./run bench [NAME...] [--quick]`.

Each module beside this one with a `cases(quick)` yields its `Case`s. The table goes to the
terminal, the same as data to bench/results.json; the exit status is 1 where a goal is missed.
"""

import argparse
import dataclasses
import importlib
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import django

from bench.measure import Case, Result, growth, measure

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
COLUMNS = "{:34} {:>7} {:>7} {:>9} {:>8}  {}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="modules or cases; all without")
    parser.add_argument("--quick", action="store_true", help="small sizes, one repeat, no goals")
    options = parser.parse_args()
    django.setup()
    logging.getLogger("csom").setLevel(logging.WARNING)
    print(COLUMNS.format("name", "ratio", "goal", "n", "rss MB", "floor"))
    results: list[Result] = []
    for case in _cases(options.names, quick=options.quick):
        result = measure(case, repeats=1 if options.quick else case.repeats)
        results.append(result)
        _show(result)
    if not results:
        print("There is no such benchmark.", file=sys.stderr)
        return 2
    RESULTS.write_text(json.dumps([dataclasses.asdict(r) for r in results], indent=2) + "\n")
    for family in sorted({result.family for result in results if result.family}):
        if told := growth([result for result in results if result.family == family]):
            print(f"{family}: {told}")
    missed = [] if options.quick else [r.name for r in results if not r.is_met]
    if missed:
        print(f"Missed: {', '.join(missed)}")
        return 1
    print(f"{len(results)} measured{'' if options.quick else ', every goal met'}")
    return 0


def _cases(names: list[str], *, quick: bool) -> Iterator[Case]:
    """Cases of the named modules, and cases with those names in any module."""
    for path in sorted(HERE.glob("[a-z]*.py")):
        module = importlib.import_module(f"bench.{path.stem}")
        if not hasattr(module, "cases"):
            continue
        for case in module.cases(quick):
            if not names or path.stem in names or case.name in names:
                yield case


def _show(result: Result) -> None:
    verdict = "" if result.is_met else "  (missed)"
    numbers = (f"{result.ratio:.2f}", f"{result.goal:.2f}", f"{result.n:,}", f"{result.rss_mb:.0f}")
    print(COLUMNS.format(result.name, *numbers, result.floor + verdict), flush=True)


if __name__ == "__main__":
    sys.exit(main())
