"""What several components say in one moment is heard by each of them, whichever fragment the browser names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from watching import APPS

HEARERS = ("The fragment", "The other fragment", "The page")


def test_all_who_speak_in_one_moment_are_heard(new_page: Callable[..., Page], serve: Callable[[Path], str]):
    page = new_page(serve(APPS / "together_app.py"))
    expect(page.get_by_text("speaks from now on")).to_have_count(len(HEARERS))  # later than the texts of the page
    for number in range(1, 5):
        page.evaluate("(detail) => window.dispatchEvent(new CustomEvent('speak', { detail }))", number)
        for name in HEARERS:
            expect(page.get_by_text(f"{name} heard {number}", exact=True)).to_be_visible()
