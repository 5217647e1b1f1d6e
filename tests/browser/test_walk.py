"""The walk in real Chromium: every number of every kind of layer is PyTorch's, and every sum holds as it is read."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import torch
from one_cell import (
    NUMBER,
    adds_up,
    decimal,
    go_to,
    is_shown,
    multiplies,
    numbers,
    one_off,
    part,
    products_shown,
    rounded,
    sum_shown,
    term_of,
    walk,
)
from playwright.sync_api import Page, expect
from watching import eventually

from cnnviz.core.explain import ConvCell, explain
from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import Tracer
from cnnviz.core.units import UnitRef
from cnnviz.data.sample_drawings import find_sample
from cnnviz.figures.theme import value_text
from cnnviz.models import checkpoints
from cnnviz.ui.draw.show import prepare_sketch

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def three() -> Trace:
    """The network on the drawing that the page starts with."""
    model, _manifest = checkpoints.load("mnist")
    return Tracer(model)(prepare_sketch(find_sample("three").sketch).image)


def output_of(made: Trace, layer: str) -> np.ndarray:
    return made.layers[made.position(layer)].output


@pytest.mark.parametrize(
    ("layer", "channel", "cells"), [("conv1", 5, ["0.0", "13.9", "27.27"]), ("conv2", 3, ["0.13", "5.6", "13.0"])]
)
def test_the_cells_of_a_convolution_add_up_as_shown_to_pytorchs_value(open_walk, three, layer, channel, cells):
    page = open_walk(layer, channel, cells[0])
    output = output_of(three, layer)[channel]
    for cell in cells:
        row, col = map(int, cell.split("."))
        go_to(page, row * output.shape[1] + col)
        expect(part(page, "title")).to_have_text(f"{layer}, map {channel}: row {row}, column {col}")
        terms, total = sum_shown(page)
        assert adds_up(terms, total), (terms, total)
        assert is_shown(total, output[row, col])
        assert not adds_up(terms, one_off(total))


def test_every_product_of_every_chosen_map_holds_as_shown(open_walk, three):
    page = open_walk("conv2", 3, "5.6")
    cell = explain(three.layers[three.position("conv2")], UnitRef("conv2", 3, 5, 6))
    assert isinstance(cell, ConvCell)
    for channel in (0, 7, 15):
        chip = page.locator(f'.walk-chip[data-channel="{channel}"]')
        chip.click()
        expect(chip).to_have_attribute("aria-pressed", "true")
        terms, share = products_shown(page, 5, 5)
        assert all(multiplies(*term) for term in terms)
        assert adds_up([term[2] for term in terms], share)
        for place, (value, weight, product) in enumerate(terms):
            row, col = divmod(place, 5)
            assert is_shown(value, cell.patch[channel, row, col])
            assert is_shown(weight, cell.kernel[channel, row, col])
            assert is_shown(product, cell.products[channel, row, col])
        assert is_shown(chip.inner_text(), cell.sums[channel]) or abs(
            decimal(chip.inner_text()) - Decimal(float(cell.sums[channel]))
        ) < Decimal("1e-5")
        assert not multiplies(*terms[6][:2], one_off(terms[6][2]))


def test_padding_is_named_and_counted(open_walk):
    page = open_walk("conv1", 5, "0.0")
    expect(page.locator(".walk-scene > .walk-readout")).to_contain_text("outside the map: 16 of 25 here")
    box = page.locator(".walk-grid.patch canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.1)
    expect(page.locator(".walk-scene > .walk-readout")).to_have_text(
        re.compile(rf"padding around input: 0 × weight {NUMBER} = 0\.0+")
    )


def test_relu_keeps_or_drops_and_says_which(open_walk, three):
    page = open_walk("relu1", 5)
    before, after = output_of(three, "conv1")[5].ravel(), output_of(three, "relu1")[5].ravel()
    for step in (int(before.argmax()), int(before.argmin()), 300):
        go_to(page, step)
        zero, x, y = numbers(part(page, "formula").inner_text())[:3]
        assert zero == "0"
        assert is_shown(x, before[step])
        assert is_shown(y, after[step])
        assert decimal(y) == max(Decimal(0), decimal(x))
        expect(part(page, "formula")).to_contain_text("stays" if before[step] > 0 else "becomes 0")


def test_pooling_names_the_winner(open_walk, three):
    page = open_walk("pool1", 3, "5.6")
    before, after = output_of(three, "relu1")[3], output_of(three, "pool1")[3]
    for row, col in ((5, 6), (0, 0), (13, 13), (7, 9)):
        go_to(page, row * 14 + col)
        window = before[2 * row : 2 * row + 2, 2 * col : 2 * col + 2]
        best = np.unravel_index(window.argmax(), (2, 2))
        count, value, *ties, at_row, at_col = numbers(part(page, "formula").inner_text())
        equal = int((window == window.max()).sum())
        assert ties == ([str(equal)] if equal > 1 else [])
        assert (count, at_row, at_col) == ("4", str(2 * row + best[0]), str(2 * col + best[1]))
        assert is_shown(value, after[row, col])


def test_an_entry_of_the_column_says_where_it_stood(open_walk, three):
    page = open_walk("flatten", 0, "0.0")
    for entry in (0, 50, 777, 1567):
        go_to(page, entry)
        channel, row, col, *sum_, value = numbers(part(page, "formula").inner_text().replace("pool2", ""))
        assert is_shown(value, output_of(three, "pool2")[int(channel), int(row), int(col)])
        assert sum_ == [channel, "7", row, "7", col, str(entry)]
        assert (int(channel) * 7 + int(row)) * 7 + int(col) == entry


def test_the_strongest_terms_the_rest_and_the_bias_make_the_score(open_walk, three):
    page = open_walk("fc", 0)
    weight, inputs = three.layers[three.position("fc")].weight, output_of(three, "flatten")
    for k in range(10):
        go_to(page, k)
        rows = page.locator(".walk-terms tbody tr")
        terms = [row.locator("td").nth(-2).inner_text() for row in rows.all()]
        bias, total = re.search(rf"bias ({NUMBER}) = ({NUMBER})$", part(page, "total").inner_text()).groups()
        assert terms[-1] == bias
        assert adds_up(terms, total)
        assert not adds_up(terms, one_off(total))
        assert is_shown(total, three.logits[k])
        products = np.abs(weight[k].astype(float) * inputs)
        for row, entry in zip(rows.all(), np.argsort(-products, kind="stable")[:10], strict=False):
            shown_as, text = row.locator("td").nth(0).inner_text(), row.locator("td").nth(1).inner_text()
            left, right = shown_as.split(" × ")
            assert multiplies(left, right, text)
            assert not multiplies(left, right, one_off(text))
            assert is_shown(text, float(weight[k, entry]) * float(inputs[entry]))


def test_a_line_under_the_pointer_is_read_in_words(open_walk, three):
    page = open_walk("fc", 3)
    page.locator(".walk-terms tr[data-entry]").first.hover()
    said = page.locator(".walk-scene > .walk-readout")
    expect(said).to_contain_text("pool2, map")
    assert multiplies(*term_of(said.inner_text()))


def test_powers_make_the_sum_and_probabilities_make_one(open_walk, three):
    page = open_walk("softmax", 3)
    table = page.locator(".walk-softmax")
    cells = [[cell.inner_text() for cell in row.locator("td").all()] for row in table.locator("tbody tr").all()]
    foot = [cell.inner_text() for cell in table.locator("tfoot td").all()]
    assert adds_up([row[1] for row in cells], foot[2])
    assert adds_up([row[2] for row in cells], foot[3])
    assert foot[3] == "1"
    assert not adds_up([row[1] for row in cells], one_off(foot[2]))
    exact = np.exp(three.logits.astype(float) - three.logits.max())
    for row, score, power, share in zip(cells, three.logits, exact, three.probabilities, strict=True):
        assert is_shown(row[0], score)
        assert is_shown(row[1], power)
        assert is_shown(row[2], share)


def test_the_loss_is_log_sum_exp_minus_score_for_any_true_class(open_walk, three):
    page = open_walk("softmax", 3)
    expect(part(page, "loss")).to_contain_text("Loss if 3 is true")
    logits = torch.tensor(three.logits, dtype=torch.float64)
    for k in range(10):
        page.locator(".walk-knobs select").select_option(str(k))
        expect(part(page, "loss")).to_contain_text(f"Loss if {k} is true")
        *_share, log_sum, score, loss = numbers(part(page, "loss").inner_text())
        assert rounded(decimal(log_sum) - decimal(score), loss) == decimal(loss)
        assert is_shown(log_sum, float(torch.logsumexp(logits, 0)))
        exact = torch.nn.functional.cross_entropy(logits[None], torch.tensor([k]))
        assert is_shown(loss, float(exact))
        assert not is_shown(one_off(loss), float(exact))


def test_a_higher_temperature_evens_out_and_one_is_the_networks_own(open_walk, three):
    page = open_walk("softmax", 3)
    slider = page.locator(".walk-knobs input[type=range]")
    share = page.locator('.walk-softmax tr[data-class="3"] td').nth(2)
    own = share.inner_text()
    slider.evaluate("(s) => { s.value = '0.5'; s.dispatchEvent(new Event('input', { bubbles: true })); }")
    expected = torch.softmax(torch.tensor(three.logits, dtype=torch.float64) / 10**0.5, 0)
    eventually(page, share.inner_text, lambda text: text != own)
    assert is_shown(share.inner_text(), float(expected[3]))
    slider.evaluate("(s) => { s.value = '0'; s.dispatchEvent(new Event('input', { bubbles: true })); }")
    expect(share).to_have_text(own)


def ledger_lines(page: Page) -> tuple[list[list[str]], list[list[str]]]:
    """The table of Python's answer: rows and sums."""
    read = "(rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent))"
    table = page.locator(".numbers table.ledger")
    expect(table).to_be_visible(timeout=15_000)
    return table.locator("tbody tr").evaluate_all(read), table.locator("tfoot tr").evaluate_all(read)


def test_the_table_of_a_cell_holds_product_by_product(open_walk, three):
    page = open_walk("conv2", 3, "5.6")
    _terms, total = sum_shown(page)
    page.locator(".numbers-button").click()
    rows, sums = ledger_lines(page)
    cell = explain(three.layers[three.position("conv2")], UnitRef("conv2", 3, 5, 6))
    shares, products = [], []
    for name, _place, value, weight, product in rows:
        if value:
            assert multiplies(value, weight, product), (name, value, weight, product)
            products.append(product)
            continue
        assert len(products) == 25
        assert adds_up(products, product)
        assert is_shown(product, cell.sums[len(shares)])
        assert not adds_up([*products, "0.001"], product)
        shares.append(product)
        products = []
    assert len(shares) == 16
    assert adds_up([*shares, sums[0][-1]], sums[1][-1])
    assert is_shown(sums[1][-1], cell.total)
    assert rounded(decimal(sums[1][-1]), total) == decimal(total)


def test_the_table_follows_the_walk_once_it_rests(open_walk, three):
    page = open_walk("conv2", 3, "5.6")
    page.locator(".numbers-button").click()
    _rows, before = ledger_lines(page)
    walk(page).focus()
    page.keyboard.press("ArrowRight")
    after = eventually(page, lambda: ledger_lines(page)[1], lambda sums: sums != before)
    assert is_shown(after[-1][-1], output_of(three, "conv2")[3, 5, 7])


@pytest.mark.parametrize(("layer", "channel", "cell"), [("conv1", 5, "13.9"), ("conv2", 3, "5.6"), ("fc", 3, "0.0")])
def test_a_value_is_written_the_same_in_heading_sum_table_and_on_a_phone(open_walk, three, layer, channel, cell):
    row, col = map(int, cell.split("."))
    output = output_of(three, layer)
    wanted = value_text(float(output[channel] if output.ndim == 1 else output[channel, row, col]))
    assert len(wanted.partition(".")[2]) == 3
    for size in ({}, {"width": 390, "height": 844}):
        page = open_walk(layer, channel, cell, **size)
        expect(part(page, "value")).to_have_text(f"= {wanted}")
        assert numbers(part(page, "total").inner_text())[-1] == wanted
        page.locator(".numbers-button").click()
        assert ledger_lines(page)[1][-1][-1] == wanted


@pytest.mark.parametrize("unit", [0, 3, 8])
def test_walk_and_table_write_a_score_alike(open_walk, unit):
    """Value, weight and product of the strongest entries, the bias and the score, figure by figure."""
    page = open_walk("fc", unit)
    strongest = page.locator(".walk-terms tr[data-entry]").all()
    walked = [[row.locator("td").nth(at).inner_text() for at in (0, 1)] for row in strongest]
    *_others, bias, total = numbers(part(page, "total").inner_text())
    page.locator(".numbers-button").click()
    rows, sums = ledger_lines(page)
    assert walked == [[f"{value} × {weight}", product] for _place, value, weight, product in rows[: len(walked)]]
    assert [bias, total] == [line[-1] for line in sums]
    assert len(walked) == 10


@pytest.mark.parametrize(
    ("layer", "channel", "cell"), [("conv1", 5, "13.9"), ("conv2", 3, "5.6"), ("conv2", 30, "0.0")]
)
def test_walk_and_table_write_a_sum_of_products_alike(open_walk, layer, channel, cell):
    page = open_walk(layer, channel, cell)
    terms, total = sum_shown(page)
    products, share = products_shown(page, 5, 5)
    chosen = int(page.locator('.walk-chip[aria-pressed="true"]').get_attribute("data-channel") or -1)
    page.locator(".numbers-button").click()
    rows, sums = ledger_lines(page)
    shares = [row[-1] for row in rows if not row[2]]
    assert [*shares, sums[0][-1]] == terms
    assert (sums[1][-1], shares[chosen]) == (total, share)
    assert [tuple(row[2:]) for row in rows if row[2]][25 * chosen : 25 * (chosen + 1)] == products


def test_all_lines_of_a_sum_have_the_same_decimals(open_walk):
    page = open_walk("fc", 3)
    rows = page.locator(".walk-terms tr[data-entry]").all()
    factors = [row.locator("td").nth(0).inner_text().split(" × ") for row in rows]
    for column in ([left for left, _right in factors], [right for _left, right in factors]):
        assert len({len(text.partition(".")[2]) for text in column}) == 1
