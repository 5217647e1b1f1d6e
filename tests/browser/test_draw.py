"""The Draw page in real Chromium: drawing, reading, hovering, opening, keys, links, a phone, and nothing leaves."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from driving import running
from finding import turn_to
from playwright.sync_api import Browser, Locator, Page, expect
from watching import box_at_rest, eventually, settled

from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import Tracer
from cnnviz.data.sample_drawings import find_sample
from cnnviz.data.strokes import Sketch
from cnnviz.figures.theme import value_text
from cnnviz.models import checkpoints
from cnnviz.ui.app.links import pack_sketch, unpack_sketch

ROOT = Path(__file__).resolve().parents[2]
STROKES = Path(os.environ.get("CNNVIZ_DATA", ROOT / "data")) / "strokes" / "digits.json.gz"
MARGIN = 0.15  # of the pad around a recorded drawing


@pytest.fixture(scope="module")
def address(serve: Callable[[Path], str]) -> str:
    return serve(ROOT / "app.py")


@pytest.fixture
def draw(new_page: Callable[..., Page], address: str) -> Callable[..., Page]:
    """Open the Draw page: `draw("?layer=conv1", width=390)`."""

    def open_page(query: str = "", **options: object) -> Page:
        page = new_page(f"{address}/{query}", **({"width": 1440} | options))
        expect(explorer(page)).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=30_000)
        settled(page)
        return page

    return open_page


def explorer(page: Page) -> Locator:
    return page.locator(".cnnviz-explorer")


def headline(page: Page) -> Locator:
    return page.locator(".verdict strong")


def information(page: Page) -> Locator:
    return page.locator(".cnnviz-explorer .info")


def painted(page: Page) -> int:
    return int(explorer(page).get_attribute("data-painted") or 0)


def canvas_box(page: Page) -> dict[str, float]:
    return box_at_rest(page.locator(".cnnviz-explorer canvas.over"))


def pad_box(page: Page) -> dict[str, float]:
    return box_at_rest(page.locator(".sketchpad .pad"))


def play(page: Page, paths: list[list[list[float]]], margin: float = MARGIN) -> None:
    """Draw recorded pen strokes with the mouse, in the middle of the pad."""
    box = pad_box(page)
    for path in paths:
        points = [
            (box["x"] + box["width"] * (margin + (1 - 2 * margin) * x),
             box["y"] + box["height"] * (margin + (1 - 2 * margin) * y))
            for x, y in path
        ]  # fmt: skip
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def clear(page: Page) -> None:
    page.get_by_role("button", name=re.compile("clear", re.I)).click()
    expect(headline(page)).to_have_text("Nothing drawn yet")


def link_of(page: Page) -> str:
    return str(page.evaluate("location.search"))


def traced(sketch: Sketch) -> Trace:
    from cnnviz.data.rasterize import preprocess

    model, _manifest = checkpoints.load("mnist")
    return Tracer(model)(preprocess(sketch).image)


def sketch_in(page: Page, end: list[float]) -> Sketch:
    """The drawing that the page's own link holds, once it ends at `end` (in the pad) and the page is at rest."""

    def read() -> Sketch | None:
        ink = re.search(r"ink=([\w-]+)", link_of(page))
        return unpack_sketch(ink.group(1)) if ink else None

    def is_whole(sketch: Sketch | None) -> bool:
        return (
            sketch is not None
            and sketch != Sketch(())
            and sketch.strokes[-1].points[-1] == pytest.approx(end, abs=0.01)
        )

    sketch = eventually(page, read, is_whole)
    assert sketch is not None
    settled(page)
    return sketch


def tile_at(page: Page, layer: int, channel: int) -> tuple[float, float]:
    """The centre of a map on the screen, found by asking the page: keys move there and the overlay says where."""
    label = page.locator(f'.cnnviz-explorer .label[data-index="{layer}"]').bounding_box()
    assert label is not None
    canvas = canvas_box(page)
    count = {1: 16, 2: 16, 3: 16}[layer]
    top, bottom = canvas["y"] + 60, canvas["y"] + canvas["height"] - 34
    pitch = (bottom - top + 4) / count
    return label["x"] + label["width"] / 2, top + (channel + 0.5) * pitch - 2


def test_the_very_first_visit_to_a_page_of_its_own_address_gets_the_apps_navigation(browser: Browser, tmp_path: Path):
    with running(ROOT / "app.py", tmp_path / "log.txt") as fresh:
        page = browser.new_page()
        page.goto(f"{fresh}/glossary")
        expect(page.get_by_role("link", name="Draw a digit")).to_be_visible(timeout=30_000)
        expect(page.get_by_role("link", name="app", exact=True)).to_have_count(0)
        page.close()


def test_a_newcomer_sees_a_read_digit_at_once(draw):
    page = draw()
    expect(headline(page)).to_contain_text("Prediction: 3")
    for name in ("input", "conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "flatten", "fc", "softmax"):
        expect(page.locator(".cnnviz-explorer .label b", has_text=re.compile(f"^{name}$"))).to_be_visible()


@pytest.mark.parametrize("query", ["", f"?ink={pack_sketch(find_sample('three').sketch)}"])
def test_who_draws_at_once_draws_on_an_empty_pad(draw, query: str):
    """Also by the link that the page itself has written meanwhile, which has the drawing on its grid."""
    page = draw(query)
    expect(headline(page)).to_contain_text("Prediction: 3")
    one = [[[0.5, 0.1], [0.5, 0.9]]]
    play(page, one)
    assert len(sketch_in(page, end=[0.5, MARGIN + (1 - 2 * MARGIN) * 0.9]).strokes) == 1
    expect(headline(page)).to_contain_text("Prediction: 1")
    page.get_by_role("button", name=re.compile("undo", re.I)).click()
    expect(headline(page)).to_contain_text("Prediction: 3")


def test_the_whole_network_fits_on_one_screen(draw):
    page = draw(height=900)
    canvas = canvas_box(page)
    assert canvas["y"] + canvas["height"] <= 900
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.data
@pytest.mark.skipif(not STROKES.exists(), reason="no recorded pen strokes: set CNNVIZ_DATA to the folder that has them")
def test_recorded_pen_strokes_are_read_through_the_canvas(draw):
    held_out = set(checkpoints.read_manifest("mnist").data["held_out_tablets"])
    with gzip.open(STROKES, "rt") as file:
        records = [record for record in json.load(file) if record["source"] in held_out]
    chosen = [next(r for r in records[i * 100 :] if r["label"] == str(i)) for i in range(10)]
    page = draw()
    right = []
    for record in chosen:
        clear(page)
        play(page, record["strokes"])
        sketch = sketch_in(page, end=[MARGIN + (1 - 2 * MARGIN) * v for v in record["strokes"][-1][-1]])
        answer = page.locator(".verdict .answer").inner_text()
        made = traced(sketch)
        assert answer == "?" or int(answer) == made.probabilities.argmax()
        right.append(answer == record["label"])
    assert sum(right) >= 9, right


def test_the_prediction_changes_while_the_pen_is_still_down(draw):
    page = draw()
    clear(page)
    box = pad_box(page)
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 15, 4):
        before = painted(page)
        page.mouse.move(box["x"] + 60 + 10 * step, box["y"] + 60 + 4 * step, steps=4)
        eventually(page, lambda: painted(page), lambda count, before=before: count > before)
    page.mouse.up()


def test_the_numbers_on_the_page_are_pytorchs(draw):
    sketch = find_sample("nine").sketch
    page = draw(f"?ink={pack_sketch(sketch)}")
    made = traced(unpack_sketch(pack_sketch(sketch)))
    page.get_by_role("button", name="conv1").click()
    page.locator(".cnnviz-explorer .numbers-button").click()
    cells = page.locator(".cnnviz-explorer .numbers td")
    expect(cells).to_have_count(28 * 28)
    assert cells.all_inner_texts() == [value_text(v) for v in made.layers[0].output[0].ravel()]


def test_hovering_a_cell_names_value_window_and_reach(draw):
    page = draw(f"?ink={pack_sketch(find_sample('three').sketch)}")
    x, y = tile_at(page, 2, 4)
    page.mouse.move(x, y)
    said = eventually(page, lambda: information(page).inner_text(), lambda text: "relu1, map 4" in text)
    found = re.fullmatch(
        r"relu1, map 4, row (\d+), column (\d+): (\S+) · reads row \1, column \2 of conv1, map 4 "
        r"· receptive field: (\d+)×(\d+) pixels",
        said,
    )
    assert found is not None, said
    row, col = int(found[1]), int(found[2])
    made = traced(unpack_sketch(pack_sketch(find_sample("three").sketch)))
    assert found[3] == value_text(float(made.layers[1].output[4, row, col]))
    assert (found[4], found[5]) == ("5", "5")
    expect(page.locator(".cnnviz-explorer .lens")).to_have_class(re.compile("shown"))


def test_a_click_opens_a_map_and_escape_goes_back_one_level(draw):
    page = draw()
    page.mouse.click(*tile_at(page, 1, 5))
    crumbs = page.locator(".cnnviz-explorer .crumbs")
    expect(crumbs).to_contain_text("conv1, map 5")
    expect(page.locator(".cnnviz-explorer .note.bias")).to_contain_text("all terms + bias")
    box = canvas_box(page)
    result = box_at_rest(page.locator(".cnnviz-explorer .note.result"))
    page.mouse.click(result["x"] + result["width"] / 2, box["y"] + box["height"] / 2)
    expect(crumbs).to_contain_text(re.compile(r"row \d+, column \d+"))
    page.keyboard.press("Escape")
    expect(crumbs).not_to_contain_text("row")
    expect(crumbs).to_contain_text("conv1, map 5")
    page.keyboard.press("Escape")
    expect(crumbs).to_have_text("Whole network")


def test_a_click_on_nothing_goes_back_one_level(draw):
    page = draw("?layer=conv1&map=2")
    box = canvas_box(page)
    page.mouse.click(box["x"] + box["width"] * 0.35, box["y"] + 60)
    expect(page.locator(".cnnviz-explorer .crumbs")).to_have_text("Whole network")


def test_the_whole_way_works_by_keyboard(draw):
    page = draw()
    canvas = page.locator(".cnnviz-explorer canvas.over")
    canvas.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    crumbs = page.locator(".cnnviz-explorer .crumbs")
    expect(crumbs).to_contain_text("conv1, map 2")
    page.keyboard.press("PageDown")
    expect(crumbs).to_contain_text("conv1, map 3")
    page.keyboard.press("Home")
    expect(information(page)).to_contain_text("conv1, map 3, row 0, column 0")
    page.keyboard.press("ArrowRight")
    expect(information(page)).to_contain_text("row 0, column 1")
    page.keyboard.press("Enter")
    expect(crumbs).to_contain_text("row 0, column 1")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(crumbs).to_have_text("Whole network")


def test_a_link_survives_a_reload_and_being_sent(draw):
    page = draw()
    clear(page)
    play(page, [[[0.3, 0.1], [0.7, 0.12], [0.5, 0.9]]])
    page.get_by_role("button", name="conv2").click()
    link = eventually(page, lambda: link_of(page), lambda text: "layer=conv2" in text and "ink=" in text)
    said = headline(page).inner_text()
    page.reload()
    expect(page.locator(".cnnviz-explorer .crumbs")).to_contain_text("conv2, map 0", timeout=30_000)
    expect(headline(page)).to_have_text(said)
    friend = draw(link)
    expect(friend.locator(".cnnviz-explorer .crumbs")).to_contain_text("conv2, map 0")
    expect(headline(friend)).to_have_text(said)


def test_junk_in_the_link_falls_back_quietly(draw):
    page = draw("?layer=%3Cscript%3E&map=999&cell=a.b&ink=!!!&colours=9&digit=-4")
    expect(page.locator(".cnnviz-explorer .crumbs")).to_have_text("Whole network")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_a_sample_is_taken_at_one_click(draw):
    page = draw()
    page.locator('.cnnviz-shelf button[data-key="barred-seven"]').click()
    expect(headline(page)).to_contain_text("Prediction: 7")


def test_a_step_switched_off_changes_what_the_network_gets(draw):
    page = draw()
    before = painted(page)
    step = page.locator('.cnnviz-stages button[data-key="fitted"]')
    step.click()
    expect(step).to_have_attribute("aria-pressed", "false")
    eventually(page, lambda: painted(page), lambda count: count > before)
    step.click()
    expect(step).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("broken.png", b"\x89PNG\r\n\x1a\nnot really", None),
        ("empty.jpg", b"", None),
    ],
)
def test_a_broken_upload_is_one_sentence(draw, name: str, data: bytes, says: str | None):
    page = draw()
    page.locator('.cnnviz-shelf button[data-key="upload"]').click()
    page.locator('input[type="file"]').set_input_files({"name": name, "mimeType": "image/png", "buffer": data})
    expect(page.get_by_test_id("stAlert")).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)
    expect(explorer(page)).to_be_visible()


def test_a_photographed_digit_is_read(draw, tmp_path: Path):
    from io import BytesIO

    from PIL import Image

    from cnnviz.data.rasterize import rasterise

    ink = np.asarray(rasterise(find_sample("five").sketch, 420), dtype=np.float32) / 255
    photo = Image.fromarray((225 - 180 * ink).astype(np.uint8)).convert("RGB")
    buffer = BytesIO()
    photo.save(buffer, "JPEG", quality=60)
    page = draw()
    page.locator('.cnnviz-shelf button[data-key="upload"]').click()
    page.locator('input[type="file"]').set_input_files(
        {"name": "five.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}
    )
    expect(headline(page)).to_contain_text("Prediction: 5")


def test_ink_that_is_no_digit_is_not_given_a_confident_class(draw):
    page = draw()
    clear(page)
    zigzag = [[(i % 14) / 13, ((i * 5) % 13) / 12] for i in range(40)]
    play(page, [zigzag], margin=0.05)
    expect(headline(page)).to_have_text("Not recognised as a digit")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_is_cut_off_on_a_phone(draw, dark: bool):
    page = draw(width=390, height=844, dark=dark)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for part in (".sketchpad", ".cnnviz-stages", ".cnnviz-shelf", ".cnnviz-explorer", ".verdict"):
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    expect(headline(page)).to_contain_text("Prediction: 3")
    page.get_by_role("button", name="conv2").click()
    expect(page.locator(".cnnviz-explorer .crumbs")).to_contain_text("conv2, map 0")


def test_colour_scopes_change_the_legend_and_the_link(draw):
    page = draw()
    legend = page.locator(".cnnviz-explorer .legend").nth(1)
    before = legend.inner_text()
    page.get_by_role("button", name="everywhere", exact=True).click()
    expect(legend).not_to_have_text(before)
    eventually(page, lambda: link_of(page), lambda link: "colours=network" in link)


def test_a_reload_shows_the_very_same_numbers(draw):
    page = draw()
    clear(page)
    play(page, [[[0.31, 0.12], [0.52, 0.5], [0.71, 0.93]], [[0.7, 0.1], [0.3, 0.9]]])
    made = traced(sketch_in(page, [MARGIN + (1 - 2 * MARGIN) * at for at in (0.3, 0.9)]))
    page.get_by_role("button", name=re.compile("^fc")).click()
    page.locator(".cnnviz-explorer .numbers-button").click()
    cells = page.locator(".cnnviz-explorer .numbers td")
    expect(cells).to_have_count(10)
    scores = [value_text(score) for score in made.layers[made.position("fc")].output.ravel()]
    before = eventually(page, cells.all_inner_texts, lambda texts: texts == scores)
    eventually(page, lambda: link_of(page), lambda text: "layer=fc" in text and "open=numbers" in text)
    page.reload()
    expect(page.locator(".cnnviz-explorer .crumbs")).to_contain_text("fc, class 0", timeout=30_000)
    expect(cells).to_have_count(10)
    assert cells.all_inner_texts() == before


def test_hovering_the_table_of_scores_names_the_class_of_its_row(draw):
    page = draw("?layer=fc&map=5")
    page.locator(".cnnviz-explorer .numbers-button").click()
    cell = page.locator(".cnnviz-explorer .numbers td").nth(7)
    cell.hover()
    expect(information(page)).to_contain_text("fc of class 7: ")
    assert information(page).inner_text().split(": ")[1].startswith(cell.inner_text()[:5])


def test_escape_goes_back_after_a_click_on_a_name_and_after_a_reload(draw):
    page = draw()
    crumbs = page.locator(".cnnviz-explorer .crumbs")
    page.get_by_role("button", name="conv2").click()
    expect(crumbs).to_contain_text("conv2")
    page.keyboard.press("Escape")
    expect(crumbs).to_have_text("Whole network")
    linked = draw("?layer=conv2&map=3&cell=4.5")
    crumbs = linked.locator(".cnnviz-explorer .crumbs")
    linked.keyboard.press("Escape")
    expect(crumbs).to_have_text(re.compile("map 3$"))
    linked.keyboard.press("Escape")
    expect(crumbs).to_have_text("Whole network")


def test_arrows_move_a_held_cell_in_breadcrumb_and_link(draw):
    page = draw("?layer=conv1&map=2&cell=7.10")
    page.locator(".cnnviz-explorer .walk").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".cnnviz-explorer .crumbs")).to_contain_text("row 7, column 11")
    eventually(page, lambda: link_of(page), lambda link: "cell=7.11" in link)


def test_a_page_left_at_once_after_a_stroke_loses_nothing(draw):
    page = draw()
    clear(page)
    play(page, [[[0.5, 0.1], [0.5, 0.9]]])
    turn_to(page, "Glossary")
    expect(page.get_by_text("one word, one meaning")).to_be_visible()
    turn_to(page, "Draw a digit")
    expect(headline(page)).to_contain_text("Prediction: 1", timeout=15_000)


def test_an_empty_pad_stays_empty_after_a_reload(draw):
    page = draw()
    clear(page)
    eventually(page, lambda: link_of(page), lambda link: "ink=0" in link)
    page.reload()
    expect(headline(page)).to_have_text("Nothing drawn yet", timeout=30_000)
