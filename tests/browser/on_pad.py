"""The sketch pad under a hand: how tests of it draw, look and read what Python got."""

from __future__ import annotations

import json
import math
import re

import pytest
from playwright.sync_api import expect
from watching import eventually

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
