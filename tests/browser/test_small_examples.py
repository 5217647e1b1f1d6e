"""The small examples in a real browser: the printed digits, inputs that change them, links, refusals, code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import ROOT
from finding import turn_to
from playwright.sync_api import Locator, Page, expect
from watching import eventually, settled

from cnnviz.small_examples.examples import find_small_example


@pytest.fixture(scope="module")
def address(serve: Callable[[Path], str]) -> str:
    return serve(ROOT / "app.py")


def opened(new_page: Callable[..., Page], address: str, key: str, query: str = "", **options: object) -> Page:
    page = new_page(f"{address}/small_examples?example={key}{query}", **({"width": 1440} | options))
    expect(page.locator("h2").filter(has_text=find_small_example(key).title)).to_be_visible(timeout=30_000)
    expect(page.locator(f'.number-results[data-example="{key}"]')).to_be_visible()
    settled(page)
    return page


def result(page: Page, name: str) -> Locator:
    return page.locator(f'.st-key-small_results [data-result="{name}"]')


def cells(page: Page, name: str) -> list[list[str]]:
    """The texts of a grid or a table, row by row."""
    return [row.locator("td").all_inner_texts() for row in result(page, name).locator("tbody tr").all()]


def value(page: Page, name: str) -> str:
    return result(page, name).locator("td").inner_text()


def becomes(page: Page, read: Callable[[], object], wanted: object) -> None:
    eventually(page, read, lambda got: got == wanted)


def fill(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("ControlOrMeta+Enter" if field.evaluate("one => one.tagName") == "TEXTAREA" else "Enter")


def test_f1_zero_grad_with_and_without_side_by_side(new_page, address):
    page = opened(new_page, address, "zero-grad")
    # loss = 14/3 · (w − 2)², gradient = 28/3 · (w − 2)
    assert cells(page, "with") == [
        ["1", "18.6667", "−18.6667", "−18.6667", "0.9333"],
        ["2", "5.3096", "−9.9556", "−9.9556", "1.4311"],
        ["3", "1.5103", "−5.3096", "−5.3096", "1.6966"],
    ]
    assert cells(page, "without") == [
        ["1", "18.6667", "−18.6667", "−18.6667", "0.9333"],
        ["2", "5.3096", "−9.9556", "−28.6222", "2.3644"],
        ["3", "0.6198", "3.4015", "−25.2207", "3.6255"],
    ]
    fill(page, "w at first", "2")
    becomes(page, lambda: [row[1:] for row in cells(page, "without")], [["0", "0", "0", "2"]] * 3)


def test_f3_conv1d_and_conv3d_with_one_cell_in_numbers(new_page, address):
    page = opened(new_page, address, "conv1d")
    assert value(page, "shapes") == "(1, 2, 6) → (1, 1, 4)"
    assert value(page, "parameters") == "7"
    assert cells(page, "output") == [["4", "7", "8", "11"]]
    assert cells(page, "window") == [["2", "4", "7"], ["1", "0", "1"]]
    assert cells(page, "products") == [["−2", "0", "7"], ["1", "0", "1"]]
    assert value(page, "cell") == "7"
    fill(page, "Sequence, a row for each channel", "0 0 1 0 0 0\n0 0 0 0 0 0")
    becomes(page, lambda: cells(page, "output"), [["1", "0", "−1", "0"]])
    page = opened(new_page, address, "conv3d")
    assert value(page, "shapes") == "(1, 1, 3, 3, 3) → (1, 1, 2, 2, 2)"
    assert value(page, "parameters") == "9"
    assert cells(page, "output") == [["−18", "−18"], ["−18", "−18"]] * 2
    assert value(page, "cell") == "−18"
    expect(result(page, "output").locator("table")).to_have_count(2)


def test_c5_an_l2_penalty_weight_by_weight_beside_weight_decay(new_page, address):
    page = opened(new_page, address, "l2-penalty")
    # w·x − y = 3 − 1 + 2 − 1 = 3; the gradient of its square is 6 x, of λ Σ w² it is 0.002 w
    assert [value(page, name) for name in ("loss", "squares", "penalty", "whole")] == ["9", "14", "0.014", "9.014"]
    assert cells(page, "first") == [
        ["3", "6", "0.006", "6.006"], ["−2", "3", "−0.004", "2.996"], ["1", "12", "0.002", "12.002"],
    ]  # fmt: skip
    alone, penalty, decay = cells(page, "learned")
    assert penalty == decay != alone
    assert value(page, "apart") == "0"
    fill(page, "λ", "0")
    becomes(page, lambda: cells(page, "learned")[1], cells(page, "learned")[0])
    fill(page, "λ", "0.1")
    page.get_by_role("radio", name="AdamW").click()
    becomes(page, lambda: value(page, "apart") != "0", True)


def test_f4_accuracy_step_by_step(new_page, address):
    page = opened(new_page, address, "compare")
    assert cells(page, "equal") == [["T", "F", "F", "F"]]
    assert (value(page, "sum"), value(page, "accuracy")) == ("1", "0.25")
    page = opened(new_page, address, "accuracy")
    assert cells(page, "predicted") == [["1", "0", "1", "2"]]
    assert cells(page, "equal") == [["T", "T", "F", "T"]]
    assert (value(page, "sum"), value(page, "accuracy")) == ("3", "0.75")
    fill(page, "Labels, one for each image, from 0", "1 0 1 2")
    becomes(page, lambda: value(page, "accuracy"), "1")


def test_f8_stride_beside_pooling(new_page, address):
    page = opened(new_page, address, "stride-or-pooling")
    assert cells(page, "table") == [
        ["convolution", "(5, 6) → (2, 3)", "1040", "24", "30"],
        ["max pooling", "(5, 6) → (2, 3)", "0", "6", "30"],
        ["average pooling", "(5, 6) → (2, 3)", "0", "24", "30"],
    ]
    assert cells(page, "convolution") == [["−1", "0", "1"], ["−2", "−4", "2"]]
    assert cells(page, "max pooling") == [["1", "2", "1"], ["2", "9", "2"]]
    assert cells(page, "average pooling") == [["0.25", "1.50", "0.25"], ["1.50", "5.00", "1.50"]]
    fill(page, "Kernel of the convolution; pooling has its size", "1 0\n0 0")
    becomes(page, lambda: [row[3] for row in cells(page, "table")], ["6", "6", "24"])


def test_f9_an_even_kernel_pads_one_more_on_one_side(new_page, address):
    page = opened(new_page, address, "odd-kernels")
    assert (value(page, "left"), value(page, "right"), value(page, "equal")) == ("1", "2", "yes")
    assert cells(page, "same") == [["0", "1", "1", "1", "1", "0", "0"]]
    assert value(page, "lengths") == "7 → 7, 8"
    fill(page, "Kernel size (all weights 1)", "5")
    becomes(page, lambda: (value(page, "left"), value(page, "right")), ("2", "2"))
    assert cells(page, "same") == [["0", "1", "1", "1", "1", "1", "0"]]


def test_f10_forms_of_data(new_page, address):
    page = opened(new_page, address, "view")
    assert cells(page, "view") == [["1", "2"], ["3", "4"], ["5", "6"]]
    assert cells(page, "transposed") == [["1", "4"], ["2", "5"], ["3", "6"]]
    assert cells(page, "column") == [list("123456")]
    page = opened(new_page, address, "bytes")
    assert cells(page, "planes") == [["255", "0"], ["0", "255"], ["0", "255"], ["0", "255"], ["0", "0"], ["255", "255"]]
    assert cells(page, "batch")[:2] == [["1", "0"], ["0", "1"]]
    assert value(page, "shapes").endswith("→ (n, c, h, w) (1, 3, 2, 2)")
    page = opened(new_page, address, "one-hot")
    assert cells(page, "one_hot")[0] == ["0", "0", "0", "0", "0", "1", "0", "0", "0", "0"]
    assert value(page, "loss") == value(page, "loss_one_hot")


def test_f11_a_mini_batch_as_one_matrix_product(new_page, address):
    page = opened(new_page, address, "mini-batch")
    assert cells(page, "together") == cells(page, "one_by_one") == [["−2", "−2"], ["4", "13"]]
    assert cells(page, "updates") == [["1", "50000"], ["10", "5000"]]
    fill(page, "Batch sizes", "64")
    becomes(page, lambda: cells(page, "updates"), [["64", "782"]])


def test_f12_pooled_until_x_and_o_look_alike(new_page, address):
    page = opened(new_page, address, "when-max-when-mean", "&times=4")
    table = cells(page, "table")
    assert [row[1] for row in table] == ["(9, 9)", "(5, 5)", "(3, 3)", "(2, 2)", "(1, 1)"]
    assert (table[0][2], table[-1][2]) == ("21", "0")
    assert value(page, "equal") == "yes"
    assert cells(page, "x") == cells(page, "o") == [["1"]]
    page.get_by_text("dark", exact=True).click()
    eventually(page, lambda: page.url, lambda url: "ink=dark" in url)
    becomes(page, lambda: cells(page, "x"), [["1"]])


def test_f13_network_and_optimiser_as_they_print(new_page, address):
    page = opened(new_page, address, "printed")
    assert value(page, "parameters") == "28938"
    expect(result(page, "network")).to_contain_text("(7): Linear(in_features=1568, out_features=10, bias=True)")
    for text in ("betas: (0.9, 0.999)", "eps: 1e-08", "lr: 0.001"):
        expect(result(page, "optimiser")).to_contain_text(text)
    assert [row[2] for row in cells(page, "sizes")] == ["400", "16", "12800", "32", "15680", "10"]
    fill(page, "β₁, of Adam only", "0.8")
    expect(result(page, "optimiser")).to_contain_text("betas: (0.8, 0.999)")


@pytest.mark.data
def test_f14_the_first_training_picture_is_a_five(new_page, address):
    page = opened(new_page, address, "first-picture")
    assert (value(page, "label"), value(page, "count")) == ("5", "60000")
    assert cells(page, "picture")[5][12:18] == ["3", "18", "18", "18", "126", "136"]
    fill(page, "Number, from 0", "1")
    becomes(page, lambda: value(page, "label"), "0")


def test_f15_three_channels_become_sixteen(new_page, address):
    page = opened(new_page, address, "more-channels")
    assert [row[2] for row in cells(page, "table")] == ["3072", "16384", "4096"]
    assert (value(page, "parameters"), value(page, "read")) == ("448", "27")
    assert len(cells(page, "answers")[0]) == 16
    fill(page, "Kernels = channels out", "2")
    becomes(page, lambda: len(cells(page, "answers")[0]), 2)


def test_f16_two_reasons_for_padding(new_page, address):
    page = opened(new_page, address, "why-padding")
    assert value(page, "shapes") == "(1, 1, 5, 5) → (1, 1, 5, 5)"
    assert cells(page, "sum")[2] == ["1", "1", "−2", "1", "1"]
    fill(page, "Padding", "0")
    expect(result(page, "error")).to_contain_text("must match the size of tensor b (3)")
    expect(result(page, "sum")).to_have_count(0)


def test_f17_a_number_instead_of_classes(new_page, address):
    page = opened(new_page, address, "regression")
    assert value(page, "weight") == "(1, 2)"
    assert [row[0] for row in cells(page, "table")] == ["1", "0", "3", "2"]
    assert all(abs(float(a) - float(b.replace("−", "-"))) < 0.05 for a, b, _squared in cells(page, "table"))
    assert float(cells(page, "losses")[-1][1]) < 1e-3


def test_f18_mistakes_found_in_print(new_page, address):
    page = opened(new_page, address, "mistake-output-size")
    assert (value(page, "output"), value(page, "shape")) == ("32×32×1", "(1, 1, 32, 32)")
    page.get_by_text("A sum with two terms too many", exact=True).first.click()
    becomes(page, lambda: result(page, "sum").count() and value(page, "sum"), "72")
    assert (value(page, "count"), value(page, "longer_count"), value(page, "longer_sum")) == ("9", "11", "74")
    page.get_by_text("validation_split is no cross-validation", exact=True).first.click()
    becomes(page, lambda: cells(page, "table"), [["validation_split=0.1", "1", "2"], ["cross-validation", "10", "20"]])
    assert cells(page, "once") == [["F"] * 18 + ["T"] * 2]
    page.get_by_text("bias=False, and then a bias", exact=True).first.click()
    becomes(page, lambda: cells(page, "with"), [["20", "26"], ["38", "44"]])
    assert value(page, "error") == "'NoneType' object has no attribute 'data'"
    page.get_by_text("The last batch as the epoch's loss", exact=True).first.click()
    becomes(page, lambda: [row[3] for row in cells(page, "table")], ["5"] * 6)
    page.get_by_role("button", name="One more: softmax before nll_loss").click()
    page.wait_for_url(lambda url: "lesson=softmax" in url)


def test_f18_matrix_product_and_fourier_transform_are_measured_here(new_page, address):
    page = opened(new_page, address, "mistake-fourier", "&channels=3&sizes=3+15&repeats=1")
    for size, matrix, fourier, faster, _apart in cells(page, "table"):
        assert size in ("3×3", "15×15")
        assert faster == ("matrix product" if float(matrix) < float(fourier) else "Fourier transform")
    page.get_by_role("button", name="Measure again").click()
    settled(page)
    assert len(cells(page, "table")) == 2


def test_what_is_typed_stands_in_the_link_and_what_cannot_be_is_said(new_page, address):
    page = opened(new_page, address, "view")
    fill(page, "Numbers", "1 2\n3 4")
    expect(page.get_by_text("cannot be computed: shape '[3, -1]' is invalid for input of size 4")).to_be_visible()
    fill(page, "Rows afterwards", "1")
    becomes(page, lambda: cells(page, "view"), [["1", "2", "3", "4"]])
    eventually(page, lambda: page.url, lambda url: "numbers=1+2%2F3+4" in url and "rows=1" in url)
    other = opened(new_page, page.url.split("/small_examples")[0], "view", page.url.split("example=view")[1])
    assert cells(other, "view") == [["1", "2", "3", "4"]]
    expect(other.locator("[data-testid=stCode]")).to_contain_text("numbers=[[1, 2], [3, 4]]")
    fill(other, "Numbers", "1 2\n3")
    expect(other.get_by_text("Numbers must be rows of equal length")).to_be_visible()
    other.get_by_role("button", name="Usual values").click()
    becomes(other, lambda: cells(other, "view"), [["1", "2"], ["3", "4"], ["5", "6"]])


def test_junk_in_a_link_shows_the_first_example(new_page, address):
    page = new_page(f"{address}/small_examples?example=nothing&sequence=%3Cb%3E", width=1440)
    expect(page.locator("h2").filter(has_text="Conv1d: a sequence")).to_be_visible(timeout=30_000)


def test_the_laboratory_leads_there_and_back(new_page, address):
    page = new_page(f"{address}/laboratory", width=1440)
    page.locator(".st-key-to_odd-kernels button").click(timeout=30_000)
    expect(page.locator("h2").filter(has_text="Why kernels are odd")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="An even kernel with “same” in the laboratory").click()
    expect(page.locator(".cnnviz-laboratory")).to_have_attribute("data-example", "even-same", timeout=30_000)
    turn_to(page, "Small examples")
    expect(page.locator("h2").filter(has_text="Why kernels are odd")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("key", ["conv3d", "first-picture", "mistake-folds"])
def test_a_phone_scrolls_wide_tables_and_not_the_page(new_page, address, key: str):
    page = opened(new_page, address, key, width=390, height=844, touch=True)
    expect(page.locator(".st-key-small_results .number-results")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
