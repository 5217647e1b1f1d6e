"""The laboratory in a real browser: settings, results, the walk, the other parts, phones, two visitors."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from laboratory_bench import after, opened, pixel, shown, shown_map, take
from playwright.sync_api import Page, expect
from watching import APPS, eventually, settled

from cnnviz.conv_lab.examples import find_example
from cnnviz.conv_lab.run import lab_result
from cnnviz.conv_lab.settings import Operation


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(APPS / "laboratory_app.py")


@pytest.fixture
def bench(new_page: Callable[..., Page], address: str) -> Page:
    return opened(new_page, address)


@pytest.mark.parametrize("operation", Operation)
def test_every_operation_can_be_chosen(bench: Page, operation: Operation):
    take(bench, "three-channels")
    if operation is not Operation.CONVOLUTION:
        after(bench, lambda: bench.get_by_label("Operation").select_option(operation.value))
    expect(bench.locator(".lab-notice")).to_be_hidden()
    expect(bench.locator(".lab-kernel .weights")).to_be_visible(visible=operation in ("convolution", "transposed"))


def test_an_impossible_setting_is_said_and_the_nearest_is_shown(bench: Page):
    after(bench, lambda: bench.get_by_label("Padding mode").select_option("reflect"))
    after(bench, lambda: bench.get_by_label("Padding: rows", exact=True).fill("9"))
    expect(bench.locator(".lab-notice")).to_contain_text("at most 2 in reflect mode for 3 cells, got 9")
    expect(bench.get_by_label("Padding: rows", exact=True)).to_have_value("2")
    expect(bench.locator(".lab-shape")).to_have_text("1×3×3 → 1×6×6")
    after(bench, lambda: bench.get_by_label("Padding: rows", exact=True).fill("1"))
    expect(bench.locator(".lab-notice")).to_be_hidden()


def test_rows_and_columns_are_set_apart_once_they_are_parted(bench: Page):
    group = bench.get_by_role("group", name="Stride")
    group.get_by_role("button").click()
    after(bench, lambda: bench.get_by_label("Stride: columns").fill("2"))
    expect(bench.locator(".lab-shape")).to_have_text("1×3×3 → 1×2×1")


def test_turning_the_kernel_makes_it_a_true_convolution(bench: Page):
    after(bench, lambda: bench.get_by_label("Flip 180°").check())
    expect(bench.locator(".cnnviz-laboratory")).to_have_attribute("data-example", "true-convolution")
    assert shown_map(bench).tolist() == [[5, 11], [23, 29]]


def test_a_number_of_the_picture_is_typed(bench: Page):
    field = bench.locator(".lab-picture .weights").get_by_label("row 0, column 1", exact=True)
    field.click()
    bench.keyboard.type("10")
    eventually(bench, lambda: shown_map(bench).tolist(), lambda got: got == [[28, 25], [37, 43]])
    expect(bench.locator(".lab-picture .lab-list")).to_have_value("own")


def test_pointing_at_a_cell_frames_what_it_reads(bench: Page):
    bench.locator('.lab-result td[data-row="1"][data-col="1"]').hover()
    lit = bench.locator('.lab-picture .weights input[data-lit="true"]')
    expect(lit).to_have_count(4)
    assert [field.input_value() for field in lit.all()] == ["4", "5", "7", "8"]
    expect(bench.locator(".lab-result .lab-readout")).to_contain_text("row 1, column 1: 43")


def test_a_click_on_a_cell_leads_to_its_sum(bench: Page):
    bench.locator('.lab-result td[data-row="0"][data-col="1"]').click()
    expect(bench.locator(".walk-title")).to_contain_text("row 0, column 1")
    expect(bench.locator(".walk-total")).to_contain_text("25")


def test_what_is_never_read_is_hatched(bench: Page):
    take(bench, "size-half")
    after(bench, lambda: bench.get_by_label("Padding: rows", exact=True).fill("0"))
    hatched = bench.locator('.lab-picture .weights input[data-unread="true"]')
    expect(hatched).to_have_count(8 + 8 - 1)
    expect(bench.locator(".lab-picture .lab-readout")).to_have_text("Hatched: no window covers it")


def test_a_picture_in_colour_is_taken_with_kernels_for_its_channels(bench: Page):
    after(bench, lambda: bench.locator(".lab-picture .lab-list").select_option("small-landscape"))
    expect(bench.locator(".lab-shape")).to_have_text("3×32×32 → 1×31×31")
    expect(bench.locator(".lab-notice")).to_be_hidden()


def test_three_maps_are_shown_as_one_picture_in_colour_and_one_by_one(bench: Page):
    take(bench, "blur")
    output = lab_result(find_example("blur").make()).output
    figure = bench.locator(".lab-result .walk-map canvas")
    expect(bench.locator('.lab-maps button[data-unit="colours"]')).to_have_attribute("aria-pressed", "true")
    seen = pixel(figure, 60, 30)
    assert seen == [round(255 * float(value)) for value in output[:, 60, 30]]
    assert seen != [round(255 * float(value)) for value in output[::-1, 60, 30]]
    bench.locator('.lab-maps button[data-unit="0"]').click()
    eventually(bench, lambda: pixel(figure, 60, 30), lambda got: got != seen)
    expect(bench.locator(".lab-result .lab-legend i")).to_be_visible()
    bench.locator('.lab-maps button[data-unit="colours"]').click()
    eventually(bench, lambda: pixel(figure, 60, 30), lambda got: got == seen)
    picture = bench.locator(".lab-picture .walk-map canvas")
    in_colour = pixel(picture, 20, 80, margin=1)
    bench.locator(".lab-picture .kernel-tabs").get_by_role("button", name="red").click()
    grey = eventually(bench, lambda: pixel(picture, 20, 80, margin=1), lambda got: got != in_colour)
    assert max(grey) - min(grey) < 12


def test_a_number_that_is_being_typed_cuts_nothing_off(bench: Page):
    """12 begins with 1: a matrix of one row would have lost its numbers."""
    field = bench.get_by_label("Image: rows")
    field.click()
    bench.keyboard.press("ControlOrMeta+A")
    after(bench, lambda: bench.keyboard.type("12"))
    expect(bench.locator(".lab-shape")).to_have_text("1×12×3 → 1×11×2")
    texts = [one.input_value() for one in bench.locator(".lab-picture .weights input").all()]
    assert texts == [*map(str, range(9)), *["0"] * 27]


def test_the_walk_shows_pytorchs_numbers(bench: Page):
    take(bench, "three-kernels")
    expected = lab_result(find_example("three-kernels").make()).output
    bench.locator('.lab-maps button[data-unit="2"]').click()
    expect(bench.locator(".walk-title")).to_contain_text("map 2")
    bench.locator(".walk").focus()
    bench.keyboard.press("Home")
    for position in range(4):
        total = f"{expected[2].flat[position]:g}"
        expect(bench.locator(".walk-total")).to_contain_text(re.compile(rf"[=≈] {total}(\.0+)?$"))
        bench.keyboard.press("ArrowRight")


@pytest.mark.parametrize("key", ["size-half", "edge", "three-kernels"])
def test_the_walk_begins_at_the_strongest_cell_of_a_result(bench: Page, key: str):
    take(bench, key)
    values = lab_result(find_example(key).make()).output[0]
    strongest = int(np.abs(values).argmax())
    expect(bench.locator(".walk")).to_have_attribute("data-position", str(strongest))
    row, col = divmod(strongest, values.shape[1])
    expect(bench.locator(".walk-title")).to_contain_text(f"row {row}, column {col}")


def test_the_walk_stays_where_it_is_while_a_weight_changes_or_another_map_is_opened(bench: Page):
    take(bench, "three-kernels")
    bench.locator(".walk").focus()
    bench.keyboard.press("Home")
    bench.keyboard.press("ArrowRight")
    after(bench, lambda: bench.locator(".lab-kernel .weights input").first.fill("9"))
    expect(bench.locator(".walk")).to_have_attribute("data-position", "1")
    bench.locator('.lab-maps button[data-unit="2"]').click()
    expect(bench.locator(".walk-title")).to_contain_text("map 2")
    expect(bench.locator(".walk")).to_have_attribute("data-position", "1")


def test_the_code_is_shown_and_runs(bench: Page):
    take(bench, "three-channels")
    settled(bench)
    bench.get_by_text("As PyTorch code").click()
    code = bench.locator("[data-testid=stCode] code")
    eventually(bench, lambda: code.inner_text(), lambda text: "bias" in text)
    space: dict = {}
    exec(code.inner_text(), space)
    assert space["y"][0].numpy().tolist() == [[list(row) for row in find_example("three-channels").maps[0]]]


def test_an_uploaded_picture_lies_under_the_kernel(bench: Page, tmp_path):
    from PIL import Image

    Image.fromarray(np.tile(np.arange(0, 240, 12, dtype=np.uint8), (10, 1))).save(tmp_path / "ramp.png")
    bench.get_by_text("Use an image of your own").click()
    bench.locator("input[type=file]").set_input_files(tmp_path / "ramp.png")
    expect(bench.locator(".lab-shape")).to_have_text("1×10×20 → 1×9×19")
    expect(bench.locator(".lab-picture .lab-list")).to_have_value("upload")


def test_an_example_leads_to_learning_and_the_edge_finder_is_found_in_ten_steps(bench: Page):
    bench.locator(".lab-chapters button", has_text="Further").click()
    bench.locator('.lab-examples button[data-key="learn"]').click()
    bench.get_by_role("button", name="Ten steps").click()
    expect(bench.get_by_text("Step 10")).to_be_visible()
    found = bench.get_by_text(re.compile(r"^found: "))

    def weights() -> list[float]:
        return [shown(text) for text in found.inner_text().removeprefix("found: ").split()]

    eventually(bench, weights, lambda got: np.allclose(got, [1, -1], atol=0.1))
    assert "part=learn" in bench.url


def test_the_three_ways_agree(new_page: Callable[..., Page], address: str):
    page = new_page(address + "/?part=ways&example=three-channels", width=1400)
    expect(page.get_by_text(re.compile(r"Largest difference from PyTorch: (0|\de-0[4-9])"))).to_have_count(
        3, timeout=30_000
    )
    expect(page.get_by_text(re.compile(r"^Fastest here: "))).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("dark", [False, True])
def test_the_bench_fits_a_phone(new_page: Callable[..., Page], address: str, dark: bool):
    page = opened(new_page, address, "/?example=sixteen-kernels-padded", width=390, dark=dark, touch=True)
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 390


def test_two_visitors_do_not_see_each_others_kernels(new_page: Callable[..., Page], address: str):
    one, other = opened(new_page, address), opened(new_page, address)
    after(one, lambda: one.get_by_role("button", name="negate").click())
    settled(one)
    after(other, lambda: other.get_by_label("Bias", exact=True).check())
    assert shown_map(one).tolist() == [[-19, -25], [-37, -43]]
    assert shown_map(other).tolist() == [[19, 25], [37, 43]]


@pytest.mark.parametrize("key", ["depthwise", "blur", "size-keep-3"])
def test_on_a_phone_kernel_and_result_go_into_one_screen(new_page: Callable[..., Page], address: str, key: str):
    """From the weights to the lower edge of the result, with the top bar of the page over it."""
    page = opened(new_page, address, f"/?example={key}", width=390, height=844, touch=True)
    top = page.locator(".lab-kernel .weights").bounding_box()
    maps = page.locator(".lab-result figure canvas, .lab-result .lab-table").locator("visible=true").bounding_box()
    assert top
    assert maps
    assert maps["y"] + maps["height"] - top["y"] <= 844 - 60
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_whole_numbers_are_whole_in_the_walk_as_in_the_picture(new_page, address):
    page = opened(new_page, address, "/?example=cross-correlation")
    page.locator(".lab-result .lab-table td").first.click()
    expect(page.locator(".walk-value")).to_have_text("= 19")
    expect(page.locator(".walk-total")).to_have_text(re.compile(r"= 19$"))
    painted = page.locator(".walk-grid.products figcaption")
    expect(painted).to_have_text(re.compile(r"= 19$"))
