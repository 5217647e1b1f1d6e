"""A comparison on the Draw page: two drawings, before and after edits, two networks; in the link, saved as a file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
import torch
from driving import ROOT
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from watching import eventually, settled

from cnnviz.core.edits import apply_edits, read_edits
from cnnviz.data.sample_drawings import DIGIT_SAMPLES, find_sample
from cnnviz.models import checkpoints
from cnnviz.models.builder import preset
from cnnviz.models.importers.sources import NetworkSource, usual_source
from cnnviz.models.zoo import own_key
from cnnviz.ui.app.links import COMPARISON_NAMES
from cnnviz.ui.draw.show import prepare_sketch
from cnnviz.ui.your_network.linked_reading import DIGITS, _digest

LAST = DIGIT_SAMPLES[-1].key


@pytest.fixture
def draw(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Callable[..., Page]:
    """The Draw page: `draw("?layer=conv1&map=3")`; waits for nothing but the run of the page."""

    def open_it(query: str = "", **options: object) -> Page:
        return new_page(f"{serve(ROOT / 'app.py')}/{query}", **({"width": 1440} | options))

    return open_it


def begin(page: Page, way: str) -> None:
    page.get_by_role("button", name="Compare with").click()
    page.get_by_role("button", name=way).click()
    painted(page)


def painted(page: Page) -> None:
    expect(page.locator(".comparison")).to_have_attribute("data-painted", re.compile(r"\d+"))
    settled(page)


def side(page: Page, name: str) -> Locator:
    return page.locator(f'.comparison .side[data-side="{name}"]')


def largest(page: Page, layer: str) -> Locator:
    return page.locator(".largest li", has=page.get_by_text(layer, exact=True)).locator("em")


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def link_of(page: Page, *parts: str) -> str:
    """The address, once it says all of this."""
    return eventually(page, lambda: page.url, lambda url: all(part in url for part in parts))


def conv1_of(sample: str, edits: str = "") -> np.ndarray:
    """PyTorch's output of conv1 for a drawing of ours, in float64."""
    model, _manifest = checkpoints.load("mnist")
    model = apply_edits(model, read_edits(edits), (1, 28, 28))
    with torch.no_grad():
        image = torch.tensor(prepare_sketch(find_sample(sample).sketch).image).double()[None]
        return dict(model.double().named_children())["conv1"](image)[0].numpy()


def most(one: np.ndarray, other: np.ndarray) -> float:
    return float((other - one).flat[np.abs(other - one).argmax()])


def test_two_drawings_have_pytorchs_difference_and_the_link_leads_to_both(draw: Callable[..., Page]):
    page = draw()
    begin(page, "Another image")
    expect(page.locator(".sketchpad .pad")).to_have_count(2)
    wanted = most(conv1_of("three"), conv1_of(LAST))
    shown = eventually(page, largest(page, "conv1").inner_text, lambda text: abs(number(text) - wanted) < 6e-4)
    page.locator(".largest li button", has_text="conv1").click()
    expect(page.locator(".pair-head h2")).to_contain_text("conv1, map")
    friend = draw(urlsplit(link_of(page, "compare=image", "ink_b=", "layer=conv1")).query.join(["?", ""]))
    painted(friend)
    expect(largest(friend, "conv1")).to_have_text(shown)
    expect(friend.locator(".pair-head h2")).to_have_text(page.locator(".pair-head h2").inner_text())
    page.locator(".cnnviz-shelf").last.get_by_role("button", name="A one").click()
    wanted = most(conv1_of("three"), conv1_of("one"))
    eventually(page, largest(page, "conv1").inner_text, lambda text: abs(number(text) - wanted) < 6e-4)
    expect(largest(friend, "conv1")).to_have_text(shown)


def test_a_drawing_is_kept_beside_itself_and_only_the_one_that_is_drawn_on_changes(draw: Callable[..., Page]):
    page = draw()
    begin(page, "This drawing, to change one of the two")
    expect(largest(page, "conv1")).to_have_text("no difference")
    before = [side(page, name).locator(".side-answer").inner_text() for name in ("one", "other")]
    assert before[0] == before[1]
    box = page.locator(".sketchpad .pad").last.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.5 * box["height"], steps=6)
    page.mouse.up()
    expect(largest(page, "conv1")).not_to_have_text("no difference")
    expect(side(page, "one").locator(".side-answer")).to_have_text(before[0])


def test_edits_stand_after_the_network_before_them_and_stay_in_the_link(draw: Callable[..., Page]):
    page = draw("?layer=conv1&map=3&edits=off.3.conv1")
    expect(page.locator(".cnnviz-explorer .crumbs")).to_contain_text("conv1, map 3")
    begin(page, "Your edits: before and after")
    wanted = most(conv1_of("three"), conv1_of("three", "off.3.conv1"))
    eventually(page, largest(page, "conv1").inner_text, lambda text: abs(number(text) - wanted) < 6e-4)
    assert abs(wanted) > 0.1, "a map that is 0 anyway would show nothing"
    expect(page.get_by_text("conv1, map 3: switched off")).to_be_visible()
    shown = largest(page, "conv2").inner_text()
    friend = draw(urlsplit(link_of(page, "compare=edits", "edits=off.3.conv1")).query.join(["?", ""]))
    painted(friend)
    expect(largest(friend, "conv2")).to_have_text(shown)
    page.get_by_role("button", name="End the comparison").click()
    expect(page.locator(".comparison")).to_have_count(0)
    link = eventually(page, lambda: page.url, lambda url: "compare" not in url and "edits=" in url)
    assert not set(dict(parse_qsl(urlsplit(link).query))) & set(COMPARISON_NAMES)


def choose_network(page: Page, name: str) -> None:
    page.get_by_role("button", name="Compare with").click()
    chooser = page.get_by_role("combobox", name="Another network, on this image")
    chooser.fill(name)
    page.get_by_role("option", name=name).click()
    painted(page)


def test_two_networks_on_one_drawing_are_in_the_link_random_weights_too(draw: Callable[..., Page]):
    page = draw()
    title = f"{preset('mnist_b1').title}, random weights"
    choose_network(page, title)
    expect(side(page, "other").locator("h2")).to_have_text(f"B: {title}")
    key = own_key(usual_source("mnist_b1").digest())
    shown = largest(page, "conv1").inner_text()
    assert shown != "no difference"
    link = link_of(page, "compare=network", f"network_b={key}", "architecture_b=mnist_b1")
    gone = re.sub(r"network_b=own-\w+", f"network_b={own_key('e' * 64)}", link)  # on a server that has not opened it
    friend = draw("?" + urlsplit(gone).query)
    painted(friend)
    expect(largest(friend, "conv1")).to_have_text(shown)
    friend.get_by_role("button", name="End the comparison").click()
    expect(friend.locator(".comparison")).to_have_count(0)
    settled(friend)  # the button is a new one then
    choose_network(friend, "X or O")
    link_of(friend, "network_b=xo")
    friend.locator(".largest li button", has_text="softmax").click()
    expect(friend.locator(".pair .reason")).to_contain_text("The shapes differ: A has 10, B has 2")
    expect(friend.locator(".comparison .save-button")).to_be_disabled()


def test_a_link_to_a_file_that_is_not_here_says_what_to_bring_and_reads_it_as_it_says(
    draw: Callable[..., Page], tmp_path: Path
):
    torch.manual_seed(11)
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 5), torch.nn.Flatten(), torch.nn.Linear(4 * 576, 10)).eval()
    file = tmp_path / "small.pt2"
    torch.export.save(torch.export.export(model, (torch.zeros(1, 1, 28, 28),)), file)
    asked = {
        "compare": "network",
        "network_b": own_key("d" * 64),
        "file_b": _digest(file.read_bytes()),
        "mean_b": "0.25",
    }
    assert len(asked["file_b"]) == DIGITS
    page = draw("?" + "&".join(f"{name}={value}" for name, value in asked.items()))
    warning = page.get_by_test_id("stAlert")
    expect(warning).to_contain_text("from a file that is not open here: open the file. It is then read with mean 0.25")
    expect(page.locator(".cnnviz-explorer .crumbs")).not_to_be_empty()
    link_of(page, "ink=", f"network_b={asked['network_b']}", "mean_b=0.25")
    page.reload()
    expect(warning).to_contain_text("mean 0.25")
    page.get_by_role("button", name="Compare with").click()
    page.locator("input[type=file]").last.set_input_files(file)
    painted(page)
    expect(warning).to_have_count(0)
    key = own_key(NetworkSource("small.pt2", file.read_bytes(), mean=(0.25,)).digest())
    link_of(page, f"network_b={key}", "mean_b=0.25")
    expect(side(page, "other").locator(".label b", has_text="standardise")).to_be_visible()


@pytest.mark.parametrize("junk", ["compare=network&network_b=..%2F", "compare=edits", "compare=%3Cb%3E&ink_b=x"])
def test_junk_in_a_link_compares_nothing(draw: Callable[..., Page], junk: str):
    page = draw(f"?{junk}")
    expect(page.locator(".cnnviz-explorer .crumbs")).not_to_be_empty()
    expect(page.locator(".comparison")).to_have_count(0)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    eventually(page, lambda: page.url, lambda url: "ink=" in url and "compare" not in url and "_b=" not in url)


def test_it_is_there_after_a_reload_and_ends_where_it_was(draw: Callable[..., Page]):
    page = draw("?layer=conv1&map=3")
    begin(page, "Another image")
    page.locator(".cnnviz-shelf").last.get_by_role("button", name="A one").click()
    wanted = most(conv1_of("three"), conv1_of("one"))
    shown = eventually(page, largest(page, "conv1").inner_text, lambda text: abs(number(text) - wanted) < 6e-4)
    link_of(page, "compare=image")
    settled(page)
    page.reload()
    painted(page)
    expect(largest(page, "conv1")).to_have_text(shown)
    expect(page.locator(".pair-head h2")).to_have_text("conv1, map 3")
    page.get_by_role("button", name="End the comparison").click()
    expect(page.locator(".comparison")).to_have_count(0)
    expect(page.locator(".cnnviz-explorer .crumbs")).to_contain_text("conv1, map 3")


def save(page: Page, way: str) -> tuple[str, bytes]:
    box = page.locator(".comparison .saving")
    if box.is_hidden():
        page.locator(".comparison .save-button").click()
    with page.expect_download() as download:
        box.get_by_role("button", name=way).click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def test_a_b_and_their_difference_are_saved_as_numbers_to_the_last_bit(draw: Callable[..., Page]):
    page = draw("?layer=conv1&map=3")
    begin(page, "Another image")
    name, data = save(page, "Map: numbers")
    assert name == "cnnviz-MNIST-digits-A-and-B-conv1-map-3.csv"
    rows = list(csv.reader(io.StringIO(data.decode())))
    assert rows[:2] == [["A", "MNIST digits, your drawing"], ["B", "MNIST digits, your drawing"]]
    assert rows[7] == ["values", "row", *map(str, range(28))]
    found = {
        part: np.array([row[2:] for row in rows[8:] if row[0] == part], np.float32) for part in ("A", "B", "B − A")
    }
    one, other = (plain_conv1(key)[3] for key in ("three", LAST))
    np.testing.assert_array_equal(found["A"], one)
    np.testing.assert_array_equal(found["B"], other)
    np.testing.assert_array_equal(found["B − A"], other - one)
    name, data = save(page, "Whole layer: numbers")
    assert name == "cnnviz-MNIST-digits-A-and-B-conv1-all-maps.csv"
    rows = list(csv.reader(io.StringIO(data.decode())))
    last = [row for row in rows if row[:2] == ["B − A", "15"]]
    wanted = plain_conv1(LAST)[15] - plain_conv1("three")[15]
    np.testing.assert_array_equal(np.array([row[3:] for row in last], np.float32), wanted)


def plain_conv1(sample: str) -> np.ndarray:
    """As the app computes it: in float32, on the grid of a link."""
    model, _manifest = checkpoints.load("mnist")
    with torch.no_grad():
        return model[0](torch.tensor(prepare_sketch(find_sample(sample).sketch).image)[None])[0].numpy()


@pytest.mark.parametrize("dark", [False, True])
def test_a_picture_shows_the_three_maps_side_by_side_on_the_ground_of_the_page(draw: Callable[..., Page], dark: bool):
    page = draw("?layer=conv1&map=3", dark=dark)
    begin(page, "Another image")
    name, data = save(page, "Map: picture")
    assert name == "cnnviz-MNIST-digits-A-and-B-conv1-map-3.png"
    picture = Image.open(io.BytesIO(data))
    pixels = np.asarray(picture.convert("RGBA")).astype(int)
    assert (pixels[..., 3] == 255).all(), "nothing shines through"
    assert bool(pixels[2, 2, :3].mean() < 90) is dark
    side_of = 28 * (640 // 28)
    assert picture.size[0] == 2 * 24 + 3 * side_of + 2 * 32
    maps = [pixels[110 : 110 + 500, 24 + at * (side_of + 32) : 24 + at * (side_of + 32) + side_of] for at in range(3)]
    assert not np.array_equal(maps[0], maps[1])
    assert not np.array_equal(maps[1], maps[2])


def test_vectors_are_saved_entry_by_entry(draw: Callable[..., Page]):
    page = draw("?layer=fc&map=0")
    begin(page, "Another image")
    _name, data = save(page, "Whole layer: numbers")
    rows = list(csv.reader(io.StringIO(data.decode())))
    at = rows.index([])
    assert rows[at + 1] == ["entry", "class", "A", "B", "B − A"]
    assert len(rows[at + 2 :]) == 10
    for row in rows[at + 2 :]:
        one, other, difference = map(np.float32, row[2:])
        assert np.float32(other - one) == difference
    _name, data = save(page, "Whole layer: picture")
    assert Image.open(io.BytesIO(data)).size[1] > 10 * 22


@pytest.mark.parametrize("path", ["draw_xo"])
def test_the_page_of_the_letters_compares_too(new_page: Callable[..., Page], serve: Callable[[Path], str], path: str):
    page = new_page(f"{serve(ROOT / 'app.py')}/{path}", width=1280)
    begin(page, "Another image")
    expect(side(page, "other").locator(".side-answer")).to_contain_text("O")
    link_of(page, "network=xo", "compare=image", "ink_b=")
