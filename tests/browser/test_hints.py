"""What a button's hint says is true where the reader stands: nothing open, a map open, a cell open."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import ROOT
from playwright.sync_api import Page, expect


@pytest.mark.parametrize(
    ("query", "numbers", "steps"),
    [
        ("", "Open a map, then read", "Open a map, then step"),
        ("?layer=conv2&map=3", "All values of what is open", "Step through its cells"),
        ("?layer=input&map=0", "All values of what is open", "There is no sum to step through here"),
        ("?layer=conv2&map=3&cell=5.6", "The whole sum of this cell", None),
    ],
)
def test_hints_follow_what_is_open(
    query: str, numbers: str, steps: str | None, new_page: Callable[..., Page], serve: Callable[[Path], str]
):
    page = new_page(f"{serve(ROOT / 'app.py')}/{query}", width=1440)
    expect(page.locator(".cnnviz-explorer[data-painted]")).to_be_visible(timeout=30_000)
    button = page.locator(".cnnviz-explorer .numbers-button")
    expect(button).to_have_attribute("title", re.compile(f"^{numbers}"))
    walk = page.locator(".cnnviz-explorer .step-button")
    if steps is None:
        expect(walk).to_be_hidden()
    else:
        expect(walk).to_have_attribute("title", re.compile(f"^{steps}"))
        assert walk.is_disabled() == (not steps.startswith("Step"))
