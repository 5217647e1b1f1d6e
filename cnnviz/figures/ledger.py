"""A cell's arithmetic as a table to read: every term, and the sums that they make as shown.

One function for each kind of cell, found by its type. Refuses to know: how a table is put on a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from cnnviz.explain import (
    ActivationCell,
    Cell,
    ConvCell,
    DenseCell,
    DropoutCell,
    FlattenCell,
    NormCell,
    PoolCell,
    SoftmaxCell,
)
from cnnviz.figures.rounding import digits_of_factors, digits_that_hold
from cnnviz.figures.theme import number
from cnnviz.messages import _

DIGITS = 4
MOST_TERMS = 3000  # rows of a table; a browser can still show them
Row = tuple[str, ...]


@dataclass(frozen=True)
class Ledger:
    """A table of strings: `head` names the columns, `sums` are the lines below the rule."""

    caption: str
    head: Row
    rows: tuple[Row, ...]
    sums: tuple[Row, ...]


@singledispatch
def ledger(cell: Cell | SoftmaxCell) -> Ledger:
    """The table of a cell.

    Raises: TypeError for a record that has none.
    Example: `ledger(explain(layer, unit)).sums[-1][-1]` is the number on the screen.
    """
    raise TypeError(f"a cell must be of a kind that has a table, got {type(cell).__name__}: register one with `ledger`")


def _sum_digits(terms: Sequence[float], total: float, digits: int = DIGITS) -> tuple[int, int]:
    return digits_that_hold(terms, total, digits) or (digits + 2, digits)


@ledger.register
def _convolution(cell: ConvCell) -> Ledger:
    fine, coarse = _sum_digits([*cell.sums, cell.bias], cell.total)
    rows: list[Row] = []
    for place, channel in enumerate(cell.channels):
        rows += _channel_rows(cell, place, fine)
        rows.append((_("map {channel}", channel=channel), _("share"), "", "", number(cell.sums[place], fine)))
        if len(rows) > MOST_TERMS:
            rows.append((_("…"), _("{count} more maps", count=len(cell.channels) - place - 1), "", "", ""))
            break
    sums = (
        (_("all maps"), _("bias"), "", "", number(cell.bias, fine)),
        (_("all maps"), _("shares + bias"), "", "", number(cell.total, coarse)),
    )
    head = (_("map"), _("cell"), _("value"), _("weight"), _("product"))
    caption = _("All products: those of a map add up to its share, the shares and the bias to the value on screen")
    return Ledger(caption, head, tuple(rows), sums)


def _channel_rows(cell: ConvCell, place: int, digits: int) -> list[Row]:
    products = cell.products[place].ravel()
    values, weights = cell.patch[place].ravel(), cell.kernel[place].ravel()
    fine, _coarse = _sum_digits(list(products), float(cell.sums[place]), digits)
    left, right = digits_of_factors(list(values), list(weights), list(products), fine) or (fine, fine)
    name = _("map {channel}", channel=cell.channels[place])
    where = zip(cell.sources.reshape(-1, 2), cell.padded.ravel(), strict=True)
    return [
        (name, _place(row, col, padded), number(value, left), number(weight, right), number(product, fine))
        for ((row, col), padded), value, weight, product in zip(where, values, weights, products, strict=True)
    ]


def _place(row: int, col: int, padded: bool) -> str:
    if row < 0:
        return _("padding") if padded else _("no cell")
    if padded:
        return _("padding, repeats row {row}, column {col}", row=row, col=col)
    return _("row {row}, column {col}", row=row, col=col)


@ledger.register
def _dense(cell: DenseCell) -> Ledger:
    products = [float(cell.products[entry]) for entry in cell.order]
    fine, coarse = _sum_digits([*products, cell.bias], cell.total)
    shown = cell.order[:MOST_TERMS]
    rows = [_dense_row(cell, int(entry), fine) for entry in shown]
    if len(shown) < len(products):
        rest = sum(products[len(shown) :])
        rows.append((_("{count} others", count=len(products) - len(shown)), "", "", number(rest, fine)))
    sums = ((_("bias"), "", "", number(cell.bias, fine)), (_("products + bias"), "", "", number(cell.total, coarse)))
    head = (_("entry"), _("value"), _("weight"), _("product"))
    return Ledger(
        _("All products, the strongest first; with the bias they add up to the score"), head, tuple(rows), sums
    )


def _dense_row(cell: DenseCell, entry: int, digits: int) -> Row:
    factors = float(cell.inputs[entry]), float(cell.weights[entry]), float(cell.products[entry])
    left, right = digits_of_factors([factors[0]], [factors[1]], [factors[2]], digits) or (digits, digits)
    source = cell.source(entry)
    place = str(entry)
    if source is not None:
        channel, row, col = source
        place = _("{entry}: map {channel}, row {row}, column {col}", entry=entry, channel=channel, row=row, col=col)
    return place, number(factors[0], left), number(factors[1], right), number(factors[2], digits)


@ledger.register
def _pooling(cell: PoolCell) -> Ledger:
    values = cell.values.ravel()
    is_sum = cell.divisor is not None
    finite = bool(np.isfinite(values).all())
    total = cell.total * cell.divisor if cell.divisor is not None else cell.total
    fine, coarse = _sum_digits(list(values), total) if is_sum and finite else (DIGITS, DIGITS)
    where = zip(cell.sources.reshape(-1, 2), cell.padded.ravel(), strict=True)
    rows = tuple(
        (_place(row, col, padded), number(value, fine))
        for ((row, col), padded), value in zip(where, values, strict=True)
    )
    if is_sum:
        mean = (_("sum / {divisor}", divisor=cell.divisor), number(cell.total))
        caption = _("The mean of the cells under the window")
        return Ledger(caption, (_("cell"), _("value")), rows, ((_("sum"), number(total, coarse)), mean))
    where_won = "" if cell.winner is None else _place(*cell.winner, padded=False)
    sums = ((_("largest: {place}", place=where_won), number(cell.total)),)
    return Ledger(_("The largest cell under the window; of equals the first"), (_("cell"), _("value")), rows, sums)


@ledger.register
def _softmax(cell: SoftmaxCell) -> Ledger:
    digits = 6
    fine, coarse = _sum_digits(list(cell.exponentials), cell.sum, digits)
    share, _whole = _sum_digits(list(cell.probabilities), 1.0, digits)
    rows = tuple(
        (str(k), number(score), number(power, fine), number(probability, share))
        for k, (score, power, probability) in enumerate(
            zip(cell.logits, cell.exponentials, cell.probabilities, strict=True)
        )
    )
    head = (_("class"), _("score"), _("e^(score − largest)"), _("probability"))
    sums = ((_("sum"), "", number(cell.sum, coarse), "1"), (_("log-sum-exp"), number(cell.log_sum_exp), "", ""))
    return Ledger(_("Each power divided by the sum of all powers"), head, rows, sums)


@ledger.register
def _activation(cell: ActivationCell) -> Ledger:
    rows = ((_("value before"), number(cell.value)),)
    return Ledger(cell.formula, (_("step"), _("value")), rows, ((_("value after"), number(cell.total)),))


@ledger.register
def _normalisation(cell: NormCell) -> Ledger:
    root = float(np.sqrt(cell.variance + cell.epsilon))
    rows = (
        (_("value before"), number(cell.value, 6)),
        (_("mean μ"), number(cell.mean, 6)),
        (_("variance σ²"), number(cell.variance, 6)),
        (_("√(σ² + ε), ε = {epsilon}", epsilon=cell.epsilon), number(root, 6)),
        (_("(value − μ) / √(σ² + ε)"), number((cell.value - cell.mean) / root, 6)),
        (_("scale γ"), number(cell.gamma, 6)),
        (_("shift β"), number(cell.beta, 6)),
    )
    caption = _("Normalised with the running estimates, then scaled and shifted")
    return Ledger(caption, (_("step"), _("value")), rows, ((_("γ · normalised + β"), number(cell.total, 6)),))


@ledger.register
def _dropout(cell: DropoutCell) -> Ledger:
    rows = ((_("value before"), number(cell.value)), (_("share dropped while training"), number(cell.probability)))
    caption = _("Dropout does nothing when a network is used")
    return Ledger(caption, (_("step"), _("value")), rows, ((_("value after"), number(cell.total)),))


@ledger.register
def _flatten(cell: FlattenCell) -> Ledger:
    rows = ((_("cell {place}", place=", ".join(map(str, cell.source))), number(cell.value)),)
    caption = _("Entry {entry} of the column; flattening changes no value", entry=cell.entry)
    return Ledger(caption, (_("step"), _("value")), rows, ((_("entry {entry}", entry=cell.entry), number(cell.total)),))
