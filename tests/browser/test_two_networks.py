"""The two networks for digits on one page: one drawing, each with its own numbers, edits and place; both answers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from driving import ROOT, end, free_port, started
from keeping import draw_two_lines, ends_at, ink
from playwright.sync_api import Browser, Locator, Page, expect
from under_surgery import IMAGE, INK, button, edits_of, open_panel, type_weight
from watching import eventually, open_watched, settled

from cnnviz.attribution.pushes import Push, push_image
from cnnviz.core.trace import trace
from cnnviz.data.datasets import PenDrawing
from cnnviz.data.pixel_edits import PixelEdits
from cnnviz.data.sample_drawings import DIGIT_SAMPLES
from cnnviz.data.strokes import Sketch
from cnnviz.evaluation.pairs import draw_pair
from cnnviz.figures.theme import format_number, format_percent, value_text
from cnnviz.models import checkpoints
from cnnviz.ui.app.links import pack_sketch, unpack_sketch
from cnnviz.ui.draw.show import prepare_sketch

PLAIN, RESIDUAL = "mnist", "digits_residual"
MODELS = {key: checkpoints.load(key) for key in (PLAIN, RESIDUAL)}
LONG = 60_000


def probabilities(key: str, image: np.ndarray = IMAGE) -> torch.Tensor:
    with torch.no_grad():
        return MODELS[key][0](torch.tensor(image)[None])[0].double().softmax(dim=0)


def headline(key: str, image: np.ndarray = IMAGE) -> str:
    """What must be said of an image."""
    found = probabilities(key, image)
    top = int(found.argmax())
    if not MODELS[key][1].rule.accepts(found.numpy()):
        return "Not recognised as a digit"
    return f"Prediction: {top} ({format_percent(float(found[top]))})"


def image_drawn(page: Page) -> np.ndarray:
    """The input that the drawing in the address gives."""
    sketch = unpack_sketch(ink(page))
    assert isinstance(sketch, Sketch)
    return prepare_sketch(sketch).image


def painted(page: Page) -> Page:
    expect(page.locator(".cnnviz-explorer")).to_have_attribute("data-painted", re.compile(r"\d+"), timeout=LONG)
    settled(page)
    return page


@pytest.fixture
def address(serve: Callable[[Path], str]) -> str:
    return serve(ROOT / "app.py")


@pytest.fixture
def draw(new_page: Callable[..., Page], address: str) -> Callable[..., Page]:
    """Opens the page with a known three: `draw("network=digits_residual", width=390)`."""
    return lambda query="", **options: painted(new_page(f"{address}/?{INK}&{query}", **({"width": 1440} | options)))


def choose(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()
    settled(page)


def switch_answers(page: Page) -> None:
    page.locator('[data-testid="stCheckbox"]', has_text="Both answers").locator("label").click()
    settled(page)


def verdict(page: Page) -> Locator:
    return page.locator(".cnnviz-explorer .verdict strong")


def card(page: Page, key: str) -> Locator:
    return page.locator(f'.cnnviz-answers article[data-network="{key}"]')


def in_link(page: Page, name: str) -> str:
    return parse_qs(urlsplit(page.url).query).get(name, [""])[0]


def expect_card(page: Page, key: str, image: np.ndarray) -> None:
    """The words and each of the ten probabilities are PyTorch's."""
    expect(card(page, key).locator("strong")).to_have_text(headline(key, image))
    wanted = [format_percent(share) for share in probabilities(key, image).tolist()]
    eventually(page, lambda: card(page, key).locator(".share").all_inner_texts(), lambda shown: shown == wanted)


def expect_map(page: Page, values: np.ndarray) -> None:
    """Every value of the open map, in the table of numbers."""
    if not page.locator(".cnnviz-explorer .numbers").is_visible():
        button(page, "Numbers").click()
    wanted = [value_text(value) for value in values.ravel()]
    cells = page.locator(".cnnviz-explorer .numbers td")
    eventually(page, lambda: cells.all_inner_texts(), lambda shown: shown == wanted)


def test_the_other_network_is_chosen_gets_the_same_drawing_and_stands_in_the_link(draw: Callable[..., Page]):
    page = draw()
    expect(verdict(page)).to_have_text(headline(PLAIN))
    expect(page.locator(".cnnviz-answers")).to_have_count(0)
    drawn = eventually(page, lambda: ink(page), bool)
    choose(page, "Residual")
    expect(verdict(page)).to_have_text(headline(RESIDUAL), timeout=LONG)
    eventually(page, lambda: in_link(page, "network"), lambda said: said == RESIDUAL)
    assert ink(page) == drawn
    test, pen = (MODELS[RESIDUAL][1].figures[name]["accuracy"] for name in ("mnist_test", "pen_held_out"))
    said = page.get_by_text("82,938 parameters.")
    expect(said).to_contain_text(f"{format_percent(test, 2)} of 10,000 MNIST test images")
    expect(said).to_contain_text(f"{format_percent(pen, 2)} of 2,187 pen drawings")
    choose(page, "Plain")
    expect(verdict(page)).to_have_text(headline(PLAIN), timeout=LONG)
    eventually(page, lambda: in_link(page, "network"), lambda said: said == "")
    assert ink(page) == drawn


def test_two_digits_are_told_by_both_with_room_for_the_hint(new_page: Callable[..., Page], address: str):
    """The longest answer once squeezed the hint beside it into a column of single words."""
    ours = [PenDrawing(one.label, "", "", tuple(line.points for line in one.sketch.strokes)) for one in DIGIT_SAMPLES]
    two = pack_sketch(draw_pair(ours, 0.1, 0.06, np.random.default_rng(0)))
    page = painted(new_page(f"{address}/?ink={two}&network=digits_residual&answers=all", width=1280))
    for said in (card(page, PLAIN).locator("strong"), card(page, RESIDUAL).locator("strong"), verdict(page)):
        expect(said).to_have_text("More than one digit?")
    expect(page.locator(".cnnviz-explorer .verdict .words span")).to_contain_text("Parts of the ink stand apart")
    hint, words = (page.locator(f".cnnviz-explorer {part}").bounding_box() for part in (".info", ".verdict"))
    assert hint
    assert words
    assert hint["width"] > 250
    assert hint["height"] < 2 * words["height"]
    assert words["x"] + words["width"] <= hint["x"]


def test_both_answers_are_pytorchs_and_follow_the_hand_whichever_is_open(draw: Callable[..., Page]):
    page = draw("network=digits_residual&answers=all", own_window=True)
    for key in (PLAIN, RESIDUAL):
        expect_card(page, key, IMAGE)
    expect(card(page, RESIDUAL)).to_have_attribute("data-open", "true")
    expect(card(page, PLAIN).locator("header em")).to_be_empty()
    expect(card(page, RESIDUAL).locator("header em")).to_have_text("open below")
    draw_two_lines(page)
    image = image_drawn(page)
    for key in (PLAIN, RESIDUAL):
        expect_card(page, key, image)
    expect(verdict(page)).to_have_text(headline(RESIDUAL, image))
    choose(page, "Plain")
    expect(card(page, PLAIN)).to_have_attribute("data-open", "true")
    expect(verdict(page)).to_have_text(headline(PLAIN, image))
    eventually(page, lambda: in_link(page, "answers"), lambda said: said == "all")
    switch_answers(page)
    expect(page.locator(".cnnviz-answers")).to_have_count(0)
    eventually(page, lambda: in_link(page, "answers"), lambda said: said == "")


def test_the_answers_come_by_the_short_way_while_the_pen_is_down(draw: Callable[..., Page]):
    page = draw("answers=all", own_window=True)
    before = card(page, RESIDUAL).locator(".share").all_inner_texts()
    box = page.locator(".sketchpad .pad").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.9 * box["height"], steps=12)
    runs = page.locator('[data-testid="stApp"]').get_attribute("data-test-script-state")
    eventually(page, lambda: card(page, RESIDUAL).locator(".share").all_inner_texts(), lambda now: now != before)
    assert runs == "notRunning"  # the pen has not been lifted: no run of the page has heard of it
    page.mouse.up()
    settled(page)
    eventually(page, lambda: ink(page), lambda now: ends_at(now, (0.9, 0.9)))
    image = image_drawn(page)
    for key in (PLAIN, RESIDUAL):
        expect_card(page, key, image)


@pytest.mark.parametrize(
    ("layer", "channel"),
    [("conv1", 3), ("block1.conv2", 5), ("block1.shortcut.conv", 2), ("block2.add", 40), ("block3.depthwise1", 7),
     ("block3.pointwise2", 63), ("block3.norm1", 1)],
)  # fmt: skip
def test_a_map_of_every_kind_of_layer_opens_with_pytorchs_numbers_and_can_be_walked(
    draw: Callable[..., Page], layer: str, channel: int
):
    page = draw(f"network={RESIDUAL}&layer={layer}&map={channel}")
    made = trace(MODELS[RESIDUAL][0], IMAGE)
    values = made.layers[made.position(layer)].output[channel]
    expect_map(page, values)
    button(page, "Numbers").click()
    button(page, "Step through").click()
    walk = page.locator(".cnnviz-explorer .walk")
    expect(walk).to_be_visible(timeout=LONG)
    row, col = map(int, re.findall(r"row (\d+), column (\d+)", walk.locator("h2").inner_text())[0])
    said = walk.locator(".walk-value").inner_text().removeprefix("= ").replace("−", "-")
    assert float(said) == pytest.approx(float(values[row, col]), abs=6e-3)
    assert abs(values[row, col]) == np.abs(values).max()  # it begins where most happens
    walk.focus()
    page.keyboard.press("Escape")
    expect(walk).to_be_hidden()


def test_what_a_cell_sees_and_what_is_saved_are_of_this_network(draw: Callable[..., Page]):
    page = draw(f"network={RESIDUAL}&layer=pool1&map=3&cell=5.6")
    expect(page.locator(".walk")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Receptive field").click()
    expect(page.locator(".walk-sees")).to_have_attribute("data-status", re.compile(r"^(?!computing)\w+"))
    expect(page.locator(".walk-sees figcaption").first).to_contain_text(f"{6 * 6} of {28 * 28} pixels are read")
    page.locator(".cnnviz-explorer .walk").focus()
    page.keyboard.press("Escape")
    button(page, "Save").click()
    with page.expect_download() as download:
        page.locator(".saving").get_by_role("button", name="Map: numbers").click()
    assert download.value.suggested_filename == "cnnviz-MNIST-digits-residual-pool1-map-3.csv"
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
    made = trace(MODELS[RESIDUAL][0], IMAGE)
    np.testing.assert_array_equal(
        np.array([row[1:] for row in rows[7:]], np.float32), made.layers[made.position("pool1")].output[3]
    )


def edited(value: float, key: str) -> np.ndarray:
    """Map 3 of conv1 with the first weight of its kernel set: by PyTorch."""
    network, _manifest = checkpoints.load(key)
    with torch.no_grad():
        network.conv1.weight[3, 0, 0, 0] = value
    return trace(network, IMAGE).layers[0].output[3]


def test_edits_belong_to_one_network_and_one_reader_and_travel_in_the_link(draw: Callable[..., Page]):
    page, other = (draw(f"network={RESIDUAL}&layer=conv1&map=3&answers=all", own_window=True) for _ in range(2))
    open_panel(page)
    type_weight(page, "2")
    expect_map(page, edited(2.0, RESIDUAL))
    expect(card(page, RESIDUAL).locator("header b")).to_have_text("Residual network, with your edits")
    text = eventually(page, lambda: edits_of(page), lambda found: found != "")
    expect_map(other, edited(float(MODELS[RESIDUAL][0].conv1.weight[3, 0, 0, 0]), RESIDUAL))
    expect(other.locator(".surgery-badge")).to_be_hidden()
    choose(page, "Plain")
    expect(verdict(page)).to_have_text(headline(PLAIN), timeout=LONG)
    expect(page.locator(".surgery-badge")).to_be_hidden()
    expect(card(page, RESIDUAL).locator("header b")).to_have_text("Residual network, with your edits")
    choose(page, "Residual")
    expect(page.locator(".surgery-badge")).to_have_text("Edited network: 1 edit", timeout=LONG)
    expect_map(page, edited(2.0, RESIDUAL))
    linked = draw(f"network={RESIDUAL}&layer=conv1&map=3&edits={text}", own_window=True)
    expect_map(linked, edited(2.0, RESIDUAL))
    choose(linked, "Plain")
    expect(verdict(linked)).to_have_text(headline(PLAIN), timeout=LONG)
    expect(linked.locator(".surgery-badge")).to_be_hidden()


def test_why_and_push_ask_the_network_that_is_open(draw: Callable[..., Page]):
    page = draw(f"network={RESIDUAL}")
    page.get_by_text("Why this answer?").click()
    with torch.no_grad():
        scores = [float(MODELS[RESIDUAL][0](torch.tensor(one)[None])[0, 3]) for one in (IMAGE, 0 * IMAGE)]
    score, empty = map(format_number, scores)
    expect(page.get_by_text("Score of 3:")).to_contain_text(
        f"Score of 3: {score}; of an image of zeros: {empty}", timeout=LONG
    )
    page.get_by_text("How far can one push?").click()
    expect(page.get_by_text("At 0.00 pixels:")).to_be_visible(timeout=LONG)
    slider = page.get_by_role("slider", name="Amount (pixels)")
    most = float(slider.get_attribute("max") or 0)
    assert most > 0
    settled(page)
    slider.press("End")
    found = probabilities(RESIDUAL, push_image(IMAGE, Push.RIGHT, most))
    wanted = f"At {most:.2f} pixels: {int(found.argmax())} ({format_percent(float(found.max()))})."
    expect(page.get_by_text(wanted)).to_be_visible(timeout=LONG)


def test_pixels_set_by_hand_are_seen_by_both(draw: Callable[..., Page]):
    page = draw(f"network={RESIDUAL}&answers=all&pixels={PixelEdits(((0, 255), (1, 255), (29, 200))).text}")
    image = PixelEdits(((0, 255), (1, 255), (29, 200))).applied_to(prepare_sketch(unpack_sketch(INK[4:]))).image
    assert not np.array_equal(image, IMAGE)
    for key in (PLAIN, RESIDUAL):
        expect_card(page, key, image)
    page.get_by_text("Set pixels by hand").click()
    expect(page.locator(".cnnviz-pixels canvas")).to_be_visible(timeout=LONG)
    choose(page, "Plain")
    eventually(page, lambda: in_link(page, "pixels"), bool)
    expect(verdict(page)).to_have_text(headline(PLAIN, image))


def test_choice_drawing_and_edits_outlive_the_server(browser: Browser, tmp_path: Path):
    troubles: list[str] = []
    port = free_port()
    with started(ROOT / "app.py", tmp_path / "one.txt", port) as (process, address):
        page = painted(open_watched(browser, troubles, f"{address}/?network={RESIDUAL}&layer=conv1&map=3", width=1440))
        drawn = draw_two_lines(page)
        open_panel(page)
        type_weight(page, "2")
        eventually(page, lambda: edits_of(page), lambda found: found != "")
        settled(page)
        end(process)
    with started(ROOT / "app.py", tmp_path / "two.txt", port):
        page.reload()
        painted(page)
        expect(page.get_by_role("radio", name="Residual", exact=True)).to_be_checked(timeout=LONG)
        expect(page.locator(".surgery-badge")).to_have_text("Edited network: 1 edit", timeout=LONG)
        eventually(page, lambda: ink(page), lambda now: now == drawn)
    page.context.close()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720), (390, 844)])
def test_nothing_of_the_choice_is_cut_off(draw: Callable[..., Page], width: int, height: int):
    page = draw(f"network={RESIDUAL}&answers=all", width=width, height=height)
    parts = [page.get_by_role("radio", name=name, exact=True) for name in ("Plain", "Residual")]
    parts += [page.locator('[data-testid="stCheckbox"]', has_text="Both answers"), *card(page, PLAIN).all()]
    parts += [*card(page, RESIDUAL).all(), *page.locator(".cnnviz-answers .score").all()]
    assert len(parts) == 5 + 20
    for part in parts:
        box = part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    tops = [page.get_by_role("radio", name="Plain").bounding_box(), page.locator(".sketchpad").bounding_box()]
    assert tops[0]["y"] + tops[0]["height"] <= tops[1]["y"]
