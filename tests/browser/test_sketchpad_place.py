"""The pad between Python and the page: drawings that Python gives, coming back, themes, narrow and dense screens."""

import re

import pytest
from on_pad import (
    PAGE_MARGIN,
    PHONE,
    button,
    distance_to,
    draw,
    drawn,
    expect_strokes,
    focus_by_key,
    ink_at,
    pad,
    place_on,
)
from playwright.sync_api import expect
from watching import eventually, settled

BAR = {"points": [[0.5, 0.2], [0.5, 0.8]], "width": 0.1, "erases": False}


@pytest.mark.parametrize("query", ["?start=1", "?echo=1&slow=1"])
def test_a_drawing_given_at_the_start_is_there(open_pad, query):
    page = open_pad(query)
    assert expect_strokes(page, 1) == [BAR]
    assert ink_at(page, 0.5, 0.5) == 255
    draw(page, [(0.2, 0.5), (0.8, 0.5)])
    assert expect_strokes(page, 2, end=(0.8, 0.5))[0] == BAR


def test_a_drawing_from_python_replaces_what_is_there_once_and_can_be_undone(open_pad):
    page = open_pad()
    draw(page, [(0.2, 0.5), (0.8, 0.5)])
    mine = expect_strokes(page, 1, end=(0.8, 0.5))
    page.get_by_role("button", name="Sample").click()
    assert expect_strokes(page, 1, end=(0.5, 0.8)) == [BAR]
    draw(page, [(0.2, 0.9), (0.8, 0.9)])
    expect_strokes(page, 2, end=(0.8, 0.9))
    assert (ink_at(page, 0.5, 0.3), ink_at(page, 0.2, 0.5), ink_at(page, 0.5, 0.9)) == (255, 0, 255)
    page.get_by_role("button", name="Sample").click()
    assert expect_strokes(page, 1) == [BAR]
    focus_by_key(page)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert expect_strokes(page, 1, end=(0.8, 0.5)) == mine


def test_an_example_makes_room_for_the_first_stroke_and_undo_brings_it_back(open_pad):
    page = open_pad()
    page.get_by_role("button", name="Example").click()
    assert expect_strokes(page, 1) == [BAR]
    for height in (0.3, 0.6):  # undone, it makes room again
        draw(page, [(0.2, height), (0.8, height)])
        expect_strokes(page, 1, end=(0.8, height))
        assert (ink_at(page, 0.3, height), ink_at(page, 0.5, 0.75)) == (255, 0)
        focus_by_key(page)
        page.keyboard.press("Control+z")
        assert expect_strokes(page, 1, end=(0.5, 0.8)) == [BAR]
    page.keyboard.press("Control+y")
    expect_strokes(page, 1, end=(0.8, 0.6))
    draw(page, [(0.2, 0.9), (0.8, 0.9)])
    expect_strokes(page, 2, end=(0.8, 0.9))


def test_an_eraser_takes_off_an_example_what_it_touches(open_pad):
    page = open_pad()
    page.get_by_role("button", name="Example").click()
    expect_strokes(page, 1)
    button(page, "Eraser").click()
    draw(page, [(0.3, 0.5), (0.7, 0.5)])
    assert expect_strokes(page, 2)[0] == BAR
    assert (ink_at(page, 0.5, 0.5), ink_at(page, 0.5, 0.7)) == (0, 255)


def test_python_can_clear_the_pad_again_and_again(open_pad):
    page = open_pad()
    for _ in range(2):
        draw(page, [(0.2, 0.5), (0.8, 0.5)])
        expect_strokes(page, 1, end=(0.8, 0.5))
        page.get_by_role("button", name="Empty").click()
        expect_strokes(page, 0)
        eventually(page, lambda: ink_at(page, 0.5, 0.5), lambda ink: ink == 0)


def test_a_drawing_from_python_causes_no_further_runs(open_pad):
    page = open_pad()
    page.get_by_role("button", name="Sample").click()
    expect(page.locator(".st-key-runs")).to_contain_text(": 1 reruns")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    settled(page)
    expect(page.locator(".st-key-runs")).to_contain_text(": 1 reruns")


def test_giving_back_what_came_out_never_disturbs_the_hand(open_pad):
    page = open_pad("?echo=1&slow=1")
    page.mouse.move(*place_on(page, 0.1, 0.1))
    page.mouse.down()
    corners = [(0.9, 0.1), (0.9, 0.3), (0.1, 0.3), (0.1, 0.6), (0.9, 0.6)]
    for corner in corners:
        page.mouse.move(*place_on(page, *corner), steps=15)
    page.mouse.up()
    bar, mine = expect_strokes(page, 2, end=(0.9, 0.6))
    assert bar == BAR
    assert max(distance_to(mine["points"], corner) for corner in corners) < 0.01


def test_a_drawing_from_python_leaves_the_stroke_in_hand(open_pad):
    page = open_pad()
    page.mouse.move(*place_on(page, 0.2, 0.5))
    page.mouse.down()
    page.mouse.move(*place_on(page, 0.4, 0.5), steps=5)
    page.get_by_role("button", name="Sample").dispatch_event("click")
    eventually(page, lambda: drawn(page), lambda strokes: strokes[:1] == [BAR])
    page.mouse.move(*place_on(page, 0.8, 0.5), steps=5)
    page.mouse.up()
    assert expect_strokes(page, 2, end=(0.8, 0.5)) == [
        BAR,
        {"points": [[0.2, 0.5], [0.8, 0.5]], "width": 0.08, "erases": False},
    ]


def test_the_drawing_is_there_again_when_the_pad_comes_back(open_pad):
    page = open_pad("?start=1")
    draw(page, [(0.2, 0.5), (0.8, 0.5)])
    both = expect_strokes(page, 2, end=(0.8, 0.5))
    away = page.get_by_text("Away")
    away.click()
    expect(pad(page)).not_to_be_attached()
    away.click()
    expect(pad(page)).to_be_visible()
    assert expect_strokes(page, 2) == both
    assert ink_at(page, 0.3, 0.5) == 255
    button(page, "Undo").click()
    expect_strokes(page, 1)


def lightness(locator, name):
    """The mean of red, green and blue of a colour in the element's style."""
    colour = locator.evaluate("(element, name) => getComputedStyle(element)[name]", name)
    return sum(map(int, re.findall(r"\d+", colour)[:3])) / 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pad_is_dark_in_both_themes_and_its_tools_can_be_read(open_pad, scheme):
    page = open_pad()
    page.emulate_media(color_scheme=scheme)
    is_dark = scheme == "dark"
    eventually(page, lambda: lightness(page.get_by_test_id("stApp"), "backgroundColor"), lambda x: (x < 128) is is_dark)
    assert lightness(pad(page), "backgroundColor") < 20
    assert (lightness(button(page, "Clear"), "color") > 128) is is_dark
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("screen", [390, 320])
def test_the_pad_and_its_tools_fit_a_narrow_screen(open_pad, screen):
    page = open_pad(**PHONE)
    side = screen - 2 * PAGE_MARGIN
    page.set_viewport_size({"width": screen, "height": 800})  # on a lower one it leaves room for the answer
    eventually(page, lambda: pad(page).bounding_box()["width"], lambda width: width == side)
    box = pad(page).bounding_box()
    assert box["height"] == side
    assert box["x"] + side <= screen
    for name in (r"Pen \(P", "Eraser", "Undo", "Redo", "Clear"):
        size = button(page, name).bounding_box()
        assert min(size["width"], size["height"]) >= 40
        assert size["x"] + size["width"] <= screen
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})


def test_lines_are_sharp_on_a_dense_screen(open_pad):
    page = open_pad(**PHONE)
    pixels = 2 * pad(page).bounding_box()["width"]
    eventually(page, lambda: pad(page).evaluate("e => e.querySelector('canvas.ink').width"), lambda it: it == pixels)
