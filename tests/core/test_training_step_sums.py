"""A single gradient as a sum: of a weight, a bias, a cell before a pooling or an activation; PyTorch's in each case."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_networks import moved, picture
from torch import nn

from cnnviz.core.training_step import (
    LayerStep,
    TrainingStepError,
    bias_sum,
    input_gradient,
    trace_training_step,
    weight_sum,
)


def naive_weight_gradient(layer: LayerStep, out: int, in_: int, row: int, col: int, flips: bool = False) -> float:
    """Loops over output cells; zero padding. `flips` is the gradient of a true convolution, with a turned kernel."""
    (stride, _), (pad, _), kernel = layer.spec.stride, layer.spec.padding, layer.weight.before.shape[-1]
    padded = np.pad(layer.input[in_], pad)
    at_row, at_col = (kernel - 1 - row, kernel - 1 - col) if flips else (row, col)
    total = 0.0
    for r in range(layer.output.shape[1]):
        for c in range(layer.output.shape[2]):
            total += padded[r * stride + at_row, c * stride + at_col] * layer.grad_output[out, r, c]
    return total


@pytest.mark.parametrize("place", [(0, 0, 0, 0), (2, 1, 0, 2), (1, 1, 2, 1), (1, 0, 1, 1)])
def test_the_gradient_of_one_weight_equals_naive_loops_and_its_sum(place: tuple[int, int, int, int]):
    layer = moved().layer("conv1")
    found = weight_sum(layer, *place)
    assert found.total == layer.weight.gradient[place]
    assert found.products.sum() == pytest.approx(found.total)
    assert naive_weight_gradient(layer, *place) == pytest.approx(found.total)
    np.testing.assert_array_equal(found.products, found.seen * found.gradients)


def test_the_gradient_of_a_true_convolution_is_caught():
    layer = moved().layer("conv1")
    wrong = naive_weight_gradient(layer, 0, 0, 0, 2, flips=True)
    assert wrong != pytest.approx(weight_sum(layer, 0, 0, 0, 2).total)


def every_sum_holds(layer: LayerStep) -> bool:
    """Whether each weight's products add up to PyTorch's gradient; groups and transposed kernels are read by hand."""
    spec, gradient = layer.spec, layer.weight.gradient
    wide, deep = (count // spec.groups for count in spec.channels)
    for group in range(spec.groups):
        for i, o, r, c in np.ndindex(wide, deep, *gradient.shape[2:]):
            in_, out = group * wide + i, group * deep + o
            own = gradient[in_, o, r, c] if spec.is_transposed else gradient[out, i, r, c]
            found = weight_sum(layer, out, in_, r, c)
            if not (found.total == own and math.isclose(found.products.sum(), own, rel_tol=1e-9, abs_tol=1e-12)):
                return False
    return True


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@settings(max_examples=40, deadline=None)
@given(
    groups=st.sampled_from([1, 2]),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=st.tuples(st.integers(1, 2), st.integers(1, 3)),
    padding=st.one_of(st.just("same"), st.just("valid"), st.tuples(st.integers(0, 2), st.integers(0, 2))),
    dilation=st.integers(1, 2),
    mode=st.sampled_from(["zeros", "reflect", "replicate", "circular"]),
)
def test_every_weight_of_any_convolution_is_the_sum_that_it_shows(groups, kernel, stride, padding, dilation, mode):
    torch.manual_seed(0)
    stride = (1, 1) if padding == "same" else stride
    conv = nn.Conv2d(2, 4, kernel, stride, padding, dilation, groups=groups, padding_mode=mode)
    model = nn.Sequential(conv, nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, 3)).double()
    assert every_sum_holds(trace_training_step(model, picture((2, 6, 7)), 1).layers[0])


@pytest.mark.parametrize("groups", [1, 2])
def test_every_weight_of_a_transposed_convolution_is_the_sum_that_it_shows(groups: int):
    torch.manual_seed(0)
    conv = nn.ConvTranspose2d(2, 4, 3, stride=2, padding=1, output_padding=1, groups=groups)
    model = nn.Sequential(conv, nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, 3)).double()
    assert every_sum_holds(trace_training_step(model, picture((2, 4, 3)), 1).layers[0])


def test_sums_over_shifted_output_gradients_do_not_hold():
    """The negative twin: the same input cells times the gradient of the neighbouring output cell."""
    layer = moved().layer("conv2")
    shifted = dataclasses.replace(layer, grad_output=np.roll(layer.grad_output, 1, axis=2))
    assert every_sum_holds(layer)
    assert not every_sum_holds(shifted)


def test_padding_adds_nothing_to_a_weights_gradient():
    found = weight_sum(moved().layer("conv1"), 0, 0, 0, 0)
    assert found.padded[0].all()
    assert found.padded[:, 0].all()
    assert not found.padded[1:, 1:].any()
    assert (found.products[found.padded] == 0).all()


def test_a_fully_connected_weight_has_one_product():
    motion = moved()
    layer = motion.layer("fc")
    found = weight_sum(layer, 3, 7)
    assert found.products.shape == (1, 1)
    assert found.total == pytest.approx(layer.input[7] * motion.grad_logits[3])
    assert found.total != pytest.approx(layer.input[3] * motion.grad_logits[2])


@pytest.mark.parametrize(("path", "channel"), [("conv1", 2), ("conv2", 0), ("fc", 4)])
def test_the_gradient_of_a_bias_is_the_sum_over_its_map(path: str, channel: int):
    layer = moved().layer(path)
    found = bias_sum(layer, channel)
    assert found.gradients.sum() == pytest.approx(found.total)
    assert found.total == layer.bias.gradient[channel]


# Pooling and activations: where a gradient goes


def pooled(pool: nn.Module, image: np.ndarray) -> LayerStep:
    torch.manual_seed(1)
    with torch.no_grad():
        size = pool(torch.tensor(image)[None]).numel()
    model = nn.Sequential(pool, nn.Flatten(), nn.Linear(size, 3)).double()
    return trace_training_step(model, image, 0).layers[0]


POOLS = [
    nn.MaxPool2d(2),
    nn.MaxPool2d(3, stride=1, padding=1),
    nn.MaxPool2d(2, stride=2, ceil_mode=True, dilation=2),
    nn.AvgPool2d(2, stride=1),
    nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True),
    nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False),
    nn.AvgPool2d(2, divisor_override=3),
    nn.AdaptiveAvgPool2d((2, 3)),
    nn.AdaptiveMaxPool2d(3),
]


@pytest.mark.parametrize("pool", POOLS, ids=str)
@pytest.mark.parametrize("levels", [2, 1000])
def test_every_cell_before_a_pooling_gets_what_its_shares_add_up_to(pool: nn.Module, levels: int):
    """With two levels most windows have several equal winners: PyTorch's first one gets all."""
    image = np.floor(picture((2, 7, 6), seed=3) * levels) / levels
    layer = pooled(pool, image)
    for cell in np.ndindex(2, 7, 6):
        found = input_gradient(layer, *cell)
        assert found.products.sum() == pytest.approx(layer.grad_input[cell], abs=1e-12)
        assert found.total == layer.grad_input[cell]


def test_the_last_of_equal_winners_would_be_caught():
    image = np.zeros((1, 4, 4))  # all equal: the upper left of each window wins
    layer = pooled(nn.MaxPool2d(2), image)
    assert input_gradient(layer, 0, 0, 0).factors.tolist() == [1]
    assert input_gradient(layer, 0, 1, 1).factors.tolist() == [0]
    assert layer.grad_input[0, 0, 0] != 0
    assert layer.grad_input[0, 1, 1] == 0


@pytest.mark.parametrize("activation", [nn.ReLU(), nn.LeakyReLU(0.1), nn.Tanh(), nn.Sigmoid()], ids=str)
def test_an_activation_passes_the_gradient_on_times_its_slope(activation: nn.Module):
    image = picture((1, 3, 3)) - 0.5
    image[0, 1, 1] = 0
    layer = pooled(activation, image)
    for cell in np.ndindex(1, 3, 3):
        assert input_gradient(layer, *cell).products.sum() == pytest.approx(layer.grad_input[cell])


def test_relu_lets_no_gradient_through_where_its_input_is_not_above_zero():
    layer = moved().layer("relu1")
    gate = layer.input > 0
    assert gate.any()
    assert not gate.all()
    np.testing.assert_array_equal(layer.grad_input, np.where(gate, layer.grad_output, 0))
    assert np.abs(layer.grad_input - layer.grad_output).max() > 0  # the negative twin: no gate


@pytest.mark.parametrize("place", [(3, 0, 0, 0), (0, 2, 0, 0), (0, 0, 3, 0), (0, 0, 0, -1)])
def test_a_weight_that_a_layer_does_not_have_is_refused(place: tuple[int, int, int, int]):
    with pytest.raises(IndexError, match="conv1"):
        weight_sum(moved().layer("conv1"), *place)


def test_sums_that_there_are_not_are_refused():
    motion = moved()
    with pytest.raises(TrainingStepError, match="relu1"):
        weight_sum(motion.layer("relu1"), 0, 0)
    with pytest.raises(TrainingStepError, match="pool1"):
        bias_sum(motion.layer("pool1"), 0)
    with pytest.raises(TrainingStepError, match="conv2"):
        input_gradient(motion.layer("conv2"), 0)


def test_channels_of_different_groups_are_refused():
    model = nn.Sequential(nn.Conv2d(2, 4, 3, groups=2), nn.Flatten(), nn.Linear(16, 2)).double()
    layer = trace_training_step(model, picture((2, 4, 4)), 0).layers[0]
    assert weight_sum(layer, 3, 1).products.shape == (2, 2)
    with pytest.raises(IndexError, match="same group"):
        weight_sum(layer, 3, 0)
