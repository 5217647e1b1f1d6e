"""Any convolution, transposed ones included, against loops over a padded copy and against autograd, in float64."""

import numpy as np
import pytest
import torch
from cells import random_maps, traced, units
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz.core.explain import ConvCell, explain
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.units import UnitRef

NUMPY_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
small = st.tuples(st.integers(1, 4), st.integers(1, 4))
any_kernel = st.one_of(small, st.sampled_from([(1, 11), (11, 11), (7, 5), (1, 1)]))


def naive_patch(layer: LayerTrace, conv: nn.Conv2d, unit: UnitRef) -> tuple[np.ndarray, np.ndarray]:
    """(patch, padded), from a padded copy and loops: no index sets."""
    around = [(0, 0)]
    for axis in (0, 1):
        total = conv.dilation[axis] * (conv.kernel_size[axis] - 1)
        same = (total // 2, total - total // 2)
        around.append(same if conv.padding == "same" else (conv.padding[axis],) * 2)
    mode = NUMPY_MODES[conv.padding_mode]
    copies = np.pad(layer.input, around, mode=mode), np.pad(np.zeros_like(layer.input), around, constant_values=1)
    width = conv.in_channels // conv.groups
    first = unit.channel // (conv.out_channels // conv.groups) * width
    found = np.zeros((2, width, *conv.kernel_size))
    for c, i, j in np.ndindex(width, *conv.kernel_size):
        row, col = unit.row * conv.stride[0] + i * conv.dilation[0], unit.col * conv.stride[1] + j * conv.dilation[1]
        found[:, c, i, j] = [copy[first + c, row, col] for copy in copies]
    return found[0], found[1, 0] == 1


def fits(size: tuple[int, int], kernel, dilation, padding, mode: str) -> bool:
    """Whether PyTorch takes this: the kernel fits, and there is enough to reflect or to wrap."""
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    around = [(span - 1 + 1) // 2 for span in spans] if padding == "same" else padding
    limits = {"reflect": 1, "circular": 0}
    enough = all(p <= n - limits[mode] for p, n in zip(around, size, strict=True)) if mode in limits else True
    reach = padding == "same" or all(s <= n + 2 * p for s, n, p in zip(spans, size, padding, strict=True))
    return enough and reach


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")  # how PyTorch does it, not that it is wrong
@settings(max_examples=300, deadline=None)
@given(
    data=st.data(),
    size=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    kernel=any_kernel,
    stride=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    dilation=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.one_of(st.just("same"), st.just("valid"), st.tuples(st.integers(0, 5), st.integers(0, 5))),
    mode=st.sampled_from(list(NUMPY_MODES)),
    groups=st.sampled_from([1, 2, 4]),
    bias=st.booleans(),
)
def test_any_convolution_reads_what_a_padded_copy_and_loops_read(
    data, size, kernel, stride, dilation, padding, mode, groups, bias
):
    stride = (1, 1) if padding == "same" else stride
    padding = (0, 0) if padding == "valid" else padding
    assume(fits(size, kernel, dilation, padding, mode))
    torch.manual_seed(0)
    conv = nn.Conv2d(4, 8, kernel, stride, padding, dilation, groups, bias, padding_mode=mode)
    layer = traced(conv, random_maps(4, *size))
    unit = data.draw(st.sampled_from(list(units(layer))))
    cell = explain(layer, unit)
    patch, padded = naive_patch(layer, conv, unit)
    np.testing.assert_array_equal(cell.patch, patch)
    np.testing.assert_array_equal(cell.padded, padded)
    np.testing.assert_array_equal(cell.kernel, layer.weight[unit.channel])
    assert cell.products.sum() + cell.bias == pytest.approx(layer.output[unit.within(layer.output.shape)], abs=1e-10)
    assert_agrees_with_autograd(conv, layer, cell)


@settings(max_examples=200, deadline=None)
@given(
    data=st.data(),
    size=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    kernel=any_kernel,
    stride=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    dilation=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    groups=st.sampled_from([1, 2, 4]),
)
def test_any_transposed_convolution_reads_what_autograd_says(data, size, kernel, stride, dilation, padding, groups):
    limits = [max(s, d) - 1 for s, d in zip(stride, dilation, strict=True)]  # PyTorch's own rule
    extra = tuple(data.draw(st.integers(0, limit)) for limit in limits)
    sizes = zip(size, kernel, stride, dilation, padding, extra, strict=True)
    assume(all((n - 1) * s - 2 * p + d * (k - 1) + 1 + e > 0 for n, k, s, d, p, e in sizes))
    torch.manual_seed(0)
    conv = nn.ConvTranspose2d(4, 8, kernel, stride, padding, extra, groups, dilation=dilation)
    layer = traced(conv, random_maps(4, *size))
    unit = data.draw(st.sampled_from(list(units(layer))))
    cell = explain(layer, unit)
    assert cell.products.sum() + cell.bias == pytest.approx(layer.output[unit.within(layer.output.shape)], abs=1e-10)
    assert_agrees_with_autograd(conv, layer, cell)


def assert_agrees_with_autograd(conv: nn.Module, layer: LayerTrace, cell: ConvCell) -> None:
    """d total / d weight is the patch, d total / d input the kernel laid on its sources."""
    image = torch.tensor(layer.input, requires_grad=True)
    weight = conv.weight.detach().clone().requires_grad_()
    output = torch.func.functional_call(conv, {"weight": weight}, image[None])[0]
    by_image, by_weight = torch.autograd.grad(output[cell.unit.within(output.shape)], (image, weight))
    if layer.spec.is_transposed:
        of_unit = by_weight[list(cell.channels), cell.unit.channel % conv.weight.shape[1]]
    else:
        of_unit = by_weight[cell.unit.channel]
    np.testing.assert_allclose(cell.patch, of_unit, atol=1e-12)
    np.testing.assert_allclose(laid_on_sources(cell, layer.input.shape), by_image, atol=1e-12)


def laid_on_sources(cell: ConvCell, shape: tuple[int, ...]) -> np.ndarray:
    laid = np.zeros(shape)
    for c, i, j in np.ndindex(cell.kernel.shape):
        row, col = cell.sources[i, j]
        assert (row == -1) == (col == -1)
        if row >= 0:
            laid[cell.channels[c], row, col] += cell.kernel[c, i, j]
    return laid
