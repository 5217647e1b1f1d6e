"""A map of a large network is opened: Python is asked before anything is laid out, and only what is seen is painted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from driving import ROOT
from playwright.sync_api import Page, expect
from watching import eventually

from cnnviz.models.importers.sources import usual_source, with_settings
from cnnviz.ui.your_network.linked_reading import reading_to_link
from cnnviz.ui.your_network.opened import put_source

LONG = 60_000
SIDE = 64  # of its images: it is large by its weights

NOTE_QUESTIONS = """() => {
  window.asked = [];
  const fetched = window.fetch;
  window.fetch = (address, ...rest) => {
    const crumbs = [...document.querySelectorAll("*")].map((one) => (one.shadowRoot ?? one).querySelector(".crumbs"));
    if (String(address).endsWith("/look")) asked.push(crumbs.find(Boolean).textContent);
    return fetched(address, ...rest);
  };
}"""
PAINTED_CELLS = """(() => {
  const [count, side] = [64, 112];
  let cells = 0;
  const { prototype } = CanvasRenderingContext2D;
  const put = prototype.putImageData;
  prototype.putImageData = function (image, ...rest) {
    cells += image.width * image.height;
    return put.call(this, image, ...rest);
  };
  const values = new Float32Array(count * side * side).fill(0.5);
  const table = new Uint32Array(256).fill(0xff0000ff);
  const scale = () => ({ table, low: -1, high: 1 });
  const context = document.createElement("canvas").getContext("2d");
  const rect = { x: 0, y: 0, w: side, h: side };
  let atlas = m.paintAtlas(values, { count, rows: side, cols: side }, scale, undefined, true);
  m.copyMap(context, atlas, 5, rect);
  const first = cells;
  atlas = m.paintAtlas(values, { count, rows: side, cols: side }, scale, atlas, true);
  m.copyMap(context, atlas, 5, rect);
  prototype.putImageData = put;
  return { first, again: cells - first, pixel: [...context.getImageData(3, 3, 1, 1).data] };
})()"""


@pytest.fixture
def page(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Page:
    """ResNet-18, untrained, on the page "Your network"."""
    key = put_source(with_settings(usual_source("resnet18"), side=SIDE))
    link = urlencode({"network": key} | reading_to_link(key))
    page = new_page(f"{serve(ROOT / 'app.py')}/your_network?{link}", width=1440)
    expect(page.locator(".cnnviz-explorer .label")).not_to_have_count(0, timeout=LONG)
    return page


def head(page: Page, name: str):
    return page.locator(".cnnviz-explorer .label").filter(has=page.locator("b", has_text=name)).first


def test_python_is_asked_before_the_network_moves(page: Page):
    page.evaluate(NOTE_QUESTIONS)
    head(page, "conv1").click()
    expect(page.locator(".cnnviz-explorer .crumbs")).to_contain_text("conv1")
    asked = eventually(page, lambda: page.evaluate("asked"), lambda found: len(found) > 0, 30)
    assert asked[0] == "Whole network"  # what stood there when the question went: nothing was laid out before


def test_of_a_large_layer_only_the_maps_that_are_seen_are_painted(run_module: Callable[..., object]):
    found = run_module("shared/atlas.js", PAINTED_CELLS)
    assert found == {"first": 112 * 112, "again": 0, "pixel": [255, 0, 0, 255]}


def test_the_steps_of_a_long_vector_begin_with_a_press_and_its_weights_come_then(page: Page):
    head(page, "fc").click()
    steps = page.get_by_role("button", name="Step through")
    expect(steps).to_be_enabled(timeout=LONG)
    steps.click()
    expect(page.locator(".cnnviz-explorer .walk")).to_be_visible(timeout=LONG)
    expect(page.locator(".cnnviz-explorer .walk-total")).to_contain_text("all 512 products")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    expect(page.locator(".cnnviz-explorer .walk-title")).to_contain_text("toilet tissue")  # the last of 1000
    expect(page.locator(".cnnviz-explorer .walk-total")).not_to_contain_text("NaN")
