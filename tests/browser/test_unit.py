"""What does a unit look for, and Fool it: the panels under the table of the digits, against the network itself."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from driving import ROOT
from playwright.sync_api import Page, expect
from watching import APPS, settled

from cnnviz.attribution.fooling import fool
from cnnviz.attribution.maximise import Climb, Start, maximise, start_image
from cnnviz.attribution.strongest import find_peaks, middle_unit, strongest_patches
from cnnviz.core.graph import Graph, build_graph
from cnnviz.core.receptive_field import receptive_field
from cnnviz.core.units import UnitRef
from cnnviz.data.held_out_images import held_out_digits
from cnnviz.data.sample_drawings import find_sample
from cnnviz.figures.theme import format_percent, value_text
from cnnviz.models.checkpoints import load
from cnnviz.ui.draw.show import prepare_sketch

LONG = 120_000


def opened(serve: Callable[[Path], str], new_page: Callable[..., Page], query: str, panel: str, **options) -> Page:
    page = new_page(f"{serve(ROOT / 'app.py')}/{query}", **({"width": 1440} | options))
    settled(page)
    page.get_by_text(panel).click()
    settled(page)
    return page


def digits() -> Graph:
    return build_graph(load("mnist")[0], (1, 28, 28))


def test_the_strongest_places_are_the_network_s_and_one_is_laid_on_the_table(
    serve: Callable[[Path], str], new_page: Callable[..., Page]
):
    page = opened(serve, new_page, "?layer=conv2&map=3", "What does a unit look for?")
    tiles = page.locator(".cnnviz-gallery button")
    expect(tiles).to_have_count(8, timeout=LONG)
    graph, images = digits(), held_out_digits(2000).shown.images[:, None].astype(np.float32) / np.float32(255)
    patches = strongest_patches(graph, find_peaks(graph, "conv2", images), 3, 8)
    for tile, patch in zip(tiles.all(), patches, strict=True):
        wanted = f"{value_text(patch.value)} (row {patch.unit.row}, column {patch.unit.col})"
        expect(tile.locator("span")).to_have_text(wanted)
    expect(page.get_by_text("Strongest for conv2, map 3")).to_be_visible()
    tiles.first.click()
    with torch.no_grad():
        answer = int(load("mnist")[0](torch.tensor(images[patches[0].image])[None])[0].argmax())
    expect(page.locator(".cnnviz-explorer .verdict, .cnnviz-explorer [class*=verdict]").first).to_contain_text(
        str(answer), timeout=LONG
    )


def test_the_panel_asks_about_the_map_that_is_open(serve: Callable[[Path], str], new_page: Callable[..., Page]):
    page = opened(serve, new_page, "?layer=conv1&map=5", "What does a unit look for?")
    expect(page.get_by_text("Strongest for conv1, map 5")).to_be_visible(timeout=LONG)
    explorer = page.locator(".cnnviz-explorer [tabindex='0']").first
    explorer.focus()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Strongest for conv2, map 0")).to_be_visible(timeout=LONG)


def test_the_image_that_maximises_is_the_one_of_its_seed(serve: Callable[[Path], str], new_page: Callable[..., Page]):
    page = opened(serve, new_page, "?layer=conv2&map=3", "What does a unit look for?")
    expect(page.locator(".cnnviz-gallery button")).to_have_count(8, timeout=LONG)
    page.get_by_role("button", name="Maximise").click()
    said = page.get_by_text("Its value here:")
    expect(said).to_be_visible(timeout=LONG)
    graph = digits()
    unit = middle_unit(graph, "conv2", 3)
    first = start_image(Start.NOISE, (1, 28, 28), 0, seen=receptive_field(graph, unit).exact)
    *_others, last = maximise(graph, unit, first, Climb())
    expect(said).to_contain_text(f"Its value here: {value_text(last.value)};")
    picture = page.locator('.cnnviz-why canvas[data-picture="maximised"]')
    picture.focus()
    for key in ("ArrowDown", *["ArrowDown"] * 14, *["ArrowRight"] * 14):
        picture.press(key)
    wanted = f"row 14, column 14: image {value_text(float(last.image[0, 14, 14]))}"
    expect(page.locator(".why-readout")).to_have_text(wanted)


def test_a_climb_stops_when_it_is_told_to(serve: Callable[[Path], str], new_page: Callable[..., Page]):
    page = new_page(serve(APPS / "slow_climb_app.py"), width=1440)
    page.get_by_text("What does a unit look for?").click()
    expect(page.locator(".cnnviz-gallery button")).to_have_count(8, timeout=LONG)
    page.get_by_role("button", name="Maximise").click()
    expect(page.get_by_text(re.compile(r"step \d+ of 256:"))).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped at step")).to_be_visible()
    expect(page.get_by_text("Its value here:")).to_be_visible()


def test_a_class_gets_nearly_all_of_the_probability(serve: Callable[[Path], str], new_page: Callable[..., Page]):
    page = opened(serve, new_page, "?layer=fc&map=8", "What does a unit look for?")
    expect(page.get_by_text("Strongest for the class 8")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Maximise").click()
    *_others, last = maximise(digits(), UnitRef("fc", 8), start_image(Start.NOISE, (1, 28, 28), 0), Climb())
    with torch.no_grad():
        probability = float(load("mnist")[0].double()(torch.tensor(last.image).double()[None])[0].softmax(dim=0)[8])
    assert probability > 0.99
    expect(page.get_by_text(f"Probability of 8: {format_percent(probability)}.")).to_be_visible(timeout=LONG)


def test_fool_it_says_what_the_network_says(serve: Callable[[Path], str], new_page: Callable[..., Page]):
    page = opened(serve, new_page, "", "Fool it")
    said = page.get_by_text("Now it is")
    expect(said).to_be_visible(timeout=LONG)
    image = prepare_sketch(find_sample("three").sketch).image
    with torch.no_grad():
        scores = load("mnist")[0](torch.tensor(image)[None])[0]
    target = int(scores.argsort(descending=True)[1])
    made = fool(digits(), image, target)
    with torch.no_grad():
        probability = float(load("mnist")[0](torch.tensor(made.changed)[None])[0].softmax(dim=0)[target])
    expect(said).to_contain_text(f"Now it is {target} ({format_percent(probability)}).")
    expect(said).to_contain_text(f"Size of the change: {value_text(made.distance)} (L2;")
    expect(page.get_by_text("With a hundredth less of the change it is 3")).to_be_visible()
    page.get_by_role("button", name="Look inside").click()
    expect(said).to_contain_text("Now it is 3", timeout=LONG)  # the changed image lies on the table, and is fooled back
