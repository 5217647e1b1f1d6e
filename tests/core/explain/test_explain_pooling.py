"""A cell of a pooling layer: who wins, what is divided by, at ragged edges and with padding, as PyTorch does."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from cells import CROSS, DIAGONAL, cell_at, convolution, random_maps, rows_of, totals, traced, units
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from cnnviz.core.explain import ExplainError, divisors, explain, winning_taps
from cnnviz.core.layer_trace import LayerTrace

X = np.arange(9.0).reshape(1, 3, 3)
SIXTEEN = np.arange(16.0).reshape(1, 4, 4)


def test_the_text_book_windows_by_maximum_and_by_average():
    assert totals(traced(nn.MaxPool2d(2, stride=1), X))[0].tolist() == [[4, 5], [7, 8]]
    assert totals(traced(nn.AvgPool2d(2, stride=1), X))[0].tolist() == [[2, 3], [5, 6]]


def test_the_text_book_window_with_padding_pools_channels_one_by_one():
    layer = traced(nn.MaxPool2d(3, stride=2, padding=1), np.concatenate([SIXTEEN, SIXTEEN + 1]))
    assert totals(layer).tolist() == [[[5, 7], [13, 15]], [[6, 8], [14, 16]]]
    cell = cell_at(layer)
    assert cell.padded.tolist() == [[True, True, True], [True, False, False], [True, False, False]]
    assert (cell.winner, cell.tap) == ((1, 1), (2, 2))
    assert np.isneginf(cell.values[0]).all()


def test_global_pooling_takes_the_whole_map():
    assert cell_at(traced(nn.AdaptiveMaxPool2d(1), X)).winner == (2, 2)
    cell = cell_at(traced(nn.AdaptiveAvgPool2d(1), X))
    assert (cell.divisor, cell.total) == (3 * 3, sum(range(9)) / 9)


def test_the_ragged_edge_of_the_x_is_kept():
    match = traced(convolution(DIAGONAL[None, None] / 9), CROSS[None])
    layer = traced(nn.MaxPool2d(2, ceil_mode=True), match.output)
    expected = rows_of("1.00 0.33 0.56 0.33\n0.33 1.00 0.33 0.56\n0.56 0.33 1.00 0.11\n0.33 0.56 0.11 0.78")
    np.testing.assert_allclose(totals(layer)[0], expected, atol=0.005)
    assert cell_at(layer, 0, 0, 3).values.shape == (2, 1)
    assert cell_at(layer, 0, 3, 3).values.shape == (1, 1)


def test_pooling_halves_a_colour_image():
    layer = traced(nn.MaxPool2d(2), random_maps(3, 32, 32))
    assert layer.output.shape == (3, 16, 16)
    assert cell_at(layer, 2, 15, 15).sources[-1, -1].tolist() == [31, 31]


def place_of_unit_in_index(index: int, width: int) -> tuple[int, int]:
    return index // width, index % width


def grid(shape: tuple[int, int, int], seed: int, missing: float) -> np.ndarray:
    """Few different values, so that ties are common, and some NaN."""
    rng = np.random.default_rng(seed)
    maps = rng.integers(-2, 2, shape).astype(float)
    maps[rng.random(shape) < missing] = np.nan
    return maps


def winners(layer: LayerTrace) -> list[tuple[int, int] | None]:
    return [explain(layer, unit).winner for unit in units(layer)]


def indices(module: nn.Module, maps: np.ndarray) -> list[tuple[int, int]]:
    """Where PyTorch itself says that each maximum stands."""
    module.return_indices = True
    flat = module(torch.tensor(maps, dtype=torch.float32)[None])[1].ravel().tolist()
    module.return_indices = False
    return [place_of_unit_in_index(index, maps.shape[2]) for index in flat]


pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


@settings(max_examples=200, deadline=None)
@given(
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    stride=pairs,
    dilation=pairs,
    padded=st.booleans(),
    ceil_mode=st.booleans(),
    seed=st.integers(0, 99),
    missing=st.sampled_from([0.0, 0.1, 0.4]),
)
def test_of_equal_values_the_one_that_pytorch_picks_wins(
    size, kernel, stride, dilation, padded, ceil_mode, seed, missing
):
    padding = tuple(k // 2 for k in kernel) if padded else (0, 0)
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    assume(all(s <= n + 2 * p for s, n, p in zip(spans, size, padding, strict=True)))
    maps = grid((2, *size), seed, missing)
    module = nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    layer = traced(module, maps)
    found = winners(layer)
    expected = indices(module, maps)
    empty = np.isneginf(layer.output.ravel())  # a window over padding only: there is no winner, PyTorch's index is none
    assert [one for one, no in zip(found, empty, strict=True) if not no] == [
        one for one, no in zip(expected, empty, strict=True) if not no
    ]
    assert all(one is None for one, no in zip(found, empty, strict=True) if no)


def test_the_last_of_equal_values_is_not_the_winner():
    """The negative twin: taking the last of ties, PyTorch's indices would say otherwise."""
    maps = grid((1, 6, 6), seed=1, missing=0)
    layer, module = traced(nn.MaxPool2d(3), maps), nn.MaxPool2d(3)
    assert winners(layer) == indices(module, maps)
    last = []
    for unit in units(layer):
        cell = explain(layer, unit)
        flat = int(np.flatnonzero(cell.values.ravel() == cell.total)[-1])
        last.append(tuple(cell.sources.reshape(-1, 2)[flat].tolist()))
    assert last != indices(module, maps)


@pytest.mark.parametrize(("size", "target"), [((5, 7), (2, 3)), ((4, 4), (4, 4)), ((3, 5), (5, 2)), ((6, 6), (1, 1))])
def test_adaptive_maxima_are_won_where_pytorch_says(size, target):
    maps = grid((2, *size), seed=3, missing=0.1)
    module = nn.AdaptiveMaxPool2d(target)
    assert winners(traced(module, maps)) == indices(module, maps)


def test_minus_infinity_everywhere_is_won_by_the_first_cell_not_by_padding():
    cell = cell_at(traced(nn.MaxPool2d(3, padding=1), np.full((1, 3, 3), -np.inf)))
    assert (cell.winner, cell.tap, cell.is_finite) == ((0, 0), (1, 1), False)


def test_a_window_over_padding_only_has_no_winner():
    cell = cell_at(traced(nn.MaxPool2d(2, padding=1, dilation=2), np.ones((1, 1, 1))))
    assert cell.winner is None
    assert cell.total == -np.inf


@settings(max_examples=200, deadline=None)
@given(
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    stride=pairs,
    padded=st.booleans(),
    ceil_mode=st.booleans(),
    counts_padding=st.booleans(),
    divisor=st.one_of(st.none(), st.integers(1, 12)),
)
def test_any_average_divides_by_what_pytorch_divides_by(
    size, kernel, stride, padded, ceil_mode, counts_padding, divisor
):
    padding = tuple(k // 2 for k in kernel) if padded else (0, 0)
    assume(all(k <= n + 2 * p for k, n, p in zip(kernel, size, padding, strict=True)))
    layer = traced(nn.AvgPool2d(kernel, stride, padding, ceil_mode, counts_padding, divisor), np.ones((1, *size)))
    values = functional.avg_pool2d(
        torch.ones(1, 1, *size), kernel, stride, padding, ceil_mode, divisor_override=1
    ).ravel()  # how many cells each window holds
    for unit, cells in zip(units(layer), values.tolist(), strict=True):
        cell = explain(layer, unit)
        assert cell.values.sum() == cells
        assert cells / cell.divisor == pytest.approx(layer.output[0, unit.row, unit.col], rel=1e-6)


@pytest.mark.parametrize("target", [(2, 3), (5, 7), (1, 1), (7, 9)])
def test_adaptive_averages_overlap_as_pytorch_lays_them(target):
    maps = random_maps(2, 5, 7)
    layer = traced(nn.AdaptiveAvgPool2d(target), maps)
    for unit in units(layer):
        cell = explain(layer, unit)
        assert cell.values.sum() / cell.divisor == pytest.approx(cell.total, abs=1e-6)


def test_counting_the_padding_the_other_way_is_refused():
    """The negative twin: at the border the divisor would be 9 instead of 4."""
    layer = traced(nn.AvgPool2d(3, padding=1, count_include_pad=False), SIXTEEN + 1)
    assert cell_at(layer).divisor == 4
    wrong = replace(layer, spec=replace(layer.spec, counts_padding=True))
    with pytest.raises(ExplainError, match="numbers of 0 must make its output"):
        cell_at(wrong)


def test_a_window_that_stands_elsewhere_is_refused():
    layer = traced(nn.MaxPool2d(2), SIXTEEN)
    with pytest.raises(ExplainError, match="numbers of 0 must make its output"):
        totals(replace(layer, spec=replace(layer.spec, stride=(1, 1))))


def test_a_winner_that_is_not_the_largest_cannot_be_recorded():
    cell = cell_at(traced(nn.MaxPool2d(2), SIXTEEN))
    with pytest.raises(ExplainError, match="winner of 0 must be the largest value, got 0"):
        replace(cell, tap=(0, 0), total=0.0)


def test_no_number_in_a_window_is_no_number_in_the_total():
    maps = SIXTEEN.copy()
    maps[0, 0, 0] = np.nan
    for module in (nn.MaxPool2d(2), nn.AvgPool2d(2)):
        layer = traced(module, maps)
        assert not cell_at(layer).is_finite
        assert np.isnan(cell_at(layer).total)
        assert cell_at(layer, 0, 1, 1).is_finite


def test_infinity_minus_infinity_is_no_number_as_pytorch_says():
    cell = cell_at(traced(nn.AvgPool2d(2), np.array([[[np.inf, -np.inf], [0.0, 0.0]]])))
    assert np.isnan(cell.total)


LARGEST = [nn.MaxPool2d(2), nn.MaxPool2d(3, 2, padding=1, dilation=2, ceil_mode=True), nn.MaxPool2d((1, 3), 2),
           nn.AdaptiveMaxPool2d((3, 2)), nn.MaxPool2d(3, 3, padding=1, ceil_mode=True)]  # fmt: skip


@pytest.mark.parametrize("module", LARGEST, ids=repr)
@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_all_winners_at_once_are_those_of_torch_ties_and_missing_numbers_included(module: nn.Module, missing: float):
    rng = np.random.default_rng(6)
    maps = rng.integers(-2, 3, (2, 9, 8)).astype(np.float32)
    maps[rng.random(maps.shape) < missing] = np.nan
    layer = traced(module, maps)
    name = "adaptive_max_pool2d" if isinstance(module, nn.AdaptiveMaxPool2d) else "max_pool2d"
    options = (
        {}
        if name.startswith("adaptive")
        else {
            "stride": module.stride,
            "padding": module.padding,
            "dilation": module.dilation,
            "ceil_mode": module.ceil_mode,
        }
    )
    size = module.output_size if name.startswith("adaptive") else module.kernel_size
    _values, places = getattr(functional, name)(torch.tensor(maps), size, return_indices=True, **options)
    for unit, won in zip(units(layer), winning_taps(layer).ravel(), strict=True):
        sources = explain(layer, unit).sources.reshape(-1, 2)
        row, col = sources[won - 1]
        assert row * 8 + col == places[unit.channel, unit.row, unit.col]
        tap = explain(layer, unit).tap
        assert won - 1 == tap[0] * explain(layer, unit).values.shape[1] + tap[1]


def test_a_window_of_infinities_is_won_by_its_first_cell_and_not_by_padding():
    layer = traced(nn.MaxPool2d(2, 2, padding=1), np.full((1, 2, 2), -np.inf, np.float32))
    assert winning_taps(layer).tolist() == [[[4, 3], [2, 1]]]  # of each corner window the one cell that is no padding


MEANS = [nn.AvgPool2d(3, 2, padding=1, ceil_mode=True), nn.AvgPool2d(2, divisor_override=3),
         nn.AvgPool2d(3, 2, padding=1, count_include_pad=False), nn.AdaptiveAvgPool2d((4, 3))]  # fmt: skip


@pytest.mark.parametrize("module", MEANS, ids=repr)
def test_all_divisors_at_once_are_what_torch_divides_by(module: nn.Module):
    """Of maps of ones the sum is the number of cells under the window, so the mean says the divisor."""
    layer = traced(module, np.ones((1, 9, 8), np.float32))
    found = divisors(layer)
    for unit in units(layer):
        cells = (explain(layer, unit).sources[..., 0] >= 0).sum()
        divisor = found["rows"][unit.row] * found["cols"][unit.col]
        assert cells / divisor == pytest.approx(float(layer.output[unit.channel, unit.row, unit.col]))
