"""Colour ranges: symmetric, set by sums, inherited by what follows them."""

import numpy as np
import torch
from torch import nn

from cnnviz.networks import find_recipe
from cnnviz.ranges import ranges
from cnnviz.trace import trace


def traced():
    torch.manual_seed(0)
    return trace(find_recipe("mnist").build(), np.random.default_rng(0).random((1, 28, 28), dtype=np.float32))


def test_a_convolutions_range_is_its_own_largest_value():
    made = traced()
    found = ranges(made)[0]
    assert found.layer == np.abs(made.layers[0].output).max()
    assert found.maps == tuple(float(np.abs(one).max()) for one in made.layers[0].output)


def test_activation_pooling_and_flattening_inherit_the_layers_range():
    _, _, _, conv, relu, pool, flat, _fc = ranges(traced())
    assert conv.layer == relu.layer == pool.layer == flat.layer


def test_an_inherited_range_differs_from_the_layers_own():
    """The negative twin: colouring a ReLU by its own largest value would change its hues."""
    conv = nn.Conv2d(1, 1, 1)
    with torch.no_grad():
        conv.weight.fill_(-1)
        conv.bias.fill_(0.25)
    made = trace(nn.Sequential(conv, nn.ReLU()), np.array([[[0.0, 1.0]]], np.float32))
    assert made.layers[1].output.max() == 0.25
    assert ranges(made)[1].layer == 0.75 == 1 - 0.25


def test_a_map_by_itself_has_its_own_range():
    made = traced()
    for layer, found in zip(made.layers[:6], ranges(made), strict=False):
        assert found.maps == tuple(float(np.abs(one).max()) for one in layer.output)


def test_the_networks_range_is_the_largest_of_all():
    found = ranges(traced())
    assert {one.network for one in found} == {max(max(one.maps) for one in found)}


def test_a_network_that_starts_without_a_sum_has_ranges_too():
    made = trace(nn.Sequential(nn.ReLU()), np.ones((2, 3, 3), np.float32))
    assert ranges(made)[0].maps == (1.0, 1.0)


def test_what_is_no_number_has_no_colour_and_spoils_no_scale():
    """One NaN and one infinity: the scales reach as far as the other cells do."""
    image = np.array([[[1.0, np.nan, -3.0], [np.inf, 2.0, 0.5]]], np.float32)
    made = trace(nn.Sequential(nn.ReLU()), image)
    assert ranges(made)[0].maps == (2.0,)
    assert ranges(made)[0].layer == ranges(made)[0].network == 2.0
    nothing = trace(nn.Sequential(nn.ReLU()), np.full((1, 2, 2), np.nan, np.float32))
    assert ranges(nothing)[0].maps == (0.0,)
