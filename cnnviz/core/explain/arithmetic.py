"""One cell of an addition or of a multiplication: what each input gives to it.

A shortcut adds the same cell of two branches; squeeze and excitation multiplies every cell of a map by one number.
Refuses to know: more than two inputs; PyTorch's operators take two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnviz.core.explain.cell import Cell, common_fields, demand_finite, explainer_of
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _

Cells = tuple[tuple[int, ...] | None, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class AddCell(Cell):
    """`(values * scales).sum() == total`: a term of each input, in float64; a difference has the scale −1.

    `cells` says for each input which of its cells is read, None for a constant; `names` what the inputs are called,
    empty where nobody said so.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> class Both(nn.Module):
    ...     def forward(self, x):
    ...         return x - x.flip(-1)
    >>> layer = trace(Both(), np.array([[[1, 2]]], np.float32)).layers[-1]
    >>> cell = explain(layer, UnitRef(layer.spec.path, 0, 0, 0))
    >>> cell.terms.tolist(), cell.total
    ([1.0, -2.0], -1.0)
    """

    values: np.ndarray
    scales: np.ndarray
    cells: Cells
    names: tuple[str, ...] = ()

    @property
    def terms(self) -> np.ndarray:
        """What each input adds."""
        return self.values * self.scales

    def _check(self) -> None:
        self._must_make_total(float(self.terms.sum()), float(np.abs(self.terms).sum()))


@dataclass(frozen=True, eq=False, kw_only=True)
class ProductCell(Cell):
    """`values[0] · values[1] == total`, or `values[0] / values[1]` where `is_quotient`, in float64.

    `cells` says for each input which of its cells is read, None for a constant; `names`: see `AddCell`.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> class Both(nn.Module):
    ...     def forward(self, x):
    ...         return x * 3.0
    >>> layer = trace(Both(), np.array([[[1, 2]]], np.float32)).layers[-1]
    >>> cell = explain(layer, UnitRef(layer.spec.path, 0, 0, 1))
    >>> cell.values.tolist(), cell.cells, cell.total
    ([2.0, 3.0], ((0, 0, 1), None), 6.0)
    """

    values: np.ndarray
    cells: Cells
    is_quotient: bool = False
    names: tuple[str, ...] = ()

    def _check(self) -> None:
        with np.errstate(divide="ignore", invalid="ignore"):
            first, second = self.values
            made = float(first / second if self.is_quotient else first * second)
        self._must_make_total(made, abs(made))


def _read(layer: LayerTrace, unit: UnitRef) -> tuple[np.ndarray, Cells]:
    """The cell of each input that `unit` reads; an axis of one cell is read by all units."""
    place = unit.within(layer.output.shape)
    values, cells = [], []
    for array, source in zip(layer.inputs, layer.sources, strict=True):
        at = _spread(place, array.shape)
        values.append(float(array[at]))
        cells.append(None if source is None else at)
    found = np.array(values, dtype=np.float64)
    demand_finite(layer, _("input"), found)
    return found, tuple(cells)


def _spread(place: tuple[Any, ...], shape: tuple[int, ...]) -> tuple[Any, ...]:
    """PyTorch's broadcasting: axes are compared from the last, and one cell stands for all. For one place, or many."""
    if len(shape) == 1 and len(place) == 3 and shape[0] > 1:
        return (place[2],)
    return tuple(0 if size == 1 else at for at, size in zip(place[len(place) - len(shape) :], shape, strict=True))


def operand_origins(layer: LayerTrace, place: int) -> np.ndarray | None:
    """Which cell of operand number `place` each cell of an addition or a product reads, as its number among its cells.

    In the shape of the output; None where the operand was laid out so that PyTorch's spreading cannot be followed.
    """
    shape, after = layer.inputs[place].shape, layer.output.shape
    if len(shape) > len(after):
        return None
    at = _spread(tuple(np.indices(after, sparse=True)), shape)
    if any(np.max(one) >= size for one, size in zip(at, shape, strict=True)):
        return None
    found: np.ndarray = np.ravel_multi_index(tuple(np.broadcast_arrays(*at)), shape)
    return np.broadcast_to(found, after)


@explainer_of(Kind.ADD)
def explain_addition(layer: LayerTrace, unit: UnitRef) -> AddCell:
    """The cell of an addition or a difference.

    Raises: ExplainError where an input is not finite.
    """
    values, cells = _read(layer, unit)
    scales = np.array(layer.spec.scales, dtype=np.float64)
    return AddCell(**common_fields(layer, unit), values=values, scales=scales, cells=cells)


@explainer_of(Kind.MULTIPLY)
def explain_multiplication(layer: LayerTrace, unit: UnitRef) -> ProductCell:
    """The cell of a product or a quotient.

    Raises: ExplainError where an input is not finite.
    """
    values, cells = _read(layer, unit)
    is_quotient = layer.spec.type_name == "div"
    return ProductCell(**common_fields(layer, unit), values=values, cells=cells, is_quotient=is_quotient)
