"""The page turns dark while it is open: every canvas is painted anew, as if the page had been opened in the dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import ROOT
from playwright.sync_api import Page, expect
from watching import APPS, eventually, settled

CANVASES = """(root) => [...root.querySelectorAll("canvas:not(.ghost)")]
  .filter((one) => one.width * one.height > 0).map((one) => one.toDataURL())"""  # a ghost is what fades out
DRAW, LABORATORY, MOTION = ROOT / "app.py", APPS / "laboratory_app.py", APPS / "motion_app.py"
VIEWS = {
    "the network": (DRAW, "", ".cnnviz-explorer"),
    "an open map": (DRAW, "?layer=conv2&map=3", ".cnnviz-explorer"),
    "a cell": (DRAW, "?layer=conv1&map=2&cell=0.0", ".cnnviz-explorer"),
    "the bench": (LABORATORY, "?example=by-hand", ".cnnviz-laboratory"),
    "why convolutions": (LABORATORY, "?part=why", ".cnnviz-shifting"),
    "one training step": (MOTION, "", ".cnnviz-motion"),
}


def opened(new_page: Callable[..., Page], serve: Callable[[Path], str], view: str, *, dark: bool) -> Page:
    app, path, root = VIEWS[view]
    page = new_page(f"{serve(app)}/{path}", width=1300, dark=dark)
    expect(page.locator(f"{root} canvas:visible").first).to_be_visible(timeout=30_000)
    settled(page)
    page.evaluate("WebSocket.prototype.send = () => {}")  # no run of the page helps: Streamlit asks for one as well
    return page


def pictures(page: Page, view: str) -> list[str]:
    return page.locator(VIEWS[view][2]).evaluate(CANVASES)


@pytest.mark.parametrize("view", VIEWS)
def test_another_theme_repaints_everything_at_once(
    view: str, new_page: Callable[..., Page], serve: Callable[[Path], str]
):
    in_dark = pictures(opened(new_page, serve, view, dark=True), view)
    page = opened(new_page, serve, view, dark=False)
    in_light = pictures(page, view)
    assert in_light != in_dark
    page.emulate_media(color_scheme="dark")
    eventually(page, lambda: pictures(page, view), lambda shown: shown == in_dark)
    page.emulate_media(color_scheme="light")
    eventually(page, lambda: pictures(page, view), lambda shown: shown == in_light)
