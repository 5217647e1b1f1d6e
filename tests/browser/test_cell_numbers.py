"""Numbers in cells and under scales, in real Chromium: none loses a character, whatever is done to the network."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from driving import ROOT
from laboratory_bench import opened, shown_map
from playwright.sync_api import Page, expect
from under_surgery import INK
from watching import APPS, eventually, settled

from cnnviz.core.edits import Edit, EditKind

OMITTED = "…"
NOTES_TEXTS = """(() => {
  const { fillText, clearRect } = CanvasRenderingContext2D.prototype;
  const onCanvas = new Map();
  window.textsOn = (canvas) => onCanvas.get(canvas) ?? [];
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const painted = { text, width: this.measureText(text).width, x, y, align: this.textAlign };
    onCanvas.set(this.canvas, [...window.textsOn(this.canvas), painted]);
    fillText.call(this, text, x, y);
  };
  CanvasRenderingContext2D.prototype.clearRect = function (...area) {
    onCanvas.delete(this.canvas);  // the network is painted anew, perhaps in another place
    clearRect.apply(this, area);
  };
})()"""
ENDS = """(legends) => legends.map((legend) => {
  const box = legend.getBoundingClientRect();
  const ends = [...legend.querySelectorAll("em")].map((end) => {
    const range = document.createRange();
    range.selectNodeContents(end);
    const { left, right } = range.getBoundingClientRect();
    return { text: end.textContent, left: left - box.left, right: right - box.left };
  });
  return { width: box.width, ends };
})"""
LARGE = Edit(EditKind.SET, "conv2", out=3, into=0, numbers=(1000.0,) * 25).text
EDITS = ["linear.relu1", "linear.relu1~linear.relu2", "redraw.1.conv2", LARGE]


@pytest.fixture
def draw(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Callable[..., Page]:
    address = serve(ROOT / "app.py")

    def open_page(query: str, **options: int) -> Page:
        page = new_page(f"{address}/?{INK}&{query}", script=NOTES_TEXTS, **options)
        expect(page.locator(".cnnviz-explorer")).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=30_000)
        settled(page)
        return page

    return open_page


def scores_painted(page: Page) -> list[dict]:
    """The ten scores as they stand on the canvas: texts in the middle of a cell that are numbers, or left out."""
    texts = page.locator(".cnnviz-explorer canvas.base").evaluate("(canvas) => window.textsOn(canvas)")
    scores = [text for text in texts if text["align"] == "center" and re.fullmatch(r"[−\d.]+|…", text["text"])]
    assert len({(text["x"], text["y"]) for text in scores}) == len(scores)
    return scores


def legends(page: Page) -> list[dict]:
    return list(page.locator(".cnnviz-explorer .stage .legend").evaluate_all(ENDS))


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
@pytest.mark.parametrize("edits", EDITS)
def test_the_scores_of_an_edited_network_stand_whole_in_their_cells(draw, edits, size):
    page = draw(f"edits={edits}", width=size[0], height=size[1])
    scores = scores_painted(page)
    assert len(scores) == 10
    room = 44 if size[0] > 1000 else (page.locator(".stage").bounding_box()["width"] + 4) / 10 - 4
    assert all(score["width"] <= room for score in scores)
    if size[0] > 1000:  # on a phone five figures and a sign find no room
        assert OMITTED not in {score["text"] for score in scores}


def test_a_removed_relu_shows_its_minus_signs(draw):
    """The complaint itself: −1311 stood there as 1311."""
    page = draw("edits=linear.relu1&layer=fc&map=3", width=1280, height=720)
    texts = {score["text"] for score in scores_painted(page)}
    assert {"−1311", "−1015"} <= texts
    assert not {"1311", "1015"} & texts


@pytest.mark.parametrize("query", ["", "&layer=fc&map=3", "&layer=conv2&map=3", "&colours=network"])
@pytest.mark.parametrize("edits", EDITS)
def test_the_numbers_of_a_legend_stand_apart_and_on_its_bar(draw, edits, query):
    page = draw(f"edits={edits}{query}", width=1280, height=720)
    shown = legends(page)
    assert len(shown) >= 2
    for legend in shown:
        assert all(end["left"] >= -0.5 and end["right"] <= legend["width"] + 0.5 for end in legend["ends"]), legend
        assert all(a["right"] + 3 <= b["left"] for a, b in itertools.pairwise(legend["ends"])), legend


def test_large_weights_stand_whole_in_the_fields_of_a_kernel(draw):
    page = draw(f"edits={LARGE}&layer=conv2&map=3", width=1280, height=900)
    page.locator(".cnnviz-explorer").get_by_role("button", name="Edit this kernel").click()
    field = page.locator(".surgery .weights input").first
    expect(field).to_have_value("1000")
    for typed in ("-999.875", "-123.456", "0.12345678"):
        field.fill(typed)
        field.press("Enter")
        eventually(page, lambda: clipped(page.locator(".surgery .weights input")), lambda found: found == [])
        assert field.input_value()[:4] == typed.replace("-", "−")[:4]


def clipped(cells) -> list[str]:
    """The texts that are wider than their cells."""
    return list(
        cells.evaluate_all(
            """(cells) => {
              const ruler = document.createElement("canvas").getContext("2d");
              return cells.filter((cell) => {
                const style = getComputedStyle(cell);
                ruler.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
                return ruler.measureText(cell.value ?? cell.textContent).width > cell.clientWidth;
              }).map((cell) => cell.value ?? cell.textContent);
            }"""
        )
    )


def test_large_results_stand_whole_in_the_laboratorys_table(new_page, serve):
    page = opened(new_page, serve(APPS / "laboratory_app.py"), "/?example=cross-correlation")
    before = shown_map(page).tolist()
    field = page.locator(".lab-picture .weights input").nth(4)
    field.fill("-98765.4321")
    field.press("Enter")
    eventually(page, lambda: shown_map(page).tolist(), lambda values: values != before)
    assert clipped(page.locator(".lab-table td")) == []
    assert clipped(page.locator(".lab-picture .weights input")) == []


@pytest.fixture
def fit(run_module: Callable[..., object]) -> Callable[..., dict]:
    def run(values: list[float], **cell: float) -> dict:
        return dict(
            run_module("shared/celltext.js", "m.fitNumbers(data.values, data.cell)", {"values": values, "cell": cell})
        )

    return run


def test_all_numbers_of_a_group_are_written_alike_and_as_exactly_as_they_fit(fit):
    found = fit([-4.25, 8.96], room=40, most=11, digits=1)
    assert found["texts"] == ["−4.3", "9.0"]
    assert found["size"] == 11
    found = fit([-1311.11, 8.96], room=40, most=11, digits=1)
    assert found["texts"] == ["−1311", "9"]
    assert found["digits"] == 0


def test_what_does_not_fit_is_left_out_not_cut(fit):
    found = fit([-123456789.0, 1.0], room=24, most=11, digits=1)
    assert found["texts"] == [OMITTED, "1"]
    assert not found["isWhole"]


def test_no_number_is_ever_wider_than_its_room(fit):
    rng = np.random.default_rng(1)
    for room in (16, 26, 40, 66):
        values = (rng.normal(size=12) * 10.0 ** rng.integers(-3, 8, 12)).tolist()
        found = fit(values, room=room, most=11, digits=3)
        widths = [
            len(text.replace(".", "")) * 0.5 * found["size"] for text in found["texts"]
        ]  # the narrowest digits there are
        assert max(widths) <= room + 1
        exact = {text: value for text, value in zip(found["texts"], values, strict=True) if text != OMITTED}
        for text, value in exact.items():
            assert float(text.replace("−", "-")) == pytest.approx(value, abs=0.51 * 10.0 ** -found["digits"])


def test_a_legend_says_that_its_scale_is_finer_and_how_much(draw):
    page = draw("", width=1440, height=900)
    middles = [legend["ends"][1]["text"] for legend in legends(page) if len(legend["ends"]) == 3]
    finer = [text for text in middles if re.fullmatch(r"0 · scale \d+(\.\d)? × finer", text)]
    assert len(finer) == 1
    conv2, relu2 = (float(legend["ends"][-1]["text"]) for legend in legends(page)[2:4])
    assert float(re.findall(r"[\d.]+", finer[0])[1]) == pytest.approx(conv2 / relu2, abs=0.06)
