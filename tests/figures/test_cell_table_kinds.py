"""The tables of means, normalisation, activations and the rest: each line follows by hand, the last is PyTorch's."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
import torch
from adding_up import ALMOST, adds_up, is_shown, made_by, maps, on_a_three, read, rounded, traced
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz.core.explain import explain, explain_softmax
from cnnviz.core.layer_trace import Trace
from cnnviz.core.units import UnitRef
from cnnviz.figures.cell_table import CellTable, cell_table
from cnnviz.figures.theme import value_text


@pytest.fixture(scope="module")
def three() -> Trace:
    return on_a_three()


AVERAGES = {
    "plain": nn.AvgPool2d(3),
    "padded": nn.AvgPool2d(3, stride=2, padding=1),
    "padding not counted": nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False),
    "ragged": nn.AvgPool2d(2, ceil_mode=True),
    "own divisor": nn.AvgPool2d(3, divisor_override=7),
    "negative divisor": nn.AvgPool2d(3, divisor_override=-2),
    "adaptive": nn.AdaptiveAvgPool2d((4, 2)),
    "global": nn.AdaptiveAvgPool2d(1),
}


def must_hold_as_mean(made: CellTable, total: float) -> None:
    total_line, mean_line = made.sums
    assert adds_up([row[-1] for row in made.rows], total_line[-1])
    divisor = int(mean_line[0].split("/")[1])
    with localcontext(prec=60):
        assert rounded(read(total_line[-1]) / divisor, mean_line[-1]) == read(mean_line[-1])
    assert is_shown(mean_line[-1], total)


@pytest.mark.parametrize("name", AVERAGES)
def test_the_sum_of_a_window_and_its_mean_hold_as_shown(name: str):
    layer = traced(AVERAGES[name], maps(2))
    _channels, rows, cols = layer.output.shape
    for row in range(rows):
        for col in range(cols):
            made = cell_table(explain(layer, UnitRef("0", 1, row, col)))
            must_hold_as_mean(made, float(layer.output[1, row, col]))


def test_a_mean_with_another_divisor_is_noticed():
    made, total = made_by(nn.AvgPool2d(3), maps(2), 0, 0, 0)
    wrong = (made.sums[0], ("sum / 8", made.sums[1][1]))
    with pytest.raises(AssertionError):
        must_hold_as_mean(CellTable(made.caption, made.head, made.rows, wrong), total)


@pytest.mark.parametrize("dilation", [1, 2])
def test_the_largest_cell_is_among_those_listed_and_named(dilation: int):
    layer = traced(nn.MaxPool2d(3, 2, padding=1, dilation=dilation, ceil_mode=True), maps(2))
    for row, col in np.ndindex(layer.output.shape[1:]):
        made = cell_table(explain(layer, UnitRef("0", 1, row, col)))
        ((label, total),) = made.sums
        values = {place: value for place, value in made.rows if not place.startswith("padding")}
        assert max(values, key=lambda place: read(values[place])) == label.removeprefix("largest: ")
        assert read(total) == max(map(read, values.values()))
        assert is_shown(total, float(layer.output[1, row, col]))


def test_powers_make_their_sum_and_probabilities_make_one():
    for seed in range(30):
        logits = np.random.default_rng(seed).normal(0, 4, 10)
        made = cell_table(explain_softmax(logits))
        (_name, _score, total, whole), (_lse, log_sum, *_rest) = made.sums
        assert adds_up([row[2] for row in made.rows], total)
        assert adds_up([row[3] for row in made.rows], whole)
        assert whole == "1"
        assert is_shown(log_sum, float(torch.logsumexp(torch.tensor(logits), 0)))


def test_the_probabilities_are_pytorchs(three: Trace):
    made = cell_table(explain_softmax(three.logits))
    exact = torch.softmax(torch.tensor(three.logits, dtype=torch.float64), 0)
    assert all(is_shown(row[3], float(p)) for row, p in zip(made.rows, exact, strict=True))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**31), spread=st.sampled_from([1e-3, 0.05, 1.0, 40.0]))
def test_every_line_of_a_normalisation_follows_from_those_before(seed: int, spread: float):
    rng = np.random.default_rng(seed)
    norm = nn.BatchNorm2d(2)
    norm.running_mean = torch.tensor(rng.normal(0, spread, 2), dtype=torch.float32)
    norm.running_var = torch.tensor(rng.random(2) * spread**2 + 1e-9, dtype=torch.float32)
    norm.weight.data, norm.bias.data = (torch.tensor(rng.normal(1, 0.3, 2), dtype=torch.float32) for _ in range(2))
    layer = traced(norm, maps(seed % 1000, 2, 3, spread))
    made = cell_table(explain(layer, UnitRef("0", 1, 2, 0)))
    value, mean, variance, root, normalised, gamma, beta = (row[1] for row in made.rows)
    total = made.sums[0][-1]
    assert is_shown(total, float(layer.output[1, 2, 0]))
    if total.startswith(ALMOST):
        return
    with localcontext(prec=60):
        assert rounded((read(variance) + Decimal("0.00001")).sqrt(), root) == read(root)
        assert rounded((read(value) - read(mean)) / read(root), normalised) == read(normalised)
        assert rounded(read(gamma) * read(normalised) + read(beta), total) == read(total)


def test_a_normalisation_of_ordinary_numbers_needs_no_almost():
    torch.manual_seed(0)
    norm = nn.BatchNorm2d(3)
    norm.running_mean, norm.running_var = torch.randn(3), torch.rand(3) + 0.1
    layer = traced(norm, maps(1))
    tables = [str(cell_table(explain(layer, UnitRef("0", *place)))) for place in np.ndindex(layer.output.shape)]
    assert sum(ALMOST in table for table in tables) == 0


@pytest.mark.parametrize(
    "module", [nn.ReLU(), nn.LeakyReLU(0.2), nn.Tanh(), nn.Sigmoid(), nn.GELU(), nn.GELU("tanh"), nn.SiLU()]
)
def test_an_activation_names_its_formula_and_both_values(module: nn.Module):
    image = maps(4)
    made, total = made_by(module, image, 1, 3, 4)
    assert is_shown(made.rows[0][-1], float(np.float32(image[1, 3, 4])))
    assert is_shown(made.sums[-1][-1], total)
    assert "{" not in made.caption


def test_dropout_and_flatten_hand_their_value_on():
    image = maps(4)
    made, total = made_by(nn.Dropout(0.3), image, 1, 3, 4)
    assert made.rows[0][-1] == made.sums[-1][-1] == value_text(total)
    assert made.rows[1][-1] == "0.3"
    made, total = made_by(nn.Flatten(), image, 2 * 81 + 3 * 9 + 4)
    assert made.rows[0] == ("cell 2, 3, 4", value_text(total))
    assert made.sums == ((f"entry {2 * 81 + 3 * 9 + 4}", value_text(total)),)


def test_infinite_cells_of_a_pooling_are_written_as_they_are():
    image = maps(4)
    image[0, 0, 0] = np.inf
    made, _total = made_by(nn.MaxPool2d(3), image, 0, 0, 0)
    assert made.sums[0] == ("largest: row 0, column 0", "inf")
    image[0, 0, 1] = np.nan
    made, _total = made_by(nn.AvgPool2d(3), image, 0, 0, 0)
    assert [line[-1] for line in made.sums] == ["nan", "nan"]


def test_every_line_has_a_cell_for_every_column(three: Trace):
    for layer in three.layers:
        place = tuple(size // 2 for size in layer.output.shape)
        made = cell_table(explain(layer, UnitRef(layer.spec.path, *place)))
        assert {len(line) for line in (*made.rows, *made.sums)} == {len(made.head)}


def test_what_is_no_cell_has_no_table():
    with pytest.raises(TypeError, match="a cell must be of a kind that has a table, got str"):
        cell_table("a cell")
