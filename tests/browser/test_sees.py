"""What a cell sees, on the Draw page: pixels, formula, every layer before, and how strongly."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from watching import eventually, settled

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def sees(serve: Callable[[Path], str], new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Open a cell and ask what it sees: `sees("?layer=conv2&map=3&cell=0.13")`."""

    def open_page(query: str, **options: object) -> Page:
        page = new_page(f"{serve(ROOT / 'app.py')}/{query}", **({"width": 1440} | options))
        expect(page.locator(".walk")).to_be_visible(timeout=30_000)
        settled(page)
        page.get_by_role("button", name="Receptive field").click()
        expect(page.locator(".walk-sees")).to_have_attribute("data-status", re.compile(r"^(?!computing)\w+"))
        return page

    return open_page


def captions(page: Page) -> list[str]:
    return page.locator(".walk-sees figure:visible figcaption").all_inner_texts()


def test_the_pixels_that_are_read_are_counted(sees: Callable[..., Page]):
    page = sees("?layer=conv2&map=3&cell=5.6")
    assert captions(page)[0] == f"the image: {14 * 14} of {28 * 28} pixels are read"
    assert captions(page)[3:] == ["pool1: 25 cells", "relu1: 100 cells", "conv1: 100 cells"]


def test_at_the_border_fewer_are_left(sees: Callable[..., Page]):
    page = sees("?layer=conv2&map=3&cell=0.13")
    assert captions(page)[0] == f"the image: {8 * 8} of {28 * 28} pixels are read"


def test_a_step_on_asks_again(sees: Callable[..., Page]):
    page = sees("?layer=conv2&map=3&cell=0.0")
    before = captions(page)[0]
    page.get_by_role("button", name="One step on").click()
    after = eventually(page, lambda: captions(page)[0], lambda text: text != before)
    assert after == f"the image: {8 * 10} of {28 * 28} pixels are read"


def test_a_score_sees_all(sees: Callable[..., Page]):
    page = sees("?layer=fc&map=5&cell=0.0")
    expect(page.locator(".walk-sees .walk-formula")).to_have_text("The whole image.")


def test_the_arithmetic_is_one_click_away(sees: Callable[..., Page]):
    page = sees("?layer=conv2&map=3&cell=5.6")
    page.get_by_role("button", name="Arithmetic").click()
    expect(page.locator(".walk-total")).to_contain_text("sum of the terms of all 16 maps")


def test_a_phone_shows_it_without_scrolling_sideways(sees: Callable[..., Page]):
    page = sees("?layer=conv2&map=3&cell=5.6", width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_while_it_computes_it_says_so(serve, new_page):
    page = new_page(width=1440)
    held, is_open = [], []
    page.route("**/cnnviz/field", lambda route: route.continue_() if is_open else held.append(route))
    page.goto(f"{serve(ROOT / 'app.py')}/?layer=conv2&map=3&cell=5.6")
    expect(page.locator(".walk")).to_be_visible(timeout=30_000)
    settled(page)
    page.get_by_role("button", name="Receptive field").click()
    expect(page.locator(".walk-sees")).to_have_attribute("data-status", "computing")
    expect(page.locator(".walk-sees > .walk-formula")).to_have_text("Computing the receptive field …")
    eventually(page, lambda: len(held), lambda count: count > 0)
    is_open.append(True)  # what is asked from now on is answered at once
    for route in held:
        route.continue_()
    expect(page.locator(".walk-sees > .walk-formula")).to_contain_text("pixels that the formula gives")


def test_strengths_have_a_scale_and_a_number_for_every_pixel(sees: Callable[..., Page]):
    page = sees("?layer=conv2&map=3&cell=5.6")
    scales = page.locator(".walk-scale:visible")
    expect(scales).to_have_count(2)
    for at in range(2):
        least, most = scales.nth(at).locator("em").all_inner_texts()
        assert least == "0 %"
        assert 0 < float(most.removesuffix(" %")) < 100
    canvas = page.locator(".walk-sees figure:visible canvas").nth(1)
    words = page.locator(".walk-words").first
    shares = []
    box = canvas.bounding_box()
    for cell in range(14):
        page.mouse.move(box["x"] + (cell + 6.5) * box["width"] / 28, box["y"] + 9.5 * box["height"] / 28)
        expect(words).to_have_text(re.compile(rf"row 9, column {cell + 6}: [<\d.]+( [\d.]+)? % of the total influence"))
        shares.append(words.inner_text())
    assert len({text.split(": ")[1] for text in shares}) > 5
    page.mouse.move(0, 0)
    expect(words).to_contain_text("middle quarter")


def test_what_is_pointed_at_is_said_of_the_next_cell_too(sees: Callable[..., Page]):
    """An answer that comes while the pointer rests must not take its words away."""
    page = sees("?layer=conv2&map=3&cell=5.6")
    canvas = page.locator(".walk-sees figure:visible canvas").nth(1)
    words = page.locator(".walk-words").first
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 11.5 * box["width"] / 28, box["y"] + 9.5 * box["height"] / 28)
    expect(words).to_contain_text("row 9, column 11: ")
    before = words.inner_text()
    page.locator(".walk").press("ArrowRight")
    eventually(page, words.inner_text, lambda said: said != before)
    expect(page.locator(".walk-sees figure.stale")).to_have_count(0)
    assert words.inner_text().startswith("row 9, column 11: ")
    assert words.inner_text() != before
