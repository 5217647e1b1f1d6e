"""A cell of a dropout layer: nothing in evaluation mode, PyTorch's zero or scale under PyTorch's own mask."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from cells import cell_at, random_maps, traced, units
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz.core.explain import ExplainError, dropout_mask, explain_dropout
from cnnviz.core.units import UnitRef


def test_evaluation_hands_every_value_on():
    layer = traced(nn.Dropout(0.9), random_maps(2, 3, 3))
    for unit in units(layer):
        cell = cell_at(layer, unit.channel, unit.row, unit.col)
        assert cell.total == cell.value == layer.input[unit.within(layer.input.shape)]
        assert (cell.scale, cell.is_training, cell.is_kept, cell.probability) == (1, False, True, 0.9)


@settings(max_examples=50, deadline=None)
@given(whole_maps=st.booleans(), p=st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]), seed=st.integers(0, 99))
def test_under_pytorchs_mask_every_value_is_pytorchs(whole_maps: bool, p: float, seed: int):
    module = nn.Dropout2d(p) if whole_maps else nn.Dropout(p)
    layer = traced(module, random_maps(4, 3, 2) + 10)  # no value is 0 by itself
    torch.manual_seed(seed)
    dropped = module.train()(torch.tensor(layer.input)[None])[0].numpy()
    mask = (dropped != 0).all(axis=(1, 2), keepdims=True) if whole_maps else dropped != 0
    for unit in units(layer):
        cell = explain_dropout(layer, unit, mask)
        assert cell.total == pytest.approx(dropped[unit.within(dropped.shape)], rel=1e-6)
        assert cell.is_training
        assert cell.is_kept == (cell.total != 0)


def test_a_kept_value_is_scaled_so_that_the_mean_stays():
    layer = traced(nn.Dropout(0.5), np.full((1, 1, 2), 3.0))
    kept, dropped = (explain_dropout(layer, unit, np.array([[[True, False]]])) for unit in units(layer))
    assert (kept.scale, kept.total) == (1 / (1 - 0.5), 6)
    assert (dropped.scale, dropped.total) == (0, 0)
    assert 0.5 * kept.total + 0.5 * dropped.total == kept.value


def test_keeping_without_scaling_is_refused():
    """The negative twin."""
    layer = traced(nn.Dropout(0.5), np.full((1, 1, 1), 3.0))
    cell = explain_dropout(layer, UnitRef("0"), np.array(True))
    with pytest.raises(ExplainError, match="numbers of 0 must make its output"):
        replace(cell, scale=1.0)


def test_a_mask_of_our_own_has_the_layers_odds_and_the_same_seed_the_same_mask():
    layer = traced(nn.Dropout(0.3), random_maps(20, 30, 30))
    mask = dropout_mask(layer, 1)
    assert mask.shape == (20, 30, 30)
    assert mask.mean() == pytest.approx(1 - 0.3, abs=0.02)
    np.testing.assert_array_equal(mask, dropout_mask(layer, 1))
    assert (mask != dropout_mask(layer, 2)).any()


def test_whole_maps_are_dropped_together():
    layer = traced(nn.Dropout2d(0.5), random_maps(200, 2, 2))
    mask = dropout_mask(layer, 1)
    assert mask.shape == (200, 1, 1)
    assert mask.mean() == pytest.approx(0.5, abs=0.15)
    totals = {explain_dropout(layer, UnitRef("0", 7, *at), mask).is_kept for at in np.ndindex(2, 2)}
    assert len(totals) == 1


@pytest.mark.parametrize(("p", "kept"), [(0.0, True), (1.0, False)])
def test_the_extreme_odds_keep_all_or_nothing(p: float, kept: bool):
    layer = traced(nn.Dropout(p), random_maps(3, 9, 9))
    assert (dropout_mask(layer, 1) == kept).all()


def test_a_mask_that_does_not_fit_is_refused():
    layer = traced(nn.Dropout(1.0), random_maps(2, 3, 3))
    with pytest.raises(ExplainError, match="mask of 0 must fit its input, 2×3×3, got 5: draw it with dropout_mask"):
        explain_dropout(layer, UnitRef("0"), np.ones(5))
    with pytest.raises(ExplainError, match="mask of 0 must drop every cell at p = 1, got one kept"):
        explain_dropout(layer, UnitRef("0"), np.ones((2, 3, 3)))


def test_infinity_dropped_is_no_number_as_pytorch_says():
    layer = traced(nn.Dropout(1.0), np.full((1, 1, 1), np.inf))
    assert torch.isnan(nn.Dropout(1.0)(torch.tensor(layer.input)))
    assert np.isnan(explain_dropout(layer, UnitRef("0"), np.array(False)).total)
