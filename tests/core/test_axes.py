"""Which cells each unit reads, tap by tap: published sizes, naive loops, and autograd's support, one axis at a time."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from cnnviz.core.geometry import (
    Axis,
    Window,
    adaptive_axis,
    output_size,
    pooled_axis,
    sliding_axis,
    span,
    transposed_axis,
    transposed_size,
)
from cnnviz.core.layers import LayerSpec
from cnnviz.core.ops import describe

SIZES, KERNELS, STEPS = st.integers(1, 12), st.integers(1, 5), st.integers(1, 4)
PADS = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def support(output: torch.Tensor, image: torch.Tensor) -> list[set[int]]:
    """The cells on which each unit of one axis depends, as autograd sees them."""
    rows = [torch.autograd.grad(one, image, retain_graph=True)[0].ravel() for one in output.ravel()]
    return [set(torch.nonzero(row).ravel().tolist()) for row in rows]


def cells(axis: Axis) -> list[set[int]]:
    return [set(axis.cells(unit)) for unit in range(len(axis.places))]


def image_of(size: int) -> torch.Tensor:
    return torch.rand(1, 1, size, dtype=torch.float64, requires_grad=True)


def positive(kernel: int) -> torch.Tensor:
    """Weights that cannot cancel each other."""
    return torch.rand(1, 1, kernel, dtype=torch.float64) + 0.5


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "extra", "expected"),
    [(2, 3, 1, 0, 0, 4), (2, 3, 2, 0, 0, 5), (3, 3, 2, 1, 0, 5), (3, 3, 2, 1, 1, 6)],
)
def test_published_sizes_of_transposed_convolutions(size, kernel, stride, padding, extra, expected):
    """Dumoulin, Visin 2016, in PyTorch's parameters."""
    assert transposed_size(size, kernel, stride, padding, output_padding=extra) == expected


@settings(deadline=None)
@given(size=SIZES, kernel=KERNELS, stride=STEPS, padding=st.integers(0, 4), dilation=STEPS)
def test_a_transposed_convolution_brings_the_size_of_a_convolution_back(size, kernel, stride, padding, dilation):
    assume(span(kernel, dilation) <= size + 2 * padding)
    smaller = output_size(size, kernel, stride, padding, dilation)
    lost = (size + 2 * padding - span(kernel, dilation)) % stride  # what the last step left over
    assert transposed_size(smaller, kernel, stride, padding, dilation, output_padding=lost) == size


@settings(max_examples=200, deadline=None)
@given(
    size=SIZES,
    kernel=KERNELS,
    stride=STEPS,
    padding=st.integers(0, 4),
    dilation=STEPS,
    mode=st.sampled_from(list(PADS)),
)
def test_a_convolution_reads_what_autograd_and_a_padded_copy_say(size, kernel, stride, padding, dilation, mode):
    assume(span(kernel, dilation) <= size + 2 * padding)
    assume(padding <= {"reflect": size - 1, "circular": size}.get(mode, padding))
    units = output_size(size, kernel, stride, padding, dilation)
    axis = sliding_axis(size, units, kernel, stride, padding, dilation, mode)
    numbered = np.arange(size)
    copy = np.pad(numbered, padding, mode=PADS[mode], **({"constant_values": -1} if mode == "zeros" else {}))
    for unit in range(units):
        taps = [unit * stride + tap * dilation for tap in range(kernel)]
        assert [-1 if source is None else source for source in axis.sources[unit]] == copy[taps].tolist()
        assert [axis.is_padding(unit, tap) for tap in range(kernel)] == [
            not padding <= at < padding + size for at in taps
        ]
    image = image_of(size)
    wide = functional.pad(image, (padding, padding), mode="constant" if mode == "zeros" else mode)
    assert cells(axis) == support(torch.conv1d(wide, positive(kernel), None, stride, 0, dilation), image)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), size=st.integers(1, 7), kernel=KERNELS, stride=STEPS, padding=st.integers(0, 4), dilation=STEPS)
def test_a_transposed_convolution_reads_what_autograd_and_spreading_say(data, size, kernel, stride, padding, dilation):
    extra = data.draw(st.integers(0, max(stride, dilation) - 1))
    units = transposed_size(size, kernel, stride, padding, dilation, extra)
    assume(units > 0)
    axis = transposed_axis(size, units, kernel, stride, padding, dilation)
    spread: list[list[int | None]] = [[None] * kernel for _unit in range(units)]
    for cell in range(size):  # the naive way round: each cell lays its kernel on the output
        for tap in range(kernel):
            unit = cell * stride - padding + tap * dilation
            if 0 <= unit < units:
                spread[unit][tap] = cell
    assert [list(row) for row in axis.sources] == spread
    image = image_of(size)
    made = torch.conv_transpose1d(image, positive(kernel), None, stride, padding, extra, 1, dilation)
    assert made.shape[-1] == units
    assert cells(axis) == support(made, image)


@settings(max_examples=200, deadline=None)
@given(size=SIZES, kernel=KERNELS, stride=STEPS, padded=st.booleans(), ceil_mode=st.booleans())
def test_a_pooling_window_holds_what_pytorch_counts(size, kernel, stride, padded, ceil_mode):
    padding = kernel // 2 if padded else 0
    assume(kernel <= size + 2 * padding)
    image = image_of(size)
    made = functional.avg_pool1d(image, kernel, stride, padding, ceil_mode)
    axis = pooled_axis(size, made.shape[-1], kernel, stride, padding)
    assert cells(axis) == support(made, image)
    ones = functional.avg_pool1d(torch.ones(1, 1, size), kernel, stride, padding, ceil_mode)[0, 0].tolist()
    shares = [len(axis.cells(unit)) / len(axis.places[unit]) for unit in range(made.shape[-1])]
    assert shares == pytest.approx(ones)


@settings(max_examples=100, deadline=None)
@given(size=SIZES, kernel=KERNELS, stride=STEPS, dilation=STEPS, ceil_mode=st.booleans())
def test_a_dilated_pooling_window_skips_cells_as_pytorch_does(size, kernel, stride, dilation, ceil_mode):
    assume(span(kernel, dilation) <= size)
    image = image_of(size)
    made, found = functional.max_pool1d(
        image, kernel, stride, dilation=dilation, ceil_mode=ceil_mode, return_indices=True
    )
    axis = pooled_axis(size, made.shape[-1], kernel, stride, 0, dilation)
    values = image.detach().ravel()
    winners = [max(axis.cells(unit), key=lambda cell: float(values[cell])) for unit in range(made.shape[-1])]
    assert winners == found.ravel().tolist()


@settings(max_examples=100, deadline=None)
@given(size=SIZES, units=SIZES)
def test_adaptive_pooling_reads_what_autograd_says(size: int, units: int):
    image = image_of(size)
    assert cells(adaptive_axis(size, units)) == support(functional.adaptive_avg_pool1d(image, units), image)


@settings(deadline=None)
@given(size=SIZES, kernel=KERNELS, stride=STEPS, padding=st.integers(0, 4), dilation=STEPS)
def test_a_window_encloses_the_index_set(size, kernel, stride, padding, dilation):
    assume(span(kernel, dilation) <= size + 2 * padding)
    units = output_size(size, kernel, stride, padding, dilation)
    axis, window = (
        sliding_axis(size, units, kernel, stride, padding, dilation),
        Window(span(kernel, dilation), stride, -padding),
    )
    for unit in range(units):
        reach = window.reach(unit)
        assert (axis.places[unit][0], axis.places[unit][-1]) == (reach.start, reach.stop - 1)
        assert set(axis.cells(unit)) <= set(window.clipped(unit, size))


def test_examples_on_paper():
    assert sliding_axis(4, 4, 3, padding=1).places[0] == (-1, 0, 1)
    assert [sliding_axis(4, 4, 3, padding=1, mode=mode).sources[0][0] for mode in PADS] == [None, 1, 0, 3]
    assert transposed_axis(2, 5, 3, stride=2).sources == (
        (0, None, None),
        (None, 0, None),
        (1, None, 0),
        (None, 1, None),
        (None, None, 1),
    )
    assert pooled_axis(5, 3, 2, stride=2).places == ((0, 1), (2, 3), (4,))
    assert adaptive_axis(5, 2).places == ((0, 1, 2), (2, 3, 4))


def test_a_cell_that_padding_repeats_is_read_once():
    assert sliding_axis(2, 2, 3, padding=1, mode="replicate").cells(0) == (0, 1)
    assert sliding_axis(2, 2, 3, padding=1, mode="replicate").sources[0] == (0, 0, 1)


def test_cells_come_in_order():
    assert sliding_axis(16, 15, 2).cells(7) == (7, 8)
    assert sliding_axis(16, 16, 3, padding=1, mode="circular").cells(0) == (0, 1, 15)


def test_a_place_between_strides_is_no_padding():
    axis = transposed_axis(2, 5, 3, stride=2)
    assert [axis.is_padding(1, tap) for tap in range(3)] == [False, False, False]
    assert [axis.is_padding(0, tap) for tap in range(3)] == [False, False, True]


def test_wrong_rules_do_not_pass_for_autograds_support():
    """The negative twins: padding or dilation forgotten, taps of the transposed convolution the other way round."""
    image = image_of(8)
    truth = support(torch.conv1d(image, positive(3), None, 2, 2, 2), image)
    assert cells(sliding_axis(8, 4, 3, 2, 2, 2)) == truth
    assert cells(sliding_axis(8, 4, 3, 2, 0, 2)) != truth
    assert cells(sliding_axis(8, 4, 3, 2, 2, 1)) != truth
    spread = support(torch.conv_transpose1d(image, positive(3), None, 2, 1), image)
    assert cells(transposed_axis(8, 15, 3, 2, 1)) == spread
    assert cells(sliding_axis(8, 15, 3, 2, 1)) != spread
    ragged = support(functional.adaptive_avg_pool1d(image, 3), image)
    assert cells(pooled_axis(8, 3, 8 // 3, 8 // 3)) != ragged == cells(adaptive_axis(8, 3))


def plane_support(
    module: nn.Module, size: tuple[int, int]
) -> tuple[LayerSpec, tuple[int, int], list[set[tuple[int, int]]]]:
    image = torch.rand(1, 1, *size, dtype=torch.float64, requires_grad=True)
    module = module.double()
    if hasattr(module, "weight"):
        module.weight.data = module.weight.data.abs() + 0.1
    made = module(image)
    rows = [torch.autograd.grad(one, image, retain_graph=True)[0][0, 0] for one in made.ravel()]
    return describe("x", module), tuple(made.shape[2:]), [set(map(tuple, row.nonzero().tolist())) for row in rows]


LAYERS = [
    nn.Conv2d(1, 1, (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2)),
    nn.Conv2d(1, 1, (3, 3), padding="same", padding_mode="circular"),
    nn.Conv2d(1, 1, (2, 3), padding=(1, 2), padding_mode="reflect"),
    nn.ConvTranspose2d(1, 1, (3, 2), stride=(2, 3), padding=(1, 0), output_padding=(1, 2)),
    nn.AvgPool2d((3, 2), stride=(2, 2), padding=(1, 0), ceil_mode=True),
    nn.AdaptiveAvgPool2d((2, 5)),
    nn.AdaptiveAvgPool2d(1),
    nn.Sigmoid(),
]


@pytest.mark.parametrize("module", LAYERS, ids=str)
def test_both_axes_of_a_layer_make_autograds_support(module: nn.Module):
    size = (7, 6)
    spec, after, truth = plane_support(module, size)
    rows, cols = spec.axes(size, after)
    made = [{(r, c) for r in rows.cells(i) for c in cols.cells(j)} for i in range(after[0]) for j in range(after[1])]
    assert made == truth


def test_rows_and_columns_exchanged_are_caught():
    """The negative twin of the test above."""
    spec, after, truth = plane_support(LAYERS[0], (7, 6))
    cols, rows = spec.axes((6, 7), after[::-1])
    made = [
        {(r, c) for r in rows.cells(i) for c in cols.cells(j)}
        for i in range(len(rows.places))
        for j in range(len(cols.places))
    ]
    assert made != truth


@pytest.mark.parametrize("module", [nn.Flatten(), nn.Linear(2, 2), nn.Threshold(0, 0)], ids=str)
def test_a_layer_that_is_no_window_has_no_axes(module: nn.Module):
    assert describe("x", module).axes((2, 2), (2, 2)) is None
