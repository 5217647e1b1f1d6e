"""What the walk paints, in real Chromium: the veil, lit cells, all of it on a phone, in the dark, without motion."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from one_cell import (
    adds_up,
    at_position,
    centres,
    crumbs,
    multiplies,
    one_off,
    part,
    pixels,
    point_at,
    position,
    result_canvas,
    source_canvas,
    sum_shown,
    term_of,
    walk,
)
from playwright.sync_api import expect
from watching import eventually

ROOT = Path(__file__).resolve().parents[2]


def test_cells_that_were_not_walked_yet_are_veiled_and_the_others_are_not(open_walk):
    page = open_walk("conv2", 3, "0.0")
    places = centres(14, 14)
    page.keyboard.press("End")
    at_position(page, 195)
    page.mouse.move(2, 2)
    open_ = pixels(result_canvas(page), places)
    assert len(set(open_)) > 20
    page.keyboard.press("Home")
    for _press in range(3):
        page.keyboard.press("ArrowDown")
    at_position(page, 42)
    veiled = pixels(result_canvas(page), places)
    assert veiled[:42] == open_[:42]
    assert len(set(veiled[43:])) == 1
    assert veiled[43] not in open_
    assert veiled[42] != veiled[43]


def test_no_veil_lies_on_a_walk_that_was_opened_at_a_cell(open_walk):
    page = open_walk("conv2", 3, "5.6")
    assert len(set(pixels(result_canvas(page), centres(14, 14))[100:])) > 10


def test_a_weight_under_the_pointer_lights_every_cell_that_it_ever_multiplies(open_walk):
    """The upper left weight of a 5×5 kernel with padding 2 never meets the last two rows and columns."""
    page = open_walk("conv2", 3, "5.6")
    places = [[(2 + col + 0.5) / 18, (2 + row + 0.5) / 18] for row in range(14) for col in range(14)]
    page.mouse.move(2, 2)
    before = pixels(source_canvas(page), places)
    point_at(page, page.locator(".walk-grid.kernel canvas"), 0.1, 0.1)
    said = page.locator(".walk-scene > .walk-readout")
    expect(said).to_contain_text("× weight")
    lit = pixels(source_canvas(page), places)
    changed = {divmod(at, 14) for at in range(196) if lit[at] != before[at]}
    assert changed == {(row, col) for row in range(12) for col in range(12)}
    value, weight, product = term_of(said.inner_text().split(" · ")[0])
    assert multiplies(value, weight, product)
    assert not multiplies(value, weight, one_off(product))
    page.mouse.move(2, 2)
    eventually(page, lambda: pixels(source_canvas(page), places), lambda now: now == before)


def test_a_phone_shows_all_of_it_and_a_finger_steps(open_walk):
    page = open_walk("conv2", 3, "5.6", width=390, height=844, touch=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for name in ("controls", "stage", "chips", "total"):
        box = part(page, name).bounding_box()
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= 390, name
    for canvas in page.locator(".walk-scene canvas").all():
        box = canvas.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    for act, step in (("next", 77), ("next", 78), ("back", 77)):
        page.locator(f'.walk-button[data-act="{act}"]').tap()
        at_position(page, step)
    terms, total = sum_shown(page)
    assert adds_up(terms, total)


@pytest.mark.parametrize("layer", ["conv1", "relu1", "pool2", "flatten", "fc", "softmax"])
def test_nothing_of_any_layer_is_cut_off_on_a_phone(open_walk, layer: str):
    page = open_walk(layer, 0, "0.0", width=390, height=844, touch=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for inner in page.locator(".walk-scene canvas, .walk-scene table, .walk-formula, .walk-knobs").all():
        box = inner.bounding_box()
        assert box is None or (box["x"] >= 0 and box["x"] + box["width"] <= 391), layer


def test_the_walk_works_without_motion_and_in_the_dark(open_walk):
    page = open_walk("conv2", 3, "5.6", reduced_motion="reduce", dark=True)
    page.keyboard.press("ArrowRight")
    at_position(page, 5 * 14 + 7)
    page.keyboard.press("Escape")
    expect(page.locator(".cnnviz-explorer")).to_have_attribute("data-moving", "false")
    expect(crumbs(page)).to_have_text(re.compile("map 3$"))


def test_the_button_step_through_opens_the_walk_of_the_open_map(new_page, serve):
    page = new_page(f"{serve(ROOT / 'app.py')}/?layer=conv1&map=2", width=1440)
    page.locator(".step-button").click(timeout=30_000)
    expect(walk(page)).to_be_visible()
    expect(part(page, "title")).to_have_text(re.compile(r"conv1, map 2: row \d+, column \d+"))
    begun = position(page)  # at the strongest cell: test_walk_begins
    page.keyboard.press("ArrowRight")
    at_position(page, begun + 1)
