"""Two traces side by side: differences against float64 PyTorch by hand, pairs by name, scales that are shared."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.core.colour_ranges import colour_ranges
from cnnviz.core.side_by_side import Column, SideBySide, largest_difference, pair_columns
from cnnviz.core.trace import trace


def network(seed: int, **changes: nn.Module) -> nn.Sequential:
    torch.manual_seed(seed)
    parts = {
        "conv": nn.Conv2d(1, 3, 3), "relu": nn.ReLU(), "pool": nn.MaxPool2d(2), "flat": nn.Flatten(),
        "fc": nn.Linear(27, 4),
    }  # fmt: skip
    return nn.Sequential(OrderedDict(parts | changes)).eval()


def images() -> tuple[np.ndarray, np.ndarray]:
    made = np.random.default_rng(0).random((2, 1, 8, 8), np.float32)
    return made[0], made[1]


def by_hand(model: nn.Sequential, image: np.ndarray) -> dict[str, torch.Tensor]:
    """Every layer's output in float64, one module after the other."""
    value, found = torch.tensor(image, dtype=torch.float64)[None], {}
    for name, module in model.double().named_children():
        value = module(value)
        found[name] = value[0]
    model.float()
    return found


@pytest.mark.parametrize("is_other_network", [False, True])
def test_differences_are_those_of_float64_pytorch(is_other_network: bool):
    one, other = images()
    models = network(0), network(1 if is_other_network else 0)
    shown = other if not is_other_network else one
    pair = SideBySide(trace(models[0], one), trace(models[1], shown))
    expected = {name: by_hand(models[1], shown)[name] - value for name, value in by_hand(models[0], one).items()}
    assert [each.path for each in pair.pairs] == ["input", *expected, "softmax"]
    for each in pair.pairs[1:-1]:
        wanted = expected[each.path].detach().numpy()
        assert each.difference is not None
        np.testing.assert_allclose(each.difference, wanted, atol=2e-6)
        assert not np.allclose(each.difference, -wanted, atol=1e-3), "A − B would pass too"
        largest = each.largest
        assert largest is not None
        flat = np.abs(wanted).max()
        assert abs(abs(largest.value) - flat) < 2e-6
        place = (largest.channel, largest.row, largest.col)[: wanted.ndim]
        assert abs(wanted[place] - largest.value) < 2e-6
        assert largest.other - largest.one == largest.value


def test_the_first_layer_that_differs_is_seen():
    model, changed = network(0), network(0)
    with torch.no_grad():
        changed.fc.bias[2] += 1.5
    image = images()[0]
    found = {one.path: one.largest for one in SideBySide(trace(model, image), trace(changed, image)).pairs}
    assert [path for path, one in found.items() if one is not None and one.value != 0] == ["fc", "softmax"]
    assert found["fc"] is not None
    assert (found["fc"].channel, found["fc"].value) == (2, pytest.approx(1.5, abs=1e-6))


def test_what_has_no_difference_says_why():
    image = images()[0]
    wider = network(0, conv=nn.Conv2d(1, 4, 3), fc=nn.Linear(36, 4), last=nn.Softplus())
    pairs = {one.path: one for one in SideBySide(trace(network(0), image), trace(wider, image)).pairs}
    assert pairs["conv"].reason == "The shapes differ: A has 3×6×6, B has 4×6×6."
    assert pairs["conv"].difference is None
    assert pairs["last"].reason == "Only B has a layer of this name."
    assert (pairs["fc"].reason, pairs["fc"].largest is not None) == ("", True)


def test_probabilities_of_other_classes_are_not_subtracted():
    image, model = images()[0], network(0)
    pair = SideBySide(trace(model, image), trace(model, image), (("a", "b", "c", "d"), ("a", "b", "d", "c")))
    assert "classes differ" in pair.pairs[-1].reason
    assert SideBySide(trace(model, image), trace(model, image), (("a",) * 4, ("a",) * 4)).pairs[-1].reason == ""


def test_equal_colours_are_equal_values_on_both_sides_also_of_two_architectures():
    image = images()[0]
    for other in (network(1), network(1, conv=nn.Conv2d(1, 4, 3), fc=nn.Linear(36, 4))):
        traces = trace(network(0), image), trace(other, image)
        scales = SideBySide(*traces).scales
        own = [colour_ranges(one) for one in traces]
        for at, layer in enumerate(traces[0].layers):
            assert scales[0][at].layer == scales[1][at].layer, layer.spec.path
            assert scales[0][at].layer >= max(ranges[at].layer for ranges in own if not ranges[at].is_own)
        assert scales[0][0].network == scales[1][0].network
        assert own[0][0].layer != own[1][0].layer, "alone they have other scales, so sharing changes something"


def test_what_is_not_finite_has_no_largest_difference():
    values = np.array([np.nan, np.inf, 2.0], np.float32)
    found = largest_difference(values, np.array([0.0, 0.0, 5.0], np.float32))
    assert found is not None
    assert (found.value, found.channel) == (3.0, 2)
    [pair] = pair_columns([Column("a", values[:2])], [Column("a", values[:2])])
    assert pair.reason == "No cell has finite values on both sides."
