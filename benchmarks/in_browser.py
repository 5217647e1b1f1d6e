"""What fingers feel, in real Chromium: from the event to the painted pixels, as the page itself sees it.

The clock starts at the browser's own event and stops in a task after the frame in which the new picture was drawn.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.large_network import (
    forward_pass,
    hovered,
    image_changed,
    layer_opened,
    network_opened,
    open_network,
)
from benchmarks.rows import Row, milliseconds
from benchmarks.surgery import weight_drag
from tests.browser.driving import ROOT, running

ROUNDS = 40
STEPS_OVER = {"conv2 (16 maps of 14×14)": "conv2&map=3", "conv1 (one map of 28×28)": "conv1&map=5"}
WATCH = """() => {
  const find = (root) => {
    for (const one of root.querySelectorAll("*")) {
      if (one.classList.contains("cnnviz-explorer")) return one;
      const inside = one.shadowRoot && find(one.shadowRoot);
      if (inside) return inside;
    }
    return null;
  };
  const afterPaint = (task) => requestAnimationFrame(() => setTimeout(task, 0));
  const explorer = find(document);
  const canvas = explorer.querySelector("canvas.over");
  window.bench = { from: 0, painted: [], hovered: [] };
  for (const name of ["pointerup", "click"]) addEventListener(name, () => { bench.from = performance.now(); }, true);
  new MutationObserver(() => {
    const from = bench.from;
    const version = Number(explorer.dataset.version);
    afterPaint(() => bench.painted.push([performance.now() - from, version]));
  }).observe(explorer, { attributes: true, attributeFilter: ["data-painted"] });
  canvas.addEventListener("pointermove", (event) => {
    afterPaint(() => bench.hovered.push(performance.now() - event.timeStamp));
  });
}"""

COUNT_STEPS = """(walk) => {
  window.stepped = [];
  walk.addEventListener("keydown", (event) => {
    requestAnimationFrame(() => setTimeout(() => stepped.push(performance.now() - event.timeStamp), 0));
  });
  walk.focus();
}"""


def opened(browser: Browser, address: str) -> Page:
    """The Draw page, watched."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address)
    page.wait_for_selector(".cnnviz-explorer[data-painted]", timeout=60_000)
    page.wait_for_timeout(1500)
    page.evaluate(WATCH)
    return page


def first_painted(page: Page) -> float:
    """Milliseconds from the last event to the first picture of all that was drawn, once nothing more comes."""
    page.wait_for_function("bench.painted.length > 0", polling=100, timeout=15_000)
    page.wait_for_timeout(700)
    times: list[tuple[float, int]] = page.evaluate("bench.painted.splice(0)")
    newest = max(version for _time, version in times)
    return next(time for time, version in times if version == newest and time > 0)


def stroke_end(page: Page) -> list[float]:
    """Short strokes on the pad: pen up → new prediction and all maps painted."""
    pad: Any = page.locator(".sketchpad .pad").bounding_box()
    dice, times = random.Random(0), []
    for number in range(ROUNDS):
        if number % 8 == 0:
            page.locator('.cnnviz-shelf button[data-key="two"]').click()
            page.wait_for_timeout(500)
        x, y = (pad[k] + 50 + dice.random() * (pad["width"] - 130) for k in ("x", "y"))
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 40, y + 30, steps=10)
        page.evaluate("bench.painted.splice(0)")
        page.mouse.up()
        times.append(first_painted(page))
    return times


def sample_click(page: Page) -> list[float]:
    """A click on the shelf → all maps painted."""
    times = []
    for number in range(ROUNDS):
        button = page.locator(f'.cnnviz-shelf button[data-key="{("one", "eight")[number % 2]}"]')
        page.evaluate("bench.painted.splice(0)")
        button.click()
        times.append(first_painted(page))
    return times


def open_map(page: Page) -> list[float]:
    """A click on a layer's name → Python's shares of that map painted, the network still moving."""
    times = []
    for _ in range(ROUNDS // 2):
        page.evaluate("bench.painted.splice(0)")
        page.locator('.cnnviz-explorer .label[data-index="4"]').click()
        times.append(first_painted(page))
        page.keyboard.press("Escape")
        page.wait_for_timeout(600)
    return times


def hover(page: Page) -> list[float]:
    """The pointer over cells of conv2 and pool2 → window, reach and links lit everywhere."""
    box: Any = page.locator(".cnnviz-explorer canvas.over").bounding_box()
    dice = random.Random(1)
    page.evaluate("bench.hovered.splice(0)")
    for _ in range(ROUNDS * 3):
        page.mouse.move(box["x"] + box["width"] * (0.36 + 0.3 * dice.random()), box["y"] + 80 + 400 * dice.random())
        page.wait_for_timeout(25)
    times: list[float] = page.evaluate("bench.hovered")
    return times


def walk_step(browser: Browser, address: str, place: str) -> list[float]:
    """The right arrow, in the walk over the cells of one map → the next cell's numbers and pictures painted."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{address}/?{place}")
    walk = page.locator(".cnnviz-explorer .walk")
    walk.wait_for(timeout=60_000)
    page.wait_for_timeout(1500)
    walk.evaluate(COUNT_STEPS)
    for _ in range(ROUNDS * 3):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(25)
    times: list[float] = page.evaluate("stepped")
    page.close()
    return times


def rows(browser: Browser) -> Iterator[Row]:
    """All rows of this file, from one server."""
    with tempfile.TemporaryDirectory() as folder, running(ROOT / "app.py", Path(folder) / "log.txt") as address:
        page = opened(browser, address)
        yield milliseconds("hover → cell, window, reach and links lit", hover(page), 16.7)
        yield milliseconds("stroke end → prediction and all maps painted", stroke_end(page), 60, 100)
        yield milliseconds(
            "widget: sample taken → all maps painted, through a run of the page", sample_click(page), None
        )
        yield milliseconds(
            "map opened → its terms from Python painted, while the network still moves", open_map(page), None
        )
        page.close()
        for layer in ("conv1", "conv2"):
            what = f"a weight of {layer} dragged → all later maps, the answer and the panel painted"
            yield milliseconds(what, weight_drag(browser, address, f"layer={layer}&map=3"), 60)
        what = "ResNet-18 at 224×224"
        times = network_opened(browser, address, "resnet18")
        yield milliseconds(f"{what}: its page visited → whole network painted", times, 1500)
        large = open_network(browser, address, "resnet18")
        budget = round(forward_pass("resnet18") + 150)
        yield milliseconds(f"{what}: another image → all painted (a forward pass + 150)", image_changed(large), budget)
        yield milliseconds(f"{what}: hover → cell and what it reads lit", hovered(large), 16.7)
        for what, name in (("map", "conv1"), ("fc", "fc")):
            yield milliseconds(f"{what} of ResNet-18 at 224×224 opened → painted", layer_opened(large, name), 100)
        large.close()
        for what, place in STEPS_OVER.items():
            times = walk_step(browser, address, f"layer={place}&cell=0.0")
            yield milliseconds(f"one step of the walk over {what} → painted", times, 33.3)
