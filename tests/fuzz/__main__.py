"""`python -m tests.fuzz 10000`: so many odd things of all kinds, from a first number on; what fails is named.

What it names goes into `kept.json`, so that it is tried in every run of the tests from then on. Here, and not in the
tests, a case is also at fault that takes more processor time or memory than any honest one.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.fuzz import command_cases, component_cases, file_cases, page_cases, question_cases, record_cases

Check = Callable[[int], str | None]
SLOW = ("page", "kept", "component")  # kinds of which a hundredth part is tried


MOST_S = 30  # of processor time, for one case
MOST_MB = 700  # by which the largest memory of this process may grow in one case


class Hangs(Exception):
    """A case takes longer than any may."""


def within_limits(check: Check, n: int) -> str | None:
    """What is wrong with case `n`, its time and memory included."""
    before = peak_mb()
    signal.setitimer(signal.ITIMER_PROF, MOST_S)
    try:
        fault = check(n)
    except Hangs:
        return f"more than {MOST_S} s of processor time"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    grown = peak_mb() - before
    return fault or (f"{grown} MB of memory" if grown > MOST_MB else None)


def peak_mb() -> int:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _give_up(*_what: object) -> None:
    raise Hangs


def checks(folder: Path) -> Iterator[tuple[str, str, Check]]:
    """(kind, name, what is wrong with case n)."""
    for path in question_cases.PATHS:
        yield (
            "question",
            path,
            lambda n, p=path: question_cases.fault_of_answer(p, question_cases.changed_question(p, n)),
        )
    for kind, names, check in (
        ("record", record_cases.RECORDS, record_cases.fault_of_record),
        ("link", sorted({*record_cases.LINKS, *record_cases.TEXTS_READ}), record_cases.fault_of_link),
        ("file", file_cases.FILES, file_cases.fault_of_file), ("page", page_cases.QUERIES, page_cases.fault_of_page),
        ("kept", page_cases.KEPT, page_cases.fault_of_kept),
        ("component", component_cases.REPORTS, component_cases.fault_of_report),
    ):  # fmt: skip
        for name in names:
            yield kind, name, lambda n, name=name, check=check: check(name, n)
    yield "command", "", lambda n: command_cases.fault_of_command(n, folder)


def main() -> int:
    """1 where something was found."""
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("cases", type=int, help="how many, all kinds together")
    parser.add_argument("--first", type=int, default=1_000, help="the number of the first")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGPROF, _give_up)
    found = 0
    with tempfile.TemporaryDirectory() as folder:
        every = list(checks(Path(folder)))
        each = -(-chosen.cases // sum(kind not in SLOW for kind, _name, _check in every))
        for kind, name, check in every:
            start, count = time.monotonic(), -(-each // 100) if kind in SLOW else each
            for n in range(chosen.first, chosen.first + count):
                if (fault := within_limits(check, n)) is not None:
                    found += 1
                    print(f'["{kind}", "{name}", {n}]  {fault.strip().splitlines()[-1][:300]}', flush=True)
            print(f"{kind} {name}: {count} in {time.monotonic() - start:.0f} s", flush=True)
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
