"""Contrast themes ("forced colours"): ink is seen, scales have their colours, a switch shows whether it is on."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from driving import ROOT
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from watching import settled


@pytest.fixture
def contrast(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Callable[..., Page]:
    """A page of the app for a reader with a contrast theme."""

    def open_page(place: str = "", **options: object) -> Page:
        page = new_page(f"{serve(ROOT / 'app.py')}/{place}", width=1440, forced_colors="active", **options)
        assert page.evaluate("matchMedia('(forced-colors: active)').matches")
        return page

    return open_page


def colours(shown: Locator) -> np.ndarray:
    """What is on the screen there: one row (r, g, b) for each pixel."""
    expect(shown).to_be_visible(timeout=30_000)
    return np.asarray(Image.open(io.BytesIO(shown.screenshot())).convert("RGB")).reshape(-1, 3).astype(int)


def spread(shown: Locator) -> int:
    """From the darkest to the lightest pixel, 0 to 255."""
    grey = colours(shown).mean(axis=1)
    return int(grey.max() - grey.min())


def has_hue(shown: Locator) -> bool:
    """Whether anything there is neither black nor white nor grey."""
    found = colours(shown)
    return bool((found.max(axis=1) - found.min(axis=1) > 40).any())


@pytest.mark.parametrize("dark", [False, True])
def test_ink_scales_and_switches_are_seen_on_the_draw_page(dark: bool, contrast: Callable[..., Page]):
    page = contrast(dark=dark)
    assert spread(page.locator(".sketchpad .pad")) > 200
    legends = page.locator(".cnnviz-explorer .legend i")
    assert has_hue(legends.nth(1))
    step = page.locator(".cnnviz-stages button.step").first
    on = colours(step.locator(".knob"))
    step.click()
    expect(step).to_have_attribute("aria-pressed", "false")
    settled(page)
    page.mouse.move(5, 5)
    off = colours(step.locator(".knob"))
    assert (np.abs(on.mean(axis=0) - off.mean(axis=0)) > 15).any()
    assert np.ptp(off.mean(axis=1)) > 60


def test_what_is_chosen_in_the_bar_stands_out(contrast: Callable[..., Page]):
    page = contrast()
    scopes = page.locator(".cnnviz-explorer .scopes button")
    chosen, other = scopes.and_(page.locator("[data-scope=layer]")), scopes.and_(page.locator("[data-scope=map]"))
    assert np.abs(np.median(colours(chosen), axis=0) - np.median(colours(other), axis=0)).max() > 60


def test_the_walk_can_be_played(contrast: Callable[..., Page]):
    page = contrast("?layer=conv2&map=3&cell=5.6")
    for act in ("play", "next", "back"):
        assert spread(page.locator(f'.walk-button[data-act="{act}"]')) > 100
    assert has_hue(page.locator(".walk-chip").first)


def test_numbers_in_the_laboratory_stand_on_their_colours(contrast: Callable[..., Page]):
    page = contrast("laboratory")
    assert has_hue(page.locator(".lab-result .lab-table"))
    assert has_hue(page.locator(".lab-kernel .weights"))
    parts = page.locator('[data-testid="stButtonGroup"] button')
    assert np.abs(np.median(colours(parts.nth(0)), axis=0) - np.median(colours(parts.nth(1)), axis=0)).max() > 60


def test_the_picture_of_the_lesson_is_one(contrast: Callable[..., Page]):
    page = contrast("x_or_o")
    grid = page.locator(".picture-panel .ink-grid")
    expect(grid).to_be_visible(timeout=30_000)
    cells = [colours(grid.locator(f'[data-at="{at}"]')).mean() for at in (0, 10)]  # paper and ink
    assert abs(cells[0] - cells[1]) > 150
