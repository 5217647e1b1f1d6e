"""Run all benchmarks and print them as one table; `--write` keeps the result for the README."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

from playwright.sync_api import Browser, sync_playwright

from benchmarks import (
    core,
    graphs,
    in_browser,
    in_laboratory,
    in_training_page,
    in_why,
    results_of_training,
    start_up,
    training,
)
from benchmarks.rows import Row, keep, line, table
from start import system_chromium
from tests.browser.driving import FLAGS

PARTS = ("core", "graphs", "browser", "why", "start", "training", "page")


def machine() -> str:
    """The machine in a few words, and the date."""
    today = datetime.now(UTC).date().isoformat()
    return f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, {today}"


def parts(browser: Browser) -> dict[str, Callable[[], Iterator[Row]]]:
    """What can be measured, by the name of the part."""
    return {
        "core": core.rows,
        "graphs": graphs.rows,
        "browser": lambda: chain(in_browser.rows(browser), in_laboratory.rows(browser)),
        "why": lambda: in_why.rows(browser),
        "start": lambda: iter(start_up.rows(browser)),
        "training": lambda: chain(training.rows(), results_of_training.rows()),
        "page": lambda: in_training_page.rows(browser),
    }


def measured(chosen: Sequence[str]) -> Iterator[Row]:
    """The rows of the chosen parts, each as soon as it is there."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system_chromium(), args=FLAGS)
        for part in chosen:
            yield from parts(browser)[part]()
        browser.close()


def main() -> int:
    """Measure, print and keep row after row: what comes later may fail."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS, help=f"any of {', '.join(PARTS)}; all by default")
    parser.add_argument("--write", action="store_true", help="keep the result in benchmarks/results.json")
    chosen = parser.parse_args()
    unknown = set(chosen.parts) - set(PARTS)
    if unknown:
        parser.error(f"part must be one of {', '.join(PARTS)}, got {', '.join(sorted(unknown))}: choose from these")
    print(table([]), flush=True)
    before = None
    for row in measured(chosen.parts):
        print(line(row), flush=True)
        if chosen.write:
            keep(replace(row, measured=machine()), before)
        before = row
    print(f"\n{machine()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
