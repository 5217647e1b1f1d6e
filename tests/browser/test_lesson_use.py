"""Using the first lesson in a real browser: empty paper, another theme, keys only, a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from driving import ROOT
from playwright.sync_api import Page, expect
from reading_lesson import answered, cell, chapter, lesson, rounded, scores, step, visitor
from watching import eventually, settled

from cnnviz.lesson import IDEAL_X, Lesson, run_lesson


@pytest.fixture
def visit(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Callable[..., Page]:
    return visitor(new_page, serve)


def test_empty_paper_is_called_nothing_and_a_stroke_brings_the_answer_back(visit: Callable[..., Page]):
    page = visit("/?chapter=7")
    page.get_by_role("button", name="Clear").click()
    blank = run_lesson(Lesson(picture=-np.ones((9, 9))))
    says = f"Nothing is drawn, so there is nothing to see. Of empty paper the votes say: {blank.answer}"
    expect(page.locator(".voting .verdict")).to_have_text(says)
    expect(page.locator('.chapter-row [data-chapter="7"] output')).to_have_text("?")
    assert scores(page) == rounded(blank.scores)  # the numbers stay PyTorch's
    chapter(page, 1)
    expect(page.locator(".comparing .verdict")).to_have_text("Nothing is drawn, so there is nothing to compare.")
    cell(page, 4, 4).click()
    expect(page.locator(".comparing .verdict")).to_contain_text("nearer to:")
    expect(page.locator('.chapter-row [data-chapter="7"] output')).not_to_have_text("?")


def test_a_browser_that_lists_no_moments_paints_every_cell_of_a_drag(visit: Callable[..., Page]):
    page = visit("/?chapter=7")
    page.get_by_role("button", name="Clear").click()
    page.evaluate("PointerEvent.prototype.getCoalescedEvents = () => []")  # as Firefox on Android answers
    start, end = cell(page, 4, 1).bounding_box(), cell(page, 4, 7).bounding_box()
    page.mouse.move(start["x"] + 9, start["y"] + 9)
    page.mouse.down()
    page.mouse.move(end["x"] + 9, end["y"] + 9, steps=24)
    page.mouse.up()
    painted = page.locator('.picture-panel [data-at][aria-selected="true"]')
    expect(painted).to_have_count(7)


def test_a_hand_whose_pointer_is_taken_away_paints_no_further(visit: Callable[..., Page]):
    page = visit("/?chapter=7")
    page.get_by_role("button", name="Clear").click()
    place = [cell(page, 4, col).bounding_box() for col in (1, 2, 6)]
    page.mouse.move(place[0]["x"] + 9, place[0]["y"] + 9)
    page.mouse.down()
    page.mouse.move(place[1]["x"] + 9, place[1]["y"] + 9)
    page.locator(".picture-panel .ink-grid").evaluate("grid => [...Array(9).keys()].forEach((id) => "
        "grid.hasPointerCapture(id) && grid.releasePointerCapture(id))")  # fmt: skip
    page.mouse.move(place[2]["x"] + 9, place[2]["y"] + 9, steps=8)
    page.mouse.up()
    expect(page.locator('.picture-panel [data-at][aria-selected="true"]')).to_have_count(2)


def test_another_theme_recolours_what_is_open_without_a_touch(visit: Callable[..., Page]):
    page = visit(reduced_motion="reduce")
    expect(lesson(page)).to_have_attribute("data-theme", "light")
    chapter(page, 2)
    colour = page.locator('.feature [data-at="0"]').first
    before = colour.evaluate("cell => cell.style.background")
    page.emulate_media(color_scheme="dark")
    expect(lesson(page)).to_have_attribute("data-theme", "dark")
    assert colour.evaluate("cell => cell.style.background") != before


def test_the_whole_lesson_goes_by_keyboard_and_plays_by_itself(visit: Callable[..., Page]):
    page = visit(reduced_motion="reduce")
    page.locator('.chapter-row [data-chapter="1"]').focus()
    page.keyboard.press("ArrowRight")
    expect(lesson(page)).to_have_attribute("data-chapter", "2")
    page.locator('.question:visible [data-choice="4"]').press("8")  # a number that is meant as the answer opens nothing
    expect(page.locator('.question:visible [data-choice="4"]')).to_be_focused()
    expect(lesson(page)).to_have_attribute("data-chapter", "2")
    page.keyboard.press("Enter")
    expect(page.locator(".question:visible .told")).to_be_focused()  # the choice that had the focus is gone
    page.keyboard.press("4")  # as the answer, once more: it stays what it is
    expect(lesson(page)).to_have_attribute("data-chapter", "2")
    page.locator(".picture-panel [data-at]").first.focus()
    page.keyboard.press("4")
    expect(lesson(page)).to_have_attribute("data-chapter", "4")
    page.locator(".picture-panel [data-at]").first.focus()
    page.keyboard.press("1")  # a question waits
    expect(lesson(page)).to_have_attribute("data-chapter", "4")
    page.locator('.question:visible [data-choice="0.00"]').press("Enter")
    expect(page.locator('[data-act="step_on"]:visible')).to_be_focused()
    page.keyboard.press("Home")
    page.locator('[data-act="step_on"]:visible').focus()
    for key, at in (("ArrowRight", 1), ("End", 48), ("ArrowLeft", 47), ("Home", 0)):
        page.keyboard.press(key)
        expect(page.locator(".stepper:visible")).to_have_attribute("data-at", str(at))
    page.locator('.step-target:visible [data-at="0"]').focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".stepper:visible")).to_have_attribute("data-at", "7")
    pause_at(page, 8)
    step(page, "play")
    expect(page.locator('[data-act="play"]:visible')).to_have_attribute("data-playing", "false")
    expect(page.locator(".stepper:visible")).to_have_attribute("data-at", "8")
    step(page, "play")
    expect(page.locator(".stepper:visible")).to_have_attribute("data-at", "48")
    expect(page.locator('[data-act="play"]:visible')).to_have_attribute("data-playing", "false")  # it ends by itself


def pause_at(page: Page, cell: int) -> None:
    """Presses "Pause" in the moment in which the walk reaches the cell: nobody outside the page is quick enough."""
    page.locator(".stepper:visible").evaluate(
        """(stepper, cell) => new MutationObserver((_, observer) => {
            if (stepper.dataset.at !== String(cell)) return;
            observer.disconnect();
            stepper.querySelector('[data-act="play"]').click();
        }).observe(stepper, {attributes: true, attributeFilter: ["data-at"]})""",
        cell,
    )


THUMB = 40  # pixels in each direction that a thumb hits


def too_small(page: Page) -> list[str]:
    """What can be pressed beside the grids, but hardly by a thumb: its text and size; a label counts for its box."""
    parts = lesson(page).locator("button:not([role=gridcell]), summary, a, input:not([type=checkbox]), .check")
    sizes = parts.evaluate_all(
        """all => all.filter((one) => one.checkVisibility())
            .map((one) => [one.textContent, one.offsetWidth, one.offsetHeight])"""
    )
    return [f"{text}: {width} by {height}" for text, width, height in sizes if min(width, height) < THUMB]


def test_what_a_thumb_cannot_hit_is_found(visit: Callable[..., Page]):
    page = visit("/?chapter=7")
    assert any(text.startswith("Clear:") for text in too_small(page))  # with a mouse it may be smaller


@pytest.mark.parametrize("width", [390, 768, 1024, 1280, 1440])
def test_all_eight_layers_of_the_stack_are_in_sight(visit: Callable[..., Page], width: int):
    page = visit("/?chapter=6", width=width)
    answered(page)
    columns = page.locator(".stack .stack-column")
    expect(columns).to_have_count(8)
    stage = page.locator(".stack").bounding_box()
    assert stage
    for column in columns.all():
        box = column.bounding_box()
        assert box
        assert stage["x"] <= box["x"]
        assert box["x"] + box["width"] <= min(stage["x"] + stage["width"], width) + 1
        assert column.evaluate("one => one.scrollWidth <= one.clientWidth")


def test_answers_stay_after_a_visit_to_another_page(new_page: Callable[..., Page], serve: Callable[[Path], str]):
    page = new_page(serve(ROOT / "app.py"), width=1440)
    page.get_by_role("link", name="First lesson", exact=True).click()
    expect(lesson(page)).to_have_attribute("data-painted", "1", timeout=30_000)
    answered(page, "O")
    told = page.locator(".question:visible .told").inner_text()
    assert told
    page.locator(".next").click()
    eventually(page, lambda: page.url, lambda url: "chapter=2" in url)
    settled(page)
    page.get_by_role("link", name="Laboratory").click()
    expect(page.locator(".cnnviz-laboratory")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="First lesson", exact=True).click()
    expect(lesson(page)).to_have_attribute("data-chapter", "2", timeout=30_000)
    expect(page.locator(".question:visible .choices")).to_be_visible()
    chapter(page, 1)
    expect(page.locator(".question:visible .told")).to_have_text(told)
    expect(page.locator(".question .choices >> visible=true")).to_have_count(0)


def test_an_answer_to_another_picture_is_not_told_again(visit: Callable[..., Page]):
    page = visit("/?chapter=2")
    answered(page, "4")
    expect(page.locator(".question:visible .told")).to_be_visible()
    page.locator(".ready button", has_text="the O").click()
    expect(page.locator(".question .told >> visible=true")).to_have_count(0)


def test_on_a_phone_every_chapter_fits_and_words_are_explained_in_place(visit: Callable[..., Page]):
    page = visit(width=390, height=844, dark=True, touch=True)
    for at in range(1, 9):
        if at > 1:
            page.locator(".next").tap()
        expect(lesson(page)).to_have_attribute("data-chapter", str(at))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        expect(page.locator(".prompt")).to_be_visible()
        assert too_small(page) == []
        answered(page)
        expect(page.locator(".question:visible .told")).not_to_be_empty()  # each chapter asks, and tells
        assert too_small(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.locator(".terms summary").first.tap()
        expect(page.locator(".terms details p").first).to_be_visible()
    cell(page, 4, 4).tap()
    wanted = run_lesson(Lesson(picture=np.where(np.eye(9)[4][:, None] * np.eye(9)[4] > 0, -IDEAL_X, IDEAL_X))).covered[
        0
    ]
    expect(page.locator(".covering .verdict")).to_contain_text(f"As a convolution: {wanted:.4f}.")
