"""The laboratory in a real browser: every example to the printed digits, links, kernels under the hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from laboratory_bench import MINUS, after, opened, shown, shown_map, take, weight
from playwright.sync_api import Locator, Page, expect
from watching import APPS, eventually

from cnnviz.conv_lab.examples import EXAMPLES, find_example
from cnnviz.core.kernels import find_preset

BENCH = [example for example in EXAMPLES if example.make is not None]
UNEVEN = next(e.key for e in BENCH if e.make and len(set(e.make().stride)) > 1)


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(APPS / "laboratory_app.py")


@pytest.fixture
def bench(new_page: Callable[..., Page], address: str) -> Page:
    return opened(new_page, address)


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
    bench.get_by_role("button", name="negate").click()
    eventually(bench, lambda: shown_map(bench).tolist(), lambda got: got == [[-19, -25], [-37, -43]])


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


def kernel_shown(page: Page) -> np.ndarray:
    grid = page.locator(".lab-kernel .weights [role=row]")
    return np.array([[shown(field.input_value()) for field in row.locator("input").all()] for row in grid.all()])


def ready_made(page: Page, title: str) -> Locator:
    return page.locator(".lab-kernel .kernel-actions").get_by_role("button", name=title, exact=True)


@pytest.mark.parametrize("key", ["sobel", "prewitt", "motion", "difference", "corner", "sharpen"])
def test_on_the_opening_page_a_ready_made_kernel_is_the_published_one_and_marked(bench: Page, key: str):
    preset = find_preset(key)
    after(bench, lambda: ready_made(bench, preset.title).click())
    np.testing.assert_allclose(kernel_shown(bench), preset.fitted(*preset.natural), atol=1e-3)
    pressed = bench.locator('.lab-kernel .kernel-actions button[aria-pressed="true"]')
    expect(pressed).to_have_text(preset.title)
    after(bench, lambda: weight(bench, 0, 0).press("PageUp"))
    expect(pressed).to_have_count(0)


def test_a_ready_made_kernel_is_undone_and_done_again(bench: Page):
    start = kernel_shown(bench).tolist()
    after(bench, lambda: ready_made(bench, "Sobel").click())
    after(bench, lambda: bench.get_by_role("button", name="Undo", exact=True).click())
    assert kernel_shown(bench).tolist() == start == [[0, 1], [2, 3]]
    expect(bench.locator(".cnnviz-laboratory")).to_have_attribute("data-example", "cross-correlation")
    after(bench, lambda: bench.get_by_role("button", name="Redo", exact=True).click())
    assert kernel_shown(bench).tolist() == [[1, 0, -1], [2, 0, -2], [1, 0, -1]]


def test_typed_weights_are_one_step_back_and_an_example_another(bench: Page):
    weight(bench, 0, 0).click()
    bench.keyboard.type("-12")
    bench.keyboard.press("Enter")
    eventually(bench, lambda: shown_map(bench).tolist(), lambda got: got == [[19, 13], [1, -5]])
    take(bench, "size-keep-3")
    after(bench, lambda: bench.get_by_role("button", name="Undo", exact=True).click())
    assert kernel_shown(bench).tolist() == [[-12, 1], [2, 3]]
    after(bench, lambda: bench.keyboard.press("Control+z"))
    assert kernel_shown(bench).tolist() == [[0, 1], [2, 3]]
    expect(bench.get_by_role("button", name="Undo", exact=True)).to_have_attribute("aria-disabled", "true")


def test_on_a_picture_in_colour_a_ready_made_kernel_goes_over_every_colour(bench: Page):
    take(bench, "depthwise")
    expect(bench.get_by_label("buttons act on every channel")).to_be_checked()
    after(bench, lambda: ready_made(bench, "sharpen").click())
    for unit in range(3):
        bench.get_by_role("button", name=f"kernel {unit}", exact=True).click()
        expect(ready_made(bench, "sharpen")).to_have_attribute("aria-pressed", "true")
    bench.get_by_label("buttons act on every channel").uncheck()
    after(bench, lambda: ready_made(bench, "Sobel").click())
    bench.get_by_role("button", name="kernel 0", exact=True).click()
    expect(ready_made(bench, "sharpen")).to_have_attribute("aria-pressed", "true")


def test_a_ready_made_kernel_is_in_the_link_and_shown_as_chosen(new_page: Callable[..., Page], bench: Page):
    before = bench.url
    after(bench, lambda: ready_made(bench, "Sobel").click())
    eventually(bench, lambda: bench.url, lambda url: url != before and "setup=" in url)
    other = opened(new_page, bench.url)
    expect(ready_made(other, "Sobel")).to_have_attribute("aria-pressed", "true")
    assert kernel_shown(other).tolist() == [[1, 0, -1], [2, 0, -2], [1, 0, -1]]


def test_what_happened_to_the_size_of_other_kernels_is_said(bench: Page):
    take(bench, "six-filters")
    after(bench, lambda: ready_made(bench, "Sobel").click())
    expect(bench.locator(".lab-notice")).to_contain_text("“Sobel” has 3×3 weights: it stands in the middle of 5×5")
    assert kernel_shown(bench).shape == (5, 5)


def test_rows_and_columns_are_linked_again_after_an_example_with_uneven_strides(bench: Page):
    link = bench.get_by_role("group", name="Stride").get_by_role("button")
    rows, columns = bench.get_by_label("Stride: rows"), bench.get_by_label("Stride: columns")
    take(bench, UNEVEN)
    expect(link).to_have_attribute("aria-pressed", "false")
    take(bench, "size-keep-3")
    expect(link).to_have_attribute("aria-pressed", "true")
    after(bench, lambda: rows.fill("2"))
    expect(columns).to_have_value("2")
    take(bench, UNEVEN)
    after(bench, lambda: link.click())
    expect(link).to_have_attribute("aria-pressed", "true")
    assert rows.input_value() == columns.input_value()


def test_chosen_tabs_and_switches_are_there_after_a_reload(new_page: Callable[..., Page], bench: Page):
    take(bench, "three-kernels")
    bench.get_by_role("button", name="kernel 2", exact=True).click()
    bench.locator(".lab-kernel .kernel-tabs").get_by_role("button", name="channel 1", exact=True).click()
    bench.get_by_label("buttons act on every channel").uncheck()
    bench.locator(".lab-chapters button", has_text="Pooling").click()
    eventually(bench, lambda: bench.url, lambda url: all(part in url for part in ("map=2", "channel=1", "chapter=")))
    eventually(bench, lambda: bench.url, lambda url: "every=no" in url)
    expect_chosen(bench)
    bench.reload()
    expect(bench.locator(".cnnviz-laboratory[data-painted]")).to_be_attached(timeout=30_000)
    expect_chosen(bench)
    expect_chosen(opened(new_page, bench.url))


def expect_chosen(page: Page) -> None:
    """Kernel 2, its channel 1, single channels, the chapter about pooling; and map 2 is open."""
    pressed = page.locator('.lab-kernel .kernel-tabs button[aria-pressed="true"]')
    expect(pressed).to_have_text(["2", "1"])
    expect(page.get_by_label("buttons act on every channel")).not_to_be_checked()
    expect(page.locator('.lab-chapters button[aria-pressed="true"]')).to_have_text("Pooling")
    expect(page.locator('.lab-maps button[aria-pressed="true"]')).to_have_attribute("data-unit", "2")
    expect(page.locator(".cnnviz-laboratory")).to_have_attribute("data-example", "three-kernels")
