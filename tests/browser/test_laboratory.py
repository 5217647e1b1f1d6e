"""The laboratory in a real browser: every example to the printed digits, every change with PyTorch's numbers."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from conftest import APPS, eventually, settled
from playwright.sync_api import Locator, Page, expect

from cnnviz.laboratory.examples import EXAMPLES, chapter_title, find_example
from cnnviz.laboratory.run import result
from cnnviz.laboratory.settings import Operation

BENCH = [example for example in EXAMPLES if example.make is not None]
MINUS = "\u2212"


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(APPS / "laboratory_app.py")


@pytest.fixture
def bench(new_page: Callable[..., Page], address: str) -> Page:
    return opened(new_page, address)


def opened(new_page: Callable[..., Page], address: str, query: str = "", **options: object) -> Page:
    page = new_page(address + query, width=options.pop("width", 1400), **options)
    expect(page.locator(".cnnviz-laboratory")).to_have_attribute("data-painted", re.compile(r"\d+"))
    return page


def painted(page: Page) -> int:
    return int(page.locator(".cnnviz-laboratory").get_attribute("data-painted") or 0)


def after(page: Page, act: Callable[[], object]) -> None:
    """Do something, and wait until its answer is painted."""
    before = painted(page)
    act()
    eventually(page, lambda: painted(page), lambda count: count > before)


def numbers(table: Locator) -> np.ndarray:
    """What a table shows, as numbers."""
    rows = table.locator("tr").all()
    return np.array([[shown(text) for text in row.locator("td").all_inner_texts()] for row in rows])


def shown(text: str) -> float:
    return float(text.replace(MINUS, "-"))


def shown_map(page: Page) -> np.ndarray:
    return numbers(page.locator(".lab-result .lab-table"))


def listed(expected: tuple[tuple[float, ...], ...]) -> list[list[float]]:
    return [list(row) for row in expected]


def take(page: Page, key: str) -> None:
    """The example by its chapter and its button."""
    example = find_example(key)
    page.locator(".lab-chapters button", has_text=re.compile(f"^{chapter_title(example.chapter)}$")).click()
    page.locator(f'.lab-examples button[data-key="{key}"]').click()
    expect(page.locator(".cnnviz-laboratory")).to_have_attribute("data-example", key)


def test_every_example_shows_the_printed_digits(bench: Page):
    for example in BENCH:
        take(bench, example.key)
        expect(bench.locator(".lab-look")).to_have_text(example.look)
        expect(bench.locator(".lab-shape")).to_have_text(example.shape)
        words = bench.locator(".lab-words")
        if example.parameters:
            expect(words).to_contain_text(f"= {example.parameters:,} parameters")
        for text in example.says:
            expect(words).to_contain_text(text)
        for unit, expected in enumerate(example.maps):
            if len(example.maps) > 1 and unit > 0:
                bench.locator(f'.lab-maps button[data-unit="{unit}"]').click()
            eventually(
                bench, lambda: shown_map(bench).tolist(), lambda got, e=expected: got == [list(row) for row in e]
            )


def test_another_kernel_would_not_show_the_printed_digits(bench: Page):
    take(bench, "cross-correlation")
    after(bench, lambda: bench.get_by_role("button", name="negate").click())
    assert shown_map(bench).tolist() == [[-19, -25], [-37, -43]]


@pytest.mark.parametrize(
    "key", ["cross-correlation", "three-channels", "pooling-with-stride", "transposed-stride", "blur"]
)
def test_a_link_leads_back_to_the_example(new_page: Callable[..., Page], address: str, key: str):
    page = opened(new_page, address, f"/?example={key}")
    expect(page.locator(".cnnviz-laboratory")).to_have_attribute("data-example", key)
    expect(page.locator(".lab-shape")).to_have_text(find_example(key).shape)


def test_what_was_made_stands_in_the_address_and_comes_back(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address)
    after(page, lambda: page.get_by_label("Stride: rows").fill("2"))
    eventually(page, lambda: page.url, lambda url: "setup=" in url)
    other = opened(new_page, page.url)
    expect(other.get_by_label("Stride: columns")).to_have_value("2")
    assert shown_map(other).tolist() == shown_map(page).tolist() == [[19]]


@pytest.mark.parametrize("junk", ["/?setup=AAAA", "/?example=zzz", "/?setup=" + "x" * 7000, "/?part=nothing"])
def test_a_link_that_makes_no_sense_shows_the_first_example(new_page: Callable[..., Page], address: str, junk: str):
    expect(opened(new_page, address, junk).locator(".cnnviz-laboratory")).to_have_attribute(
        "data-example", "cross-correlation"
    )


def weight(page: Page, row: int, col: int) -> Locator:
    return page.locator(".lab-kernel .weights").get_by_label(f"row {row}, column {col}", exact=True)


def test_a_dragged_weight_changes_the_result_while_it_is_dragged(bench: Page):
    box = weight(bench, 0, 0).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    bench.mouse.move(x, y)
    bench.mouse.down()
    after(bench, lambda: bench.mouse.move(x, y - 40, steps=6))
    value = eventually(bench, lambda: shown(weight(bench, 0, 0).input_value()), lambda got: got > 0)
    expected = [[0 * value + 19, 1 * value + 25], [3 * value + 37, 4 * value + 43]]
    eventually(bench, lambda: shown_map(bench), lambda got: np.allclose(got, expected, atol=1e-4))
    bench.mouse.up()
    np.testing.assert_allclose(shown_map(bench), expected, atol=1e-4)


def test_a_weight_is_typed_with_a_minus_or_as_a_fraction(bench: Page):
    weight(bench, 0, 0).click()
    bench.keyboard.type(f"{MINUS}2")
    eventually(bench, lambda: shown_map(bench).tolist(), lambda got: got == [[19, 23], [31, 35]])
    bench.keyboard.press("ArrowRight")
    bench.keyboard.press("Enter")
    weight(bench, 0, 1).fill("1/4")
    eventually(bench, lambda: shown_map(bench).tolist(), lambda got: got == [[18.25, 21.5], [28, 31.25]])


def test_arrow_keys_move_between_weights_and_page_keys_change_them(bench: Page):
    weight(bench, 0, 0).focus()
    bench.keyboard.press("ArrowRight")
    bench.keyboard.press("ArrowDown")
    expect(weight(bench, 1, 1)).to_be_focused()
    after(bench, lambda: bench.keyboard.press("PageUp"))
    assert shown(weight(bench, 1, 1).input_value()) > 3
    bench.keyboard.press("ArrowUp")
    expect(weight(bench, 0, 1)).to_be_focused()


def test_the_slider_moves_the_chosen_weight(bench: Page):
    weight(bench, 1, 0).click()
    slider = bench.locator('.kernel-row[data-row="weight"] input[type=range]')
    after(bench, lambda: slider.fill("-1"))
    eventually(bench, lambda: shown_map(bench).tolist(), lambda got: got == [[10, 13], [19, 22]])


def test_a_ready_made_kernel_takes_the_place_of_the_kernel(bench: Page):
    take(bench, "size-keep-3")
    after(bench, lambda: bench.get_by_role("button", name="Sobel", exact=True).click())
    texts = [field.input_value() for field in bench.locator(".lab-kernel .weights input").all()]
    assert [shown(text) for text in texts] == [1, 0, -1, 2, 0, -2, 1, 0, -1]


@pytest.mark.parametrize("operation", Operation)
def test_every_operation_can_be_chosen(bench: Page, operation: Operation):
    take(bench, "three-channels")
    if operation is not Operation.CONVOLUTION:
        after(bench, lambda: bench.get_by_label("Operation").select_option(operation.value))
    expect(bench.locator(".lab-notice")).to_be_hidden()
    expect(bench.locator(".lab-kernel .weights")).to_be_visible(visible=operation in ("convolution", "transposed"))


def test_an_impossible_setting_is_said_and_the_nearest_is_shown(bench: Page):
    after(bench, lambda: bench.get_by_label("Padding holds").select_option("reflect"))
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
    after(bench, lambda: bench.get_by_label("Turn the kernel").check())
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
    expect(bench.locator(".lab-picture .lab-readout")).to_have_text("Hatched: no window reads it")


def test_a_picture_in_colour_is_taken_with_kernels_for_its_channels(bench: Page):
    after(bench, lambda: bench.locator(".lab-picture .lab-list").select_option("small-landscape"))
    expect(bench.locator(".lab-shape")).to_have_text("3×32×32 → 1×31×31")
    expect(bench.locator(".lab-notice")).to_be_hidden()


def test_the_walk_shows_pytorchs_numbers(bench: Page):
    take(bench, "three-kernels")
    expected = result(find_example("three-kernels").make()).output
    bench.locator('.lab-maps button[data-unit="2"]').click()
    expect(bench.locator(".walk-title")).to_contain_text("map 2")
    bench.locator(".walk").focus()
    for position in range(4):
        total = f"{expected[2].flat[position]:g}"
        expect(bench.locator(".walk-total")).to_contain_text(re.compile(rf"[=≈] {total}(\.0+)?$"))
        bench.keyboard.press("ArrowRight")


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
    bench.get_by_text("Use a picture of your own").click()
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
