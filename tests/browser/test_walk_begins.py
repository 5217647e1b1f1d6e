"""Where the walk begins: at the strongest cell of the map, which it says, or at the cell that one points at."""

from __future__ import annotations

import re

import numpy as np
import pytest
from driving import ROOT
from one_cell import NUMBER, at_position, walk
from playwright.sync_api import Page, expect

from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import Tracer
from cnnviz.data.sample_drawings import find_sample
from cnnviz.models import checkpoints
from cnnviz.ui.draw.show import prepare_sketch

SAYS = "The walk begins at the cell with the largest value of the map, whatever its sign."


@pytest.fixture(scope="module")
def three() -> Trace:
    """The network on the drawing that the page starts with."""
    model, _manifest = checkpoints.load("mnist")
    return Tracer(model)(prepare_sketch(find_sample("three").sketch).image)


@pytest.fixture
def open_map(serve, new_page):
    """Open a map of the Draw page: `open_map("conv2", 3)`."""
    address = serve(ROOT / "app.py")

    def open_page(layer: str, channel: int, **options: object) -> Page:
        page = new_page(f"{address}/?layer={layer}&map={channel}", **({"width": 1440} | options))
        expect(page.locator(".cnnviz-explorer .crumbs")).to_contain_text(layer, timeout=30_000)
        return page

    return open_page


def said(page: Page):
    return page.locator(".cnnviz-explorer .info")


def begin(page: Page) -> None:
    page.get_by_role("button", name="Step through").click()
    expect(walk(page)).to_be_visible()


@pytest.mark.parametrize(("layer", "channel"), [("conv1", 0), ("conv1", 5), ("conv2", 3), ("relu2", 5), ("pool2", 5)])
def test_the_walk_begins_at_the_strongest_cell_and_says_so(open_map, three, layer: str, channel: int):
    values = three.layers[three.position(layer)].output[channel]
    row, col = np.unravel_index(np.abs(values).argmax(), values.shape)
    assert (row, col) != (0, 0)
    assert values[row, col] != 0
    page = open_map(layer, channel)
    begin(page)
    at_position(page, int(row) * values.shape[1] + int(col))
    shown = page.locator(".walk-value").inner_text().removeprefix("= ").replace("−", "-")
    assert float(shown) == pytest.approx(float(values[row, col]), abs=0.0006)
    expect(said(page)).to_contain_text(SAYS)
    page.keyboard.press("ArrowRight")
    expect(said(page)).not_to_contain_text(SAYS)
    expect(said(page)).to_contain_text("Step on")


def test_a_flattened_column_begins_at_its_strongest_entry(open_map, three):
    entries = three.layers[three.position("flatten")].output
    page = open_map("flatten", 0)
    begin(page)
    at_position(page, int(np.abs(entries).argmax()))


def test_a_class_begins_at_itself(open_map):
    page = open_map("fc", 7)
    begin(page)
    expect(page.locator(".walk-title")).to_have_text("fc: class 7")
    expect(said(page)).not_to_contain_text(SAYS)


def test_the_walk_begins_at_the_cell_that_the_keys_are_on(open_map):
    page = open_map("conv1", 4)
    page.locator(".cnnviz-explorer canvas.over").focus()
    for key in ("Home", "ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Step through").focus()
    page.keyboard.press("Enter")
    at_position(page, 2 * 28 + 1)
    expect(said(page)).not_to_contain_text(SAYS)


def test_enter_on_a_map_without_a_cell_begins_there_too(open_map, three):
    values = three.layers[three.position("conv1")].output[4]
    page = open_map("conv1", 4)
    page.locator(".cnnviz-explorer canvas.over").focus()
    page.keyboard.press("Enter")
    at_position(page, int(np.abs(values).argmax()))
    expect(said(page)).to_contain_text(SAYS)


def test_a_map_of_zeros_begins_in_its_middle_and_claims_nothing(serve, new_page):
    page = new_page(f"{serve(ROOT / 'app.py')}/?layer=relu1&map=0&ink=0", width=1440)
    expect(page.locator(".verdict strong")).to_have_text("Nothing drawn yet", timeout=30_000)
    channel = next(
        (i for i in range(16) if is_all_zero(page, i)), None
    )  # of an empty pad each map of relu1 is 0 or its bias
    assert channel is not None
    begin(page)
    at_position(page, 14 * 28 + 14)
    expect(page.locator(".walk-value")).to_have_text(re.compile(f"= {NUMBER}"))
    expect(said(page)).not_to_contain_text(SAYS)


def is_all_zero(page: Page, channel: int) -> bool:
    """Turns to a map of the open layer, and tells whether the page says that it holds nothing but 0."""
    canvas = page.locator(".cnnviz-explorer canvas.over")
    if channel > 0:
        canvas.press("PageDown")
    expect(page.locator(".cnnviz-explorer .crumbs")).to_contain_text(f"relu1, map {channel}")
    return page.locator(".note.empty").inner_text() != "" if page.locator(".note.empty").count() else False
