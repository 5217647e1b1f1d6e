"""One cell of a pooling layer: the values under the window, and which one won or what they were divided by.

As PyTorch does: padding never wins a maximum; of equal values the first wins, and of several NaN the last.
Refuses to know: where windows lie (`taps`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cnnviz.core.explain.cell import Cell, ExplainError, common_fields, explainer_of
from cnnviz.core.explain.taps import NOWHERE, WindowTaps, window_taps
from cnnviz.core.geometry import Axis
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind, LayerSpec, Pair
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _


@dataclass(frozen=True, eq=False, kw_only=True)
class PoolCell(Cell):
    """`values` (kh, kw) under the window in float64; a window may be smaller at the ragged edge (ceil mode).

    Maximum: `tap` is the (row, col) in the window that won and `winner` the cell of the input map that it is, both None
    where the window holds padding only (the total is −∞); padding stands as −∞ and `divisor` is None.
    Average: `values.sum() / divisor == total`; padding stands as 0.
    `padded` (kh, kw) and `sources` (kh, kw, 2) are those of a `ConvCell`.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.MaxPool2d(2)), np.array([[[1, 3], [4, 2]]], np.float32)).layers[0]
    >>> cell = explain(layer, UnitRef("0", 0, 0, 0))
    >>> cell.values.tolist(), cell.winner, cell.divisor
    ([[1.0, 3.0], [4.0, 2.0]], (1, 0), None)
    """

    values: np.ndarray
    padded: np.ndarray
    sources: np.ndarray
    tap: Pair | None = None
    winner: Pair | None = None
    divisor: int | None = None

    def _check(self) -> None:
        if self.divisor is not None:
            with np.errstate(invalid="ignore"):  # ∞ − ∞ is NaN, as PyTorch says
                self._must_make_total(float(self.values.sum()) / self.divisor, self._magnitude())
        elif self.tap is not None:
            self._must_be_best(float(self.values[self.tap]))
        else:
            self._must_make_total(-np.inf, 0.0)

    def _magnitude(self) -> float:
        assert self.divisor
        return float(np.abs(self.values).sum()) / abs(self.divisor)

    def _must_be_best(self, value: float) -> None:
        if not np.isnan(value) and (np.isnan(self.values).any() or value < self.values.max()):
            raise ExplainError(
                _("winner of {path} must be the largest value, got {value}: trace the layer again",
                  path=self.spec.path, value=value)
            )  # fmt: skip
        self._must_make_total(value, 0.0)


@explainer_of(Kind.MAX_POOLING)
def explain_maximum(layer: LayerTrace, unit: UnitRef) -> PoolCell:
    """The cell of a max pooling, adaptive ones included.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain.pooling import explain_maximum
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.MaxPool2d(2)), np.array([[[1, 3], [3, 2]]], np.float32)).layers[0]
    >>> cell = explain_maximum(layer, UnitRef("0", 0, 0, 0))
    >>> cell.total, cell.winner
    (3.0, (0, 1))
    """
    fields = common_fields(layer, unit)
    taps = window_taps(layer, unit.row, unit.col)
    values = taps.gathered(layer.input[unit.channel, None], nothing=-np.inf)[0]
    tap = _winning_tap(values, taps)
    winner = None if tap is None else (int(taps.rows[tap[0]]), int(taps.cols[tap[1]]))
    return PoolCell(**fields, values=values, padded=taps.padded, sources=taps.sources, tap=tap, winner=winner)


def _winning_tap(values: np.ndarray, taps: WindowTaps) -> Pair | None:
    best = int(_best(values.ravel(), taps.filled.ravel()))
    return None if best < 0 else (best // values.shape[1], best % values.shape[1])


def _best(values: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Along the last axis, which of the `values` that are `there` wins; −1 where none is.

    PyTorch walks the window in reading order and takes a value that is larger than the best so far, or NaN.
    """
    none = there & np.isnan(values)
    largest = np.max(values, axis=-1, where=there & ~none, initial=-np.inf, keepdims=True)
    first = np.argmax(there & (values == largest), axis=-1)
    last = values.shape[-1] - 1 - np.argmax(none[..., ::-1], axis=-1)
    return np.where(none.any(axis=-1), last, np.where(there.any(axis=-1), first, -1))


@explainer_of(Kind.AVERAGE_POOLING)
def explain_average(layer: LayerTrace, unit: UnitRef) -> PoolCell:
    """The cell of an average pooling, adaptive and global ones included.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain.pooling import explain_average
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.AvgPool2d(2)), np.array([[[1, 3], [3, 2]]], np.float32)).layers[0]
    >>> cell = explain_average(layer, UnitRef("0", 0, 0, 0))
    >>> cell.divisor, cell.total
    (4, 2.25)
    """
    fields = common_fields(layer, unit)
    taps = window_taps(layer, unit.row, unit.col)
    values = taps.gathered(layer.input[unit.channel, None])[0]
    of = divisors(layer)
    divisor = of["rows"][unit.row] * of["cols"][unit.col]
    return PoolCell(**fields, values=values, padded=taps.padded, sources=taps.sources, divisor=divisor)


def divisors(layer: LayerTrace) -> dict[str, list[int]]:
    """What an average pooling divides by, as factors: that of the cell's row ("rows") times that of its column.

    Each list has a number for every row, or column ("cols"), of the output. Together they are the divisor set by hand,
    else the cells of the window, with the padding where that counts.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain.pooling import divisors
    >>> from cnnviz.core.trace import trace
    >>> divisors(trace(nn.Sequential(nn.AvgPool2d(2)), np.ones((1, 4, 4), np.float32)).layers[0])
    {'rows': [2, 2], 'cols': [2, 2]}
    """
    rows, cols = _axes(layer)
    if layer.spec.divisor is not None:
        return {"rows": [layer.spec.divisor] * len(rows.places), "cols": [1] * len(cols.places)}
    return {name: [_counted(axis, unit, layer.spec) for unit in range(len(axis.places))]
            for name, axis in (("rows", rows), ("cols", cols))}  # fmt: skip


def _counted(axis: Axis, unit: int, spec: LayerSpec) -> int:
    if spec.counts_padding:
        return len(axis.places[unit])
    return sum(source is not None for source in axis.sources[unit])


def _axes(layer: LayerTrace) -> tuple[Axis, Axis]:
    (height, width), (rows, cols) = layer.input.shape[-2:], layer.output.shape[-2:]
    return _axes_of(layer.spec, (height, width), (rows, cols))


@lru_cache(maxsize=64)
def _axes_of(spec: LayerSpec, before: Pair, after: Pair) -> tuple[Axis, Axis]:
    axes = spec.axes(before, after)
    assert axes is not None  # it is a pooling
    return axes


def winning_taps(layer: LayerTrace) -> np.ndarray:
    """Which tap of its window won each cell of a max pooling, counted in reading order from 1; 0 where none did.

    int64 (channels, rows, cols), the same as `explain(layer, unit).tap` one by one, for all cells at once.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain.pooling import winning_taps
    >>> from cnnviz.core.trace import trace
    >>> layer = trace(nn.Sequential(nn.MaxPool2d(2)), np.array([[[1, 3], [3, 2]]], np.float32)).layers[0]
    >>> winning_taps(layer).tolist()
    [[[2]]]
    """
    rows, cols = (_sources(axis) for axis in _axes(layer))
    there = (rows != NOWHERE)[:, None, :, None] & (cols != NOWHERE)[None, :, None, :]
    there = there.reshape(*there.shape[:2], -1)
    values = layer.input[:, rows[:, None, :, None], cols[None, :, None, :]]  # −1 reads some cell: not counted below
    best = _best(values.reshape(len(values), *there.shape), there)
    down, across = np.divmod(best, cols.shape[1])
    own_width = np.array([len(places) for places in _axes(layer)[1].places])  # a ragged window has fewer columns
    return np.where(best < 0, 0, down * own_width + across + 1)


def _sources(axis: Axis) -> np.ndarray:
    """(units, taps): the cell under each tap, −1 where nothing stands or the window is shorter than others."""
    made = np.full((len(axis.sources), max(map(len, axis.sources))), NOWHERE)
    for unit, sources in enumerate(axis.sources):
        made[unit, : len(sources)] = [NOWHERE if source is None else source for source in sources]
    return made
