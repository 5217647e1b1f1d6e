"""What a reader draws on the pad is what Python gets, while it is drawn, by mouse, finger, pen and keys."""

import json
import math
import re

import pytest
from playwright.sync_api import Page, expect
from watching import APPS, eventually, open_watched, settled

APP = APPS / "sketchpad_app.py"
# A three written with a pen: 38 points, about every 12 ms.
RECORDED = json.loads(
    "[[0.3012,0.2711],[0.3105,0.2534],[0.3271,0.2309],[0.3498,0.2102],[0.3790,0.1931],[0.4133,0.1812],"
    "[0.4502,0.1759],[0.4877,0.1768],[0.5233,0.1842],[0.5548,0.1985],[0.5794,0.2196],[0.5946,0.2468],"
    "[0.5989,0.2785],[0.5915,0.3118],[0.5733,0.3440],[0.5465,0.3728],[0.5146,0.3968],[0.4817,0.4148],"
    "[0.4520,0.4262],[0.4415,0.4310],[0.4560,0.4335],[0.4905,0.4410],[0.5278,0.4561],[0.5633,0.4790],"
    "[0.5924,0.5092],[0.6112,0.5452],[0.6172,0.5846],[0.6098,0.6241],[0.5903,0.6608],[0.5613,0.6919],"
    "[0.5259,0.7156],[0.4870,0.7307],[0.4471,0.7369],[0.4081,0.7344],[0.3717,0.7238],[0.3397,0.7062],"
    "[0.3139,0.6830],[0.2966,0.6561]]"
)
PHONE = {"width": 390, "height": 500, "touch": True, "device_scale_factor": 2}
PAGE_MARGIN = 16
BAR = {"points": [[0.5, 0.2], [0.5, 0.8]], "width": 0.1, "erases": False}


@pytest.fixture(scope="module")
def troubles():
    return []


@pytest.fixture(scope="module")
def opened(browser, serve, troubles):
    """Pages of the test application by their address and options: opened once, for loading takes longer than a test."""
    pages = {}

    def open_once(query, **options) -> Page:
        name = (query, *sorted(options.items()))
        if name not in pages:
            pages[name] = open_watched(browser, troubles, serve(APP) + query, **options)
        return pages[name]

    yield open_once
    for page in pages.values():
        page.context.close()


@pytest.fixture
def open_pad(opened, troubles):
    """`open_pad("?start=1", width=390)`: the test application with a fresh pad in view."""

    def open_it(query="", **options) -> Page:
        page = opened(query, **options)
        page.bring_to_front()
        number = int(re.search(r"\d+", page.locator(".st-key-runs").inner_text())[0]) + 1
        page.get_by_role("button", name="Fresh").click()
        expect(page.locator(".st-key-runs")).to_have_text(f"pad {number}: 0 reruns")
        expect(page.locator(f'[data-key="pad {number}"]')).to_be_visible()
        return page

    yield open_it
    found = list(troubles)
    troubles.clear()
    assert found == []


def pad(page):
    return page.get_by_role("application", name="Sketch pad: draw one digit")


def place_on(page, x, y):
    """The pixel of the page at (x, y) of the pad."""
    box = pad(page).bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def draw(page, points, *, steps=3):
    page.mouse.move(*place_on(page, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*place_on(page, *point), steps=steps)
    page.mouse.up()


def drawn(page):
    """The strokes that Python has now."""
    return json.loads(page.locator(".st-key-drawn").inner_text())["strokes"]


def expect_strokes(page, count, *, end=None):
    """Wait until Python has so many strokes, the last one ending at `end`, and return them."""

    def is_it(strokes):
        return len(strokes) == count and (end is None or strokes[-1]["points"][-1] == pytest.approx(end, abs=0.005))

    return eventually(page, lambda: drawn(page), is_it)


def ink_at(page, x, y):
    """How white the pad is at (x, y), 0 to 255."""
    return page.evaluate(
        """([x, y]) => {
            const find = (root) => root.querySelector("canvas.ink")
                ?? [...root.querySelectorAll("*")].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
            const ink = find(document);
            const pixel = [x * ink.width, y * ink.height].map(Math.floor);
            return ink.getContext("2d").getImageData(...pixel, 1, 1).data[3];
        }""",
        [x, y],
    )


def distance_to(line, point):
    """From `point` to the nearest place on the polyline."""

    def to_segment(a, b):
        span = math.dist(a, b) ** 2
        along = sum((p - q) * (r - q) for p, q, r in zip(point, a, b, strict=True)) / span if span else 0
        share = min(1, max(0, along))
        return math.dist(point, [q + share * (r - q) for q, r in zip(a, b, strict=True)])

    return min(map(to_segment, line, line[1:]))


def focus_by_key(page):
    page.get_by_role("switch", name="Away").or_(page.get_by_role("checkbox", name="Away")).focus()
    page.keyboard.press("Tab")
    expect(pad(page)).to_be_focused()


def button(page, name):
    return page.get_by_role("button", name=re.compile(rf"^{name}"))


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
def touch(opened):
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
    page.set_viewport_size({"width": screen, "height": 500})
    eventually(page, lambda: pad(page).bounding_box()["width"], lambda width: width == side)
    box = pad(page).bounding_box()
    assert box["height"] == side
    assert box["x"] + side <= screen
    for name in ("Eraser", "Undo", "Redo", "Clear"):
        size = button(page, name).bounding_box()
        assert min(size["width"], size["height"]) >= 40
        assert size["x"] + size["width"] <= screen
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})


def test_lines_are_sharp_on_a_dense_screen(open_pad):
    page = open_pad(**PHONE)
    pixels = 2 * pad(page).bounding_box()["width"]
    eventually(page, lambda: pad(page).evaluate("e => e.querySelector('canvas.ink').width"), lambda it: it == pixels)
