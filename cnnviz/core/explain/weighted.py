"""One cell of an operation that is linear in its input: upsampling, and means and sums along some axes.

PyTorch itself says how much each cell counts: the weights are the differences that one more in each cell makes.
A largest or smallest value along some axes is a cell that won.
Refuses to know: learned weights.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np

from cnnviz.core.explain.cell import Cell, cell_position, common_fields, demand_finite, exact_sum, explainer_of
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _


@dataclass(frozen=True, eq=False, kw_only=True)
class WeightedCell(Cell):
    """`(values · weights).sum() == total` in float64, over the `cells` (n, axes) of the input that are read.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> enlarge = nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"))
    >>> layer = trace(enlarge, np.array([[[0, 4]]], np.float32)).layers[0]
    >>> cell = explain(layer, UnitRef("0", 0, 0, 1))
    >>> cell.values.tolist(), cell.weights.tolist(), cell.total
    ([0.0, 4.0], [0.75, 0.25], 1.0)
    """

    values: np.ndarray
    weights: np.ndarray
    cells: np.ndarray

    def _check(self) -> None:
        terms = self.values * self.weights
        self._must_make_total(float(terms.sum()), float(np.abs(terms).sum()))


@dataclass(frozen=True, eq=False, kw_only=True)
class ExtremeCell(Cell):
    """`values[winner] == total`: the largest (or smallest) of the `cells` (n, axes) that are read.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> class Largest(nn.Module):
    ...     def forward(self, x):
    ...         return x.amax((2, 3))
    >>> layer = trace(Largest(), np.array([[[1, 5]]], np.float32)).layers[0]
    >>> cell = explain(layer, UnitRef("amax", 0))
    >>> cell.cells[cell.winner].tolist(), cell.total
    ([0, 0, 1], 5.0)
    """

    values: np.ndarray
    cells: np.ndarray
    winner: int

    def _check(self) -> None:
        self._must_make_total(float(self.values[self.winner]), 0.0)


def _line(layer: LayerTrace, unit: UnitRef) -> np.ndarray:
    """The cells (n, axes), as the input is kept, along the axes that a reduction reads, for one of its units."""
    shape = layer.input_axes
    over = {len(shape) + axis for axis in layer.spec.over}
    place = list(cell_position(layer, unit))
    kept = [size for axis, size in enumerate(shape) if axis not in over]
    entry = int(np.ravel_multi_index(tuple(place), layer.output.shape))
    own = iter(np.unravel_index(entry, kept) if kept else ())
    index = [np.arange(size) if axis in over else np.array([int(next(own))]) for axis, size in enumerate(shape)]
    entries = np.ravel_multi_index(np.ix_(*index), shape).ravel()
    return np.stack(np.unravel_index(entries, layer.input.shape), axis=1)


@explainer_of(Kind.REDUCTION)
def explain_reduction(layer: LayerTrace, unit: UnitRef) -> Cell:
    """The cell of a mean, a sum, a largest or a smallest value along some axes.

    Raises: ExplainError where a value is not finite.
    """
    fields, cells = common_fields(layer, unit), _line(layer, unit)
    values = exact_sum(layer.input[tuple(cells.T)])
    demand_finite(layer, _("input"), values)
    if layer.spec.type_name in ("amax", "amin"):
        winner = int(values.argmax() if layer.spec.type_name == "amax" else values.argmin())
        return ExtremeCell(**fields, values=values, cells=cells, winner=winner)
    weight = 1 / len(values) if layer.spec.type_name == "mean" else 1.0
    return WeightedCell(**fields, values=values, weights=np.full(len(values), weight), cells=cells)


@explainer_of(Kind.UPSAMPLING)
def explain_upsampling(layer: LayerTrace, unit: UnitRef) -> WeightedCell:
    """The cell of a larger map: one cell of the input (nearest), or a mean of up to four with weights (bilinear).

    Raises: ExplainError where a value is not finite.
    """
    fields, place = common_fields(layer, unit), cell_position(layer, unit)
    rows, cols = (weights[:, at] for weights, at in zip(upsampling_weights(layer), place[1:], strict=True))
    weights = rows[:, None] * cols[None, :]
    down, across = np.nonzero(weights)
    values = exact_sum(layer.input[place[0], down, across])
    demand_finite(layer, _("input"), values)
    cells = np.stack([np.full(len(down), place[0]), down, across], axis=1)
    return WeightedCell(**fields, values=values, weights=weights[down, across], cells=cells)


_KNOWN: weakref.WeakKeyDictionary[LayerTrace, tuple[np.ndarray, np.ndarray]] = weakref.WeakKeyDictionary()


def upsampling_weights(layer: LayerTrace) -> tuple[np.ndarray, np.ndarray]:
    """How much each row of the input counts in each row of the output, (before, after), and the same for columns.

    The weights of rows and of columns are independent, and so are the maps.
    """
    if layer not in _KNOWN:
        _KNOWN[layer] = _along(layer, 1), _along(layer, 2)
    return _KNOWN[layer]


def _along(layer: LayerTrace, axis: int) -> np.ndarray:
    """A line of ones in each map, as many at a time as there are maps."""
    assert layer.apply is not None
    maps, size = layer.input.shape[0], layer.input.shape[axis]
    found = np.zeros((size, layer.output.shape[axis]))
    for first in range(0, size, maps):
        count = min(maps, size - first)
        probe = np.zeros(layer.input.shape)
        for at in range(count):
            np.moveaxis(probe[at], axis - 1, 0)[first + at] = 1.0
        made = layer.apply([probe])
        found[first : first + count] = made[:count, :, 0] if axis == 1 else made[:count, 0, :]
    return found
