"""Convolution along one axis and three in a real browser: every number on the page is PyTorch's, and sums hold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect
from torch.nn import functional
from watching import APPS, eventually


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(APPS / "laboratory_app.py")


def opened(new_page: Callable[..., Page], address: str, query: str = "part=nd", **options: object) -> Page:
    page = new_page(f"{address}/?{query}", **({"width": 1440} | options))
    expect(page.locator(".cnnviz-conv-nd[data-painted]")).to_be_visible(timeout=30_000)
    return page


def numbers(texts: list[str]) -> list[float]:
    return [float(text.replace("−", "-")) for text in texts]


def result(page: Page) -> list[float]:
    return numbers(page.locator('[data-grid="output"] td').all_inner_texts())


def typed(page: Page, grid: str) -> Locator:
    return page.locator(f'[data-grid="{grid}"] input')


def becomes(page: Page, expected: torch.Tensor) -> None:
    eventually(page, lambda: result(page), lambda got: got == expected.flatten().tolist())


def window(page: Page) -> list[float]:
    """The numbers that are framed in the input, padding as 0."""
    cells = page.locator('[data-grid="input"] td[data-reads="true"]')
    return [float(cell.locator("input").input_value()) if cell.locator("input").count() else 0.0
            for cell in cells.all()]  # fmt: skip


def sum_as_read(page: Page) -> None:
    """Window × kernel are the products, these their sums, and these with the bias the total, as they stand there."""
    total, sums = 0.0, []
    for group in page.locator(".nd-group").all():
        left, right, products = (numbers(group.locator(f'[data-part="{part}"] td').all_inner_texts())
                                 for part in ("window", "kernel", "products"))  # fmt: skip
        assert [a * b for a, b in zip(left, right, strict=True)] == pytest.approx(products)
        said = numbers([group.locator(".nd-of-group").inner_text().removeprefix("sum ")])[0]
        assert said == pytest.approx(sum(products))
        sums.append(said)
    line = page.locator(".nd-total").inner_text().partition(": ")[2]
    left, _equals, right = line.partition(" = ")
    terms = numbers([term.strip("()") for term in left.split(" + ")])
    assert terms[:-1] == sums
    total = sum(terms)
    assert total == pytest.approx(numbers([right])[0])


def test_f3_a_sequence_cell_by_cell(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address)
    x = torch.tensor([[[1.0, 2, 4, 7, 11, 16], [0, 1, 0, 1, 0, 1]]])
    w = torch.tensor([[[-1.0, 0, 1], [1, 1, 1]]])
    becomes(page, functional.conv1d(x, w))
    assert result(page) == [4, 7, 8, 11]
    facts = page.locator(".nd-facts dd").all_inner_texts()
    assert facts[:3] == ["(1, 2, 6) → (1, 1, 4)", "(1, 2, 3)", "1 · (3·2 + 1) = 7 parameters"]
    for cell in range(4):
        page.locator('[data-grid="output"] td').nth(cell).click()
        expect(page.locator(".nd-sum h2")).to_have_text(f"Cell {cell}")
        expected = x[0, :, cell : cell + 3].flatten().tolist()
        eventually(page, lambda: window(page), lambda got, expected=expected: got == expected)
        sum_as_read(page)
    for setting, value in (("Stride", 2), ("Padding", 2), ("Dilation", 2)):
        page.get_by_label(f"{setting}: cells").fill(str(value))
    becomes(page, functional.conv1d(x, w, stride=2, padding=2, dilation=2))
    typed(page, "kernel").nth(4).fill("-0.5")
    w[0, 1, 1] = -0.5
    page.get_by_label("Bias").fill("10")
    becomes(page, functional.conv1d(x, w, torch.tensor([10.0]), stride=2, padding=2, dilation=2))
    sum_as_read(page)


def test_f3_a_volume_cell_by_cell(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address)
    page.get_by_role("button", name="3-D: a volume").click()
    x = torch.arange(27.0).view(1, 1, 3, 3, 3)
    w = torch.tensor([[[1.0, 0], [0, 1]], [[0, -1], [2, 0]]])[None, None]
    becomes(page, functional.conv3d(x, w))
    assert page.locator(".nd-facts dd").all_inner_texts()[:3] == [
        "(1, 1, 3, 3, 3) → (1, 1, 2, 2, 2)", "(1, 1, 2, 2, 2)", "1 · (2·2·2·1 + 1) = 9 parameters",
    ]  # fmt: skip
    page.get_by_label("Padding: slices").fill("1")
    page.get_by_label("Stride: columns").fill("2")
    y = functional.conv3d(x, w, stride=(1, 1, 2), padding=(1, 0, 0))
    becomes(page, y)
    padded = functional.pad(x, (0, 0, 0, 0, 1, 1))[0, 0]
    for slice_, row, col in np.ndindex(*y.shape[2:]):
        page.locator(f'[data-grid="output"] td[data-place="{slice_} {row} {col}"]').click()
        expect(page.locator(".nd-sum h2")).to_have_text(f"Slice {slice_}, row {row}, column {col}")
        expected = padded[slice_ : slice_ + 2, row : row + 2, 2 * col : 2 * col + 2].flatten().tolist()
        eventually(page, lambda: window(page), lambda got, expected=expected: got == expected)
        sum_as_read(page)
    page.get_by_label("Kernel size: slices").fill("1")
    becomes(page, functional.conv3d(x, w[:, :, :1], stride=(1, 1, 2), padding=(1, 0, 0)))


def test_a_window_that_is_another_is_noticed(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address)
    page.locator('[data-grid="output"] td').nth(2).click()
    expect(page.locator(".nd-sum h2")).to_have_text("Cell 2")
    eventually(page, lambda: window(page), lambda got: got == [4, 7, 11, 0, 1, 0])
    assert window(page) != [2, 4, 7, 1, 0, 1]


def test_everything_is_reached_by_keys(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address)
    page.get_by_role("button", name="3-D: a volume").press("Enter")
    expect(page.locator('[data-grid="output"] figure')).to_have_count(2)
    page.locator('[data-grid="output"] td[tabindex="0"]').focus()
    for key in ("PageDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator(".nd-sum h2")).to_have_text("Slice 1, row 1, column 1")
    page.keyboard.press("ArrowRight")  # nowhere to go
    expect(page.locator('[data-grid="output"] td:focus')).to_have_attribute("data-place", "1 1 1")
    typed(page, "input").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("50")
    x = torch.arange(27.0)
    x[9 + 3 + 1] = 50
    w = torch.tensor([[[1.0, 0], [0, 1]], [[0, -1], [2, 0]]])[None, None]
    becomes(page, functional.conv3d(x.view(1, 1, 3, 3, 3), w))
    page.keyboard.type("x")  # no number: the last one stays
    expect(typed(page, "input").nth(13)).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Tab")
    expect(typed(page, "input").nth(13)).to_have_value("50")


def test_a_kernel_that_does_not_fit_is_refused_in_a_sentence_and_can_be_taken_back(
    new_page: Callable[..., Page], address: str
):
    page = opened(new_page, address)
    page.get_by_label("Kernel size: cells").fill("7")
    expect(page.locator(".nd-problem")).to_contain_text("kernel must be at most the padded input (6), got 7")
    assert result(page) == [4, 7, 8, 11]
    page.get_by_label("Padding: cells").fill("1")
    expect(page.locator(".nd-problem")).to_be_hidden()
    expect(page.locator('[data-grid="output"] td')).to_have_count(2)


def test_the_link_leads_back_to_numbers_settings_and_cell(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address)
    page.get_by_role("button", name="3-D: a moving dot").click()
    expect(page.locator('[data-grid="output"] figure')).to_have_count(3)
    typed(page, "kernel").first.fill("-1.5")
    page.get_by_label("Padding: rows").fill("1")
    page.locator('[data-grid="output"] td[data-place="2 2 1"]').click()
    link = eventually(page, lambda: page.url, lambda url: "-1.5_" in url and url.endswith("2_2_1"))
    other = opened(new_page, link.partition("/?")[0], link.partition("?")[2])
    expect(other.locator(".nd-sum h2")).to_have_text("Slice 2, row 2, column 1")
    assert result(other) == result(page)
    assert typed(other, "kernel").first.input_value() == "-1.5"
    assert other.locator(".nd-total").inner_text() == page.locator(".nd-total").inner_text()


def test_another_part_and_back_keeps_what_was_typed(new_page: Callable[..., Page], address: str):
    page = opened(new_page, address)
    typed(page, "input").first.fill("100")
    eventually(page, lambda: result(page)[0], lambda got: got == 4 + 1 - 100)
    eventually(page, lambda: page.url, lambda url: "1x" in url or "_100_" in url or "100" in url)
    page.get_by_role("radio", name="Normalisation").click()
    expect(page.locator(".cnnviz-normalisation[data-painted]")).to_be_visible()
    page.get_by_role("radio", name="1-D and 3-D").click()
    expect(page.locator(".cnnviz-conv-nd[data-painted]")).to_be_visible()
    assert typed(page, "input").first.input_value() == "100"


def test_an_example_of_the_bench_leads_there(new_page: Callable[..., Page], address: str):
    page = new_page(f"{address}/", width=1440)
    page.locator(".lab-chapters button", has_text="Further").click()
    page.locator('.lab-examples button[data-key="one-and-three"]').click()
    expect(page.locator(".cnnviz-conv-nd[data-painted]")).to_be_visible()
    assert "part=nd" in page.url
