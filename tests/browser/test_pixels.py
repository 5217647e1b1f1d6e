"""Pixels set by hand: by pointer and keyboard, undone, in the link, kept, and everything follows."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from driving import ROOT
from playwright.sync_api import Locator, Page, expect
from watching import box_at_rest, eventually, settled

from cnnviz.data.pixel_edits import PixelEdits, read_pixel_edits
from cnnviz.data.sample_drawings import find_sample
from cnnviz.figures.theme import format_percent
from cnnviz.models.checkpoints import load
from cnnviz.ui.draw.show import prepare_sketch
from cnnviz.web.pixel_editor import pixels_packet

LONG = 60_000


@pytest.fixture
def page(serve: Callable[[Path], str], new_page: Callable[..., Page]) -> Page:
    found = new_page(f"{serve(ROOT / 'app.py')}/", width=1440, own_window=True)
    settled(found)
    found.get_by_text("Set pixels by hand").click()
    expect(canvas(found)).to_be_visible(timeout=LONG)
    settled(found)
    return found


def canvas(page: Page) -> Locator:
    return page.locator(".cnnviz-pixels canvas")


def three() -> np.ndarray:
    return prepare_sketch(find_sample("three").sketch).image


def edited(*cells: tuple[int, int]) -> np.ndarray:
    return PixelEdits(tuple(sorted(cells))).applied_to(prepare_sketch(find_sample("three").sketch)).image


def answer_to(image: np.ndarray) -> str:
    """What the page says of an image, where a digit is recognised."""
    with torch.no_grad():
        probabilities = load("mnist")[0](torch.tensor(image)[None])[0].double().softmax(dim=0)
    top = int(probabilities.argmax())
    return f"Prediction: {top} ({format_percent(float(probabilities[top]))})"


def pixels_in(page: Page) -> PixelEdits:
    return read_pixel_edits(parse_qs(urlsplit(page.url).query).get("pixels", [""])[0])


def paint_row(page: Page, row: int) -> None:
    """A drag from the left border to the right one."""
    box = box_at_rest(canvas(page))
    side = (box["width"] - 4) / 28
    y = box["y"] + 2 + (row + 0.5) * side
    page.mouse.move(box["x"] + 2 + side / 2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 2 + 27.5 * side, y, steps=60)
    page.mouse.up()


def test_a_drag_paints_pixels_and_the_network_answers_to_these(page: Page):
    rows = (12, 13, 14, 15)
    for row in rows:
        paint_row(page, row)
    found = eventually(page, lambda: pixels_in(page), lambda edits: len(edits.cells) == 28 * len(rows))
    image = edited(*((28 * row + col, 255) for row in rows for col in range(28)))
    assert found.applied_to(prepare_sketch(find_sample("three").sketch)).image.tolist() == image.tolist()
    headline = page.locator(".cnnviz-explorer .verdict")
    assert answer_to(image) != answer_to(three())
    settled(page)
    with torch.no_grad():
        probabilities = load("mnist")[0](torch.tensor(image)[None])[0].softmax(dim=0)
    if load("mnist")[1].rule.accepts(probabilities.numpy()):
        expect(headline).to_contain_text(answer_to(image))
    else:
        expect(headline).to_contain_text("Not recognised as a digit")
    expect(page.get_by_text("Edited")).to_be_visible()


def test_a_quick_hand_paints_all_of_its_way(page: Page):
    box = box_at_rest(canvas(page))
    side = (box["width"] - 4) / 28
    x, y = (box[name] + 2 + side / 2 for name in ("x", "y"))
    page.mouse.move(x + 3 * side, y + 5 * side)
    page.mouse.down()
    page.mouse.move(x + 13 * side, y + 10 * side)  # one move: nothing is seen in between
    page.mouse.up()
    found = eventually(page, lambda: pixels_in(page).cells, lambda cells: len(cells) > 0)
    places = [divmod(place, 28) for place, _level in found]
    assert {col for _row, col in places} == set(range(3, 14))
    assert all(abs(row - 5 - (col - 3) / 2) <= 0.5 for row, col in places)


def test_a_pixel_is_set_read_and_undone_with_the_keyboard(page: Page):
    canvas(page).focus()
    for key in ("ArrowDown", *["ArrowDown"] * 4, *["ArrowRight"] * 3):
        page.keyboard.press(key)
    readout = page.locator(".pixel-readout")
    expect(readout).to_contain_text("row 4, column 3: 0")
    before = readout.inner_text()
    page.keyboard.press("Space")
    expect(readout).to_contain_text("row 4, column 3: 1, drawn 0")
    assert eventually(page, lambda: pixels_in(page).cells, lambda cells: len(cells) == 1) == ((4 * 28 + 3, 255),)
    page.keyboard.press("-")
    expect(readout).to_contain_text("row 4, column 3: 0.902, drawn 0")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(readout).to_have_text(before)
    eventually(page, lambda: pixels_in(page).cells, lambda cells: cells == ())
    page.keyboard.press("Control+y")
    eventually(page, lambda: pixels_in(page).cells, lambda cells: len(cells) == 1)


def test_pixels_are_kept_over_a_reload_follow_a_link_and_go_with_the_drawing(page: Page, new_page: Callable[..., Page]):
    paint_row(page, 20)
    eventually(page, lambda: len(pixels_in(page).cells), lambda count: count == 28)
    settled(page)
    expect(page.get_by_text("Edited")).to_be_visible()
    link = page.url
    other = new_page(link, width=1440, own_window=True)
    settled(other)
    expect(other.get_by_text("Edited")).to_be_visible()
    page.goto(page.url.split("?")[0])
    settled(page)
    expect(page.get_by_text("Edited")).to_be_visible(timeout=LONG)
    page.locator('.cnnviz-shelf button[data-key="barred-seven"]').click()
    expect(page.get_by_text("Edited")).to_have_count(0)
    eventually(page, lambda: pixels_in(page).cells, lambda cells: cells == ())


def test_the_panels_are_of_the_edited_image(page: Page):
    for row in (12, 13, 14):
        paint_row(page, row)
    eventually(page, lambda: len(pixels_in(page).cells), lambda count: count == 84)
    page.get_by_text("How far can one push?").click()
    image = edited(*((28 * row + col, 255) for row in (12, 13, 14) for col in range(28)))
    with torch.no_grad():
        probabilities = load("mnist")[0](torch.tensor(image)[None])[0].softmax(dim=0)
    top = int(probabilities.argmax())
    wanted = f"At 0.00 pixels: {top} ({format_percent(float(probabilities[top]))})."
    expect(page.get_by_text(wanted)).to_be_visible(timeout=LONG)


def test_a_pixel_that_is_set_just_before_the_editor_is_closed_is_kept(page: Page):
    box, header = box_at_rest(canvas(page)), page.get_by_text("Set pixels by hand")
    summary = box_at_rest(header)
    side = (box["width"] - 4) / 28
    page.mouse.click(box["x"] + 2 + 3.5 * side, box["y"] + 2 + 5.5 * side)
    page.mouse.click(summary["x"] + 5, summary["y"] + summary["height"] / 2)
    expect(canvas(page)).to_be_hidden(timeout=LONG)
    found = eventually(page, lambda: pixels_in(page).cells, lambda cells: len(cells) == 1)
    assert found == ((5 * 28 + 3, 255),)


LEFT = """(() => {
  const told = [];
  const place = document.createElement("div");
  document.body.append(place);
  const bytes = Uint8Array.from(data);
  const mount = () => m.default({ data: bytes, parentElement: place, setStateValue: (_name, said) => told.push(said) });
  let leave = mount();
  const canvas = place.querySelector("canvas");
  canvas.focus();
  for (const key of ["ArrowDown", " "]) canvas.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const before = told.length;
  window.addEventListener("cnnviz:ink", (event) => event.preventDefault());
  canvas.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
  canvas.dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true }));
  place.remove();
  leave();
  document.body.append(place);
  leave = mount();
  place.remove();
  leave();
  return [before, told.at(-1)?.cells];
})()"""


def test_an_editor_that_comes_back_tells_what_the_one_before_could_not(run_module: Callable[..., object]):
    packet = pixels_packet(np.zeros((4, 4), np.float32), PixelEdits(), "a")
    before, cells = run_module("pixel_editor/index.js", LEFT, list(packet))
    assert before == 0
    assert len(cells) == 2
