"""Streamlit's full-screen button of an image stays in it: what stands above can be pressed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, Page, expect
from watching import APPS, settled


def overlaps(one: FloatRect, other: FloatRect) -> bool:
    beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
    apart = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
    return not (beside or apart)


@pytest.mark.parametrize("width", [390, 1440])
def test_the_full_screen_button_covers_nothing_above(
    new_page: Callable[..., Page], serve: Callable[[Path], str], width: int
):
    page = new_page(serve(APPS / "toolbars_app.py"), width=width)
    settled(page)
    shown = page.get_by_test_id("stImage")
    shown.hover()
    toolbar = page.get_by_test_id("stFullScreenFrame").filter(has=shown).get_by_test_id("stElementToolbar")
    expect(toolbar).to_be_visible()
    button, above, own = (
        toolbar.bounding_box(),
        page.get_by_role("button", name="above the image").bounding_box(),
        shown.bounding_box(),
    )
    assert button is not None
    assert above is not None
    assert own is not None
    assert not overlaps(button, above)
    assert overlaps(button, own)
