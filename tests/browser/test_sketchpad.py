"""What a reader draws on the pad is what Python gets, while it is drawn, by mouse, finger, pen and keys."""

import json
import math

import pytest
from on_pad import PHONE, RECORDED, button, distance_to, draw, expect_strokes, focus_by_key, ink_at, pad, place_on
from playwright.sync_api import expect
from watching import eventually


def test_a_line_drawn_with_the_mouse_arrives(open_pad):
    page = open_pad()
    draw(page, [(0.2, 0.3), (0.8, 0.3)])
    [stroke] = expect_strokes(page, 1, end=(0.8, 0.3))
    assert stroke == {"points": [[0.2, 0.3], [0.8, 0.3]], "width": 0.08, "erases": False}
    assert ink_at(page, 0.5, 0.3) == 255
    assert ink_at(page, 0.5, 0.5) == 0


def test_a_recorded_pen_stroke_comes_back(open_pad):
    page = open_pad()
    draw(page, RECORDED, steps=1)
    [stroke] = expect_strokes(page, 1, end=RECORDED[-1])
    line = stroke["points"]
    assert max(distance_to(line, point) for point in RECORDED) < 0.01
    assert max(distance_to(RECORDED, point) for point in line) < 0.01
    assert len(json.dumps(stroke)) < 1_000


def test_python_gets_the_stroke_while_it_is_drawn(open_pad):
    page = open_pad("?echo=1&slow=1")
    page.mouse.move(*place_on(page, 0.2, 0.2))
    page.mouse.down()
    page.mouse.move(*place_on(page, 0.6, 0.2), steps=10)
    expect_strokes(page, 2, end=(0.6, 0.2))
    page.mouse.move(*place_on(page, 0.6, 0.8), steps=10)
    expect_strokes(page, 2, end=(0.6, 0.8))
    page.mouse.up()


def test_a_tap_makes_a_dot(open_pad):
    page = open_pad()
    page.mouse.click(*place_on(page, 0.5, 0.5))
    assert expect_strokes(page, 1) == [{"points": [[0.5, 0.5]], "width": 0.08, "erases": False}]
    assert ink_at(page, 0.5, 0.5) == 255


def test_a_line_that_leaves_the_pad_and_comes_back_is_cut_at_the_edge(open_pad):
    page = open_pad()
    draw(page, [(0.8, 0.2), (1.2, 0.2), (1.2, 0.6), (0.8, 0.6)])
    first, second = expect_strokes(page, 2, end=(0.8, 0.6))
    assert first["points"] == [[0.8, 0.2], [1, 0.2]]
    assert second["points"] == [[1, 0.6], [0.8, 0.6]]
    button(page, "Undo").click()
    expect_strokes(page, 0)


def test_undo_redo_and_clear_by_button(open_pad):
    page = open_pad()
    expect(button(page, "Undo")).to_have_attribute("aria-disabled", "true")
    draw(page, [(0.2, 0.2), (0.8, 0.2)])
    draw(page, [(0.2, 0.8), (0.8, 0.8)])
    both = expect_strokes(page, 2, end=(0.8, 0.8))
    button(page, "Undo").click()
    assert expect_strokes(page, 1) == both[:1]
    button(page, "Redo").click()
    assert expect_strokes(page, 2) == both
    button(page, "Clear").click()
    assert expect_strokes(page, 0) == []
    expect(page.get_by_text("Draw a digit here")).to_be_visible()
    button(page, "Undo").click()
    assert expect_strokes(page, 2) == both
    assert ink_at(page, 0.5, 0.8) == 255


def test_the_eraser_takes_ink_away_and_is_part_of_the_drawing(open_pad):
    page = open_pad()
    draw(page, [(0.2, 0.5), (0.8, 0.5)])
    button(page, "Eraser").click()
    expect(button(page, "Eraser")).to_have_attribute("aria-pressed", "true")
    draw(page, [(0.5, 0.3), (0.5, 0.7)])
    pen, eraser = expect_strokes(page, 2, end=(0.5, 0.7))
    assert (pen["erases"], eraser["erases"], eraser["width"]) == (False, True, 0.16)
    assert (ink_at(page, 0.3, 0.5), ink_at(page, 0.5, 0.5)) == (255, 0)


NO_MOMENTS = "PointerEvent.prototype.getCoalescedEvents = () => []"  # as Firefox on Android answers


def test_a_browser_that_lists_no_moments_draws_all_the_same(open_pad):
    page = open_pad()
    page.evaluate(NO_MOMENTS)
    draw(page, [(0.2, 0.3), (0.5, 0.6), (0.8, 0.3)])
    [stroke] = expect_strokes(page, 1, end=(0.8, 0.3))
    assert any(math.dist(point, (0.5, 0.6)) < 0.02 for point in stroke["points"])


def test_shortcuts_undo_redo_erase_widen_and_clear(open_pad):
    page = open_pad()
    draw(page, [(0.2, 0.2), (0.8, 0.2)])
    expect_strokes(page, 1, end=(0.8, 0.2))
    page.keyboard.press("Control+z")
    expect_strokes(page, 0)
    page.keyboard.press("Control+Shift+Z")
    expect_strokes(page, 1)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+y")
    expect_strokes(page, 1)
    page.keyboard.press("]")
    page.keyboard.press("]")
    draw(page, [(0.2, 0.5), (0.8, 0.5)])
    assert expect_strokes(page, 2, end=(0.8, 0.5))[1]["width"] == 0.1
    page.keyboard.press("e")
    expect(button(page, "Eraser")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Delete")
    expect_strokes(page, 0)


def test_the_slider_sets_the_pen_width(open_pad):
    page = open_pad()
    page.get_by_role("slider", name="Pen width").fill("0.05")
    draw(page, [(0.2, 0.5), (0.8, 0.5)])
    assert expect_strokes(page, 1, end=(0.8, 0.5))[0]["width"] == 0.05


def test_one_can_draw_with_the_keys_alone(open_pad):
    page = open_pad()
    focus_by_key(page)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Space")
    expect(page.get_by_role("status").filter(has_text="Pen down")).to_be_attached()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    start = (0.5 - 4 / 28, 0.5 - 1 / 28)
    bend = (start[0], start[1] + 2 * 4 / 28)
    end = (bend[0] + 1 / 28, bend[1])
    [stroke] = expect_strokes(page, 1, end=end)
    assert stroke["points"] == [pytest.approx(point, abs=1e-4) for point in (start, bend, end)]
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("status").filter(has_text="Column 13, row 22")).to_be_attached()
    assert expect_strokes(page, 1) == [stroke]


def test_two_arrows_together_draw_a_slanted_line(open_pad):
    page = open_pad()
    focus_by_key(page)
    page.keyboard.press("Space")
    page.keyboard.down("ArrowRight")
    page.keyboard.down("ArrowDown")
    page.keyboard.down("ArrowDown")
    page.keyboard.up("ArrowDown")
    page.keyboard.up("ArrowRight")
    page.keyboard.press("Space")
    ends = [(0.5, 0.5), (0.5 + 1 / 28, 0.5), (0.5 + 3 / 28, 0.5 + 2 / 28)]
    assert expect_strokes(page, 1, end=ends[-1])[0]["points"] == [pytest.approx(point, abs=1e-4) for point in ends]


def test_the_focus_ring_is_for_the_keyboard(open_pad):
    page = open_pad()
    width = "e => getComputedStyle(e).outlineStyle"
    focus_by_key(page)
    assert pad(page).evaluate(width) == "solid"
    page.mouse.click(*place_on(page, 0.5, 0.5))
    assert pad(page).evaluate(width) == "none"
    page.keyboard.press("ArrowUp")
    assert pad(page).evaluate(width) == "solid"


@pytest.fixture
def touch(open_pad):
    """`touch(page, "touchStart", (0.5, 0.5))`: fingers on the pad, as Chromium's own protocol makes them."""
    sessions = {}

    def send(page, kind, *points):
        session = sessions.get(page) or sessions.setdefault(page, page.context.new_cdp_session(page))
        pixels = [place_on(page, x, y) for x, y in points]
        places = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(pixels)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    yield send
    for session in sessions.values():
        session.detach()


def test_a_finger_draws_and_does_not_scroll_the_page(open_pad, touch):
    page = open_pad(**PHONE)
    page.locator(".stMain").evaluate("e => e.scrollTo(0, 120)")
    before = pad(page).bounding_box()
    touch(page, "touchStart", (0.5, 0.8))
    for y in (0.7, 0.6, 0.5, 0.4, 0.3):
        touch(page, "touchMove", (0.5, y))
    touch(page, "touchEnd")
    [stroke] = expect_strokes(page, 1, end=(0.5, 0.3))
    assert stroke["points"][0] == pytest.approx([0.5, 0.8], abs=0.01)
    assert pad(page).bounding_box()["y"] == before["y"]


def test_a_finger_beside_the_pad_does_scroll_the_page(open_pad, touch):
    page = open_pad(**PHONE)
    page.set_viewport_size({"width": 600, "height": 500})
    page.locator(".stMain").evaluate("e => e.scrollTo(0, 0)")
    before = pad(page).bounding_box()["y"]
    touch(page, "touchStart", (1.2, 0.8))
    for y in (0.7, 0.6, 0.5, 0.4, 0.3):
        touch(page, "touchMove", (1.2, y))
    touch(page, "touchEnd")
    eventually(page, lambda: pad(page).bounding_box()["y"], lambda y: y < before)
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})


def test_a_second_finger_is_ignored(open_pad, touch):
    page = open_pad(**PHONE)
    touch(page, "touchStart", (0.3, 0.3))
    touch(page, "touchStart", (0.3, 0.3), (0.7, 0.7))
    touch(page, "touchMove", (0.3, 0.6), (0.7, 0.2))
    touch(page, "touchEnd")
    expect_strokes(page, 1, end=(0.3, 0.6))


def test_a_cancelled_touch_keeps_its_ink_and_lets_the_next_one_draw(open_pad, touch):
    page = open_pad(**PHONE)
    touch(page, "touchStart", (0.3, 0.3))
    touch(page, "touchMove", (0.3, 0.6))
    touch(page, "touchCancel")
    expect_strokes(page, 1, end=(0.3, 0.6))
    touch(page, "touchStart", (0.7, 0.3))
    touch(page, "touchEnd")
    expect_strokes(page, 2)


def test_the_other_end_of_a_pen_erases(open_pad):
    page = open_pad()
    x, y = place_on(page, 0.5, 0.5)
    event = {"pointerId": 1, "pointerType": "pen", "clientX": x, "clientY": y, "bubbles": True}
    pad(page).evaluate("e => { e.setPointerCapture = () => {}; }")
    pad(page).dispatch_event("pointerdown", event | {"button": 5, "buttons": 32})
    pad(page).dispatch_event("pointerup", event | {"button": 5, "buttons": 0})
    assert expect_strokes(page, 1)[0]["erases"] is True
