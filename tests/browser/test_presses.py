"""A press is heard though the browser says something else at once: buttons, and the way to another page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from finding import turn_to
from playwright.sync_api import Page, expect
from watching import APPS, settled

PRESSES = 5


@pytest.fixture
def page(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Page:
    page = new_page(serve(APPS / "chatty_app.py"))
    expect(page.get_by_text("It speaks")).to_be_visible()
    return page


def test_every_press_is_counted_though_its_callback_is_at_work_when_the_browser_speaks(page: Page):
    for number in range(1, PRESSES + 1):
        page.get_by_role("button", name="Press").click()
        expect(page.get_by_text(f"Presses: {number}", exact=True)).to_be_visible()


@pytest.mark.parametrize("in_fragment", [False, True])
def test_the_way_to_another_page_is_not_turned_back_by_what_the_page_before_says(page: Page, in_fragment: bool):
    if in_fragment:
        page.get_by_text("In a fragment").click()
        settled(page)
    for _ in range(PRESSES):
        turn_to(page, "Second")
        expect(page.get_by_text("This is the second page")).to_be_visible()
        settled(page)
        expect(page.get_by_text("It speaks")).to_have_count(0)
        turn_to(page, "First")
        expect(page.get_by_text("It speaks")).to_be_visible()


@pytest.mark.parametrize("in_fragment", [False, True])
def test_a_button_in_the_body_of_a_page_answers_every_press_once(page: Page, in_fragment: bool):
    if in_fragment:
        page.get_by_text("In a fragment").click()
        settled(page)
    for number in range(1, PRESSES + 1):
        page.get_by_role("button", name="Act").click()
        expect(page.get_by_text(f"Acts: {number}", exact=True)).to_be_visible()
        settled(page)
        expect(page.get_by_text(f"Acts: {number}", exact=True)).to_be_visible()


@pytest.mark.parametrize("in_fragment", [False, True])
def test_the_page_that_a_script_turns_to_stays_whatever_the_page_before_says(page: Page, in_fragment: bool):
    if in_fragment:
        page.get_by_text("In a fragment").click()
        settled(page)
    for _ in range(PRESSES):
        page.get_by_role("button", name="Turn").click()
        expect(page.get_by_text("This is the second page")).to_be_visible()
        settled(page)
        expect(page.get_by_text("It speaks")).to_have_count(0)
        expect(page.get_by_text("Asked: yes")).to_be_visible()
        turn_to(page, "First")
        expect(page.get_by_text("It speaks")).to_be_visible()
        settled(page)
        expect(page.get_by_text("This is the second page")).to_have_count(0)
