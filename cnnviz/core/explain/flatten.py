"""One cell of a flatten layer: which cell of the maps became which entry of the vector, both ways.

Entry = (channel · rows + row) · cols + col: map after map, row after row. Refuses to know: values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnviz.core.explain.cell import Cell, cell_position, common_fields, explainer_of
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _

Place = tuple[int, int, int]


@dataclass(frozen=True, eq=False, kw_only=True)
class FlattenCell(Cell):
    """`entry` of the vector is the cell `source` (channel, row, col) of the maps, of `shape`; `value == total`.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.Flatten()), np.ones((2, 3, 3), np.float32)).layers[0]
    >>> explain(layer, UnitRef("0", 10)).source  # the second cell of the second map
    (1, 0, 1)
    """

    entry: int
    source: tuple[int, ...]
    shape: tuple[int, ...]
    value: float

    def _check(self) -> None:
        self._must_make_total(self.value, 0.0)


@explainer_of(Kind.FLATTEN)
def explain_flatten(layer: LayerTrace, unit: UnitRef) -> FlattenCell:
    """The cell that `unit`, an entry of the vector, was before."""
    entry = int(np.ravel_multi_index(cell_position(layer, unit), layer.output.shape))
    source = tuple(int(at) for at in np.unravel_index(entry, layer.input.shape))
    fields = common_fields(layer, unit)
    return FlattenCell(**fields, entry=entry, source=source, shape=layer.input.shape, value=float(layer.input[source]))


def cell_of_entry(shape: tuple[int, int, int], entry: int) -> Place:
    """The cell (channel, row, col) of maps of `shape` that became `entry`.

    Raises: IndexError for an entry that maps of this shape do not have.

    >>> from cnnviz.core.explain.flatten import cell_of_entry
    >>> cell_of_entry((32, 7, 7), 50)
    (1, 0, 1)
    """
    count = int(np.prod(shape))
    if not 0 <= entry < count:
        raise IndexError(_("entry must be below {count}, got {entry}", count=count, entry=entry))
    channel, row, col = (int(at) for at in np.unravel_index(entry, shape))
    return channel, row, col
