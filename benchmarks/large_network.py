"""A large network that a visitor opened, in real Chromium: a layer's name pressed → the numbers of its map painted."""

from __future__ import annotations

from urllib.parse import urlencode

from playwright.sync_api import Browser, Page

from cnnviz.models.importers.sources import usual_source
from cnnviz.ui.your_network.linked_reading import reading_to_link
from cnnviz.ui.your_network.opened import put_source

ROUNDS = 12
SETTLES = 900  # ms until the run of the page that follows a press is over
WATCH = """(explorer) => {
  window.opening = { from: 0, painted: [] };
  addEventListener("click", () => { opening.from = performance.now(); }, true);
  new MutationObserver(() => {
    const { from } = opening;
    requestAnimationFrame(() => setTimeout(() => opening.painted.push(performance.now() - from), 0));
  }).observe(explorer, { attributes: true, attributeFilter: ["data-painted"] });
}"""


def open_network(browser: Browser, address: str, architecture: str) -> Page:
    """The page "Your network" with this architecture at its usual input size, its weights random."""
    key = put_source(usual_source(architecture))
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{address}/your_network?{urlencode({'network': key} | reading_to_link(key))}")
    page.wait_for_selector(".cnnviz-explorer[data-painted]", timeout=120_000)
    page.wait_for_timeout(2500)
    page.locator(".cnnviz-explorer").evaluate(WATCH)
    return page


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
