"""One cell of a pooling layer: the values under the window, and which one won or what they were divided by.

As PyTorch does: padding never wins a maximum; of equal values the first wins, and of several NaN the last.
Refuses to know: where windows lie (`taps`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnviz.explain.base import Cell, ExplainError, common_fields, explains
from cnnviz.explain.taps import Taps, taps_of
from cnnviz.layers import Kind, LayerSpec, Pair
from cnnviz.messages import _
from cnnviz.trace import LayerTrace
from cnnviz.units import UnitRef


@dataclass(frozen=True, eq=False, kw_only=True)
class PoolCell(Cell):
    """`values` (kh, kw) under the window in float64; a window may be smaller at the ragged edge (ceil mode).

    Maximum: `tap` is the (row, col) in the window that won and `winner` the cell of the input map that it is, both None
    where the window holds padding only (the total is −∞); padding stands as −∞ and `divisor` is None.
    Average: `values.sum() / divisor == total`; padding stands as 0.
    `padded` (kh, kw) and `sources` (kh, kw, 2) are those of a `ConvCell`.
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


@explains(Kind.MAX_POOLING)
def explain_maximum(layer: LayerTrace, unit: UnitRef) -> PoolCell:
    """The cell of a max pooling, adaptive ones included.

    Example: the window `[[1, 3], [3, 2]]` has the total 3, won by the tap (0, 1).
    """
    fields = common_fields(layer, unit)
    taps = taps_of(layer, unit.row, unit.col)
    values = taps.gathered(layer.input[unit.channel, None], nothing=-np.inf)[0]
    tap = _winning_tap(values, taps)
    winner = None if tap is None else (int(taps.rows[tap[0]]), int(taps.cols[tap[1]]))
    return PoolCell(**fields, values=values, padded=taps.padded, sources=taps.sources, tap=tap, winner=winner)


def _winning_tap(values: np.ndarray, taps: Taps) -> Pair | None:
    """PyTorch walks the window in reading order and takes a value that is larger than the best so far, or NaN."""
    if not taps.filled.any():
        return None
    missing = np.flatnonzero(np.isnan(values))
    filled = np.flatnonzero(taps.filled)
    flat = missing[-1] if len(missing) else filled[np.argmax(values.ravel()[filled])]
    return int(flat) // values.shape[1], int(flat) % values.shape[1]


@explains(Kind.AVERAGE_POOLING)
def explain_average(layer: LayerTrace, unit: UnitRef) -> PoolCell:
    """The cell of an average pooling, adaptive and global ones included.

    Example: the window `[[1, 3], [3, 2]]` has the divisor 4 and the total 2.25.
    """
    fields = common_fields(layer, unit)
    taps = taps_of(layer, unit.row, unit.col)
    values = taps.gathered(layer.input[unit.channel, None])[0]
    divisor = _divisor_of(layer.spec, taps)
    return PoolCell(**fields, values=values, padded=taps.padded, sources=taps.sources, divisor=divisor)


def _divisor_of(spec: LayerSpec, taps: Taps) -> int:
    """The one set by hand, else the cells of the window, with the padding where that counts."""
    if spec.divisor is not None:
        return spec.divisor
    return int(taps.padded.size if spec.counts_padding else taps.filled.sum())
