"""Pen and eraser of the pad: which one is taken is seen, and the eraser does not outlive what it erases."""

import pytest
from on_pad import button, draw, drawn, expect_strokes, ink_at, pad
from playwright.sync_api import expect
from watching import eventually


def expect_eraser(page):
    expect(button(page, "Eraser")).to_have_attribute("aria-pressed", "true")
    expect(button(page, "Pen \\(P")).to_have_attribute("aria-pressed", "false")


def expect_pen(page):
    """The pen is taken, and says so."""
    expect(button(page, "Pen \\(P")).to_have_attribute("aria-pressed", "true")
    expect(button(page, "Eraser")).to_have_attribute("aria-pressed", "false")


def test_of_pen_and_eraser_one_is_pressed(open_pad):
    page = open_pad()
    expect_pen(page)
    expect(button(page, "Eraser")).to_have_attribute("aria-disabled", "true")  # nothing to erase yet
    button(page, "Eraser").click(force=True)  # as a hand does, which asks no attribute
    draw(page, [(0.2, 0.5), (0.8, 0.5)])
    assert expect_strokes(page, 1, end=(0.8, 0.5))[0]["erases"] is False
    button(page, "Eraser").click()
    expect_eraser(page)
    button(page, "Pen \\(P").click()
    expect_pen(page)
    page.keyboard.press("e")
    expect_eraser(page)
    page.keyboard.press("p")
    expect_pen(page)


WAYS_TO_EMPTY = {
    "clear": lambda page: button(page, "Clear").click(),
    "the key that clears": lambda page: pad(page).press("Delete"),
    "undo": lambda page: button(page, "Undo").click(),
    "an empty pad from Python": lambda page: page.get_by_role("button", name="Empty").click(),
    "a sample": lambda page: page.get_by_role("button", name="Sample").click(),
    "the eraser itself": lambda page: draw(page, [(0.1, 0.5), (0.9, 0.5)]),
    "another page": lambda page: leave_and_come_back(page),
}


def leave_and_come_back(page):
    away = page.get_by_text("Away", exact=True)
    away.click()
    expect(pad(page)).to_have_count(0)
    away.click()
    expect(pad(page)).to_be_visible()


@pytest.mark.parametrize("way", WAYS_TO_EMPTY)
def test_after_the_ink_is_gone_one_draws_with_the_pen(open_pad, way):
    page = open_pad()
    draw(page, [(0.2, 0.5), (0.8, 0.5)])
    expect_strokes(page, 1, end=(0.8, 0.5))
    button(page, "Eraser").click()
    expect_eraser(page)
    WAYS_TO_EMPTY[way](page)
    expect_pen(page)
    draw(page, [(0.3, 0.3), (0.7, 0.3)])
    eventually(page, lambda: drawn(page), lambda strokes: strokes and strokes[-1]["points"][-1] == [0.7, 0.3])
    assert drawn(page)[-1]["erases"] is False
    assert ink_at(page, 0.5, 0.3) == 255


def test_an_undone_clear_brings_the_ink_back_under_the_pen(open_pad):
    page = open_pad()
    draw(page, [(0.2, 0.5), (0.8, 0.5)])
    button(page, "Eraser").click()
    button(page, "Clear").click()
    expect_pen(page)
    button(page, "Undo").click()
    expect_strokes(page, 1, end=(0.8, 0.5))
    expect_pen(page)
