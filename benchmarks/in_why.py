"""The map of "Why this answer?" in real Chromium: from the stroke or the press to the painted map, on both networks.

The clock starts at the browser's own event and stops in a task after the frame in which the map was drawn. While the
pen is down each move is waited for; what a pen that is lifted or a press brings may come by the short way or from a run
of the page, whichever is first.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.rows import Row, milliseconds
from tests.browser.driving import ROOT, running

ROUNDS = 40
PATIENCE_MS = 180_000
NETWORKS = {"mnist": "the plain network", "digits_residual": "the residual one"}
FOLLOWS = {"gradient": "gradient", "grad_cam": "Grad-CAM"}
WHILE_DRAWING, FOR_IG = 60, 300  # ms
WATCH = """(why) => {
  window.asked = { from: 0, painted: [] };
  for (const name of ["pointermove", "pointerup", "click"]) {
    addEventListener(name, (event) => { asked.from = event.timeStamp; }, true);
  }
  new MutationObserver(() => {
    const from = asked.from;
    requestAnimationFrame(() => setTimeout(() => asked.painted.push(performance.now() - from), 0));
  }).observe(why, { attributes: true, attributeFilter: ["data-painted"] });
}"""


def opened(browser: Browser, address: str, network: str, method: str) -> Page:
    """The page with a map by `method`, at rest and watched."""
    page = browser.new_page(viewport={"width": 1440, "height": 2600})
    page.goto(f"{address}/?network={network}&panels=why&why_method={method}")
    page.wait_for_selector(".cnnviz-why[data-painted]", timeout=PATIENCE_MS)
    at_rest(page)
    page.locator(".cnnviz-why").evaluate(WATCH)
    return page


def at_rest(page: Page) -> None:
    """Wait until no run of the page goes on, the checks of the map included."""
    page.wait_for_timeout(700)
    page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=PATIENCE_MS)
    page.wait_for_timeout(300)


def painted(page: Page) -> float:
    """Milliseconds from the last event to the first map that was painted after it."""
    deadline = time.monotonic() + PATIENCE_MS / 1e3
    while not (found := page.evaluate("() => asked.painted.splice(0)")):
        if time.monotonic() > deadline:
            raise TimeoutError("no map was painted")
        page.wait_for_timeout(20)
    return float(found[0])


def pen_moves(page: Page) -> list[float]:
    """The pen is down and moves some pixels at a time → the map of the drawing so far is painted."""
    box: Any = page.locator(".sketchpad .pad").bounding_box()
    x, y, times = box["x"] + 40, box["y"] + 40, []
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y + 20, steps=4)
    page.wait_for_timeout(1000)
    for number in range(ROUNDS):
        page.wait_for_timeout(150)
        page.evaluate("() => { asked.painted.splice(0); }")
        page.mouse.move(x + 24 + 4 * number, y + 30 + 9 * (number % 10))
        times.append(painted(page))
    page.mouse.up()
    return times


def pen_lifted(page: Page) -> list[float]:
    """A short stroke ends → the map of the whole drawing is painted."""
    box: Any = page.locator(".sketchpad .pad").bounding_box()
    times = []
    for number in range(ROUNDS // 2):
        x, y = box["x"] + 40 + 7 * number, box["y"] + 40 + 23 * (number % 7)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 12, y + 9, steps=4)
        page.wait_for_timeout(200)
        page.evaluate("() => { asked.painted.splice(0); }")
        page.mouse.up()
        times.append(painted(page))
        at_rest(page)
    return times


def pressed(page: Page, method: str) -> list[float]:
    """A press on a method, each time for another drawing → its map is painted, through a run of the page."""
    times = []
    for number in range(ROUNDS // 4):
        page.get_by_role("radio", name="input × gradient").click()
        page.locator(f'.cnnviz-shelf button[data-key="{("one", "eight", "two", "four", "three")[number % 5]}"]').click()
        at_rest(page)
        page.evaluate("() => { asked.painted.splice(0); }")
        page.get_by_role("radio", name=method).click()
        times.append(painted(page))
        at_rest(page)
    return times


def rows(browser: Browser) -> Iterator[Row]:
    """All rows of this file, from one server."""
    with tempfile.TemporaryDirectory() as folder, running(ROOT / "app.py", Path(folder) / "log.txt") as address:
        for network, name in NETWORKS.items():
            for method, words in FOLLOWS.items():
                page = opened(browser, address, network, method)
                yield milliseconds(f"{words}, {name}: pen moves → map painted", pen_moves(page), WHILE_DRAWING)
                page.close()
            page = opened(browser, address, network, "ig")
            what = f"integrated gradients, {name}"
            yield milliseconds(f"{what}: stroke end → map painted", pen_lifted(page), FOR_IG)
            yield milliseconds(f"{what}: pressed → map painted", pressed(page, "integrated gradients"), FOR_IG)
            yield milliseconds(f"occlusion, {name}: pressed → map painted", pressed(page, "occlusion"), None)
            page.close()
