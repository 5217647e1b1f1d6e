"""From `streamlit run` to the first usable page, beside the bare imports; and a class that arrives together."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.rows import Row, milliseconds, ratio
from benchmarks.visitors import arrive_together
from tests.browser.driving import ROOT, running

ROUNDS = 5
CLASS = 20  # visitors


def bare_import() -> float:
    """Seconds that a fresh Python takes to import torch, torchvision and streamlit."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch, torchvision, streamlit"], check=True, cwd=ROOT)
    return time.perf_counter() - start


def first_page(browser: Browser) -> float:
    """Seconds from the command to the painted network in a browser that is open already."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        with running(ROOT / "app.py", Path(folder) / "log.txt") as address:
            page = browser.new_page()
            page.goto(address)
            page.wait_for_selector(".cnnviz-explorer[data-painted]", timeout=60_000)
            took = time.perf_counter() - start
            page.close()
    return took


def class_arrives() -> list[float]:
    """Milliseconds until each of a class has its first page, on an app that one visitor has seen before."""
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder, running(ROOT / "app.py", Path(folder) / "log.txt") as address:
        arrive_together(address, 1)
        for _ in range(ROUNDS):
            times += arrive_together(address, CLASS)
    return times


def rows(browser: Browser) -> list[Row]:
    """Two rows, the first measured in turns."""
    bare_import(), first_page(browser)  # files into memory
    pairs = [(bare_import(), first_page(browser)) for _ in range(ROUNDS)]
    bare, page = (statistics.median(side) for side in zip(*pairs, strict=True))
    return [
        ratio("`streamlit run` → first usable page, against the bare imports", page, bare, "s", 1.5),
        milliseconds(
            f"{CLASS} visitors arrive at the same moment → each has the first page", class_arrives(), 500, 1000
        ),
    ]
