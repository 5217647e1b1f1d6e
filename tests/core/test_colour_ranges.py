"""Colour ranges: symmetric, set by sums, inherited by what follows them."""

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.core.colour_ranges import FAINT, ColourRanges, colour_ranges, merge_ranges, sparse_layers
from cnnviz.core.trace import Tracer, trace
from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import find_sample
from cnnviz.models import checkpoints
from cnnviz.models.zoo import find_recipe


def traced():
    torch.manual_seed(0)
    return trace(find_recipe("mnist").build(), np.random.default_rng(0).random((1, 28, 28), dtype=np.float32))


def test_a_convolutions_range_is_its_own_largest_value():
    made = traced()
    found = colour_ranges(made)[0]
    assert found.layer == np.abs(made.layers[0].output).max()
    assert found.maps == tuple(float(np.abs(one).max()) for one in made.layers[0].output)


def on_a(sample):
    model, _manifest = checkpoints.load("mnist")
    return Tracer(model)(preprocess(find_sample(sample).sketch).image)


DIGITS = ["slashed-zero", "one", "two", "three", "four", "five", "six", "barred-seven", "eight", "nine"]


def test_activation_pooling_and_flattening_inherit_the_layers_range():
    conv, relu, pool, *_rest = colour_ranges(traced())
    assert conv.layer == relu.layer == pool.layer
    assert conv.starts
    assert not relu.starts
    assert relu.finer == pool.finer == 1


def bent(*values):
    """A convolution that only passes its input on, a ReLU and a pooling."""
    conv = nn.Conv2d(1, 1, 1, bias=False)
    with torch.no_grad():
        conv.weight.fill_(1)
    return trace(nn.Sequential(conv, nn.ReLU(), nn.MaxPool2d(1)), np.array([[values]], np.float32))


def test_what_would_look_empty_starts_a_finer_scale_and_passes_it_on():
    conv, relu, pool = colour_ranges(bent(-8.0, 0.5, 1.0))
    assert conv.layer == 8
    assert relu.layer == pool.layer == 1
    assert relu.finer == 8 / 1
    assert pool.finer == 1  # it inherits: the hue stays


def test_a_quarter_of_the_scale_is_still_seen_on_it_and_nothing_at_all_needs_none():
    assert colour_ranges(bent(-8.0, 8 * FAINT))[1].layer == 8
    assert colour_ranges(bent(-8.0, 0.999 * 8 * FAINT))[1].layer < 2
    assert colour_ranges(bent(-8.0, -1.0))[1].layer == 8


def test_on_every_sample_each_layer_uses_a_quarter_of_its_scale():
    for sample in DIGITS:
        made = on_a(sample)
        for layer, found in zip(made.layers, colour_ranges(made), strict=True):
            assert max(found.maps) >= FAINT * found.layer, (sample, layer.spec.path)


def test_without_finer_scales_relu2_would_stay_below_a_quarter():
    """The negative twin: on the scale of conv2 what decides could not be seen."""
    for sample in DIGITS:
        conv2, relu2 = colour_ranges(on_a(sample))[3:5]
        assert max(relu2.maps) < FAINT * conv2.layer


def test_two_sides_share_scales_and_know_anew_which_are_finer():
    sparse, dense = colour_ranges(bent(-8.0, 1.0)), colour_ranges(bent(-1.0, 8.0))
    assert [one.layer for one in merge_ranges(sparse, dense)] == [8, 8, 8]
    assert [one.finer for one in merge_ranges(sparse, dense)] == [1, 1, 1]
    assert merge_ranges(sparse, sparse) == sparse
    assert merge_ranges((ColourRanges((1.0,), 1.0, 1.0),), (ColourRanges((3.0,), 3.0, 3.0),)) == (
        ColourRanges((3.0,), 3.0, 3.0),
    )


def test_which_layers_are_sparse_is_decided_by_most_of_the_references():
    faint, strong = bent(-8.0, 1.0), bent(-8.0, 4.0)
    assert sparse_layers([faint, faint, strong]) == {"1"}  # the ReLU
    assert sparse_layers([faint, strong]) == sparse_layers([faint, strong, strong]) == sparse_layers([]) == frozenset()


@pytest.mark.parametrize("share", [0.01, 0.24, 0.26, 0.9, 1.0])
def test_a_sparse_layer_has_its_own_scale_whatever_is_drawn(share: float):
    conv, relu, pool = colour_ranges(bent(-8.0, 8 * share), frozenset({"1"}))
    assert (relu.is_own, pool.is_own) == (True, False)
    assert relu.layer == pool.layer == pytest.approx(8 * share)
    assert relu.finer == pytest.approx(1 / share)
    assert not any(one.is_own for one in colour_ranges(bent(-8.0, 8 * share), frozenset()))
    assert conv.layer == 8


def test_a_sparse_layer_of_zeros_keeps_its_place_and_the_scale_before():
    conv, relu, _pool = colour_ranges(bent(-8.0, -1.0), frozenset({"1"}))
    assert (relu.is_own, relu.finer, relu.layer) == (True, 1.0, conv.layer)


def test_an_inherited_range_differs_from_the_layers_own():
    """The negative twin: colouring a ReLU by its own largest value would change its hues."""
    conv = nn.Conv2d(1, 1, 1)
    with torch.no_grad():
        conv.weight.fill_(-1)
        conv.bias.fill_(0.25)
    made = trace(nn.Sequential(conv, nn.ReLU()), np.array([[[0.0, 1.0]]], np.float32))
    assert made.layers[1].output.max() == 0.25
    assert colour_ranges(made)[1].layer == 0.75 == 1 - 0.25


def test_a_map_by_itself_has_its_own_range():
    made = traced()
    for layer, found in zip(made.layers[:6], colour_ranges(made), strict=False):
        assert found.maps == tuple(float(np.abs(one).max()) for one in layer.output)


def test_the_networks_range_is_the_largest_of_all():
    found = colour_ranges(traced())
    assert {one.network for one in found} == {max(max(one.maps) for one in found)}


def test_a_network_that_starts_without_a_sum_has_ranges_too():
    made = trace(nn.Sequential(nn.ReLU()), np.ones((2, 3, 3), np.float32))
    assert colour_ranges(made)[0].maps == (1.0, 1.0)


def test_what_is_no_number_has_no_colour_and_spoils_no_scale():
    """One NaN and one infinity: the scales reach as far as the other cells do."""
    image = np.array([[[1.0, np.nan, -3.0], [np.inf, 2.0, 0.5]]], np.float32)
    made = trace(nn.Sequential(nn.ReLU()), image)
    assert colour_ranges(made)[0].maps == (2.0,)
    assert colour_ranges(made)[0].layer == colour_ranges(made)[0].network == 2.0
    nothing = trace(nn.Sequential(nn.ReLU()), np.full((1, 2, 2), np.nan, np.float32))
    assert colour_ranges(nothing)[0].maps == (0.0,)


class _Branches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.pool, self.after = nn.Conv2d(1, 1, 3, padding=1), nn.MaxPool2d(3, 1, 1), nn.ReLU()

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """A small branch, a large one beside it, and both joined."""
        return self.after(torch.cat([self.conv(maps) / 100, self.pool(maps)], 1) + 5)


def test_branches_and_what_joins_them_have_scales_of_their_own():
    """What ran before a branch says nothing of it: on that scale its values would lie beyond the ends."""
    made = trace(_Branches().eval(), np.random.default_rng(0).random((1, 6, 6), dtype=np.float32))
    scales = {layer.spec.path: one for layer, one in zip(made.layers, colour_ranges(made), strict=True)}
    for name in ("pool", "cat", "add"):
        largest = np.abs(made.layers[made.position(name)].output).max()
        assert (scales[name].starts, scales[name].layer) == (True, largest)
    assert not scales["after"].starts
    assert scales["after"].layer == scales["add"].layer
