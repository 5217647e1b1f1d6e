"""A run of the page hides a component for some frames, and Chromium then takes the focus away: it comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import ROOT
from finding import turn_to
from playwright.sync_api import Locator, Page, expect
from watching import settled

HIDE = """(part, way) => new Promise((resolve) => {
    part.getRootNode().host.parentElement.style.setProperty("display", way, "important");
    requestAnimationFrame(() => requestAnimationFrame(resolve));
})"""
PLACES = [
    ("", ".sketchpad .pad"),
    ("", ".cnnviz-explorer canvas.over"),
    ("First lesson", ".chapter-row button"),
    ("Laboratory", ".lab-examples button"),
    ("One training step", ".cnnviz-motion .player"),
    ("Train live", ".cnnviz-trainer button:not([disabled])"),
]


@pytest.fixture
def focused(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Callable[..., Locator]:
    """A part of a page of the app, once it has the focus and no run goes on."""

    def open_part(title: str, part: str) -> Locator:
        page = new_page(serve(ROOT / "app.py"), width=1440)
        if title:
            turn_to(page, title)
        found = page.locator(part).and_(page.locator(":visible")).first
        expect(found).to_be_visible()
        settled(page)
        found.evaluate("(part) => part.toggleAttribute('data-chosen')")
        chosen = page.locator("[data-chosen]")
        chosen.focus()
        expect(chosen).to_be_focused()
        return chosen

    return open_part


@pytest.mark.parametrize(("title", "part"), PLACES)
def test_the_focus_is_there_again_after_a_run_has_hidden_it(focused, title: str, part: str):
    found = focused(title, part)
    found.evaluate(HIDE, "none")
    assert found.page.evaluate("document.activeElement === document.body")
    found.evaluate(HIDE, "block")
    expect(found).to_be_focused()


def test_who_turned_elsewhere_meanwhile_stays_there(focused):
    found = focused("One training step", ".cnnviz-motion .player")
    found.evaluate(HIDE, "none")
    link = found.page.get_by_test_id("stTopNavLink").first
    link.focus()
    found.evaluate(HIDE, "block")
    found.evaluate("() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
    expect(link).to_be_focused()
