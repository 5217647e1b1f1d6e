"""A large network that a visitor opened, in real Chromium: opened, another image, hover, a layer pressed → painted."""

from __future__ import annotations

import random
import statistics
import time
from typing import Any
from urllib.parse import urlencode

import torch
from playwright.sync_api import Browser, Page

from benchmarks.rows import times_of
from cnnviz.models.importers.architectures import build_architecture
from cnnviz.models.importers.sources import usual_source
from cnnviz.ui.your_network.linked_reading import reading_to_link
from cnnviz.ui.your_network.opened import put_source

ROUNDS = 12
IMAGES = 4  # times that another image is laid on the table
SETTLES = 900  # ms until the run of the page that follows a press is over
WATCH = """(explorer) => {
  window.opening = { from: 0, painted: [] };
  addEventListener("click", () => { opening.from = performance.now(); }, true);
  new MutationObserver(() => {
    const { from } = opening;
    requestAnimationFrame(() => setTimeout(() => opening.painted.push(performance.now() - from), 0));
  }).observe(explorer, { attributes: true, attributeFilter: ["data-painted"] });
}"""
HOVER = """(canvas) => {
  window.hovers = [];
  canvas.addEventListener("pointermove", (event) => {
    requestAnimationFrame(() => setTimeout(() => hovers.push(performance.now() - event.timeStamp), 0));
  });
}"""


def address_of_network(address: str, architecture: str) -> str:
    """The page "Your network" with this architecture at its usual input size, its weights random."""
    key = put_source(usual_source(architecture))
    return f"{address}/your_network?{urlencode({'network': key} | reading_to_link(key))}"


def network_opened(browser: Browser, address: str, architecture: str) -> list[float]:
    """A visit to its address → the whole network painted; the server knows it already, and the browser the app."""
    times, where = [], address_of_network(address, architecture)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    for number in range(IMAGES):
        page.goto("about:blank")
        begin = time.perf_counter()
        page.goto(where)
        page.wait_for_selector(".cnnviz-explorer[data-painted]", timeout=120_000)
        times += [1000 * (time.perf_counter() - begin)] if number else []  # the first one imports and builds
        page.wait_for_timeout(SETTLES)
    page.close()
    return times


def open_network(browser: Browser, address: str, architecture: str) -> Page:
    """The same page, watched."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address_of_network(address, architecture))
    page.wait_for_selector(".cnnviz-explorer[data-painted]", timeout=120_000)
    page.wait_for_timeout(2500)
    page.locator(".cnnviz-explorer").evaluate(WATCH)
    return page


def image_changed(page: Page) -> list[float]:
    """A press on "Example", which lays another image on the table → the network's maps of it painted."""
    times = []
    for _ in range(IMAGES):
        page.evaluate("opening.painted.splice(0)")
        page.get_by_role("button", name="Example", exact=True).click()
        page.wait_for_function("opening.painted.length > 0", timeout=60_000)
        times.append(float(page.evaluate("opening.painted[0]")))
        page.wait_for_timeout(2 * SETTLES)
    return times


def forward_pass(architecture: str) -> float:
    """Milliseconds of a plain forward pass with as many threads as the server has; the median."""
    model, image = build_architecture(architecture), torch.rand(1, 3, 224, 224)
    with torch.inference_mode():
        return statistics.median(times_of(ROUNDS, lambda: model(image)))


def hovered(page: Page) -> list[float]:
    """The pointer over maps → the cell, and what it reads in every column before, lit."""
    canvas = page.locator(".cnnviz-explorer canvas.over")
    canvas.evaluate(HOVER)
    box: Any = canvas.bounding_box()
    dice = random.Random(1)
    for _ in range(10 * ROUNDS):
        page.mouse.move(box["x"] + box["width"] * (0.15 + 0.6 * dice.random()), box["y"] + 90 + 400 * dice.random())
        page.wait_for_timeout(25)
    times: list[float] = page.evaluate("hovers")
    return times


def layer_opened(page: Page, name: str) -> list[float]:
    """A press on the name of a layer → the answer about it painted, the network still moving."""
    times = []
    for _ in range(ROUNDS):
        page.evaluate("opening.painted.splice(0)")
        page.locator(".cnnviz-explorer .label").filter(has=page.locator("b", has_text=name)).first.click()
        page.wait_for_function("opening.painted.length > 0", timeout=30_000)
        times.append(float(page.evaluate("opening.painted[0]")))
        page.wait_for_timeout(SETTLES)
        page.keyboard.press("Escape")
        page.wait_for_timeout(SETTLES)
    return times
