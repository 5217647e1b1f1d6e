"""Run all benchmarks and print them as one table; `--write` keeps the result for the README."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks import core, in_browser, in_laboratory, start_up, training
from benchmarks.rows import Row, table, write
from tests.browser.driving import FLAGS, system_chromium

PARTS = ("core", "browser", "start", "training")


def machine() -> str:
    """The machine in a few words, and the date."""
    today = datetime.now(UTC).date().isoformat()
    return f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, {today}"


def measured(parts: list[str]) -> list[Row]:
    """The rows of the chosen parts, one part after the other."""
    rows = core.rows() if "core" in parts else []
    if {"browser", "start", "training"} & set(parts):
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=system_chromium(), args=FLAGS)
            rows += [*in_browser.rows(browser), *in_laboratory.rows(browser)] if "browser" in parts else []
            rows += start_up.rows(browser) if "start" in parts else []
            rows += training_rows(browser) if "training" in parts else []
            browser.close()
    return rows


def training_rows(browser: Browser) -> list[Row]:
    """The rows of training, with a folder for the server's log."""
    with tempfile.TemporaryDirectory() as folder:
        return training.rows(browser, Path(folder))


def main() -> int:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS, help=f"any of {', '.join(PARTS)}; all by default")
    parser.add_argument("--write", action="store_true", help="keep the result in benchmarks/results.json")
    chosen = parser.parse_args()
    unknown = set(chosen.parts) - set(PARTS)
    if unknown:
        parser.error(f"part must be one of {', '.join(PARTS)}, got {', '.join(sorted(unknown))}: choose from these")
    rows = measured(list(chosen.parts))
    print(table(rows))
    print(f"\n{machine()}")
    if chosen.write:
        write(rows, machine())
    return 0


if __name__ == "__main__":
    sys.exit(main())
