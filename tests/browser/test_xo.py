"""X or O in real Chromium: what is drawn is read, tables stay apart, a network of one's own is taught and kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from driving import ROOT
from finding import turn_to
from playwright.sync_api import Page, expect
from watching import eventually, settled

from cnnviz.core.trace import Tracer
from cnnviz.data.datasets import XO_FILE, data_folder
from cnnviz.data.sample_drawings import find_sample
from cnnviz.data.strokes import Sketch
from cnnviz.data.xo_drawings import CLASSES
from cnnviz.figures.theme import format_percent
from cnnviz.models import checkpoints
from cnnviz.models.decision import PredictionStatus, predict
from cnnviz.training import pack_network, unpack_network
from cnnviz.ui.app.links import unpack_sketch
from cnnviz.ui.draw.show import prepare_sketch

MODEL, MANIFEST = checkpoints.load("xo")
HAS_DRAWINGS = (data_folder() / XO_FILE).is_file()


@pytest.fixture(scope="module")
def address(serve: Callable[[Path], str]) -> str:
    return serve(ROOT / "app.py")


def opened(new_page: Callable[..., Page], address: str, title: str) -> Page:
    """A page of the app, by its name in the bar above, as a reader gets there."""
    page = new_page(address, width=1440)
    go_to(page, title)
    return page


def go_to(page: Page, title: str) -> None:
    turn_to(page, title)
    expect(page.locator(".sketchpad .pad")).to_be_visible(timeout=30_000)
    settled(page)


def draw(page: Page, sketch: Sketch) -> None:
    """Clear the pad, then draw `sketch` with the mouse."""
    pad = page.locator(".sketchpad .pad")
    pad.focus()
    page.keyboard.press("Delete")
    box = pad.bounding_box()
    assert box is not None
    for stroke in sketch.strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke.points]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def headline_for(page: Page) -> str:
    """What the page must say of the drawing in its address, by PyTorch."""
    (ink,) = parse_qs(urlsplit(page.url).query)["ink"]
    sketch = unpack_sketch(ink)
    assert sketch is not None
    trace = Tracer(MODEL, "xo")(prepare_sketch(sketch).image)
    reading = predict(trace.logits, True, MANIFEST.rule)
    if reading.status is PredictionStatus.FOREIGN:
        return "Neither an X nor an O"
    return f"Prediction: {CLASSES[reading.top]} ({format_percent(float(trace.probabilities[reading.top]))})"


def test_what_is_drawn_is_read_as_pytorch_reads_it(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address, "Draw an X or an O")
    headline = page.locator(".verdict strong")
    starts = {"leaning-x": "Prediction: X", "narrow-o": "Prediction: O", "triangle": "Neither an X nor an O"}
    for key, start in starts.items():
        before = page.url
        draw(page, find_sample(key).sketch)
        expect(headline).to_contain_text(start)
        eventually(page, lambda before=before: page.url, lambda url, before=before: url != before)
        eventually(page, lambda: headline_for(page), lambda words: words == headline.text_content())


def test_the_two_tables_stay_apart(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address, "Draw an X or an O")
    draw(page, find_sample("o").sketch)
    expect(page.locator(".verdict strong")).to_contain_text("Prediction: O")
    eventually(page, lambda: page.url, lambda url: "ink=" in url)
    go_to(page, "Draw a digit")
    expect(page.locator(".verdict strong")).to_contain_text("Prediction: 3")
    go_to(page, "Draw an X or an O")
    expect(page.locator(".verdict strong")).to_contain_text("Prediction: O")
    expect(page.locator(".cnnviz-explorer .label")).to_have_count(1 + 8 + 1)


@pytest.mark.data
@pytest.mark.skipif(not HAS_DRAWINGS, reason=f"hard drawings need {XO_FILE} in CNNVIZ_DATA")
def test_a_hard_drawing_can_be_looked_into(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address, "Draw an X or an O")
    case = MANIFEST.figures["hardest"][0]
    expect(page.get_by_role("button", name="A hard one")).to_be_visible()
    page.get_by_role("tab", name="The hardest drawings").click()
    looks = page.get_by_role("button", name="Look inside")
    expect(looks).to_have_count(len(MANIFEST.figures["hardest"]))
    boxes = [look.bounding_box() for look in looks.all()]
    assert len({(box["width"], box["height"]) for box in boxes}) == 1  # even, whatever the words
    looks.first.click()
    expect(page.locator(".verdict")).to_be_in_viewport(ratio=1)  # the table is far above
    expect(page.locator(".verdict")).to_contain_text(f"true class: {case['drawn']}")
    expect(page.locator(".verdict strong")).to_have_text("Neither an X nor an O")
    expect(page).to_have_url(re.compile("digit=0"))
    page.get_by_role("button", name="A hard one").click()
    expect(page).to_have_url(re.compile(r"digit=\d+"))
    expect(page.locator(".verdict")).to_contain_text("true class")


@pytest.mark.skipif(HAS_DRAWINGS, reason=f"{XO_FILE} is in CNNVIZ_DATA, so the drawings are shown as pictures")
def test_without_the_drawings_there_are_words_and_no_button_for_a_hard_one(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address, "Draw an X or an O")
    expect(page.get_by_role("button", name="Upload …")).to_be_visible()
    page.get_by_role("tab", name="The hardest drawings").click()
    expect(page.get_by_text("These drawings are not part of the project")).to_be_visible()
    expect(page.get_by_role("button", name="A hard one")).to_have_count(0)
    expect(page.get_by_role("button", name="Look inside")).to_have_count(0)


def train(page: Page) -> bytes:
    """Press Train, wait for the scores, save: the file's bytes."""
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("Nothing has been trained yet.")).to_be_visible()  # what was there before is gone
    expect(page.get_by_text("Your drawings that were held out", exact=True)).to_be_visible(timeout=90_000)
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the network").click()
    return Path(download.value.path()).read_bytes()


def test_a_network_is_taught_kept_and_loaded_and_the_same_seed_makes_it_again(
    new_page: Callable[..., Page], address: str, tmp_path: Path
):
    page = opened(new_page, address, "Teach it yourself")
    page.get_by_role("button", name="It is an X").click()
    expect(page.get_by_text("The pad is empty: draw an X first.")).to_be_visible()
    draw(page, find_sample("x").sketch)
    page.get_by_role("button", name="It is an O").click()
    expect(page.get_by_text("0 X and 1 O;")).to_be_visible()
    page.get_by_role("button", name="Return the last one to the pad").click()  # it was no O
    expect(page.get_by_text("0 X and 0 O;")).to_be_visible()
    page.get_by_role("button", name="It is an X").click()
    expect(page.get_by_text("1 X and 0 O;")).to_be_visible()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_disabled()
    expect(page.get_by_text("There must be at least 4 X and 4 O, got 1 X and 0 O").first).to_be_visible()
    page.get_by_role("button", name="Draw 20 for me").click()
    expect(page.get_by_text("11 X and 10 O;")).to_be_visible()
    for _ in range(2):
        page.get_by_role("button", name="X number 1: delete it").click()
        expect(page.get_by_text("10 X and 10 O;")).to_be_visible()
        page.get_by_role("button", name="Put it back").click()
        expect(page.get_by_text("11 X and 10 O;")).to_be_visible()
    page.get_by_role("button", name="X number 1: delete it").click()
    expect(page.get_by_text("10 X and 10 O;")).to_be_visible()
    one = train(page)
    draw(page, find_sample("o").sketch)
    expect(page.get_by_text(re.compile(r"Your network's prediction: O \(.* %\)"))).to_be_visible()
    assert train(page) == one  # the same drawings, the same seed
    check_files(page, one, tmp_path)


def check_files(page: Page, saved: bytes, folder: Path) -> None:
    """A damaged and a foreign file change nothing; a saved one is there again."""
    assert unpack_network(saved).facts["drawings"] == 20
    page.get_by_role("button", name="Load a network").click()
    for name, data, words in (
        ("damaged", saved[:-1] + bytes([saved[-1] ^ 1]), "This file was changed or damaged"),
        ("foreign", b"no network", "This file is not a network saved by this app"),
    ):
        (folder / f"{name}.safetensors").write_bytes(data)
        page.locator("input[type=file]").set_input_files(folder / f"{name}.safetensors")
        expect(page.get_by_text(words)).to_be_visible()
        expect(page.get_by_text("Your drawings that were held out", exact=True)).to_be_visible()
    (folder / "good.safetensors").write_bytes(pack_network(unpack_network(saved)))
    page.locator("input[type=file]").set_input_files(folder / "good.safetensors")
    expect(page.get_by_text("This network came from the file good.safetensors")).to_be_visible()
