"""Steering the walk in real Chromium: steps, jumps, play, guessing, pointing, drawing meanwhile, a phone."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from one_cell import (
    adds_up,
    at_position,
    crumbs,
    is_shown,
    link_with,
    part,
    point_at,
    position,
    result_canvas,
    source_canvas,
    sum_shown,
    walk,
    walking,
)
from playwright.sync_api import Page, expect
from watching import eventually

from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import Tracer
from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import find_sample
from cnnviz.models import checkpoints
from cnnviz.ui.app.links import unpack_sketch
from cnnviz.ui.draw.show import prepare_sketch

ROOT = Path(__file__).resolve().parents[2]
FRAMES = "(n) => new Promise((done) => { const t = () => (n-- > 0 ? requestAnimationFrame(t) : done()); t(); })"
PLAY = '.walk-button[data-act="play"]'


def network() -> Tracer:
    return Tracer(checkpoints.load("mnist")[0])


@pytest.fixture(scope="module")
def three() -> Trace:
    """The network on the drawing that the page starts with."""
    return network()(prepare_sketch(find_sample("three").sketch).image)


def output_of(made: Trace, layer: str) -> np.ndarray:
    return made.layers[made.position(layer)].output


def texts(page: Page) -> list[str]:
    """All that the walk says of its cell."""
    return [
        part(page, "title").inner_text(), part(page, "place").inner_text(), part(page, "total").inner_text(),
        *page.locator(".walk-chip span").all_inner_texts(), page.locator(".walk-grid.products figcaption").inner_text(),
    ]  # fmt: skip


def test_a_step_on_and_back_says_the_same(open_walk):
    page = open_walk("conv2", 3, "5.6")
    at_position(page, 5 * 14 + 6)
    seen = [texts(page)]
    for step in range(1, 4):
        page.keyboard.press("ArrowRight")
        at_position(page, 5 * 14 + 6 + step)
        seen.append(texts(page))
    assert len({tuple(said) for said in seen}) == 4
    for step in range(2, -1, -1):
        page.keyboard.press("ArrowLeft")
        at_position(page, 5 * 14 + 6 + step)
        assert texts(page) == seen[step]


def test_keys_move_by_a_cell_a_row_and_to_both_ends(open_walk):
    page = open_walk("conv2", 3, "5.6")
    for key, step in (
        ("ArrowDown", 6 * 14 + 6), ("ArrowUp", 5 * 14 + 6), ("Home", 0), ("ArrowLeft", 0), ("ArrowUp", 0),
        ("End", 195), ("ArrowRight", 195), ("ArrowDown", 195),
    ):  # fmt: skip
        page.keyboard.press(key)
        at_position(page, step)
    expect(part(page, "place")).to_have_text("196 of 196")


def test_the_buttons_and_the_slider_do_the_same(open_walk):
    page = open_walk("conv2", 3, "0.0")
    for act, step in (("next", 1), ("next", 2), ("back", 1), ("last", 195), ("first", 0)):
        page.locator(f'.walk-button[data-act="{act}"]').click()
        at_position(page, step)
    slider = page.locator(".walk-slider")
    slider.focus()
    for _press in range(3):
        page.keyboard.press("ArrowRight")
    at_position(page, 3)
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    at_position(page, 195)
    expect(slider).to_have_value("195")


def test_play_goes_on_by_itself_and_pause_stops(open_walk):
    page = open_walk("conv2", 3, "0.0")
    page.locator(".walk-rate").select_option("30")
    page.locator(PLAY).click()
    expect(walk(page)).to_have_attribute("data-playing", "true")
    eventually(page, lambda: position(page), lambda step: step >= 5)
    page.locator(PLAY).click()
    expect(walk(page)).to_have_attribute("data-playing", "false")
    stopped = position(page)
    assert stopped < 195
    page.evaluate(FRAMES, 12)
    assert position(page) == stopped
    walk(page).focus()
    page.keyboard.press(" ")
    eventually(page, lambda: position(page), lambda step: step > stopped)
    page.keyboard.press(" ")
    expect(walk(page)).to_have_attribute("data-playing", "false")


def test_play_ends_at_the_last_cell_and_starts_again_from_there(open_walk):
    page = open_walk("conv2", 3, "13.9")
    page.locator(".walk-rate").select_option("60")
    page.locator(PLAY).click()
    expect(walk(page)).to_have_attribute("data-playing", "false")
    at_position(page, 195)
    page.locator(".walk-rate").select_option("1")
    page.locator(PLAY).click()
    at_position(page, 0)


def test_pointing_at_the_output_jumps_for_as_long_as_the_pointer_stays(open_walk):
    page = open_walk("conv2", 3, "5.6")
    before = texts(page)
    point_at(page, result_canvas(page), 10.5 / 14, 2.5 / 14)
    at_position(page, 2 * 14 + 10)
    expect(part(page, "title")).to_have_text("conv2, map 3: row 2, column 10")
    page.mouse.move(2, 2)
    at_position(page, 5 * 14 + 6)
    assert texts(page) == before


def test_pointing_at_the_input_shows_the_cell_above_it(open_walk):
    page = open_walk("conv2", 3, "5.6")
    point_at(page, source_canvas(page), (2 + 9.5) / 18, (2 + 3.5) / 18)  # two cells of padding all around
    at_position(page, 3 * 14 + 9)
    page.mouse.move(2, 2)
    at_position(page, 5 * 14 + 6)


def test_a_click_stays(open_walk):
    page = open_walk("conv2", 3, "5.6")
    point_at(page, result_canvas(page), 10.5 / 14, 2.5 / 14)
    page.mouse.down()
    page.mouse.up()
    page.mouse.move(2, 2)
    at_position(page, 2 * 14 + 10)
    expect(crumbs(page)).to_contain_text("row 2, column 10")


def test_the_link_carries_the_cell_on_which_the_walk_rests(open_walk):
    page = open_walk("conv2", 3, "5.6")
    for _press in range(3):
        page.keyboard.press("ArrowRight")
    link_with(page, "cell=5.9")
    page.reload()
    walking(page)
    at_position(page, 5 * 14 + 9)


def test_the_link_of_a_class_carries_the_class(open_walk):
    page = open_walk("fc", 2)
    page.keyboard.press("ArrowRight")
    link_with(page, "map=3")
    expect(part(page, "title")).to_contain_text("class 3")
    page.reload()
    walking(page)
    at_position(page, 3)


def test_escape_leaves_one_level_at_a_time(open_walk):
    page = open_walk("conv2", 3, "5.6")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(walk(page)).to_be_hidden()
    expect(crumbs(page)).to_have_text(re.compile("map 3$"))
    page.keyboard.press("Escape")
    expect(crumbs(page)).to_have_text("Whole network")


def test_a_walk_that_is_left_while_playing_stands_still(open_walk):
    page = open_walk("conv2", 3, "0.0")
    page.locator(".walk-rate").select_option("60")
    page.keyboard.press(" ")
    eventually(page, lambda: position(page), lambda step: step > 2)
    page.keyboard.press("Escape")
    expect(walk(page)).to_be_hidden()
    expect(crumbs(page)).to_have_text(re.compile("map 3$"))
    assert walk(page).get_attribute("data-playing") == "false" or not walk(page).is_visible()
    expect(crumbs(page)).not_to_contain_text("row")


def test_guess_first_hides_the_value_until_it_is_revealed(open_walk, three):
    page = open_walk("conv2", 3, "5.6")
    page.locator(".walk-guess input").check()
    expect(part(page, "total")).to_have_text(re.compile(r"= \?$"))
    walk(page).focus()
    page.keyboard.press("ArrowRight")
    at_position(page, 5 * 14 + 6)
    assert is_shown(sum_shown(page)[1], output_of(three, "conv2")[3, 5, 6])
    page.keyboard.press("ArrowRight")
    at_position(page, 5 * 14 + 7)
    expect(part(page, "total")).to_have_text(re.compile(r"= \?$"))
    page.keyboard.press("Enter")
    at_position(page, 5 * 14 + 7)
    assert is_shown(sum_shown(page)[1], output_of(three, "conv2")[3, 5, 7])


@pytest.mark.parametrize(("layer", "hidden"), [("relu1", 1), ("pool1", 3), ("fc", 1), ("softmax", 7)])
def test_no_number_gives_a_guess_away(open_walk, layer: str, hidden: int):
    """Neither the value, nor the place of a pooling's winner, nor a class's probability, power and loss."""
    page = open_walk(layer, 3, "0.0" if layer in ("fc", "softmax") else "5.6")
    said = page.locator(".walk-formula, .walk-total, .walk-loss, .walk-softmax tr[data-class='3'] td:not(.walk-share)")
    before = " | ".join(said.all_inner_texts())
    assert "?" not in before
    page.locator(".walk-guess input").check()
    shown = eventually(page, lambda: " | ".join(said.all_inner_texts()), lambda text: "?" in text)
    assert shown.count("?") == hidden, shown
    walk(page).focus()
    page.keyboard.press("ArrowRight")
    eventually(page, lambda: " | ".join(said.all_inner_texts()), lambda text: text == before)


def test_a_drawing_that_changes_meanwhile_changes_the_numbers_and_keeps_the_place(open_walk):
    page = open_walk("conv2", 3, "5.6")
    page.keyboard.press("ArrowRight")
    before = texts(page)
    pad = page.locator(".sketchpad .pad").bounding_box()
    page.mouse.move(pad["x"] + 0.3 * pad["width"], pad["y"] + 0.3 * pad["height"])
    page.mouse.down()
    page.mouse.move(pad["x"] + 0.7 * pad["width"], pad["y"] + 0.5 * pad["height"], steps=12)
    page.mouse.up()
    eventually(page, lambda: texts(page), lambda said: said != before and said[:2] == before[:2])
    at_position(page, 5 * 14 + 7)

    def holds() -> bool:
        ink = re.search(r"ink=([\w-]+)", str(page.evaluate("location.search")))
        sketch = unpack_sketch(ink[1]) if ink else None
        if sketch is None or sketch.strokes[-1].points[-1] != pytest.approx((0.7, 0.5), abs=0.02):
            return False
        terms, total = sum_shown(page)
        return adds_up(terms, total) and is_shown(
            total, output_of(network()(preprocess(sketch).image), "conv2")[3, 5, 7]
        )

    eventually(page, holds, bool, patience=15)
