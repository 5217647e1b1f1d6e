"""Which cells lie under the window of one unit, and the values that stand there.

Refuses to know: what a layer does with them, and where windows lie (`LayerSpec.axes` says that).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cnnviz.core.explain.cell import ExplainError
from cnnviz.core.geometry import Axis
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import LayerSpec, Pair
from cnnviz.i18n import _

NOWHERE = -1


@dataclass(frozen=True, eq=False)
class WindowTaps:
    """The window of one unit: `rows` (kh,) and `cols` (kw,) of the input, −1 where nothing stands.

    `padded` (kh, kw) is True where a tap lies outside the input, also where the padding repeats a cell.
    """

    rows: np.ndarray
    cols: np.ndarray
    padded: np.ndarray

    @property
    def filled(self) -> np.ndarray:
        """(kh, kw): True where the value of a cell stands."""
        return (self.rows != NOWHERE)[:, None] & (self.cols != NOWHERE)[None, :]

    @property
    def sources(self) -> np.ndarray:
        """(kh, kw, 2): the row and column of the cell whose value stands at each tap; −1, −1 where none does."""
        made = np.empty((len(self.rows), len(self.cols), 2), dtype=np.int64)
        made[..., 0], made[..., 1] = self.rows[:, None], self.cols
        made[~self.filled] = NOWHERE
        return made

    def gathered(self, maps: np.ndarray, nothing: float = 0.0) -> np.ndarray:
        """The values of `maps` (c, h, w) under the window, (c, kh, kw), in float64; `nothing` where no cell stands."""
        values = maps[:, self.rows[:, None], self.cols[None, :]]  # −1 reads some cell: replaced below
        return np.where(self.filled, values, nothing).astype(np.float64)


@dataclass(frozen=True, eq=False)
class _Line:
    """The taps of one unit on one axis, (taps,): `exists` is False for a tap between strides, which has no place."""

    sources: np.ndarray
    outside: np.ndarray
    exists: np.ndarray


@lru_cache(maxsize=64)
def _lines(spec: LayerSpec, before: Pair, after: Pair) -> tuple[tuple[_Line, ...], tuple[_Line, ...]]:
    """The taps of all units, on rows and on columns."""
    axes = spec.axes(before, after)
    if axes is None:
        raise ExplainError(_("{path} must be a window over maps, got a {kind}", path=spec.path, kind=spec.kind))
    rows, cols = (tuple(_line(axis, unit) for unit in range(len(axis.places))) for axis in axes)
    return rows, cols


def _line(axis: Axis, unit: int) -> _Line:
    places, sources = axis.places[unit], axis.sources[unit]
    return _Line(
        sources=np.array([NOWHERE if source is None else source for source in sources], dtype=np.int64),
        outside=np.array([axis.is_padding(unit, tap) for tap in range(len(places))], dtype=bool),
        exists=np.array([place is not None for place in places], dtype=bool),
    )


def window_taps(layer: LayerTrace, row: int, col: int) -> WindowTaps:
    """The taps of the units at (row, col) of all maps of `layer`."""
    height, width = layer.input.shape[-2:]
    of_rows, of_cols = _lines(layer.spec, (height, width), layer.output.shape[-2:])
    rows, cols = of_rows[row], of_cols[col]
    exists = rows.exists[:, None] & cols.exists
    outside = rows.outside[:, None] | cols.outside
    return WindowTaps(rows.sources, cols.sources, exists & outside)
