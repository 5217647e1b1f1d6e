"""Surgery, in real Chromium: a weight moves under the hand → all later maps, the scores and the panel painted."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser

ROUNDS = 60
WATCH = """(explorer) => {
  window.cut = { from: 0, painted: [] };
  addEventListener("pointermove", (event) => { cut.from = event.timeStamp; }, true);
  new MutationObserver(() => {
    const from = cut.from;
    requestAnimationFrame(() => setTimeout(() => cut.painted.push(performance.now() - from), 0));
  }).observe(explorer, { attributes: true, attributeFilter: ["data-painted"] });
}"""


def weight_drag(browser: Browser, address: str, place: str) -> list[float]:
    """Every few pixels of a drag over one weight of the open map's kernel: the pointer's event → the answer painted."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{address}/?{place}")
    explorer = page.locator(".cnnviz-explorer")
    explorer.get_by_role("button", name="Edit this kernel").click(timeout=60_000)
    field: Any = page.locator('.weights input[data-at="12"]')
    field.scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    box = field.bounding_box()
    explorer.evaluate(WATCH)
    x, y = box["x"] + 20, box["y"] + 14
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 12, steps=3)
    times = []
    for number in range(ROUNDS):
        page.wait_for_timeout(100)
        page.evaluate("cut.painted.splice(0)")
        page.mouse.move(x, y - 20 - 3 * (number % 20))
        page.wait_for_function("cut.painted.length > 0")
        times.append(float(page.evaluate("cut.painted[0]")))
    page.mouse.up()
    page.close()
    return times
