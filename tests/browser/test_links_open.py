"""A link brings back what was open beside the view, and the page says what a link cannot hold."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import ROOT
from playwright.sync_api import Page, expect
from watching import eventually, settled

from cnnviz.data.strokes import Sketch, Stroke
from cnnviz.ui.app.links import pack_sketch


@pytest.fixture
def draw(serve: Callable[[Path], str], new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Open the Draw page: `draw("?layer=conv1")`."""
    address = serve(ROOT / "app.py")

    def open_page(query: str = "", **options: object) -> Page:
        page = new_page(f"{address}/{query}", **({"width": 1440} | options))
        expect(page.locator(".cnnviz-explorer .crumbs")).not_to_be_empty(timeout=30_000)
        settled(page)
        return page

    return open_page


def link_with(page: Page, part: str) -> str:
    return str(eventually(page, lambda: page.evaluate("location.search"), lambda link: part in link))


def test_the_table_of_numbers_is_in_the_link_and_comes_back(draw):
    page = draw("?layer=conv2&map=3")
    page.get_by_role("button", name="Numbers").click()
    link = link_with(page, "open=numbers")
    for other in (draw(link), page):
        other.reload() if other is page else None
        expect(other.locator(".cnnviz-explorer .numbers td")).to_have_count(14 * 14, timeout=30_000)
        expect(other.get_by_role("button", name="Numbers")).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name="Numbers").click()
    eventually(page, lambda: page.evaluate("location.search"), lambda said: "open=" not in said)


def test_what_a_cell_sees_is_in_the_link_and_comes_back(draw):
    page = draw("?layer=conv2&map=3&cell=5.6")
    page.get_by_role("button", name="Receptive field").click()
    page.get_by_role("button", name="Numbers").click()
    friend = draw(link_with(page, "open=numbers.sees"))
    expect(friend.locator(".walk-sees")).to_be_visible(timeout=30_000)
    expect(friend.get_by_role("button", name="Receptive field")).to_have_attribute("aria-pressed", "true")
    expect(friend.locator(".walk-sees figcaption").first).to_contain_text("pixels are read")
    expect(friend.locator(".numbers .ledger")).to_be_visible()
    friend.get_by_role("button", name="Arithmetic").click()
    eventually(friend, lambda: friend.evaluate("location.search"), lambda said: "open=numbers&" in said + "&")


@pytest.mark.parametrize("start", ["?layer=conv2&map=3", "", "?layer=conv1&map=4&edits=off.3.conv1"])
def test_the_open_editor_is_in_the_link_and_comes_back(draw, start: str):
    page = draw(start)
    editor = page.get_by_role("button", name=re.compile("^Edit (this kernel|the network)$"))
    editor.click()
    link = link_with(page, "open=edit")
    for other in (draw(link), page):
        other.reload() if other is page else None
        expect(other.locator(".surgery")).to_be_visible(timeout=30_000)
        settled(other)
        assert "open=edit" in other.evaluate("location.search")
    editor.click()
    expect(page.locator(".surgery")).to_be_hidden()
    eventually(page, lambda: page.evaluate("location.search"), lambda said: "open=" not in said)
    page.reload()
    expect(page.locator(".cnnviz-explorer .crumbs")).not_to_be_empty(timeout=30_000)
    settled(page)
    expect(page.locator(".surgery")).to_be_hidden()


def scribble(page: Page, points: int) -> None:
    """One stroke of so many points, as quick as a device can make them."""
    dice = random.Random(2)
    places = [[0.1 + 0.8 * dice.random(), 0.1 + 0.8 * dice.random()] for _ in range(points)]
    page.locator(".sketchpad .pad").evaluate(
        """(pad, places) => {
            pad.setPointerCapture = () => {};
            const box = pad.getBoundingClientRect();
            const send = (name, [x, y], buttons) => pad.dispatchEvent(new PointerEvent(name, {
                pointerId: 1, button: 0, buttons, bubbles: true, composed: true,
                clientX: box.x + x * box.width, clientY: box.y + y * box.height,
            }));
            send("pointerdown", places[0], 1);
            for (const place of places) send("pointermove", place, 1);
            send("pointerup", places.at(-1), 0);
        }""",
        places,
    )


def test_a_scribble_that_no_link_holds_is_said(draw):
    page = draw()
    note = page.locator(".cnnviz-explorer .left-out")
    expect(note).to_be_empty()
    scribble(page, 300)
    expect(note).to_contain_text("too long for a link")
    assert "too long" in page.evaluate("document.documentElement.dataset.cnnvizLeftOut")  # what the footer says on copy
    page.get_by_role("button", name="Clear").click()
    expect(note).to_be_empty()


def test_a_drawing_that_fits_says_nothing(draw):
    stroke = Stroke(tuple((0.2 + i / 1000, 0.5) for i in range(300)))
    page = draw(f"?ink={pack_sketch(Sketch((stroke,)))}")
    expect(page.locator(".verdict strong")).to_have_text(re.compile(r"\w"))
    expect(page.locator(".cnnviz-explorer .left-out")).to_be_empty()


def test_escape_right_after_a_reload_leads_up_and_what_the_browser_kept_does_not_lead_back(draw):
    page = draw("?layer=conv1&map=3")
    page.locator(".cnnviz-shelf").get_by_role("button", name="A one").click()
    crumbs = page.locator(".cnnviz-explorer .crumbs")
    for _turn in range(3):
        link_with(page, "layer=conv1")
        settled(page)
        page.reload()
        expect(crumbs).to_contain_text("conv1, map")
        page.locator(".cnnviz-explorer .over").focus()
        page.keyboard.press("Escape")
        eventually(page, lambda: page.evaluate("location.search"), lambda said: "layer=" not in said)
        settled(page)
        expect(crumbs).to_have_text("Whole network")
        page.locator(".cnnviz-explorer .label", has=page.get_by_text("conv1", exact=True)).click()
