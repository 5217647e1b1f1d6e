"""On paper: the network is whole, and nothing is there that one could only press."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import ROOT
from finding import turn_to
from playwright.sync_api import Page, expect
from watching import settled

SHEET = 1047  # pixels of an A4 sheet on its side, less its margins
PRESSED = {
    "": (".cnnviz-explorer .controls", ".sketchpad .tools", ".cnnviz-shelf", '[data-testid="stHeader"]'),
    "First lesson": (".cnnviz-lesson .turns", ".cnnviz-lesson .quiet", '[data-testid="stHeader"]'),
    "Laboratory": (".lab-examples", ".cnnviz-laboratory .walk-controls", ".kernel-actions"),
}
KEPT = {
    "": (".cnnviz-explorer .stage", ".sketchpad .pad", ".verdict"),
    "First lesson": (".picture-panel .ink-grid", ".lesson-stage"),
    "Laboratory": (".lab-result", ".lab-kernel .weights", ".cnnviz-laboratory .walk-scene"),
}


@pytest.fixture
def visit(serve: Callable[[Path], str], new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Open a page of the app by its title."""
    address = serve(ROOT / "app.py")

    def open_page(title: str = "", **options: object) -> Page:
        page = new_page(f"{address}/", **({"width": 1440} | options))
        if title:
            turn_to(page, title)
        for part in KEPT[title]:
            expect(page.locator(part).first).to_be_visible(timeout=30_000)
        settled(page)
        return page

    return open_page


@pytest.mark.parametrize("title", PRESSED)
def test_what_is_pressed_is_not_printed_and_what_is_seen_is(visit, title: str):
    page = visit(title)
    for part in PRESSED[title]:
        expect(page.locator(part).first).to_be_visible()
    page.emulate_media(media="print")
    for part in PRESSED[title]:
        expect(page.locator(part).first).to_be_hidden()
    for part in KEPT[title]:
        expect(page.locator(part).first).to_be_visible()


@pytest.mark.parametrize("width", [1280, 1440, 1920])
def test_a_sheet_holds_the_whole_network(visit, width: int):
    page = visit(width=width, height=1000)
    page.emulate_media(media="print")
    drawn = page.locator(".cnnviz-explorer canvas.base").bounding_box()
    assert drawn is not None
    assert drawn["width"] <= SHEET
    assert drawn["height"] <= 190 / 25.4 * 96  # the height of the sheet


def test_the_answer_is_printed_once_in_its_place(visit):
    page = visit(width=900)
    page.emulate_media(media="print")
    assert page.locator(".verdict").evaluate("verdict => getComputedStyle(verdict).position") == "static"
