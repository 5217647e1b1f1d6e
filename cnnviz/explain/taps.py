"""Which cells lie under the window of one unit, and the values that stand there.

Refuses to know: what a layer does with them, and where windows lie (`LayerSpec.axes` says that).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cnnviz.explain.base import ExplainError
from cnnviz.geometry import Axis
from cnnviz.layers import LayerSpec, Pair
from cnnviz.messages import _
from cnnviz.trace import LayerTrace

NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Taps:
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
        grid = np.stack(np.meshgrid(self.rows, self.cols, indexing="ij"), axis=-1)
        return np.where(self.filled[..., None], grid, NOWHERE)

    def gathered(self, maps: np.ndarray, nothing: float = 0.0) -> np.ndarray:
        """The values of `maps` (c, h, w) under the window, (c, kh, kw), in float64; `nothing` where no cell stands."""
        values = maps[:, self.rows[:, None], self.cols[None, :]]  # −1 reads some cell: replaced below
        return np.where(self.filled, values, nothing).astype(np.float64)


@lru_cache(maxsize=64)
def _axes(spec: LayerSpec, before: Pair, after: Pair) -> tuple[Axis, Axis]:
    axes = spec.axes(before, after)
    if axes is None:
        raise ExplainError(_("{path} must be a window over maps, got a {kind}", path=spec.path, kind=spec.kind))
    return axes


def taps_of(layer: LayerTrace, row: int, col: int) -> Taps:
    """The taps of the units at (row, col) of all maps of `layer`."""
    height, width = layer.input.shape[-2:]
    rows, cols = _axes(layer.spec, (height, width), layer.output.shape[-2:])
    stands = _has_place(rows, row)[:, None] & _has_place(cols, col)[None, :]
    outside = _is_padding(rows, row)[:, None] | _is_padding(cols, col)[None, :]
    return Taps(_sources(rows, row), _sources(cols, col), stands & outside)


def _sources(axis: Axis, unit: int) -> np.ndarray:
    return np.array([NOWHERE if source is None else source for source in axis.sources[unit]], dtype=np.int64)


def _has_place(axis: Axis, unit: int) -> np.ndarray:
    """False for a tap that falls between the strides of a transposed convolution, and meets no cell and no padding."""
    return np.array([place is not None for place in axis.places[unit]], dtype=bool)


def _is_padding(axis: Axis, unit: int) -> np.ndarray:
    return np.array([axis.is_padding(unit, tap) for tap in range(len(axis.places[unit]))], dtype=bool)
