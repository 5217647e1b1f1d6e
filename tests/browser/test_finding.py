"""Finding one's way: the bar holds every page at the width of a small laptop, and a newcomer is led to the lesson."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from driving import ROOT
from finding import MENUS, link_to
from playwright.sync_api import Page, expect

IN_SIGHT = ("Draw a digit", "First lesson", "Laboratory", "Train live", "Your network")


def test_nothing_hides_behind_more_and_the_newcomer_finds_the_lesson(
    new_page: Callable[..., Page], serve: Callable[[Path], str]
):
    page = new_page(serve(ROOT / "app.py"), width=900)
    bar = page.get_by_test_id("stTopNav")
    expect(bar.get_by_test_id("stTopNavLink").first).to_be_visible(timeout=30_000)
    for title in IN_SIGHT:
        expect(link_to(page, title)).to_be_visible()
    menus = bar.get_by_test_id("stTopNavSection")
    assert menus.all_inner_texts() == list(MENUS)  # a bar that is too narrow ends in "5 more"
    for menu, titles in zip(menus.all(), MENUS.values(), strict=True):
        menu.click()
        for title in titles:
            expect(link_to(page, title)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="New here? Begin with the first lesson").click()
    expect(page.locator(".cnnviz-lesson")).to_be_visible(timeout=30_000)
    assert page.url.endswith("/x_or_o") or "/x_or_o?" in page.url


def test_a_bar_that_is_too_narrow_would_be_seen(new_page: Callable[..., Page], serve: Callable[[Path], str]):
    page = new_page(serve(ROOT / "app.py"), width=770)
    menus = page.get_by_test_id("stTopNav").get_by_test_id("stTopNavSection")
    expect(menus.last).to_contain_text("more", timeout=30_000)
    assert menus.all_inner_texts() != list(MENUS)
