"""The laboratory in a real browser: every example to the printed digits, links, kernels under the hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from laboratory_bench import MINUS, after, opened, shown, shown_map, take, weight
from playwright.sync_api import Page, expect
from watching import APPS, eventually

from cnnviz.laboratory.examples import EXAMPLES, find_example

BENCH = [example for example in EXAMPLES if example.make is not None]


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
