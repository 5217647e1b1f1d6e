"""One cell of a convolution or a pooling along one axis (a line) or three (a volume).

A line is kept as one map, its channels one below the other; a volume as maps, the slices of a channel one after
another. What stands under a window is found on PyTorch's own axes, and its cells are named as they are kept.
Refuses to know: what is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod

import numpy as np

from cnnviz.core.explain.cell import (
    Cell,
    ExplainError,
    cell_position,
    common_fields,
    demand_finite,
    exact_sum,
    explainer_of,
    weights_of,
)
from cnnviz.core.explain.laid_weights import weights_by_output
from cnnviz.core.geometry import Axis
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind, LayerSpec
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _

NOWHERE = -1
Sizes = tuple[int, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class ConvNdCell(Cell):
    """`products.sum() + bias == total` over the `channels` (c,) that the unit reads; arrays in float64.

    `values`, `kernel`, `products` (c, *kernel) with one axis or three; `sums` (c,), the products of each channel;
    `cells` (c, *kernel, 3): the map, row and column of the input whose value stands there, −1 where none does.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> model = nn.Sequential(nn.Flatten(2), nn.Conv1d(1, 1, 3, padding=1))
    >>> cell = explain(trace(model, np.array([[[1, 2, 3]]], np.float32)).layers[1], UnitRef("1", 0, 0, 0))
    >>> cell.values.tolist(), cell.cells[0].tolist()
    ([[0.0, 1.0, 2.0]], [[-1, -1, -1], [0, 0, 0], [0, 0, 1]])
    """

    values: np.ndarray
    kernel: np.ndarray
    products: np.ndarray
    sums: np.ndarray
    cells: np.ndarray
    channels: tuple[int, ...]
    bias: float

    def _check(self) -> None:
        count = len(self.channels)
        holds = np.array_equal(self.products, self.values * self.kernel)
        if not holds or not np.array_equal(self.sums, self.products.reshape(count, -1).sum(axis=1)):
            raise ExplainError(
                _("products of {path} must be values × kernel and sums their sums, got others: compute them from these",
                  path=self.spec.path)
            )  # fmt: skip
        magnitude = float(np.abs(self.products).sum() + abs(self.bias))
        self._must_make_total(float(self.sums.sum() + self.bias), magnitude)


@dataclass(frozen=True, eq=False, kw_only=True)
class PoolNdCell(Cell):
    """`values` (*kernel) under the window, in float64; at a ragged edge (ceil mode) it is smaller.

    `cells` (*kernel, 3) as in a `ConvNdCell`. Maximum: `winner` is the cell that won, padding stands as −∞ and
    `divisor` is None; both are None where the window holds padding only. Average: `values.sum() / divisor == total`.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> model = nn.Sequential(nn.Flatten(2), nn.MaxPool1d(2))
    >>> explain(trace(model, np.array([[[1, 3]]], np.float32)).layers[1], UnitRef("1", 0, 0, 0)).winner
    (0, 0, 1)
    """

    values: np.ndarray
    cells: np.ndarray
    winner: tuple[int, ...] | None = None
    divisor: int | None = None

    def _check(self) -> None:
        if self.divisor is not None:
            with np.errstate(invalid="ignore"):  # ∞ − ∞ is NaN, as PyTorch says
                made = float(self.values.sum()) / self.divisor
                self._must_make_total(made, float(np.abs(self.values).sum()) / abs(self.divisor))
        else:
            with np.errstate(invalid="ignore"):
                self._must_make_total(float(self.values.max(initial=-np.inf)), 0.0)


@dataclass(frozen=True, eq=False)
class _Window:
    """The taps of one unit: `index` picks them from an array (channels, *axes), `filled` says where a cell stands."""

    index: tuple[np.ndarray, ...]
    filled: np.ndarray

    def picked(self, values: np.ndarray, channels: Sequence[int], nothing: float) -> np.ndarray:
        """The values of `channels` under the window, (c, *kernel); `nothing` where no cell stands."""
        found = values[np.ix_(np.asarray(channels, dtype=np.int64), *self.index)]  # −1 reads some cell: replaced here
        return np.where(self.filled, found, nothing)


def signal_of(layer: LayerTrace) -> np.ndarray:
    """The input on PyTorch's axes, (channels, *axes), without a batch.

    Raises: ExplainError where the layer does not say how many channels there are.
    """
    count = len(layer.spec.windows)
    channels = layer.spec.channels[0] or _output_shape(layer)[0]
    sizes = layer.input.shape[-2:] if count == 3 else ()
    return layer.input.reshape(channels, -1, *sizes)


def _output_shape(layer: LayerTrace) -> Sizes:
    """(channels, *axes) of the output."""
    count = len(layer.spec.windows) + 1
    shape = layer.shape[-count:]
    if prod(shape) != layer.output.size:
        raise ExplainError(
            _("{path} must give one image, got shape {shape}: run it with a batch of one",
              path=layer.spec.path, shape=layer.shape)
        )  # fmt: skip
    return shape


@lru_cache(maxsize=64)
def _axes(spec: LayerSpec, before: Sizes, after: Sizes) -> tuple[Axis, ...]:
    axes = spec.window_axes(before, after)
    assert axes is not None  # it has windows
    return axes


def nd_axes(layer: LayerTrace) -> tuple[Axis, ...]:
    """Which cells each unit reads, on each of the axes on which the windows of `layer` lie.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain.windows_nd import nd_axes
    >>> from cnnviz.core.trace import trace
    >>> pool = nn.Sequential(nn.AvgPool1d(3, stride=2, padding=1))
    >>> nd_axes(trace(pool, np.ones((1, 6), np.float32)).layers[0])[0].sources
    ((None, 0, 1), (1, 2, 3), (3, 4, 5))
    """
    return _axes(layer.spec, signal_of(layer).shape[1:], _output_shape(layer)[1:])


def _window(axes: Sequence[Axis], place: Sequence[int]) -> _Window:
    sources = [axis.sources[unit] for axis, unit in zip(axes, place, strict=True)]
    index = tuple(np.array([NOWHERE if one is None else one for one in line], dtype=np.int64) for line in sources)
    filled = np.ones((), dtype=bool)
    for line in index:
        filled = filled[..., None] & (line != NOWHERE)
    return _Window(index, filled)


def _place(layer: LayerTrace, unit: UnitRef) -> tuple[int, ...]:
    """The channel of a unit, and its place on each of the axes."""
    entry = int(np.ravel_multi_index(cell_position(layer, unit), layer.output.shape))
    return tuple(int(at) for at in np.unravel_index(entry, _output_shape(layer)))


def _cells(layer: LayerTrace, window: _Window, channels: Sequence[int]) -> np.ndarray:
    """The map, row and column of each tap, as the input is kept."""
    numbers = np.arange(layer.input.size, dtype=np.int64).reshape(signal_of(layer).shape)
    found = window.picked(numbers, channels, NOWHERE).astype(np.int64)
    made = np.stack(np.unravel_index(np.maximum(found, 0), layer.input.shape), axis=-1)
    return np.where(found[..., None] == NOWHERE, NOWHERE, made)


@explainer_of(Kind.CONVOLUTION_ND)
def explain_convolution_nd(layer: LayerTrace, unit: UnitRef) -> ConvNdCell:
    """The cell of a convolution along one axis or three, with any kernel, stride, padding, dilation and groups.

    A transposed one is read the same way: where no cell lands under a tap, 0 stands there.

    Raises: ExplainError where a weight or a value under the window is not finite.
    """
    fields, (channel, *place) = common_fields(layer, unit), _place(layer, unit)
    weight = weights_by_output(layer.spec, weights_of(layer))  # (out, in / groups, *kernel)
    width = weight.shape[1]
    first = channel // (len(weight) // layer.spec.groups) * width
    channels, window = range(first, first + width), _window(nd_axes(layer), place)
    values, kernel = exact_sum(window.picked(signal_of(layer), channels, 0.0)), exact_sum(weight[channel])
    bias = 0.0 if layer.bias is None else float(layer.bias[channel])
    for name, numbers in (
        (_("input"), values),
        (_("kernel"), kernel),
        (_("bias"), bias),
        (_("output"), fields["total"]),
    ):
        demand_finite(layer, name, numbers)
    products = values * kernel
    return ConvNdCell(
        **fields, values=values, kernel=kernel, products=products, sums=products.reshape(width, -1).sum(axis=1),
        cells=_cells(layer, window, channels), channels=tuple(channels), bias=bias,
    )  # fmt: skip


@explainer_of(Kind.MAX_POOLING_ND)
def explain_maximum_nd(layer: LayerTrace, unit: UnitRef) -> PoolNdCell:
    """The cell of a max pooling along one axis or three. Of equal values the first wins, of several NaN the last."""
    fields, (channel, *place) = common_fields(layer, unit), _place(layer, unit)
    window = _window(nd_axes(layer), place)
    values = exact_sum(window.picked(signal_of(layer), [channel], -np.inf)[0])
    cells = _cells(layer, window, [channel])[0]
    best = _best(values, window.filled)
    winner = None if best is None else tuple(int(at) for at in cells.reshape(-1, 3)[best])
    return PoolNdCell(**fields, values=values, cells=cells, winner=winner)


def _best(values: np.ndarray, filled: np.ndarray) -> int | None:
    """Which tap wins, counted in reading order."""
    flat, there = values.ravel(), filled.ravel()
    if not there.any():
        return None
    nans = np.flatnonzero(there & np.isnan(flat))
    return int(nans[-1]) if len(nans) else int(np.flatnonzero(there & (flat == flat[there].max()))[0])


@explainer_of(Kind.AVERAGE_POOLING_ND)
def explain_average_nd(layer: LayerTrace, unit: UnitRef) -> PoolNdCell:
    """The cell of an average pooling along one axis or three; padding counts where PyTorch counts it."""
    fields, (channel, *place) = common_fields(layer, unit), _place(layer, unit)
    axes, spec = nd_axes(layer), layer.spec
    window = _window(axes, place)
    values = exact_sum(window.picked(signal_of(layer), [channel], 0.0)[0])
    counted = prod(_counted(axis, unit, spec) for axis, unit in zip(axes, place, strict=True))
    return PoolNdCell(
        **fields, values=values, cells=_cells(layer, window, [channel])[0], divisor=spec.divisor or counted
    )  # fmt: skip


def _counted(axis: Axis, unit: int, spec: LayerSpec) -> int:
    """The places under the window of a unit on one axis, with the padding where that counts."""
    return len(axis.places[unit]) if spec.counts_padding else len(axis.cells(unit))


def divisors_nd(layer: LayerTrace) -> dict[str, list[int]]:
    """What an average pooling divides by, as factors: that of the cell's slice, its row and its column.

    "cols" is the last axis, "rows" and "depth" those before it; a line has the last alone.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain.windows_nd import divisors_nd
    >>> from cnnviz.core.trace import trace
    >>> pool = nn.Sequential(nn.AvgPool1d(3, stride=2, padding=1, count_include_pad=False))
    >>> divisors_nd(trace(pool, np.ones((1, 6), np.float32)).layers[0])
    {'cols': [2, 3, 3]}
    """
    axes, spec = nd_axes(layer), layer.spec
    counts = [[_counted(axis, unit, spec) for unit in range(len(axis.places))] for axis in axes]
    if spec.divisor is not None:
        counts = [[spec.divisor if at == 0 else 1] * len(axis.places) for at, axis in enumerate(axes)]
    return dict(zip(("depth", "rows", "cols")[-len(axes) :], counts, strict=True))
