"""What the pointer lights goes out with it: no frame, no tick of the magnifier stays where the pointer was before."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from driving import ROOT
from playwright.sync_api import Page, expect
from watching import eventually, settled

# Of a canvas, or a part of it: how many pixels hold anything, between two shares of its width.
MARKED = """(canvas, [from, to]) => {
  const [x, w] = [Math.ceil(from * canvas.width), Math.floor(to * canvas.width) - Math.ceil(from * canvas.width)];
  const { data } = canvas.getContext("2d").getImageData(x, 0, w, canvas.height);
  return data.filter((value, i) => i % 4 === 3 && value > 0).length;
}"""
ALL = """(canvas) => canvas.toDataURL()"""
GAP = (141 / 290, 149 / 290)  # between the two pictures of the lens: 140, 10 and 140 pixels


@pytest.fixture
def network(serve: Callable[..., str], new_page: Callable[..., Page]) -> Page:
    """The Draw page with the whole network, wide enough for the lens."""
    page = new_page(f"{serve(ROOT / 'app.py')}/", width=1440)
    expect(page.locator(".cnnviz-explorer .label").first).to_be_visible(timeout=30_000)
    settled(page)
    return page


def over(page: Page):
    return page.locator(".cnnviz-explorer canvas.over")


def lens(page: Page):
    return page.locator(".cnnviz-explorer .lens")


def first_map(page: Page, layer: str) -> tuple[float, float]:
    """Left and top of the first map below a head, in pixels of the window, found by pointing."""
    head = page.locator(".cnnviz-explorer .label", has=page.locator("b", has_text=re.compile(f"^{layer}$")))
    box = head.bounding_box()
    assert box is not None
    x = box["x"] + box["width"] / 2
    for y in range(int(box["y"] + box["height"]), int(box["y"]) + 200, 2):
        page.mouse.move(x, y)
        if said(page).startswith(f"{layer}, map 0, row 0"):
            return left_of(page, x, y + 4, layer), y + 4
    raise AssertionError(f"no map of {layer} below its head")


def left_of(page: Page, x: float, y: float, layer: str) -> float:
    """The left edge of the map that is under (x, y)."""
    while said_at(page, x - 0.5, y).startswith(f"{layer}, map 0"):
        x -= 0.5
    return x


def said(page: Page) -> str:
    return page.locator(".cnnviz-explorer .info").inner_text()


def said_at(page: Page, x: float, y: float) -> str:
    page.mouse.move(x, y)
    return said(page)


def test_the_magnifier_keeps_no_tick_of_a_cell_before(network: Page):
    left, top = first_map(network, "conv1")
    assert "column 0" in said_at(network, left + 0.5, top)
    expect(lens(network)).to_have_class(re.compile("shown"))
    canvas = lens(network).locator("canvas")
    assert canvas.evaluate(MARKED, GAP) > 0  # the frame of a cell at the edge reaches into the gap
    said_at(network, left + 14, top + 10)
    assert canvas.evaluate(MARKED, GAP) == 0


def test_nothing_stays_lit_when_the_pointer_has_left(network: Page):
    left, top = first_map(network, "conv1")
    before = network.locator(".cnnviz-explorer canvas.base").evaluate(ALL)
    for step in range(1, 15, 2):
        network.mouse.move(left + step, top + step)
    assert over(network).evaluate(MARKED, (0, 1)) > 0
    network.mouse.move(2, 300)
    eventually(network, lambda: over(network).evaluate(MARKED, (0, 1)), lambda count: count == 0)
    expect(lens(network)).not_to_have_class(re.compile("shown"))
    assert network.locator(".cnnviz-explorer canvas.base").evaluate(ALL) == before


def test_a_scrolled_page_another_theme_and_another_layer_leave_nothing_lit(network: Page):
    left, top = first_map(network, "conv1")
    network.set_viewport_size({"width": 1440, "height": 620})
    network.mouse.move(left + 14, top + 10)
    network.mouse.wheel(0, 120)
    network.emulate_media(color_scheme="dark")
    expect(network.locator(".cnnviz-explorer")).to_have_attribute("data-theme", "dark")
    network.mouse.move(2, 300)
    eventually(network, lambda: over(network).evaluate(MARKED, (0, 1)), lambda count: count == 0)
    network.locator(".cnnviz-explorer .label").nth(1).click()
    expect(network.locator(".cnnviz-explorer")).to_have_attribute("data-moving", "false")
    settled(network)
    network.mouse.move(2, 300)
    eventually(network, lambda: over(network).evaluate(MARKED, (0, 1)), lambda count: count == 0)
    expect(lens(network)).not_to_have_class(re.compile("shown"))
