"""What each input channel adds to a map: naive loops, every padding mode, transposed convolutions, and wrong ones."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz.core.channel_sums import channel_sums
from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import TraceError, trace
from cnnviz.models.zoo import find_recipe


def built() -> nn.Sequential:
    torch.manual_seed(0)
    return find_recipe("mnist").build().eval()


def picture(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).random(shape, dtype=np.float32)


def naive_shares(made: Trace, position: int, unit: int, row: int, col: int) -> list[float]:
    """Loops over a padded input, one input channel after the other."""
    layer = made.layers[position]
    pad = layer.spec.padding[0]
    padded = np.pad(layer.input.astype(np.float64), ((0, 0), (pad, pad), (pad, pad)))
    shares = []
    for channel, kernel in enumerate(layer.weight[unit].astype(np.float64)):
        share = 0.0
        for r in range(kernel.shape[0]):
            for c in range(kernel.shape[1]):
                share += padded[channel, row + r, col + c] * kernel[r, c]
        shares.append(share)
    return shares


@pytest.mark.parametrize(("path", "unit"), [("conv1", 0), ("conv1", 15), ("conv2", 7)])
@pytest.mark.parametrize(("row", "col"), [(0, 0), (5, 9), (13, 13)])
def test_channel_shares_equal_naive_loops(path: str, unit: int, row: int, col: int):
    made = trace(built(), picture((1, 28, 28)))
    position = made.position(path)
    shares = channel_sums(made.layers[position], unit)[:, row, col]
    np.testing.assert_allclose(shares, naive_shares(made, position, unit, row, col), atol=1e-5)


def test_shares_of_a_flipped_kernel_are_not_the_shares():
    """The negative twin: true convolution (flipped kernels) must fail the oracle."""
    made = trace(built(), picture((1, 28, 28)))
    layer = made.layers[0]
    flipped = type(layer)(layer.spec, layer.inputs, layer.output, layer.weight[:, :, ::-1, ::-1].copy(), layer.bias)
    wrong = channel_sums(flipped, 0)[:, 5, 9]
    assert np.abs(wrong - naive_shares(made, 0, 0, 5, 9)).max() > 1e-3


@pytest.mark.parametrize("path", ["conv1", "conv2"])
def test_all_shares_and_the_bias_make_the_map(path: str):
    made = trace(built(), picture((1, 28, 28)))
    layer = made.layers[made.position(path)]
    for unit in range(len(layer.output)):
        total = channel_sums(layer, unit).sum(axis=0) + layer.bias[unit]
        np.testing.assert_allclose(total, layer.output[unit], atol=1e-5)


def test_all_products_and_the_bias_make_the_score():
    layer = trace(built(), picture((1, 28, 28))).layers[-1]
    for unit in range(10):
        assert channel_sums(layer, unit).sum() + layer.bias[unit] == pytest.approx(layer.output[unit], abs=1e-5)


def assert_shares_make_the_map(conv: nn.Module, size: tuple[int, int] = (9, 8)):
    layer = trace(nn.Sequential(conv), picture((4, *size))).layers[0]
    for unit in (0, 1, 7):
        shares = channel_sums(layer, unit)
        assert shares.shape == (4 // conv.groups, *layer.output.shape[1:])
        np.testing.assert_allclose(shares.sum(axis=0) + layer.bias[unit], layer.output[unit], atol=1e-5)


PAIRS = {name: st.tuples(st.integers(low, high), st.integers(low, high)) for name, low, high in
         (("kernel", 1, 4), ("stride", 1, 3), ("padding", 0, 2), ("dilation", 1, 2))}  # fmt: skip
MODES = ["zeros", "reflect", "replicate", "circular"]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")  # how PyTorch does it, not that it is wrong
@settings(max_examples=150, deadline=None)
@given(
    groups=st.sampled_from([1, 2, 4]),
    kernel=PAIRS["kernel"],
    stride=PAIRS["stride"],
    padding=st.one_of(st.just("same"), PAIRS["padding"]),
    dilation=PAIRS["dilation"],
    mode=st.sampled_from(MODES),
)
def test_shares_make_the_map_for_any_convolution(groups, kernel, stride, padding, dilation, mode):
    stride = (1, 1) if padding == "same" else stride
    torch.manual_seed(1)
    assert_shares_make_the_map(
        nn.Conv2d(4, 8, kernel, stride, padding, dilation=dilation, groups=groups, padding_mode=mode)
    )


@settings(max_examples=100, deadline=None)
@given(
    data=st.data(),
    groups=st.sampled_from([1, 2, 4]),
    kernel=PAIRS["kernel"],
    stride=PAIRS["stride"],
    padding=st.tuples(st.integers(0, 1), st.integers(0, 1)),
    dilation=PAIRS["dilation"],
)
def test_shares_make_the_map_for_any_transposed_convolution(data, groups, kernel, stride, padding, dilation):
    most = [max(s, d) - 1 for s, d in zip(stride, dilation, strict=True)]  # PyTorch's limit of output padding
    rows, cols = (data.draw(st.integers(0, limit)) for limit in most)
    torch.manual_seed(1)
    assert_shares_make_the_map(
        nn.ConvTranspose2d(4, 8, kernel, stride, padding, (rows, cols), groups, dilation=dilation), size=(5, 4)
    )


@pytest.mark.parametrize("mode", MODES)
def test_a_stride_that_leaves_the_last_columns_unread_leaves_the_padding_before_them_alone(mode: str):
    """8 columns, kernel 2, stride 3, padding 1: the last one is never read, but the one that a circle puts first."""
    torch.manual_seed(1)
    assert_shares_make_the_map(nn.Conv2d(4, 8, 2, stride=3, padding=1, padding_mode=mode), size=(8, 8))
    assert_shares_make_the_map(nn.Conv2d(4, 8, (4, 5), stride=(3, 4), padding=(0, 1), padding_mode=mode), size=(32, 8))


@pytest.mark.parametrize("mode", MODES[1:])
def test_shares_with_zeros_for_another_padding_do_not_make_the_map(mode: str):
    """The negative twin: padding with zeros whatever the mode must fail, and only at the border."""
    torch.manual_seed(1)
    layer = trace(nn.Sequential(nn.Conv2d(4, 8, 3, padding=1, padding_mode=mode)), picture((4, 9, 8))).layers[0]
    wrong = replace(layer, spec=replace(layer.spec, padding_mode="zeros"))
    off = np.abs(channel_sums(wrong, 0).sum(axis=0) + layer.bias[0] - layer.output[0]) > 1e-4
    assert off[0].all()
    assert off[:, -1].all()
    assert not off[1:-1, 1:-1].any()


def test_the_shares_of_a_transposed_convolution_equal_naive_loops():
    """Every input cell spreads its kernel over the output; the flipped kernel, the negative twin, does not fit."""
    torch.manual_seed(1)
    layer = trace(nn.Sequential(nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, groups=2)), picture((4, 3, 4))).layers[
        0
    ]
    unit, first = 4, 2  # the second map of the second group, which reads channels 2 and 3
    shares = np.zeros((2, 7, 9))
    flipped = np.zeros((2, 7, 9))
    for c, r, k in itertools.product(range(2), range(3), range(4)):
        kernel = layer.weight[first + c, unit % 3].astype(np.float64)
        shares[c, 2 * r : 2 * r + 3, 2 * k : 2 * k + 3] += layer.input[first + c, r, k] * kernel
        flipped[c, 2 * r : 2 * r + 3, 2 * k : 2 * k + 3] += layer.input[first + c, r, k] * kernel[::-1, ::-1]
    np.testing.assert_allclose(channel_sums(layer, unit), shares[:, 1:-1, 1:-1], atol=1e-5)
    assert np.abs(channel_sums(layer, unit) - flipped[:, 1:-1, 1:-1]).max() > 0.01


def test_a_layer_without_weights_has_no_shares():
    made = trace(built(), picture((1, 28, 28)))
    with pytest.raises(TraceError, match="relu1 has no sum over channels"):
        channel_sums(made.layers[1], 0)


def test_a_unit_outside_the_layer_is_refused():
    with pytest.raises(IndexError, match="below 16, got 16"):
        channel_sums(trace(built(), picture((1, 28, 28))).layers[0], 16)
