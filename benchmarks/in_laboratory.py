"""What fingers feel in the laboratory, in real Chromium: a weight dragged → the result painted.

The clock starts at the browser's own pointer event and stops in a task after the frame in which the answer to that very
weight was drawn; events that a later one overtakes within a frame count with it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.rows import Row, milliseconds
from tests.browser.driving import ROOT, running

MOVES = 60
WATCH = """() => {
  const find = (root) => {
    for (const one of root.querySelectorAll("*")) {
      if (one.classList.contains("cnnviz-laboratory")) return one;
      const inside = one.shadowRoot && find(one.shadowRoot);
      if (inside) return inside;
    }
    return null;
  };
  const bench = find(document);
  window.drag = { from: 0, painted: [] };
  addEventListener("pointermove", (event) => { if (event.buttons) drag.from = event.timeStamp; }, true);
  new MutationObserver(() => {
    const from = drag.from;
    requestAnimationFrame(() => setTimeout(() => drag.painted.push(performance.now() - from), 0));
  }).observe(bench, { attributes: true, attributeFilter: ["data-painted"] });
}"""


def opened(browser: Browser, address: str, example: str) -> Page:
    """The laboratory with an example, watched."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{address}/laboratory?example={example}")
    page.wait_for_selector(".cnnviz-laboratory[data-painted]", timeout=60_000)
    page.wait_for_timeout(1500)
    page.evaluate(WATCH)
    return page


def dragged(page: Page) -> list[float]:
    """One step of the hand at a time, each waited for: pointer event → result, walk and legend painted."""
    box: Any = page.locator(".lab-kernel .weights input").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 8)
    page.wait_for_timeout(300)
    page.evaluate("drag.painted.splice(0)")
    times: list[float] = []
    for step in range(MOVES):
        page.mouse.move(x, y - 10 - (step % 30))
        page.wait_for_timeout(150)
        times += page.evaluate("drag.painted.splice(0)")[-1:]
    page.mouse.up()
    return times


def rows(browser: Browser) -> Iterator[Row]:
    """A small matrix, and a colour picture with sixteen kernels, from one server."""
    with tempfile.TemporaryDirectory() as folder, running(ROOT / "app.py", Path(folder) / "log.txt") as address:
        for example, words in (("cross-correlation", "3×3"), ("sixteen-kernels-padded", "3×32×32, 16 kernels")):
            page = opened(browser, address, example)
            yield milliseconds(f"laboratory, {words}: weight dragged → result painted", dragged(page), 60)
            page.close()
