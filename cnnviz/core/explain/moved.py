"""One cell of an operation that moves cells: where it was before, or that nothing stood there.

PyTorch itself says where each cell comes from: the operation is run on the numbers of the cells, not on their values.
Refuses to know: what the operation is called; reshaping, permuting, splitting, joining and padding are alike.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np

from cnnviz.core.explain.cell import Cell, ExplainError, cell_position, common_fields, explainer_of
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _

PADDING = -1  # what no cell of an input is


@dataclass(frozen=True, eq=False, kw_only=True)
class MovedCell(Cell):
    """`value == total`: the cell at `cell` of input number `input`; both None where padding put `value` there.

    `names` are those of the inputs, empty where nobody said so.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.ZeroPad2d(1)), np.ones((1, 2, 2), np.float32)).layers[0]
    >>> explain(layer, UnitRef("0", 0, 1, 2)).cell, explain(layer, UnitRef("0", 0, 0, 0)).cell
    ((0, 0, 1), None)
    """

    value: float
    input: int | None = None
    cell: tuple[int, ...] | None = None
    names: tuple[str, ...] = ()

    def _check(self) -> None:
        self._must_make_total(self.value, 0.0)


@explainer_of(Kind.CONCAT)
@explainer_of(Kind.REARRANGE)
@explainer_of(Kind.PADDING)
def explain_moved(layer: LayerTrace, unit: UnitRef) -> MovedCell:
    """The cell that `unit` was before.

    Raises: ExplainError where the layer does not say how it moves cells.
    """
    place, fields = cell_position(layer, unit), common_fields(layer, unit)
    entry = int(origins(layer)[place])
    if entry == PADDING:
        return MovedCell(**fields, value=fields["total"])
    for number, array in enumerate(layer.inputs):
        if entry < array.size:
            cell = tuple(int(at) for at in np.unravel_index(entry, array.shape))
            return MovedCell(**fields, value=float(array[cell]), input=number, cell=cell)
        entry -= array.size
    raise AssertionError("every number is that of a cell")


_KNOWN: weakref.WeakKeyDictionary[LayerTrace, np.ndarray] = weakref.WeakKeyDictionary()


def origins(layer: LayerTrace) -> np.ndarray:
    """Which cell each output cell was: its number among the cells of all inputs, one input after another; −1 for none.

    In the shape of the output. Raises: ExplainError where the layer does not say how it moves cells.
    """
    if layer not in _KNOWN:
        _KNOWN[layer] = _ask(layer)
    return _KNOWN[layer]


def _ask(layer: LayerTrace) -> np.ndarray:
    if layer.apply is None:
        raise ExplainError(
            _("{path} must say how it moves cells, got a {type}: trace the network as a graph",
              path=layer.spec.path, type=layer.spec.type_name)
        )  # fmt: skip
    numbered, first = [], 1.0  # so that 0, which padding puts there, is none of them
    for array in layer.inputs:
        numbered.append(np.arange(first, first + array.size, dtype=np.float64).reshape(array.shape))
        first += array.size
    again = [array + first for array in numbered]  # a constant that padding puts there does not move with them
    one, other = layer.apply(numbered), layer.apply(again)
    return np.where(other - one == first, one - 1, PADDING).astype(np.int64)
