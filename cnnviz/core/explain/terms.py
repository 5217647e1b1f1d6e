"""Any cell as a list of terms: what it reads, times a weight; all terms and the bias make its number.

What is no sum (an activation, a product, a largest value) has one term, or terms of which only the winner counts.
Refuses to know: how a cell is drawn or how many digits are shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

import numpy as np

from cnnviz.core.explain.activation import ActivationCell
from cnnviz.core.explain.arithmetic import AddCell, ProductCell
from cnnviz.core.explain.cell import Cell
from cnnviz.core.explain.convolution import ConvCell
from cnnviz.core.explain.dense import DenseCell
from cnnviz.core.explain.dropout import DropoutCell
from cnnviz.core.explain.flatten import FlattenCell
from cnnviz.core.explain.moved import MovedCell
from cnnviz.core.explain.normalisation import NormCell
from cnnviz.core.explain.pooling import PoolCell
from cnnviz.core.explain.softmax import SoftmaxUnitCell
from cnnviz.core.explain.weighted import ExtremeCell, WeightedCell
from cnnviz.core.explain.windows_nd import ConvNdCell, PoolNdCell

Place = tuple[int, ...]


@dataclass(frozen=True)
class Term:
    """`value · weight == product`; `cell` is where the value stands in input number `input`, both None for none.

    `weight` is None where the value goes through a function that is no product.

    >>> from cnnviz.core.explain import Term
    >>> Term(2.0, 0.5, 1.0, cell=(0, 3, 4)).product
    1.0
    """

    value: float
    weight: float | None
    product: float
    input: int | None = 0
    cell: Place | None = None


@dataclass(frozen=True)
class CellTerms:
    """`bias` plus all products make `total`, up to rounding; `facts` are other numbers that go into the cell.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain, terms_of
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.AvgPool2d(2)), np.array([[[1, 3], [3, 2]]], np.float32)).layers[0]
    >>> made = terms_of(explain(layer, UnitRef("0")))
    >>> made.total, [term.product for term in made.terms]
    (2.25, [0.25, 0.75, 0.75, 0.5])
    """

    total: float
    terms: tuple[Term, ...]
    bias: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)


@singledispatch
def terms_of(cell: Cell) -> CellTerms:
    """The terms of a cell of any kind.

    Raises: TypeError for a record that is no cell.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain, terms_of
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.ReLU()), np.full((1, 1, 1), -1.5, np.float32)).layers[0]
    >>> terms_of(explain(layer, UnitRef("0"))).terms
    (Term(value=-1.5, weight=None, product=0.0, input=0, cell=(0, 0, 0)),)
    """
    raise TypeError(f"cell must be one of a kind that has terms, got {type(cell).__name__}: explain a layer")


def _own(cell: Cell) -> Place:
    return cell.unit.channel, cell.unit.row, cell.unit.col


def _numbered(values: Iterable[float], weights: Iterable[float], cells: Iterable[Place | None]) -> tuple[Term, ...]:
    return tuple(
        Term(float(value), float(weight), float(value) * float(weight), None if cell is None else 0, cell)
        for value, weight, cell in zip(values, weights, cells, strict=True)
    )


def _window(channel: int, sources: np.ndarray) -> list[Place | None]:
    """The cells under a window (kh, kw, 2) of one channel; None where nothing stands."""
    return [None if row < 0 else (channel, int(row), int(col)) for row, col in sources.reshape(-1, 2)]


@terms_of.register
def _of_convolution(cell: ConvCell) -> CellTerms:
    places = [place for channel in cell.channels for place in _window(channel, cell.sources)]
    return CellTerms(cell.total, _numbered(cell.patch.ravel(), cell.kernel.ravel(), places), cell.bias)


@terms_of.register
def _of_dense(cell: DenseCell) -> CellTerms:
    places: list[Place | None] = [(*cell.before, entry) for entry in range(len(cell.inputs))]
    return CellTerms(cell.total, _numbered(cell.inputs, cell.weights, places), cell.bias)


@terms_of.register
def _of_addition(cell: AddCell) -> CellTerms:
    triples = enumerate(zip(cell.values, cell.scales, cell.cells, strict=True))
    terms = (
        Term(float(value), float(scale), float(value * scale), None if place is None else number, place)
        for number, (value, scale, place) in triples
    )
    return CellTerms(cell.total, tuple(terms))


@terms_of.register
def _of_product(cell: ProductCell) -> CellTerms:
    first, second = (float(value) for value in cell.values)
    at = 0 if cell.cells[0] is not None else 1
    value, weight = (first, 1 / second if cell.is_quotient else second) if at == 0 else (second, first)
    is_plain = not (cell.is_quotient and at == 1)  # a number divided by a cell is no product with it
    factors = [{"value": float(one), "cell": None if place is None else list(place)}
               for one, place in zip(cell.values, cell.cells, strict=True)]  # fmt: skip
    term = Term(value, weight if is_plain else None, cell.total, at, cell.cells[at])
    return CellTerms(cell.total, (term,), facts={"factors": factors, "is_quotient": cell.is_quotient})


@terms_of.register
def _of_pooling(cell: PoolCell) -> CellTerms:
    places = _window(cell.unit.channel, cell.sources)
    if cell.divisor is not None:
        weights = np.full(cell.values.size, 1 / cell.divisor)
        return CellTerms(cell.total, _numbered(cell.values.ravel(), weights, places), facts={"divisor": cell.divisor})
    there = [(float(value), place) for value, place in zip(cell.values.ravel(), places, strict=True) if place]
    won = None if cell.winner is None else (cell.unit.channel, *cell.winner)
    terms = tuple(Term(value, float(place == won), value if place == won else 0.0, 0, place) for value, place in there)
    return CellTerms(cell.total, terms, facts={"winner": None if won is None else list(won)})


def _named(cells: np.ndarray) -> list[Place | None]:
    """Cells (…, 3) one by one; None where nothing stands."""
    return [None if place[0] < 0 else tuple(map(int, place)) for place in cells.reshape(-1, 3)]


@terms_of.register
def _of_convolution_nd(cell: ConvNdCell) -> CellTerms:
    terms = _numbered(cell.values.ravel(), cell.kernel.ravel(), _named(cell.cells))
    return CellTerms(cell.total, terms, cell.bias)


@terms_of.register
def _of_pooling_nd(cell: PoolNdCell) -> CellTerms:
    values, places = cell.values.ravel(), _named(cell.cells)
    if cell.divisor is not None:
        weights = np.full(values.size, 1 / cell.divisor)
        return CellTerms(cell.total, _numbered(values, weights, places), facts={"divisor": cell.divisor})
    there = [(float(value), place) for value, place in zip(values, places, strict=True) if place]
    won = cell.winner
    terms = tuple(Term(value, float(place == won), value if place == won else 0.0, 0, place) for value, place in there)
    return CellTerms(cell.total, terms, facts={"winner": None if won is None else list(won)})


@terms_of.register
def _of_normalisation(cell: NormCell) -> CellTerms:
    weight = cell.gamma / cell.deviation
    term = Term(cell.value, weight, cell.value * weight, 0, _own(cell))
    facts = {name: getattr(cell, name) for name in ("mean", "variance", "epsilon", "gamma", "beta", "count")}
    facts["statistics"] = cell.statistics.value
    return CellTerms(cell.total, (term,), cell.beta - cell.mean * weight, facts)


@terms_of.register
def _of_activation(cell: ActivationCell) -> CellTerms:
    facts = {"function": cell.spec.type_name, "formula": cell.written(repr)}
    return CellTerms(cell.total, (Term(cell.value, None, cell.total, 0, _own(cell)),), facts=facts)


@terms_of.register
def _of_dropout(cell: DropoutCell) -> CellTerms:
    term = Term(cell.value, cell.scale, cell.value * cell.scale, 0, _own(cell))
    return CellTerms(cell.total, (term,), facts={"probability": cell.probability})


@terms_of.register
def _of_flatten(cell: FlattenCell) -> CellTerms:
    return CellTerms(cell.total, (Term(cell.value, 1.0, cell.value, 0, cell.source),))


@terms_of.register
def _of_moved(cell: MovedCell) -> CellTerms:
    if cell.cell is None:
        return CellTerms(cell.total, (), cell.value, {"is_padding": True})
    return CellTerms(cell.total, (Term(cell.value, 1.0, cell.value, cell.input, cell.cell),))


@terms_of.register
def _of_weighted(cell: WeightedCell) -> CellTerms:
    places = [tuple(map(int, place)) for place in cell.cells]
    return CellTerms(cell.total, _numbered(cell.values, cell.weights, places))


@terms_of.register
def _of_extreme(cell: ExtremeCell) -> CellTerms:
    weights = np.arange(len(cell.values)) == cell.winner
    places = [tuple(map(int, place)) for place in cell.cells]
    return CellTerms(cell.total, _numbered(cell.values, weights, places), facts={"winner": list(places[cell.winner])})


@terms_of.register
def _of_softmax(cell: SoftmaxUnitCell) -> CellTerms:
    term = Term(float(cell.logits[cell.own]), None, cell.total, 0, _own(cell))
    facts = {"logits": cell.logits.tolist(), "exponentials": cell.exponentials.tolist(), "sum": cell.sum}
    return CellTerms(cell.total, (term,), facts=facts | {"is_log": cell.is_log})
