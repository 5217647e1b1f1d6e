"""Where the explorer puts things, in real Chromium: nothing overlaps, and on a low screen nothing is below the fold."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from under_surgery import opener

BOXES = """(nodes) => nodes.map((node) => {
  const range = document.createRange();
  range.selectNodeContents(node);
  const { left, right, top, bottom } = range.getBoundingClientRect();
  return { text: node.innerText, left, right, top, bottom };
})"""

PAINTED_BELOW = """(canvas, [left, right, y]) => {
  const box = canvas.getBoundingClientRect();
  const ratio = canvas.width / box.width;
  const [x, wide] = [(left - box.left) * ratio, (right - left) * ratio];
  const { data } = canvas.getContext("2d").getImageData(x, (y - box.top) * ratio, wide, 1);
  return data.filter((value, at) => at % 4 === 3 && value > 200).length;
}"""


@pytest.fixture
def draw(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Callable[..., Page]:
    return opener(new_page, serve)


def boxes(parts: Locator) -> list[dict]:
    """Where the contents of some parts stand, from left to right."""
    return sorted(parts.evaluate_all(BOXES), key=lambda box: box["left"])


def stand_apart(found: list[dict], space: float = 0) -> bool:
    return all(a["right"] + space <= b["left"] for a, b in itertools.pairwise(found))


@pytest.mark.parametrize("width", [1440, 1280, 1100, 960, 820])
def test_the_heads_of_the_columns_stand_apart_and_name_every_layer(draw, width):
    page = draw(width=width, height=800)
    heads = boxes(page.locator(".cnnviz-explorer .labels .label"))
    names = [head["text"].split("\n")[0] for head in heads]
    assert names == ["input", "conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "flatten", "fc", "softmax"]
    assert stand_apart(heads, 2), heads


def test_a_wide_screen_has_room_for_every_word(draw):
    page = draw(width=1440, height=900)
    shown = page.locator(".cnnviz-explorer .labels").first.inner_text()
    assert "15,690 parameters" in shown
    assert "keeps positive" in shown


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1366, 768), (1440, 900)])
@pytest.mark.parametrize("query", ["", "layer=conv2&map=3", "layer=fc&map=3"])
def test_all_maps_and_legends_are_in_sight_without_scrolling(draw, width, height, query):
    page = draw(query, width=width, height=height)
    stage = page.locator(".cnnviz-explorer .stage").bounding_box()
    assert stage["y"] + stage["height"] <= height
    for legend in page.locator(".cnnviz-explorer .stage .legend").all():
        box = legend.bounding_box()
        assert box["y"] + box["height"] <= height


@pytest.mark.parametrize("width", [1440, 1280, 960, 820])
@pytest.mark.parametrize("query", ["", "layer=conv2&map=3", "layer=fc&map=3", "layer=conv1&map=0"])
def test_legends_and_notes_do_not_run_into_one_another(draw, width, query):
    page = draw(query, width=width, height=720)
    found = [bar.bounding_box() for bar in page.locator(".cnnviz-explorer .stage .legend").all()]
    bars = sorted(found, key=lambda box: box["x"])
    assert all(a["x"] + a["width"] + 5 <= b["x"] for a, b in itertools.pairwise(bars)), bars
    assert bars[-1]["x"] + bars[-1]["width"] <= page.locator(".cnnviz-explorer .stage").bounding_box()["x"] + width
    columns = boxes(page.locator(".cnnviz-explorer .note:is(.map, .kernel, .sum)"))
    assert stand_apart(columns), columns


def test_the_words_of_a_sum_stay_beside_the_score(draw):
    page = draw("layer=fc&map=3", width=1280, height=720)
    note = boxes(page.locator(".cnnviz-explorer .note.bias"))[0]
    assert re.fullmatch(r"all products \+ bias\s+\S+", note["text"])
    middle = (note["top"] + note["bottom"]) / 2
    dark = page.locator(".cnnviz-explorer .base").evaluate(PAINTED_BELOW, [note["left"], note["right"], middle])
    assert dark == 0  # nothing but faint lines is painted where the words stand


def test_the_button_that_plays_says_what_it_will_do(open_walk):
    page = open_walk("conv2", 3, "0.0")
    play = page.locator('.walk-button[data-act="play"]')
    for word in ("Play", "Pause", "Play"):
        expect(play).to_have_attribute("title", re.compile(f"^{word}"))
        expect(play).to_have_attribute("aria-label", re.compile(f"^{word}"))
        play.click()


@pytest.mark.parametrize(("count", "is_narrow"), [(10, False), (32, True)])
def test_cells_too_low_for_their_number_are_narrow_marks(run_module, count: int, is_narrow: bool):
    maps = {"path": "conv1", "form": "maps", "count": 16, "rows": 28, "cols": 28, "ranges": {"starts": True}}
    cells = {"path": "fc", "form": "cells", "count": count, "rows": 1, "cols": 1, "ranges": {"starts": True}}
    layers = [{**maps, "path": "input", "count": 1, "ranges": None}, maps, cells, {**cells, "form": "bars", "count": 2}]
    plan = "[...m.overview(data, { width: 1040, height: 640 }).tiles.values()].find((tile) => tile.index === 2)"
    tile = run_module("network/layout.js", plan, layers)
    assert (tile["w"] < 44) is is_narrow
    assert (tile["h"] < 16) is is_narrow  # no number is written into it
