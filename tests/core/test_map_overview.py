"""Which of many maps come first, and maps in overview size: by plain loops."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.core.map_overview import block_side, furthest_from_zero, map_activity, most_active, order_owners
from cnnviz.core.trace import trace


@pytest.mark.parametrize(("shape", "side"), [((2, 8, 8), 2), ((3, 7, 5), 3), ((1, 4, 9), 4), ((2, 3, 3), 1)])
def test_each_cell_of_an_overview_is_the_value_of_its_block_that_is_furthest_from_zero(shape, side):
    maps = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    made = furthest_from_zero(maps, side)
    for (channel, row, col), value in np.ndenumerate(made):
        block = maps[channel, row * side : (row + 1) * side, col * side : (col + 1) * side]
        assert value == max(block.reshape(-1).tolist(), key=abs)
    assert made.shape == (shape[0], -(-shape[1] // side), -(-shape[2] // side))


def test_a_value_that_is_no_number_is_not_lost_in_an_overview():
    maps = np.array([[[1.0, np.nan], [5.0, 2.0]]])
    assert np.isnan(furthest_from_zero(maps, 2)[0, 0, 0])


@pytest.mark.parametrize(("rows", "cols", "most", "side"), [(112, 112, 28, 4), (28, 28, 28, 1), (29, 7, 28, 2)])
def test_an_overview_is_never_larger_than_it_may_be(rows, cols, most, side):
    assert block_side(rows, cols, most) == side
    assert max(furthest_from_zero(np.zeros((1, rows, cols)), side).shape) <= most


def test_the_most_active_map_has_the_largest_mean_of_sizes():
    maps = np.array([[[1.0, -1.0]], [[0.0, 3.0]], [[-2.0, -2.0]], [[np.inf, 1.0]]])
    assert map_activity(maps).tolist() == [1.0, 1.5, 2.0, 0.5]
    assert most_active(map_activity(maps)) == [2, 1, 0, 3]
    assert most_active(np.array([1.0, 2.0, 1.0])) == [1, 0, 2]  # of equal ones the first


def test_layers_that_pass_maps_on_share_the_order_of_the_last_of_them():
    model = nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 3, 3), nn.MaxPool2d(2), nn.Flatten()
    ).eval()
    made = trace(model, torch.rand(1, 9, 9).numpy())
    assert order_owners(made) == (0, 3, 3, 3, 5, 5, 6)
