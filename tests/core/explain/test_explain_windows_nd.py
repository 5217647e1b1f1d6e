"""Convolutions and poolings along one axis and in volumes: by PyTorch in float64, by naive loops, and by autograd."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from cnnviz.core.explain import ConvNdCell, ExplainError, PoolNdCell, explain, terms_of
from cnnviz.core.explain.laid_weights import weights_by_output
from cnnviz.core.graph import build_graph
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.core.ops import describe
from cnnviz.core.receptive_field import receptive_field
from cnnviz.core.receptive_field.projective import projective_field
from cnnviz.core.trace import trace
from cnnviz.core.units import UnitRef
from cnnviz.figures.cell_table_of_graphs import cell_table
from cnnviz.models.summary import summarise
from tests.figures.adding_up import adds_up

SIZES = {1: (7,), 3: (4, 5, 6)}  # of a line, of a volume
CHANNELS = 4


class OnAxes(nn.Module):
    """An image (channels, rows, cols) as a line or a volume of 4 channels, and a layer on it."""

    def __init__(self, layer: nn.Module, axes: int) -> None:
        super().__init__()
        self.axes, self.layer = axes, layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x.reshape(1, CHANNELS, *SIZES[self.axes]))


def image(axes: int, seed: int = 0) -> np.ndarray:
    size = (1, CHANNELS, *SIZES[1]) if axes == 1 else (CHANNELS * SIZES[3][0], *SIZES[3][1:])
    return np.random.default_rng(seed).normal(size=size)


def traced(layer: nn.Module, axes: int, seed: int = 0) -> LayerTrace:
    model = OnAxes(layer, axes).double().eval()
    return trace(model, image(axes, seed).astype(np.float64)).layers[-1]


def in_double(layer: nn.Module, axes: int) -> torch.Tensor:
    with torch.no_grad():
        return layer.double()(torch.tensor(image(axes)).reshape(1, CHANNELS, *SIZES[axes]))[0]


def units_of(layer: LayerTrace, count: int = 12) -> list[UnitRef]:
    every = list(np.ndindex(layer.output.shape))
    return [UnitRef(layer.spec.path, *every[at * (len(every) - 1) // (count - 1)]) for at in range(count)]


@st.composite
def convolutions(draw: Any, axes: int) -> nn.Module:
    each = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(axes))  # noqa: E731 - one line
    groups = draw(st.sampled_from((1, 2, 4)))
    mode = draw(st.sampled_from(("zeros", "circular", "replicate", "reflect")))
    torch.manual_seed(draw(st.integers(0, 9)))
    return getattr(nn, f"Conv{axes}d")(
        CHANNELS, 4, each(1, 3), stride=each(1, 3), padding=each(0, 1), dilation=each(1, 1), groups=groups,
        bias=draw(st.booleans()), padding_mode=mode,
    )  # fmt: skip


def naive(layer: nn.Module, values: np.ndarray, place: tuple[int, ...]) -> float:
    """One number of a convolution with zeros around, by loops over channels and taps."""
    out, *at = place
    weight = layer.weight.detach().numpy()
    width = weight.shape[1]
    first = out // (len(weight) // layer.groups) * width
    total = 0.0 if layer.bias is None else float(layer.bias[out].detach())
    for channel, *taps in np.ndindex(weight.shape[1:]):
        cell = [i * s - p + k * d for i, s, p, k, d in
                zip(at, layer.stride, layer.padding, taps, layer.dilation, strict=True)]  # fmt: skip
        if all(0 <= one < size for one, size in zip(cell, values.shape[1:], strict=True)):
            total += float(values[(first + channel, *cell)]) * float(weight[(out, channel, *taps)])
    return total


@pytest.mark.parametrize("axes", [1, 3])
def test_every_cell_of_a_convolution_is_pytorchs(axes: int):
    @settings(max_examples=25, deadline=None)
    @given(convolutions(axes))
    def holds(layer: nn.Module) -> None:
        made = traced(layer, axes)
        expected = in_double(layer, axes)
        np.testing.assert_array_equal(made.output.reshape(expected.shape), expected.numpy())
        for unit in units_of(made):
            cell = explain(made, unit)
            assert isinstance(cell, ConvNdCell)
            terms = terms_of(cell)
            assert np.isclose(sum(term.product for term in terms.terms) + terms.bias, cell.total, atol=1e-12)
            for term in terms.terms:
                assert term.value == (0.0 if term.cell is None else made.input[term.cell])

    holds()


@pytest.mark.parametrize("axes", [1, 3])
def test_a_convolution_agrees_with_loops(axes: int):
    torch.manual_seed(1)
    layer = getattr(nn, f"Conv{axes}d")(CHANNELS, 6, 3, stride=2, padding=1, dilation=1, groups=2).double()
    made = traced(layer, axes)
    values = image(axes).reshape(CHANNELS, *SIZES[axes])
    shape = in_double(layer, axes).shape
    for unit in units_of(made):
        entry = np.ravel_multi_index(unit.within(made.output.shape), made.output.shape)
        place = tuple(map(int, np.unravel_index(entry, shape)))
        assert np.isclose(explain(made, unit).total, naive(layer, values, place), atol=1e-12)


@pytest.mark.parametrize("axes", [1, 3])
def test_a_convolution_with_its_kernel_flipped_is_refused(axes: int):
    torch.manual_seed(1)
    made = traced(getattr(nn, f"Conv{axes}d")(CHANNELS, 2, 3, padding=1), axes)
    flipped = LayerTrace(
        made.spec, made.inputs, made.output, np.flip(made.weight, -1).copy(), made.bias, sources=made.sources,
        shape=made.shape,
    )  # fmt: skip
    with pytest.raises(ExplainError, match="must make its output"):
        explain(flipped, units_of(made)[5])


@st.composite
def transposed_ones(draw: Any, axes: int) -> nn.Module:
    """Strides wider than the kernel leave cells on which nothing lands."""
    each = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(axes))  # noqa: E731 - one line
    stride, dilation = each(1, 3), each(1, 2)
    extra = tuple(draw(st.integers(0, max(pair) - 1)) for pair in zip(stride, dilation, strict=True))
    torch.manual_seed(draw(st.integers(0, 9)))
    return getattr(nn, f"ConvTranspose{axes}d")(
        CHANNELS, draw(st.sampled_from((4, 8))), each(1, 3), stride=stride, padding=each(0, 1), output_padding=extra,
        groups=draw(st.sampled_from((1, 2, 4))), bias=draw(st.booleans()), dilation=dilation,
    )  # fmt: skip


def spread(layer: nn.Module, values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A transposed convolution as it is defined: every input cell adds its value times the kernel where it lands."""
    weight, groups = layer.weight.detach().numpy(), layer.groups
    deep, wide = weight.shape[1], len(values) // groups
    made = np.zeros(shape)
    for channel, *cell in np.ndindex(values.shape):
        for out, *taps in np.ndindex(weight.shape[1:]):
            place = [i * s - p + k * d for i, s, p, k, d in
                     zip(cell, layer.stride, layer.padding, taps, layer.dilation, strict=True)]  # fmt: skip
            if all(0 <= one < size for one, size in zip(place, shape[1:], strict=True)):
                number = (channel // wide * deep + out, *place)
                made[number] += float(values[(channel, *cell)]) * float(weight[(channel, out, *taps)])
    return made if layer.bias is None else made + layer.bias.detach().numpy().reshape(-1, *(1,) * (len(shape) - 1))


@pytest.mark.parametrize("axes", [1, 3])
def test_every_cell_of_a_transposed_convolution_is_pytorchs(axes: int):
    @settings(max_examples=25, deadline=None)
    @given(transposed_ones(axes))
    def holds(layer: nn.Module) -> None:
        made, expected = traced(layer, axes), in_double(layer, axes)
        assert made.spec.kind is Kind.CONVOLUTION_ND
        np.testing.assert_array_equal(made.output.reshape(expected.shape), expected.numpy())
        values = image(axes).reshape(CHANNELS, *SIZES[axes])
        loops = spread(layer, values, tuple(expected.shape)).reshape(made.output.shape)
        for unit in units_of(made):
            cell = explain(made, unit)
            assert isinstance(cell, ConvNdCell)
            terms = terms_of(cell)
            place = unit.within(made.output.shape)
            assert np.isclose(sum(term.product for term in terms.terms) + terms.bias, loops[place], atol=1e-12)
            for term in terms.terms:
                assert term.value == (0.0 if term.cell is None else made.input[term.cell])

    holds()


@pytest.mark.parametrize("axes", [1, 3])
def test_a_transposed_convolution_read_as_a_plain_one_is_refused(axes: int):
    """Negative twins: its weights as PyTorch keeps them, and its kernel flipped, make another number."""
    torch.manual_seed(1)
    made = traced(getattr(nn, f"ConvTranspose{axes}d")(CHANNELS, CHANNELS, 3, padding=1), axes)
    for wrong in (made.weight.swapaxes(0, 1).copy(), np.flip(made.weight, -1).copy()):
        other = LayerTrace(
            made.spec, made.inputs, made.output, wrong, made.bias, sources=made.sources, shape=made.shape
        )
        with pytest.raises(ExplainError, match="must make its output"):
            explain(other, units_of(made)[5])


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_weights_by_output_make_the_same_convolution(axes: int):
    """A transposed convolution of stride 1 is a plain one of the flipped kernel, padded by what is left of it."""
    torch.manual_seed(2)
    layer = getattr(nn, f"ConvTranspose{axes}d")(CHANNELS, 6, 3, groups=2).double()
    values = torch.randn(1, CHANNELS, *(5,) * axes, dtype=torch.float64)
    weight = torch.tensor(weights_by_output(describe("", layer), layer.weight.detach().numpy()))
    flipped = weight.flip(tuple(range(2, 2 + axes)))
    plain = getattr(functional, f"conv{axes}d")
    torch.testing.assert_close(plain(values, flipped, layer.bias, padding=2, groups=2), layer(values))
    with pytest.raises(RuntimeError, match="Given groups"):
        plain(values, layer.weight.flip(tuple(range(2, 2 + axes))), layer.bias, padding=2, groups=2)


POOLINGS = [
    (axes, name, {"kernel_size": 3, "stride": stride, "padding": padding, "ceil_mode": ceil} | more)
    for axes, stride, padding, ceil in itertools.product((1, 3), (1, 2), (0, 1), (False, True))
    for name, more in (("MaxPool", {}), ("AvgPool", {}), ("AvgPool", {"count_include_pad": False}))
] + [(3, "AvgPool", {"kernel_size": 2, "divisor_override": 3}), (1, "MaxPool", {"kernel_size": 2, "dilation": 3})]


@pytest.mark.parametrize(("axes", "name", "numbers"), POOLINGS)
def test_every_cell_of_a_pooling_is_pytorchs(axes: int, name: str, numbers: dict[str, Any]):
    layer = getattr(nn, f"{name}{axes}d")(**numbers)
    made = traced(layer, axes)
    assert made.spec.kind in (Kind.MAX_POOLING_ND, Kind.AVERAGE_POOLING_ND)
    np.testing.assert_allclose(made.output.reshape(-1), in_double(layer, axes).numpy().reshape(-1), atol=1e-6)
    for unit in units_of(made):
        cell = explain(made, unit)
        assert isinstance(cell, PoolNdCell)
        if cell.divisor is None:
            assert cell.winner is not None
            assert made.input[cell.winner] == np.float64(cell.total)


@pytest.mark.parametrize("axes", [1, 3])
@pytest.mark.parametrize("name", ["AdaptiveAvgPool", "AdaptiveMaxPool"])
@pytest.mark.parametrize("size", [1, 3])
def test_every_cell_of_an_adaptive_pooling_is_pytorchs(axes: int, name: str, size: int):
    made = traced(getattr(nn, f"{name}{axes}d")(size), axes)
    for unit in units_of(made):
        explain(made, unit)  # which refuses numbers that do not make the output


@pytest.mark.parametrize("axes", [1, 3])
@pytest.mark.parametrize("name", ["BatchNorm", "InstanceNorm"])
def test_a_normalisation_takes_the_numbers_of_the_cells_channel(axes: int, name: str):
    torch.manual_seed(2)
    layer = getattr(nn, f"{name}{axes}d")(CHANNELS, affine=True)
    for tensor in (*layer.parameters(), *layer.buffers()):
        if tensor.is_floating_point():
            tensor.data.uniform_(0.3, 2)
    made = traced(layer, axes)
    gammas = {float(explain(made, unit).gamma) for unit in units_of(made, 24)}  # type: ignore[attr-defined]
    assert gammas == set(layer.weight.detach().double().tolist())


@pytest.mark.parametrize("axes", [1, 3])
def test_a_learned_slope_is_that_of_the_cells_channel(axes: int):
    layer = nn.PReLU(CHANNELS)
    layer.weight.data = torch.linspace(0.1, 0.9, CHANNELS)
    made = traced(layer, axes)
    for unit in units_of(made):
        explain(made, unit)


NETWORKS = {
    "line": lambda: nn.Sequential(
        nn.Flatten(2), nn.Conv1d(2, 4, 5, stride=2, padding=2), nn.BatchNorm1d(4), nn.ReLU(), nn.AvgPool1d(3, 2, 1),
        nn.Conv1d(4, 6, 3, groups=2, dilation=2), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(6, 3),
    ),
    "volume": lambda: nn.Sequential(
        nn.Unflatten(1, (1, 2)), nn.Conv3d(1, 3, (2, 3, 3), padding=(1, 1, 0)), nn.BatchNorm3d(3), nn.ReLU(),
        nn.AvgPool3d((1, 2, 2)), nn.Conv3d(3, 4, (3, 1, 3), stride=(1, 1, 2)), nn.AdaptiveAvgPool3d(1), nn.Flatten(),
        nn.Linear(4, 3),
    ),
    "spread line": lambda: nn.Sequential(
        nn.Flatten(2), nn.ConvTranspose1d(2, 4, 3, stride=2, padding=1, groups=2), nn.Tanh(),
        nn.ConvTranspose1d(4, 2, 2, stride=3, output_padding=1), nn.Conv1d(2, 3, 3), nn.Flatten(),
    ),
    "spread volume": lambda: nn.Sequential(
        nn.Unflatten(1, (1, 2)), nn.ConvTranspose3d(1, 4, (3, 2, 3), stride=(1, 2, 2), padding=(1, 0, 1)), nn.Tanh(),
        nn.ConvTranspose3d(4, 2, (1, 2, 1), stride=(2, 1, 1), groups=2), nn.Conv3d(2, 2, (2, 3, 3)), nn.Flatten(),
    ),
}  # fmt: skip
INPUT = (2, 8, 9)


def made_network(name: str) -> nn.Module:
    torch.manual_seed(3)
    return NETWORKS[name]().double().eval()


def read_of_image(model: nn.Module, layer: str, entry: int) -> np.ndarray:
    """The pixels with a gradient, over several images: a ReLU hides some of them each time."""
    found = np.zeros(INPUT[1:], dtype=bool)
    for seed in range(12):
        given_ = torch.tensor(np.random.default_rng(seed).normal(size=(1, *INPUT))).requires_grad_()
        value = given_
        for name, module in model.named_children():
            value = module(value)
            if name == layer:
                break
        (gradient,) = torch.autograd.grad(value.reshape(-1)[entry], given_)
        found |= (gradient[0] != 0).any(0).numpy()
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_a_unit_reads_the_pixels_that_autograd_says(name: str):
    model = made_network(name)
    graph = build_graph(model, INPUT)
    made = trace(model, np.random.default_rng(0).normal(size=INPUT))
    for layer in made.layers[1:]:
        for unit in units_of(layer, 5):
            place = unit.within(layer.output.shape)
            expected = read_of_image(model, layer.spec.path, int(np.ravel_multi_index(place, layer.output.shape)))
            field = receptive_field(graph, unit)
            assert field.exact is not None, (layer.spec.path, field.sentence)
            np.testing.assert_array_equal(field.exact, expected, err_msg=f"{layer.spec.path} {place}")
            if field.window is not None and field.reach is not None:
                assert not (expected & ~field.reach.mask((INPUT[1], INPUT[2]))).any()


@pytest.mark.parametrize("name", NETWORKS)
def test_a_pixel_is_read_by_the_units_whose_fields_hold_it(name: str):
    model = made_network(name)
    graph = build_graph(model, INPUT)
    made = trace(model, np.random.default_rng(0).normal(size=INPUT))
    readers = projective_field(graph, 3, 4)
    for layer in made.layers[1:]:
        for unit in units_of(layer, 5):
            field = receptive_field(graph, unit)
            reads = readers[layer.spec.path]
            assert reads is not None
            assert field.exact is not None
            assert bool(reads[unit.within(reads.shape)]) == bool(field.exact[3, 4]), (layer.spec.path, unit)


def test_a_volume_has_the_window_of_its_last_two_axes():
    fields = {row.name: row.sight for row in summarise(made_network("volume"), INPUT).rows}
    assert fields["1"].size == (3, 3)
    assert fields["4"].size == (3 + (2 - 1) * 1, 3 + (2 - 1) * 1)
    assert fields["5"].size == (4, 4 + (3 - 1) * 2)


def test_parameters_and_multiply_adds_are_counted():
    rows = {row.name: row for row in summarise(made_network("volume"), INPUT).rows}
    assert rows["1"].parameters == 3 * (2 * 3 * 3 + 1)
    assert rows["1"].macs == 3 * (2 * 3 * 3) * (3 * 8 * 7)  # kernels' cells times the places where they stand
    spread_rows = {row.name: row for row in summarise(made_network("spread volume"), INPUT).rows}
    assert spread_rows["1"].parameters == 1 * 3 * 2 * 3 * 4 + 4
    assert spread_rows["1"].formula == "1·3·2·3·4 + 4 = 76"
    assert spread_rows["1"].macs == (1 * 2 * 8 * 9) * (3 * 2 * 3 * 4)  # every input cell times its kernels
    assert {row.type_name for row in rows.values()} >= {"Conv3d", "BatchNorm3d", "AvgPool3d", "AdaptiveAvgPool3d"}


@pytest.mark.parametrize("axes", [1, 3])
@pytest.mark.parametrize("layer", ["Conv", "ConvTranspose", "AvgPool", "MaxPool"])
def test_the_table_of_a_cell_adds_up_as_shown(axes: int, layer: str):
    torch.manual_seed(4)
    module = getattr(nn, f"{layer}{axes}d")(*((CHANNELS, 2, 2) if "Conv" in layer else (2,)))
    made = traced(module, axes)
    for unit in units_of(made, 5):
        table = cell_table(explain(made, unit))
        if "Conv" in layer:
            terms = [row[-1] for row in table.rows] + [table.sums[0][-1]]
            assert adds_up(terms, table.sums[-1][-1]), table
        elif layer == "AvgPool":
            assert adds_up([row[-1] for row in table.rows], table.sums[0][-1].removeprefix("≈ ")), table
        else:
            assert table.sums[0][-1] in [row[-1] for row in table.rows]
