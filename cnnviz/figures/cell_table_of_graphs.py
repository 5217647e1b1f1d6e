"""The tables of layers that networks with branches have: sums, products, moved cells, weights, softmax along an axis.

Refuses to know: the form of a table (`cell_table`, which finds these by the type of the record).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cnnviz.core.explain import (
    AddCell,
    ConvNdCell,
    ExtremeCell,
    MovedCell,
    PoolNdCell,
    ProductCell,
    SoftmaxUnitCell,
    WeightedCell,
)
from cnnviz.figures.cell_table import CellTable, cell_table
from cnnviz.figures.display_precision import added, decimals_of_mean, decimals_of_quotient
from cnnviz.figures.long_sums import ALMOST, NamedTerms, Row, strongest_rows
from cnnviz.figures.rounding import decimals_of, decimals_of_factors, decimals_that_hold
from cnnviz.figures.theme import format_number, value_text
from cnnviz.i18n import _

__all__ = ["cell_table"]

PROBABILITY_DIGITS = 6


def _place(cell: Sequence[int] | None, name: str = "") -> str:
    """A cell of a map, or an entry of a vector, of the layer called `name`; without a cell the name alone."""
    if cell is None:
        return name
    text = _("entry {entry}", entry=cell[0])
    if len(cell) == 3:
        text = _("map {channel}, row {row}, column {col}", channel=cell[0], row=cell[1], col=cell[2])
    return f"{name}: {text}" if name else text


def _pairs(values: np.ndarray, weights: np.ndarray, digits: int) -> tuple[list[tuple[str, str]], str]:
    """Values and weights, each pair so that its product holds with `digits`."""
    terms = values * weights
    least = decimals_of(values), decimals_of(weights)
    found = decimals_of_factors(list(values), list(weights), list(terms), digits, least)
    left, right = found or (digits, digits)
    shown = zip(values, weights, strict=True)
    return [(format_number(a, left), format_number(b, right)) for a, b in shown], "" if found else ALMOST


def _weighted_sum(places: list[str], values: np.ndarray, weights: np.ndarray, total: float, caption: str) -> CellTable:
    terms = [float(term) for term in values * weights]
    digits = decimals_of([*terms, total])
    found = decimals_that_hold(terms, total, digits) if np.isfinite([*terms, total]).all() else None
    (fine, coarse), almost = (found, "") if found else ((digits + 2, digits), ALMOST)
    pairs, about = _pairs(values, weights, fine)
    rows: list[Row] = [
        (place, value, weight, about + format_number(term, fine))
        for place, (value, weight), term in zip(places, pairs, terms, strict=True)
    ]
    sums = ((_("sum of the terms"), "", "", almost + format_number(total, coarse)),)
    return CellTable(caption, (_("cell"), _("value"), _("factor"), _("term")), tuple(rows), sums)


def _names(names: tuple[str, ...], count: int) -> tuple[str, ...]:
    return names or tuple(_("input {number}", number=number) for number in range(1, count + 1))


@cell_table.register
def _addition(cell: AddCell) -> CellTable:
    names = _names(cell.names, len(cell.values))
    places = [_place(at, name) for at, name in zip(cell.cells, names, strict=True)]
    caption = _("The same cell of each input, times its factor; the terms add up to the value on screen")
    return _weighted_sum(places, cell.values, cell.scales, cell.total, caption)


@cell_table.register
def _product(cell: ProductCell) -> CellTable:
    first, second = (float(value) for value in cell.values)
    coarse = decimals_of([cell.total])
    is_finite = np.isfinite([first, second, cell.total]).all()
    if cell.is_quotient:
        digits = decimals_of([first, second, cell.total])
        made = decimals_of_quotient(first, second, cell.total, digits) if is_finite else None
        fine, coarse = made or (digits + 2, digits)
        found: tuple[int, int] | None = (fine, fine) if made else None
    else:
        least = decimals_of([first]), decimals_of([second])
        found = decimals_of_factors([first], [second], [cell.total], coarse, least) if is_finite else None
    left, right = found or (coarse + 2, coarse + 2)
    names = _names(cell.names, 2)
    rows = tuple(
        (_place(at, name), format_number(value, digits))
        for at, name, value, digits in zip(cell.cells, names, (first, second), (left, right), strict=True)
    )
    word = _("first / second") if cell.is_quotient else _("product")
    caption = _("The first number divided by the second") if cell.is_quotient else _("The two numbers multiplied")
    total = ("" if found else ALMOST) + format_number(cell.total, coarse)
    return CellTable(caption, (_("cell"), _("value")), rows, ((word, total),))


@cell_table.register
def _moved(cell: MovedCell) -> CellTable:
    if cell.cell is None or cell.input is None:
        caption = _("No cell of the input stood here: this value was put there")
        place = _("put there")
    else:
        caption = _("A cell of the input in another place; its value stays")
        place = _place(cell.cell, cell.names[cell.input] if cell.names else "")
    rows = ((place, value_text(cell.value)),)
    return CellTable(caption, (_("cell"), _("value")), rows, ((_("value after"), value_text(cell.total)),))


@cell_table.register
def _linear(cell: WeightedCell) -> CellTable:
    places = [_place(list(map(int, at))) for at in cell.cells]
    weights = cell.weights
    if len(weights) > 1 and (weights == weights[0]).all() and math.isclose(1 / weights[0], len(weights), rel_tol=1e-9):
        return _mean(cell, places)
    caption = _("Each cell times its weight; the terms add up to the value on screen")
    return _weighted_sum(places, cell.values, weights, cell.total, caption)


def _mean(cell: WeightedCell | PoolNdCell, places: list[str], divisor: int | None = None) -> CellTable:
    values = [float(value) for value in cell.values.ravel()]
    count = divisor or len(values)
    total = added(values)
    digits = decimals_of([*values, cell.total])
    found = decimals_of_mean(values, total, count, cell.total, digits)
    (fine, middle, coarse), almost = (found, "") if found else ((digits + 2, digits + 2, digits), ALMOST)
    rows = tuple((place, format_number(value, fine)) for place, value in zip(places, values, strict=True))
    mean = (_("sum / {divisor}", divisor=count), almost + format_number(cell.total, coarse))
    sums = ((_("sum"), almost + format_number(total, middle)), mean)
    caption = (
        _("The mean of {count} cells", count=count) if divisor is None else _("The mean of the cells under the window")
    )
    return CellTable(caption, (_("cell"), _("value")), rows, sums)


def _tap_names(cells: np.ndarray) -> list[str]:
    """Cells (…, 3) one by one in words."""
    return [_("padding") if at[0] < 0 else _place(list(map(int, at))) for at in cells.reshape(-1, 3)]


@cell_table.register
def _convolution_nd(cell: ConvNdCell) -> CellTable:
    names, products = _tap_names(cell.cells), cell.products.ravel()
    order = np.argsort(-np.abs(products), kind="stable")
    terms = NamedTerms(
        names.__getitem__, cell.values.ravel(), cell.kernel.ravel(), products, order, cell.bias, cell.total
    )
    rows, sums = strongest_rows(terms)
    caption = _("All products, the strongest first; with the bias they add up to the value on screen")
    return CellTable(caption, (_("cell"), _("value"), _("weight"), _("product")), rows, sums)


@cell_table.register
def _pooling_nd(cell: PoolNdCell) -> CellTable:
    places, values = _tap_names(cell.cells), cell.values.ravel()
    if cell.divisor is not None:
        return _mean(cell, places, cell.divisor)
    digits = decimals_of(values)
    where = "" if cell.winner is None else _place(cell.winner)
    rows = tuple((place, format_number(value, digits)) for place, value in zip(places, values, strict=True))
    sums = ((_("largest: {place}", place=where), format_number(cell.total, digits)),)
    caption = _("The largest cell under the window; of equal cells the first")
    return CellTable(caption, (_("cell"), _("value")), rows, sums)


@cell_table.register
def _extreme(cell: ExtremeCell) -> CellTable:
    digits = decimals_of(cell.values)
    places = [_place(list(map(int, at))) for at in cell.cells]
    rows = tuple((place, format_number(value, digits)) for place, value in zip(places, cell.values, strict=True))
    where = places[cell.winner]
    is_largest = cell.spec.type_name == "amax"
    word = _("largest: {place}", place=where) if is_largest else _("smallest: {place}", place=where)
    caption = _("The largest of these cells") if is_largest else _("The smallest of these cells")
    return CellTable(caption, (_("cell"), _("value")), rows, ((word, format_number(cell.total, digits)),))


@cell_table.register
def _softmax_unit(cell: SoftmaxUnitCell) -> CellTable:
    power, digits = float(cell.exponentials[cell.own]), PROBABILITY_DIGITS
    if cell.is_log:
        terms = [float(cell.shifted[cell.own]), -math.log(cell.sum)]
        held = decimals_that_hold(terms, cell.total, decimals_of([*terms, cell.total]))
        fine = held[0] if held else digits
    else:
        held = decimals_of_quotient(power, cell.sum, cell.total, decimals_of([cell.total], digits))
        fine = held[0] if held else digits + 2
    coarse, almost = (held[1], "") if held else (digits, ALMOST)
    rows = tuple(
        (str(place), value_text(float(logit)), format_number(float(made), fine))
        for place, (logit, made) in enumerate(zip(cell.logits, cell.exponentials, strict=True))
    )
    last = _("{place}: {power} / {sum}", place=cell.own, power=format_number(power, fine),
             sum=format_number(cell.sum, fine))  # fmt: skip
    if cell.is_log:
        last = _("{place}: score − largest − ln(sum)", place=cell.own)
    sums: tuple[Row, ...] = (
        (_("sum"), "", format_number(cell.sum, fine)),
        (last, "", almost + format_number(cell.total, coarse)),
    )
    head = (_("place"), _("score"), _("e^(score − largest)"))
    return CellTable(_("Each power divided by the sum of all powers along the axis"), head, rows, sums)
