"""One row of the table, and the arithmetic behind it."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results.json"


@dataclass(frozen=True)
class Row:
    """What was measured, the result, and the budget that it is held against."""

    what: str
    result: str
    budget: str
    is_met: bool
    measured: str = ""  # the machine and the date, once it is kept


def milliseconds(what: str, times: Sequence[float], budget: float | None, budget_p95: float | None = None) -> Row:
    """A row from times in ms: the median, and the 95th percentile where it has a budget too."""
    median, p95 = statistics.median(times), percentile(times, 0.95)
    result = f"{median:.1f} ms (p95 {p95:.{0 if p95 >= 10 else 1}f}, n {len(times)})"
    if budget is None:
        return Row(what, result, "", True)
    limits = f"{budget:g} ms" + (f" (p95 {budget_p95:g})" if budget_p95 else "")
    met = median <= budget and (budget_p95 is None or p95 <= budget_p95)
    return Row(what, result, limits, met)


def ratio(what: str, measured: float, base: float, unit: str, budget: float) -> Row:
    """A row from two medians of the same run."""
    result = f"{measured / base:.2f} × ({measured:.2f} against {base:.2f} {unit})"
    return Row(what, result, f"≤ {budget:g} ×", measured / base <= budget)


def percentile(times: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 100) * len(ordered) // 100) - 1))]


def in_turns(rounds: int, *works: Callable[[], object]) -> list[float]:
    """The median time of each of `works` in ms, run one after the other, `rounds` times."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, own in zip(works, times, strict=True):
            start = time.perf_counter()
            work()
            own.append((time.perf_counter() - start) * 1e3)
    return [statistics.median(own) for own in times]


def times_of(rounds: int, work: Callable[[], object]) -> list[float]:
    """How long `work` takes, in ms, each of `rounds` times."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    return "\n".join(["| what | measured | budget | |", "|---|---|---|---|", *map(line, rows)])


def line(row: Row) -> str:
    """One line of the table."""
    return f"| {row.what} | {row.result} | {row.budget or '–'} | {_verdict(row)} |"


def _verdict(row: Row) -> str:
    return "" if not row.budget else "met" if row.is_met else "missed"


def keep(row: Row, before: Row | None = None, file: Path = RESULTS) -> None:
    """Keep the row for the README to quote, in the place of what was measured of the same before.

    A row that is new stands after `before`, the one that was measured last, so "the same" is next to what it means.
    """
    rows = read(file) if file.exists() else []
    names = [other.what for other in rows]
    if row.what in names:
        rows[names.index(row.what)] = row
    else:
        rows.insert(names.index(before.what) + 1 if before and before.what in names else len(rows), row)
    file.write_text(json.dumps([asdict(each) for each in rows], indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read(file: Path = RESULTS) -> list[Row]:
    """The rows that were kept."""
    return [Row(**row) for row in json.loads(file.read_text(encoding="utf-8"))]
