"""The table of a sum of products: with pencil and paper it holds as it stands, and its last number is PyTorch's."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
import torch
from adding_up import ALMOST, adds_up, is_shown, made_by, maps, multiplies, on_a_three, read, traced
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz.core.explain import explain, explain_dense
from cnnviz.core.layer_trace import Trace
from cnnviz.core.units import UnitRef
from cnnviz.figures.cell_table import CellTable, cell_table
from cnnviz.figures.display_precision import MOST_TERMS
from cnnviz.figures.rounding import format_rounded
from cnnviz.figures.theme import format_number


@pytest.fixture(scope="module")
def three() -> Trace:
    return on_a_three()


def groups(made: CellTable) -> list[tuple[list[tuple[str, ...]], str]]:
    """A convolution's table: for each map the lines of its products, and its share."""
    found, lines = [], []
    for row in made.rows:
        if row[2]:
            lines.append(row)
        elif row[4]:
            found.append((lines, row[4]))
            lines = []
    assert lines == []
    return found


def must_hold_as_convolution(made: CellTable, total: float) -> None:
    shares = [share for _lines, share in groups(made)]
    for lines, share in groups(made):
        assert adds_up([line[4] for line in lines], share), (made.caption, share)
        assert all(multiplies(*line[2:]) for line in lines)
    bias, result = (line[-1] for line in made.sums)
    assert adds_up([*shares, bias], result)
    assert is_shown(result, total)


CONVOLUTIONS = {
    "plain": nn.Conv2d(3, 4, 3),
    "without bias": nn.Conv2d(3, 4, 3, bias=False),
    "one by one": nn.Conv2d(3, 4, 1),
    "depthwise": nn.Conv2d(3, 6, (3, 5), padding=(1, 2), groups=3),
    "stride and dilation": nn.Conv2d(3, 4, (3, 2), stride=2, dilation=(2, 3)),
    "circular": nn.Conv2d(3, 4, 3, padding=2, padding_mode="circular"),
    "transposed": nn.ConvTranspose2d(3, 4, 3, stride=2, output_padding=1),
}


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_products_make_shares_and_shares_the_value_as_shown(name: str):
    layer = traced(CONVOLUTIONS[name], maps(1))
    _channels, rows, cols = layer.output.shape
    for row, col in {(0, 0), (rows - 1, cols - 1), (rows // 2, 0), (1, cols - 1)}:
        made = cell_table(explain(layer, UnitRef("0", 2, row, col)))
        must_hold_as_convolution(made, float(layer.output[2, row, col]))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    scale=st.sampled_from([1e-3, 0.1, 1.0, 30.0, 1e4]),
    channels=st.integers(1, 12),
    whole=st.booleans(),
)
def test_any_convolution_adds_up_as_shown_or_says_almost(seed: int, scale: float, channels: int, whole: bool):
    """With whole numbers (and so with ties) too; "≈" stands before a number that no digits make, and that is rare."""
    torch.manual_seed(seed)
    conv = nn.Conv2d(channels, 1, 3)
    image = maps(seed, channels, 4, scale)
    if whole:
        conv.weight.data, image = (conv.weight.data * 32).round() / 32, image.round()
    layer = traced(conv, image)
    made = cell_table(explain(layer, UnitRef("0", 0, 1, 0)))
    shares = [share for _lines, share in groups(made)]
    for lines, share in groups(made):
        assert adds_up([line[4] for line in lines], share) or share.startswith(ALMOST)
        assert all(multiplies(*line[2:]) or line[4].startswith(ALMOST) for line in lines)
    bias, result = (line[-1] for line in made.sums)
    assert adds_up([*shares, bias], result) or result.startswith(ALMOST)
    assert is_shown(result, float(layer.output[0, 1, 0]))


def test_a_sum_that_no_digits_make_is_written_as_almost():
    """Beyond float32: the exact shares are hundreds off the number that PyTorch gave."""
    made, total = made_by(nn.Conv2d(64, 1, 5), maps(1, 64, 5, 1e9), 0, 0, 0)
    bias, result = (line[-1] for line in made.sums)
    assert result.startswith(ALMOST)
    assert not adds_up([*(share for _lines, share in groups(made)), bias], result)
    assert is_shown(result, total)


def test_the_trained_networks_cells_add_up_without_a_single_almost(three: Trace):
    for path, channel in (("conv1", 5), ("conv2", 3), ("conv2", 17)):
        layer = three.layers[three.position(path)]
        _channels, rows, cols = layer.output.shape
        for row, col in ((0, 0), (5, 6), (rows // 2, cols // 2), (rows - 1, cols - 1)):
            made = cell_table(explain(layer, UnitRef(path, channel, row, col)))
            must_hold_as_convolution(made, float(layer.output[channel, row, col]))
            assert ALMOST.strip() not in str(made)


def test_an_adder_that_is_fed_one_digit_more_notices(three: Trace):
    """The negative twin: one unit in the last place of any one text, and nothing holds any more."""
    layer = three.layers[three.position("conv2")]
    made = cell_table(explain(layer, UnitRef("conv2", 3, 5, 6)))
    lines, share = groups(made)[0]
    products = [line[4] for line in lines]

    def off(text: str) -> str:
        return str(read(text) + Decimal(1).scaleb(read(share).as_tuple().exponent))

    assert adds_up(products, share)
    assert not adds_up([off(products[0]), *products[1:]], share)
    assert not adds_up(products, off(share))
    assert not is_shown(off(made.sums[-1][-1]), float(layer.output[3, 5, 6]))


def test_numbers_rounded_one_by_one_would_not_add_up(three: Trace):
    """The negative twin: a fixed number of decimals misses the share in most maps."""
    layer = three.layers[three.position("conv2")]
    cell = explain(layer, UnitRef("conv2", 3, 5, 6))
    holds = [
        adds_up([format_number(value, 2) for value in products.ravel()], format_number(share, 2))
        for products, share in zip(cell.products, cell.sums, strict=True)
        if np.count_nonzero(products) > 3
    ]
    assert sum(holds) < len(holds)


def test_ties_are_written_as_the_arithmetic_counts_them():
    """0.03125 is a tie at four decimals: Python's format gives 0.0312, the rule for sums (and the browser) 0.0313."""
    assert format_number(0.03125, 4) == "0.0313" == str(format_rounded(0.03125, 4))
    assert f"{0.03125:.4f}" == "0.0312"
    assert format_number(-0.03125, 4) == "\N{MINUS SIGN}0.0313"


def test_padding_and_places_are_named():
    made, _total = made_by(nn.Conv2d(3, 4, 3, padding=1), maps(1), 0, 0, 0)
    lines = groups(made)[0][0]
    assert lines[0][:2] == ("map 0", "padding")
    assert lines[4][1] == "row 0, column 0"
    repeated, _total = made_by(nn.Conv2d(3, 4, 3, padding=1, padding_mode="replicate"), maps(1), 0, 0, 0)
    assert groups(repeated)[0][0][0][1] == "padding, repeats row 0, column 0"
    spread, _total = made_by(nn.ConvTranspose2d(3, 4, 3, stride=2), maps(1), 0, 1, 1)
    assert {line[1] for line in groups(spread)[0][0]} == {"no cell", "row 0, column 0"}
    corner, _total = made_by(nn.ConvTranspose2d(3, 4, 3, stride=2), maps(1), 0, 0, 0)
    assert {line[1] for line in groups(corner)[0][0]} == {"no cell", "row 0, column 0"}


def test_depthwise_maps_read_one_map_each():
    made, _total = made_by(nn.Conv2d(3, 6, 3, groups=3), maps(1), 5, 2, 2)
    assert [lines[0][0] for lines, _share in groups(made)] == ["map 2"]


def test_all_products_of_a_score_add_up_and_name_their_cells(three: Trace):
    layer = three.layers[three.position("fc")]
    for k in range(10):
        made = cell_table(explain_dense(layer, UnitRef("fc", k), (32, 7, 7)))
        assert len(made.rows) == 32 * 7 * 7
        assert all(multiplies(*row[1:]) for row in made.rows[:200])
        bias, score = (line[-1] for line in made.sums)
        assert adds_up([*(row[-1] for row in made.rows), bias], score)
        assert is_shown(score, float(three.logits[k]))
    sizes = [abs(read(row[-1])) for row in made.rows]
    assert sizes == sorted(sizes, reverse=True)
    entry = int(made.rows[0][0].split(":")[0])
    channel, rest = divmod(entry, 49)
    assert made.rows[0][0] == f"{entry}: map {channel}, row {rest // 7}, column {rest % 7}"


def test_a_long_sum_is_cut_and_still_adds_up():
    entries = MOST_TERMS + 500
    layer = traced(nn.Linear(entries, 2), maps(3, 1, 1).ravel().repeat(entries))
    made = cell_table(explain(layer, UnitRef("0", 1)))
    assert len(made.rows) == MOST_TERMS + 1
    assert made.rows[-1][0] == "500 others"
    bias, total = (line[-1] for line in made.sums)
    assert adds_up([*(row[-1] for row in made.rows), bias], total)
    assert is_shown(total, float(layer.output[1]))


def test_a_convolution_of_many_maps_is_cut_and_still_adds_up():
    layer = traced(nn.Conv2d(1000, 1, 3), maps(3, 1000, 3))
    made = cell_table(explain(layer, UnitRef("0")))
    assert len(made.rows) < 1.1 * MOST_TERMS
    *listed, others = [row for row in made.rows if not row[2]]
    count = 1000 - len(listed)
    assert f"{count} " in " ".join(others)
    bias, total = (line[-1] for line in made.sums)
    assert adds_up([*(row[-1] for row in listed), others[-1], bias], total)
