"""What a unit sees in random networks, pixel by pixel, is what PyTorch's gradient says."""

import copy
import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from cnnviz.core.graph import build_graph
from cnnviz.core.ops import OpKind, OpRule, operation
from cnnviz.core.receptive_field import FieldStatus, layer_receptive_fields, receptive_field
from cnnviz.core.receptive_field.record import Box
from cnnviz.core.units import UnitRef


# The oracle. Weights and images are positive and no bias is negative, so that no sum cancels and no ReLU is off;
# a largest value hides its rivals from the gradient, so that max pooling is replaced by the sum of the same window.
def open_eyed(model: nn.Module) -> nn.Module:
    twin = copy.deepcopy(model).double().eval()
    for module in list(twin.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.MaxPool2d):
                setattr(module, name, SumOfWindow(child))
    with torch.no_grad():
        for parameter in twin.parameters():
            parameter.copy_(torch.rand_like(parameter) + 0.5)
    return twin


class SumOfWindow(nn.Module):
    """Max pooling's windows, holes and overhang too, with a sum in place of the largest value."""

    def __init__(self, pool: nn.MaxPool2d) -> None:
        super().__init__()
        self.pool = pool

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, c, rows, cols = self.pool(x).shape
        k, s, p, d = (value if isinstance(value, tuple) else (value, value) for value in
                      (self.pool.kernel_size, self.pool.stride, self.pool.padding, self.pool.dilation))  # fmt: skip
        after = [(m - 1) * s[i] + d[i] * (k[i] - 1) + 1 - x.shape[2 + i] - p[i] for i, m in enumerate((rows, cols))]
        padded = functional.pad(x, (p[1], after[1], p[0], after[0]))
        return functional.unfold(padded, k, dilation=d, stride=s).view(n, c, -1, rows, cols).sum(dim=2)


def supports(model: nn.Module, shape: tuple[int, int, int], places: list[tuple[int, ...]]) -> list[np.ndarray]:
    """For each entry of the output, the pixels that move it, in any channel: PyTorch's gradient in float64."""
    image = (torch.rand(1, *shape, dtype=torch.float64) + 0.5).requires_grad_()
    out = open_eyed(model)(image)
    found = [torch.autograd.grad(out[(0, *at)], image, retain_graph=True, materialize_grads=True)[0] for at in places]
    return [(gradient[0] != 0).any(dim=0).numpy() for gradient in found]


def some_units(shape: tuple[int, ...], seed: int) -> list[tuple[int, int, int]]:
    """The corners of the maps, and one unit anywhere."""
    channels, rows, cols = shape
    chance = random.Random(seed)
    corners = [(0, 0, 0), (channels - 1, rows - 1, cols - 1), (0, 0, cols - 1)]
    return [*corners, tuple(chance.randrange(size) for size in shape)]


def assert_fields_are_gradients(model: nn.Module, shape: tuple[int, int, int], seed: int = 0) -> None:
    graph = build_graph(model, shape)
    last = graph.layers[-1]
    sight = layer_receptive_fields(graph)[last.name]
    units = some_units(last.shape, seed)
    for (channel, row, col), expected in zip(units, supports(model, shape, units), strict=True):
        made = receptive_field(graph, UnitRef(last.name, channel, row, col))
        assert made.image is not None
        np.testing.assert_array_equal(made.exact, expected)
        assert_statuses_hold(made, sight, expected, (row, col))


def assert_statuses_hold(made, sight, expected: np.ndarray, place: tuple[int, int]) -> None:
    """The formula encloses every pixel; where it says that it is exact, it is."""
    box = made.image.clipped.mask(expected.shape)
    assert not (expected & ~box).any()
    if made.status is FieldStatus.EXACT:
        np.testing.assert_array_equal(box, expected)
    assert (made.status is FieldStatus.PADDING_ONLY) == (not expected.any())
    assert (made.status is FieldStatus.BOUND) == (bool(made.reasons) and bool(expected.any()))
    if sight.window is not None:
        sides = zip((sight.window.rows, sight.window.cols), place, expected.shape, strict=True)
        rows, cols = (side.clipped(at, length) for side, at, length in sides)
        assert not (expected & ~Box(rows, cols).mask(expected.shape)).any()
        if sight.status is FieldStatus.EXACT:
            np.testing.assert_array_equal(Box(rows, cols).mask(expected.shape), expected)
    if sight.status is FieldStatus.WHOLE_IMAGE:
        assert expected.all()


@st.composite
def layers(draw, channels: int = 4, keeps_size: bool = False) -> nn.Module:
    """One layer over four channels."""
    sides = st.tuples(st.integers(1, 3), st.integers(1, 3))
    kind = draw(st.sampled_from(["conv", "conv", "conv", "grouped", "average", "largest", "relu", "norm"]))
    kernel = draw(sides)
    if keeps_size or kind in ("conv", "grouped"):
        stride = (1, 1) if keeps_size else draw(sides)
        dilation = draw(st.tuples(st.integers(1, 2), st.integers(1, 3)))
        padding = "same" if keeps_size else draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
        kernel = draw(st.sampled_from([(1, 1), (3, 3), (1, 3), (3, 1)])) if keeps_size else kernel
        groups = draw(st.sampled_from([2, channels])) if kind == "grouped" else 1
        return nn.Conv2d(channels, channels, kernel, stride, padding, dilation, groups)
    if kind in ("average", "largest"):
        padding = draw(st.integers(0, min(kernel) // 2))
        ceil, stride = draw(st.booleans()), draw(sides)
        if kind == "average":
            return nn.AvgPool2d(kernel, stride, padding, ceil_mode=ceil)
        return nn.MaxPool2d(kernel, stride, padding, ceil_mode=ceil, dilation=draw(st.integers(1, 2)))
    return nn.ReLU() if kind == "relu" else nn.BatchNorm2d(channels)


class Added(nn.Module):
    """Two branches whose sizes agree, added."""

    def __init__(self, one: nn.Module, other: nn.Module) -> None:
        super().__init__()
        self.one, self.other = one, other

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.one(x) + self.other(x)


class Joined(Added):
    """The same, side by side, and back to four channels or not."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.one(x), self.other(x)], dim=1)


class Shuffled(Added):
    """Half of the channels go through a branch; then the channels change places, as in a ShuffleNet."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        left, right = x.chunk(2, dim=1)
        both = torch.cat((left, self.one(right)), dim=1)
        n, c, h, w = both.shape
        return both.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


@st.composite
def branches(draw) -> nn.Module:
    kind = draw(st.sampled_from([Added, Added, Joined, Shuffled]))
    if kind is Shuffled:
        return Shuffled(draw(layers(channels=2, keeps_size=True)), nn.Identity())
    rows = [nn.Sequential(*draw(st.lists(layers(keeps_size=True), max_size=2))) for _branch in range(2)]
    if kind is Joined:
        after = [nn.Conv2d(8, 4, 1)] if draw(st.booleans()) else [nn.Conv2d(8, 4, 3, groups=4)]
        return nn.Sequential(Joined(*rows), *after)
    return Added(*rows)


def fits(model: nn.Module, shape: tuple[int, int, int]) -> bool:
    try:
        with torch.no_grad():
            out = model.eval()(torch.ones(1, *shape))
    except RuntimeError:  # a kernel larger than what is left, a padding larger than half a kernel
        return False
    return out.dim() == 4 and out.numel() > 0


SHAPES = st.tuples(st.just(4), st.integers(5, 13), st.integers(5, 13))


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(layers(), min_size=1, max_size=5), shape=SHAPES, seed=st.integers(0, 99))
def test_in_any_chain_a_unit_sees_exactly_the_pixels_that_move_it(rows, shape, seed):
    model = nn.Sequential(*rows)
    if fits(model, shape):
        assert_fields_are_gradients(model, shape, seed)


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(st.one_of(layers(), branches()), min_size=1, max_size=4), shape=SHAPES, seed=st.integers(0, 99))
def test_with_branches_too_a_unit_sees_exactly_the_pixels_that_move_it(rows, shape, seed):
    model = nn.Sequential(*rows)
    if fits(model, shape):
        assert_fields_are_gradients(model, shape, seed)


def test_a_wrong_rule_is_caught(monkeypatch: pytest.MonkeyPatch):
    """The negative twin: a convolution that forgets its dilation, and a window that forgets its stride."""
    model = nn.Sequential(nn.Conv2d(4, 4, 3, dilation=2), nn.Conv2d(4, 4, 3, stride=2))
    assert_fields_are_gradients(model, (4, 11, 11))
    for wrong in ({"dilation": (1, 1)}, {"stride": (1, 1)}):
        monkeypatch.setitem(operation._KNOWN, nn.Conv2d, _forgetful(wrong))
        with pytest.raises((AssertionError, ValueError, IndexError)):
            assert_fields_are_gradients(model, (4, 11, 11))


def _forgetful(wrong: dict[str, tuple[int, int]]):
    right, names = operation._KNOWN[nn.Conv2d]

    def rule(call):
        return OpRule(OpKind.WINDOWS, replace(right.rule(call).spec, **wrong))

    return replace(right, rule=rule), names


def test_taking_the_product_of_two_unions_is_caught():
    """The negative twin of branches: rows × columns of both branches together are more than either sees."""
    model = Added(nn.Conv2d(4, 4, (5, 1), padding="same"), nn.Conv2d(4, 4, (1, 5), padding="same"))
    seen = receptive_field(build_graph(model, (4, 9, 9)), UnitRef("add", 0, 4, 4)).image
    (expected,) = supports(model, (4, 9, 9), [(0, 4, 4)])
    np.testing.assert_array_equal(seen.exact, expected)
    product = np.outer(expected.any(axis=1), expected.any(axis=0))
    assert product.sum() == 25
    assert expected.sum() == 5 + 5 - 1
    assert not seen.is_product
