"""The Draw page with a network under surgery, for tests in a real browser; the oracle is edited by hand in PyTorch."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from driving import ROOT
from playwright.sync_api import Locator, Page, expect
from watching import eventually, settled

from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import Tracer
from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import find_sample
from cnnviz.figures.theme import format_percent, value_text
from cnnviz.models import checkpoints
from cnnviz.ui.app.links import pack_sketch, snap_to_grid

SKETCH = snap_to_grid(find_sample("three").sketch)
INK = f"ink={pack_sketch(SKETCH)}"
IMAGE = preprocess(SKETCH).image
MODEL, MANIFEST = checkpoints.load("mnist")


def opener(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Callable[..., Page]:
    """Opens the Draw page with a known drawing: `draw("layer=conv1&map=3", width=390)`."""
    address = serve(ROOT / "app.py")

    def open_page(query: str = "", drawing: str = INK, **options: object) -> Page:
        page = new_page(f"{address}/?{drawing}&{query}", **({"width": 1440} | options))
        expect(page.locator(".cnnviz-explorer")).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=30_000)
        settled(page)
        return page

    return open_page


def edited_by_hand(change: Callable[[torch.nn.Sequential], None], image: np.ndarray = IMAGE) -> Trace:
    """The oracle: a copy of the network, changed in place."""
    twin = copy.deepcopy(MODEL)
    with torch.no_grad():
        change(twin)
    return Tracer(twin)(image)


def weight(value: float, layer: str = "conv1", out: int = 3, into: int = 0, at: tuple[int, int] = (0, 0)):
    def change(model: torch.nn.Sequential) -> None:
        model.get_submodule(layer).weight[out, into, *at] = value

    return change


def button(page: Page, name: str) -> Locator:
    return page.locator(".cnnviz-explorer").get_by_role("button", name=name, exact=True)


def open_panel(page: Page) -> None:
    button(page, "Edit this kernel").click()
    expect(page.locator(".surgery")).to_be_visible()


def type_weight(page: Page, text: str) -> None:
    field = page.get_by_role("textbox", name="row 0, column 0").first
    field.fill(text)
    field.press("Enter")


def lines(page: Page) -> list[str]:
    return page.locator(".surgery-list li").all_inner_texts()


def edits_of(page: Page) -> str:
    found = re.search(r"edits=([^&]*)", str(page.evaluate("location.search")))
    return found.group(1) if found else ""


def answer_of(trace: Trace) -> str:
    """The headline that the page must show."""
    top, share = int(trace.probabilities.argmax()), float(trace.probabilities.max())
    if not MANIFEST.rule.accepts(trace.probabilities):
        return "Not recognised as a digit"
    return f"Prediction: {top} ({format_percent(share)})"


def expect_shown(page: Page, trace: Trace, layer: int = 0, channel: int = 3) -> None:
    """The verdict, and every value of the open map in the table of numbers."""
    expect(page.locator(".verdict strong")).to_have_text(answer_of(trace))
    table = page.locator(".cnnviz-explorer .numbers")
    if not table.is_visible():
        button(page, "Numbers").click()
    wanted = [value_text(value) for value in trace.layers[layer].output[channel].ravel()]
    eventually(page, lambda: table.locator("td").all_inner_texts(), lambda shown: shown == wanted)
