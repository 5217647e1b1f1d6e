"""Two images in one network, or two networks on one image, side by side: linked cursors, shared colours, B − A."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from driving import ROOT
from playwright.sync_api import Locator, Page, expect
from watching import eventually, settled

from cnnviz.data.example_images import draw_example
from cnnviz.models.builder import preset
from cnnviz.training import unpack_network
from cnnviz.ui.your_network.opened import untrained_network
from tests.ui.saved_networks import saved

KEY = "birds_c1"


@pytest.fixture
def open_page(new_page: Callable[..., Page], serve: Callable[[Path], str]) -> Callable[..., Page]:
    """The page with an untrained network on it: `open_page(width=390)`."""

    def open_it(**options: object) -> Page:
        page = new_page(f"{serve(ROOT / 'app.py')}/your_network", **({"width": 1440} | options))
        page.locator(f".st-key-your_network_{KEY} button").click()
        expect(page.locator(".cnnviz-explorer")).to_have_attribute("data-painted", re.compile(r"\d+"))
        settled(page)
        return page

    return open_it


def compare(page: Page) -> Locator:
    """What stands there once a comparison has begun."""
    found = page.locator(".comparison")
    expect(found).to_have_attribute("data-painted", re.compile(r"\d+"))
    settled(page)
    return found


def compare_images(page: Page) -> Locator:
    page.get_by_role("button", name="Compare with").click()
    page.get_by_role("button", name="Another image").click()
    return compare(page)


def side(page: Page, name: str) -> Locator:
    return page.locator(f'.comparison .side[data-side="{name}"]')


def lit(page: Page, name: str) -> str:
    return side(page, name).locator(".over").get_attribute("data-lit") or ""


def open_layer(page: Page, layer: str) -> None:
    side(page, "one").locator(".label", has=page.get_by_text(layer, exact=True)).click()
    expect(page.locator(".pair-head h3")).to_contain_text(layer)
    settled(page)


def in_float64(data: bytes, image: np.ndarray) -> dict[str, np.ndarray]:
    """Every layer's output, one module after the other."""
    value, found = torch.tensor(image / 255.0)[None], {}
    for name, module in unpack_network(data).build().double().named_children():
        value = module(value)
        found[name] = value[0].numpy()
    return found


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def hover_picture(page: Page, name: str, row: int, col: int, side_of: int = 32) -> None:
    picture = page.locator(f'.pair-maps canvas[data-picture="{name}"]')
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + (col + 0.5) * box["width"] / side_of, box["y"] + (row + 0.5) * box["height"] / side_of)


def shown_numbers(page: Page) -> list[float]:
    values = page.locator(".pair-maps output")
    return [number(text) for text in eventually(page, values.all_inner_texts, all)]


def test_two_images_have_pytorchs_numbers_and_their_difference_and_no_question_is_asked(
    open_page: Callable[..., Page],
):
    page = open_page(own_window=True)
    compare_images(page)
    open_layer(page, "conv1")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    data = untrained_network(preset(KEY))
    maps = [in_float64(data, draw_example(at, (3, 32, 32)))["conv1"] for at in (0, 1)]
    one, other = maps[0][0], maps[1][0]
    places = np.argwhere(np.abs(other - one) > 0.1)
    for name, (row, col) in zip(("one", "difference", "other"), places[[0, len(places) // 2, -1]], strict=True):
        hover_picture(page, name, row, col)
        expect(page.locator(".comparison .info")).to_contain_text(f"row {row}, column {col}")
        shown = shown_numbers(page)
        wanted = [one[row, col], other[row, col], other[row, col] - one[row, col]]
        assert np.allclose(shown, wanted, atol=6e-4)
        assert round(shown[1] - shown[0], 3) == shown[2], "as shown, B − A is the difference"
        assert not np.allclose(shown[2], -wanted[2], atol=6e-4), "A − B would pass too"
        for each in ("one", "other"):
            assert lit(page, each) == f"1.0.{row}.{col}"
    assert asked == []
    largest = page.locator(".largest li", has_text="conv1").locator("em")
    whole = maps[1] - maps[0]
    assert abs(number(largest.inner_text()) - whole.flat[np.abs(whole).argmax()]) < 6e-4


def test_pointer_and_keys_on_one_side_light_the_same_cell_on_the_other(open_page: Callable[..., Page]):
    page = open_page()
    compare_images(page)
    over = side(page, "other").locator(".over")
    over.hover(position={"x": 110, "y": 90})
    found = eventually(page, lambda: lit(page, "other"), bool)
    assert lit(page, "one") == found
    page.mouse.move(0, 0)
    eventually(page, lambda: lit(page, "one"), lambda said: said == "")
    over.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    assert lit(page, "one") == lit(page, "other") == "1.2.16.16"
    page.keyboard.press("Enter")
    expect(page.locator(".pair-head h3")).to_have_text("conv1, map 2")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert lit(page, "one") == lit(page, "other") == "1.2.0.1"
    page.keyboard.press("PageDown")
    expect(page.locator(".pair-head h3")).to_have_text("conv1, map 3")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Click a map to see it here")).to_be_visible()


def test_equal_colours_are_equal_values(open_page: Callable[..., Page]):
    page = open_page()
    compare_images(page)
    scales = [side(page, name).locator(".legend").all_inner_texts() for name in ("one", "other")]
    assert scales[0] == scales[1]
    expect(page.get_by_text("equal colours are equal values")).to_be_visible()
    open_layer(page, "conv1")
    ends = page.locator(".pair-scale").all_inner_texts()
    assert ends[0] == ends[1] != ends[2]


def test_a_comparison_stays_through_runs_and_a_reload_and_ends_where_it_was(open_page: Callable[..., Page]):
    page = open_page()
    compare_images(page)
    open_layer(page, "conv1")
    before = side(page, "other").locator("h3").inner_text()
    page.locator(".cnnviz-shelf").last.get_by_role("button", name="Example").click()
    expect(side(page, "other").locator("h3")).not_to_have_text(before)
    expect(page.locator(".pair-head h3")).to_have_text("conv1, map 0")
    settled(page)
    page.reload()
    expect(page.locator(".pair-head h3")).to_have_text("conv1, map 0")
    settled(page)
    page.get_by_role("button", name="End the comparison").click()
    expect(page.locator(".comparison")).to_have_count(0)
    expect(page.locator(".cnnviz-explorer .crumbs")).to_contain_text("conv1, map 0")


def test_two_files_of_one_architecture_part_where_their_weights_do(open_page: Callable[..., Page], tmp_path: Path):
    page = open_page()
    (tmp_path / "other.safetensors").write_bytes(saved(KEY))
    page.get_by_role("button", name="Compare with").click()
    page.locator("input[type=file]").last.set_input_files(tmp_path / "other.safetensors")
    compare(page)
    expect(side(page, "other").locator("h3")).to_have_text("B: other")
    image = draw_example(0, (3, 32, 32))
    wanted = in_float64(saved(KEY), image)["fc2"] - in_float64(untrained_network(preset(KEY)), image)["fc2"]
    expect(page.locator(".largest li").first.locator("em")).to_have_text("no difference")
    page.locator(".largest li", has_text="fc2").get_by_role("button").click()
    cells = page.locator(".pair-table tbody tr td:last-child")
    expect(cells).to_have_count(2)
    assert np.allclose([number(text) for text in cells.all_inner_texts()], wanted, atol=6e-4)


def test_where_shapes_do_not_agree_the_reason_is_said(open_page: Callable[..., Page], tmp_path: Path):
    page = open_page()
    (tmp_path / "other.safetensors").write_bytes(saved("birds_batch_norm"))
    page.get_by_role("button", name="Compare with").click()
    page.locator("input[type=file]").last.set_input_files(tmp_path / "other.safetensors")
    compare(page)
    row = page.locator(".largest li", has_text=re.compile("not comparable|only in")).first
    row.get_by_role("button").click()
    expect(page.locator(".pair .reason")).to_have_text(re.compile(r"The shapes differ: A has|Only [AB] has"))
    expect(page.locator('.pair-maps figure[data-picture="difference"]')).to_be_hidden()


def test_a_network_for_other_images_is_refused_in_a_sentence(open_page: Callable[..., Page], tmp_path: Path):
    page = open_page()
    (tmp_path / "digits.safetensors").write_bytes(saved("mnist_b1"))
    page.get_by_role("button", name="Compare with").click()
    page.locator("input[type=file]").last.set_input_files(tmp_path / "digits.safetensors")
    expect(page.get_by_text("must take images of one size, got 3×32×32 and 1×28×28")).to_be_visible()
    expect(page.locator(".comparison")).to_have_count(0)


@pytest.mark.parametrize(("width", "beside"), [(1440, True), (1280, True), (390, False)])
def test_sides_stand_beside_each_other_or_one_above_the_other(open_page: Callable[..., Page], width: int, beside: bool):
    page = open_page(width=width)
    compare_images(page)
    one, other = (side(page, name).bounding_box() for name in ("one", "other"))
    assert one is not None
    assert other is not None
    assert (one["y"] == other["y"]) is beside
    assert (other["x"] >= one["x"] + one["width"]) is beside
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
