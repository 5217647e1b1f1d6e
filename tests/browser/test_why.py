"""Why this answer? The panel under the table of the digits: its numbers, by pointer and keyboard, and its checks."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from driving import ROOT
from keeping import ink
from playwright.sync_api import Page, Route, expect
from watching import box_at_rest, choose_option, eventually, settled

from cnnviz.data.sample_drawings import find_sample
from cnnviz.figures.theme import format_number
from cnnviz.models.checkpoints import load
from cnnviz.ui.app.links import unpack_sketch
from cnnviz.ui.draw.show import prepare_sketch


@pytest.fixture
def opened(serve: Callable[[Path], str], new_page: Callable[..., Page]) -> Page:
    page = new_page(serve(ROOT / "app.py"), width=1440)
    settled(page)
    page.get_by_text("Why this answer?").click()
    expect(page.locator(".cnnviz-why canvas").first).to_be_visible(timeout=60_000)
    settled(page)
    return page


def image_of_the_sample() -> np.ndarray:
    return prepare_sketch(find_sample("three").sketch).image


def test_the_scores_shown_are_the_network_s_and_the_map_adds_up(opened: Page):
    image = torch.tensor(image_of_the_sample())[None]
    with torch.no_grad():
        network = load("mnist")[0]
        score, empty = (float(network(one)[0, 3]) for one in (image, 0 * image))
    said = opened.get_by_text("Score of 3:").inner_text()
    assert f"Score of 3: {format_number(score)}; of an image of zeros: {format_number(empty)}" in said
    assert f"difference {format_number(score - empty)}" in said
    off = float(said.split(", ")[-1].removesuffix(" off."))
    assert off < 0.01 * (score - empty)


def test_a_pixel_is_read_with_the_keyboard(opened: Page):
    opened.get_by_role("radio", name="input × gradient").click()
    settled(opened)
    canvas = opened.locator('.cnnviz-why canvas[data-picture="map"]')
    canvas.focus()
    for key in ("ArrowDown", *["ArrowDown"] * 9, *["ArrowRight"] * 15):
        canvas.press(key)
    image = torch.tensor(image_of_the_sample())[None].requires_grad_()
    gradient = torch.autograd.grad(load("mnist")[0](image)[0, 3], image)[0]
    row, col = 9, 15
    value = (image * gradient)[0, 0, row, col].item()
    readout = opened.locator(".why-readout")
    expect(readout).to_contain_text(f"row {row}, column {col}: image ")
    assert float(readout.inner_text().split("map ")[1].replace("−", "-")) == pytest.approx(value, abs=6e-4)


def test_why_this_class_rather_than_another(opened: Page):
    choose_option(opened, opened.get_by_label("rather than", exact=True), "5")
    image = torch.tensor(image_of_the_sample())[None]
    with torch.no_grad():
        scores = load("mnist")[0](image)[0]
    wanted = f"Score of 3 minus 5: {format_number(float(scores[3] - scores[5]))};"
    expect(opened.get_by_text(wanted)).to_be_visible()


def test_the_controls_are_found_out_beside_the_map(opened: Page):
    for name in ("a random map", "an edge detector"):
        said = opened.get_by_text(f"{name}: This map does not depend on the weights of the network: do not believe it.")
        expect(said).to_be_visible()


def test_the_parts_of_the_last_maps_are_the_score(opened: Page):
    with torch.no_grad():
        network = load("mnist")[0]
        image = torch.tensor(image_of_the_sample())[None]
        score, bias = float(network(image)[0, 3]), float(network.fc.bias[3])
    wanted = f"{format_number(score - bias)} + {format_number(bias)} = {format_number(score)}."
    expect(opened.get_by_text(wanted)).to_be_visible()


def test_the_map_is_that_of_the_drawing_on_the_table(opened: Page):
    said = opened.get_by_text("Score of 3:")
    expect(said).to_be_visible()
    opened.locator('.cnnviz-shelf button[data-key="barred-seven"]').click()
    expect(opened.get_by_text("Score of 7:")).to_be_visible(timeout=60_000)


def map_values(page: Page) -> str:
    return page.locator(".why-said").inner_text()


def why_by_gradient(serve: Callable[[Path], str], new_page: Callable[..., Page]) -> Page:
    """The Draw page with the map of the gradient, pad and map in view."""
    page = new_page(serve(ROOT / "app.py"), width=1440, height=1600, own_window=True)
    settled(page)
    page.get_by_text("Why this answer?").click()
    expect(page.locator(".cnnviz-why canvas").first).to_be_visible(timeout=60_000)
    page.get_by_role("radio", name="gradient", exact=True).click()
    expect(page.locator(".why-said")).to_contain_text("does not promise", timeout=60_000)
    settled(page)
    return page


def test_the_map_follows_the_pen_before_any_run_of_the_page(
    serve: Callable[[Path], str], new_page: Callable[..., Page]
):
    page = why_by_gradient(serve, new_page)
    before = map_values(page)
    box = box_at_rest(page.locator(".sketchpad .pad"))
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.8 * box["height"], steps=8)
    while_down = eventually(page, lambda: map_values(page), lambda said: said != before)
    expect(page.locator(".why-behind")).to_contain_text("of the image before")
    assert while_down.startswith("Score of ")
    page.mouse.up()
    expect(page.locator(".why-behind")).to_be_empty(timeout=60_000)  # a run of the page has checked this map
    settled(page)
    sketch = unpack_sketch(eventually(page, lambda: ink(page), bool))
    image = torch.tensor(prepare_sketch(sketch).image)[None]
    with torch.no_grad():
        scores = load("mnist")[0](image)[0]
    top = int(scores.argmax())
    wanted = f"Score of {top}: {format_number(float(scores[top]))}"
    eventually(page, lambda: map_values(page), lambda said: said.startswith(wanted))


def test_an_answer_that_comes_after_the_map_of_the_page_does_not_call_it_old(
    serve: Callable[[Path], str], new_page: Callable[..., Page]
):
    page = why_by_gradient(serve, new_page)
    held: list[Route] = []
    page.route("**/cnnviz/why", lambda route: held.append(route))
    before, box = map_values(page), box_at_rest(page.locator(".sketchpad .pad"))
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.8 * box["height"], steps=8)
    page.mouse.up()
    shown = eventually(page, lambda: map_values(page), lambda said: said != before)  # by a run of the page
    assert held
    with page.expect_event("requestfinished", lambda request: request.url.endswith("/cnnviz/why")):
        for route in held:
            route.continue_()
    page.evaluate("() => new Promise((done) => setTimeout(done, 300))")
    expect(page.locator(".why-behind")).to_be_empty()
    assert map_values(page) == shown


def test_a_layer_that_is_opened_in_the_network_is_that_of_grad_cam(opened: Page):
    opened.get_by_role("radio", name="Grad-CAM").click()
    expect(opened.get_by_label("Layer", exact=True)).to_have_value("pool2")
    opened.locator(".cnnviz-explorer .label", has_text="conv1").first.click()
    layers = opened.get_by_label("Layer", exact=True)  # the one before is there until the run ends
    expect(layers.first).to_have_value("conv1", timeout=60_000)
