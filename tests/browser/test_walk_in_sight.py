"""The walk fits the screen: step buttons, window, kernel and the sum are seen together, without a hand that scrolls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import ROOT
from one_cell import walk
from playwright.sync_api import Page, expect
from watching import eventually, settled

HEADER = 60  # pixels of Streamlit's bar
PHONE = {"width": 390, "height": 844, "touch": True, "is_mobile": True}


@pytest.fixture
def begin_walk(serve: Callable[[Path], str], new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Open a map of the Draw page and press "Step through": `begin_walk("conv2", 3, width=1280, height=720)`."""
    address = serve(ROOT / "app.py")

    def open_page(layer: str, channel: int, **options: object) -> Page:
        page = new_page(f"{address}/?layer={layer}&map={channel}", **options)
        page.get_by_role("button", name="Step through").click(timeout=30_000)
        expect(walk(page)).to_be_visible()
        settled(page)
        return page

    return open_page


def edges(page: Page, part: str) -> tuple[float, float]:
    """Top and foot of a part of the walk, in pixels of the window."""
    box = walk(page).locator(part).first.bounding_box()
    assert box is not None
    return box["y"], box["y"] + box["height"]


def seen_together(page: Page, last: str, foot: float) -> None:
    """The step buttons below the header and all of `last` above the foot of the window, in one state of the page."""
    eventually(
        page,
        lambda: (edges(page, ".walk-controls")[0], edges(page, last)[1]),
        lambda found: found[0] >= HEADER and found[1] <= foot,
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("layer", "channel"),
    [("conv1", 0), ("relu1", 2), ("pool1", 2), ("conv2", 3), ("flatten", 0), ("fc", 3), ("softmax", 3)],
)
def test_all_of_a_walk_is_seen_on_a_low_screen(begin_walk, layer: str, channel: int, dark: bool):
    page = begin_walk(layer, channel, width=1280, height=720, dark=dark)
    seen_together(page, ".walk-scene", 720)
    expect(page.locator(".cnnviz-explorer .crumbs")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(
    ("layer", "channel", "last"),
    [
        ("relu1", 2, ".walk-formula"),
        ("pool1", 2, ".walk-grid"),
        ("conv2", 3, ".walk-grid.products"),
        ("fc", 3, ".walk-total"),
    ],
)
def test_on_a_phone_the_pictures_of_a_walk_are_seen_below_its_buttons(begin_walk, layer: str, channel: int, last: str):
    page = begin_walk(layer, channel, **PHONE)
    foot = page.locator(".verdict").bounding_box()
    assert foot is not None
    seen_together(page, last, foot["y"])


@pytest.mark.parametrize(("layer", "channel"), [("relu1", 2), ("pool1", 2), ("flatten", 0), ("softmax", 3)])
def test_on_a_phone_the_formula_stands_right_below_the_buttons(begin_walk, layer: str, channel: int):
    page = begin_walk(layer, channel, **PHONE)
    seen_together(page, ".walk-formula", edges(page, ".walk-controls")[1] + 120)


def test_a_walk_that_is_seen_does_not_move_the_page(begin_walk):
    page = begin_walk("conv2", 3, width=1440, height=1000)
    assert page.locator(".stMain").evaluate("main => main.scrollTop") == 0
