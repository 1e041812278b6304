"""What a piece of work costs: CPU seconds of a fresh process and of the whole PostgreSQL server.

CPU time, because it stays put when other work shares the machine; both sides, because work moved
into the database is still work.
"""

import os
import pickle
import resource
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import linear_regression

from django.db import connections

from csom.garbage import look_seldom

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Case:
    """Two ways to do one job: ours, and the floor nobody can get below.

    ready() runs before each of them, outside the measurement; before the floor ready_least() where
    that starts from something else. family: cases of one job at several
    sizes, told together as a cost of the whole and of each thing.
    """

    name: str
    goal: float  # the ratio we promise to stay under
    floor: str  # what the floor is, in words
    n: int  # how many things the job handles
    ours: Callable[[], object]
    least: Callable[[], object]
    ready: Callable[[], object] = lambda: None
    ready_least: Callable[[], object] | None = None
    repeats: int = 5
    family: str = ""


@dataclass(frozen=True)
class Cost:
    cpu: float
    wall: float
    rss_mb: float


@dataclass(frozen=True)
class Result:
    name: str
    ratio: float
    goal: float
    floor: str
    n: int
    rss_mb: float
    cpu_s: float
    floor_cpu_s: float
    family: str = ""

    @property
    def is_met(self) -> bool:
        return self.ratio <= self.goal


def measure(case: Case, *, repeats: int) -> Result:
    """Ours and the floor by turns, each in a process of its own; the best of each counts."""
    ours: list[Cost] = []
    least: list[Cost] = []
    for _ in range(repeats):
        (case.ready_least or case.ready)()
        least.append(cost(case.least))
        case.ready()
        ours.append(cost(case.ours))
    best, floor = min(cost.cpu for cost in ours), min(cost.cpu for cost in least)
    rss = max(cost.rss_mb for cost in ours)
    ratio = best / max(floor, 1 / TICK)
    return Result(
        case.name,
        round(ratio, 2),
        case.goal,
        case.floor,
        case.n,
        rss,
        round(best, 4),
        round(floor, 4),
        case.family,
    )


def growth(results: Sequence[Result]) -> str:
    """The cost of a job as a + b·N, the least squares over its sizes, and whether b is flat.

    Flat: between no two neighbouring sizes does one thing more cost over a quarter more than
    between any others. Empty with fewer than three sizes.
    """
    costs: dict[int, float] = {}
    for each in results:
        costs[each.n] = min(each.cpu_s, costs.get(each.n, each.cpu_s))
    if len(costs) < 3:
        return ""
    sizes = sorted(costs)
    b, a = linear_regression(sizes, [costs[n] for n in sizes])
    steps = [(costs[m] - costs[n]) / (m - n) for n, m in pairwise(sizes)]
    is_flat = min(steps) > 0 and max(steps) <= 1.25 * min(steps)
    told = ", ".join(f"{1e6 * step:.0f}" for step in steps)
    words = "flat" if is_flat else "not flat"
    return f"{1e3 * a:.0f} ms + {1e6 * b:.0f} µs each; {words}: {told} µs from size to size"


def cost(work: Callable[[], object]) -> Cost:
    """Run the work in a forked child and add what the server spent meanwhile."""
    connections.close_all()
    server = _server_cpu()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        look_seldom()  # as our workers do at their start
        try:
            begun, cpu = time.perf_counter(), time.process_time()
            work()
            # The connection closes inside the measurement, so the server's last words count.
            connections.close_all()
            usage = resource.getrusage(resource.RUSAGE_SELF)
            spent = (time.process_time() - cpu, time.perf_counter() - begun, usage.ru_maxrss / 1024)
            os.write(writer, pickle.dumps(spent))
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    if not told:
        raise SystemExit("A benchmark failed; its error stands above.")
    cpu, wall, rss = pickle.loads(told)
    return Cost(cpu + _server_cpu() - server, wall, round(rss, 1))


def _server_cpu() -> float:
    """CPU seconds of the server so far: the living, and those it has buried."""
    main = os.environ.get("BENCH_POSTGRES_PID")
    if not main:
        return 0.0
    _settle(main)
    own = _times(main)
    return (sum(own) + sum(sum(_times(child)[:2]) for child in _children(main))) / TICK


def _settle(main: str) -> None:
    """Wait until the processes of closed connections are buried: a dead one has no title."""
    for _ in range(100):
        titles = [_title(child) for child in _children(main)]
        if all(title and b"[local]" not in title for title in titles):
            return
        time.sleep(0.01)


def _children(main: str) -> Iterable[str]:
    return Path(f"/proc/{main}/task/{main}/children").read_text().split()


def _title(process: str) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def _times(process: str) -> tuple[int, int, int, int]:
    """utime, stime, cutime, cstime in ticks."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return (0, 0, 0, 0)
    return (int(fields[11]), int(fields[12]), int(fields[13]), int(fields[14]))
