"""A cell's arithmetic as a table to read: every term, and the sums that they make as shown.

One function for each kind of cell, found by its type. Refuses to know: how a table is put on a page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from cnnviz.core.explain import (
    ActivationCell,
    Cell,
    ConvCell,
    DenseCell,
    DropoutCell,
    FlattenCell,
    NormCell,
    PoolCell,
    SoftmaxCell,
    Statistics,
)
from cnnviz.figures.display_precision import (
    added,
    decimals_of_function,
    decimals_of_mean,
    decimals_of_normalisation,
    decimals_of_terms,
    listed_channels,
)
from cnnviz.figures.long_sums import ALMOST, NamedTerms, Row, product_texts, strongest_rows
from cnnviz.figures.rounding import DIGITS, MOST, decimals_of, decimals_of_factors, decimals_that_hold
from cnnviz.figures.theme import format_number, value_text
from cnnviz.i18n import _


@dataclass(frozen=True)
class CellTable:
    """A table of strings: `head` names the columns, `sums` are the lines below the rule."""

    caption: str
    head: Row
    rows: tuple[Row, ...]
    sums: tuple[Row, ...]


@singledispatch
def cell_table(cell: Cell | SoftmaxCell) -> CellTable:
    """The table of a cell.

    Raises: TypeError for a record that has none.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain
    >>> from cnnviz.figures.cell_table import cell_table
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.AvgPool2d(2)), np.array([[[1, 3], [3, 2]]], np.float32)).layers[0]
    >>> cell_table(explain(layer, UnitRef("0", 0, 0, 0))).sums
    (('sum', '9.00'), ('sum / 4', '2.25'))
    """
    raise TypeError(
        f"a cell must be of a kind that has a table, got {type(cell).__name__}: register one with `cell_table`"
    )


def _sum_digits(terms: Sequence[float], total: float, most: int = DIGITS) -> tuple[int, int, str]:
    """Decimals of the terms, decimals of the total, and what is written before it: ≈ where the sum does not hold."""
    digits = decimals_of([*terms, total], most)
    found = decimals_that_hold(terms, total, digits)
    return (*found, "") if found else (digits + 2, digits, ALMOST)


@cell_table.register
def _convolution(cell: ConvCell) -> CellTable:
    listed = listed_channels(cell.padded.size)
    shares = list(map(float, cell.sums))
    rest = len(shares[listed:])
    groups = [list(products.ravel()) for products in cell.products[:listed]]
    digits = decimals_of([*shares, cell.bias, cell.total])
    found = decimals_of_terms(groups, shares, cell.bias, cell.total, digits)
    (each, fine, coarse), almost = (found, "") if found else (((digits + 2,) * len(groups), digits + 2, digits), ALMOST)
    rows: list[Row] = []
    where = [_place(row, col, padded and not cell.spec.is_transposed) for row, col, padded in _cells(cell)]
    for place, share in enumerate(shares[:listed]):
        rows += _channel_rows(cell, place, where, each[place])
        name = _("map {channel}", channel=cell.channels[place])
        rows.append((name, _("term"), "", "", almost + format_number(share, fine)))
    if rest:
        rows.append(
            (_("{count} more maps", count=rest), _("terms"), "", "", format_number(added(shares[listed:]), fine))
        )
    sums = (
        (_("all maps"), _("bias"), "", "", format_number(cell.bias, fine)),
        (_("all maps"), _("terms + bias"), "", "", almost + format_number(cell.total, coarse)),
    )
    head = (_("map"), _("cell"), _("value"), _("weight"), _("product"))
    caption = _("All products: those of a map add up to its term; the terms and the bias add up to the value on screen")
    return CellTable(caption, head, tuple(rows), sums)


def _cells(cell: ConvCell) -> Iterator[tuple[int, int, bool]]:
    """(row, column, whether it is padding) of each cell under the window; the same in every map."""
    for (row, col), padded in zip(cell.sources.reshape(-1, 2).tolist(), cell.padded.ravel().tolist(), strict=True):
        yield row, col, padded


def _channel_rows(cell: ConvCell, place: int, where: Sequence[str], digits: int) -> list[Row]:
    numbers = (part[place].ravel().tolist() for part in (cell.patch, cell.kernel, cell.products))
    factors = list(zip(*numbers, strict=True))
    lefts, rights, products = zip(*factors, strict=True)
    common = decimals_of_factors(lefts, rights, products, digits, (decimals_of(lefts), decimals_of(rights)))
    name = _("map {channel}", channel=cell.channels[place])
    return [(name, at, *product_texts(numbers, digits, common)) for at, numbers in zip(where, factors, strict=True)]


def _place(row: int, col: int, padded: bool) -> str:
    if row < 0:
        return _("padding") if padded else _("no cell")
    if padded:
        return _("padding, repeats row {row}, column {col}", row=row, col=col)
    return _("row {row}, column {col}", row=row, col=col)


@cell_table.register
def _dense(cell: DenseCell) -> CellTable:
    terms = NamedTerms(
        lambda entry: _entry_name(cell, entry), cell.inputs, cell.weights, cell.products, cell.order, cell.bias,
        cell.total,
    )  # fmt: skip
    rows, sums = strongest_rows(terms)
    head = (_("entry"), _("value"), _("weight"), _("product"))
    return CellTable(_("All products, the strongest first; with the bias they add up to the score"), head, rows, sums)


def _entry_name(cell: DenseCell, entry: int) -> str:
    source = cell.source(entry)
    if source is None:
        return str(entry)
    channel, row, col = source
    return _("{entry}: map {channel}, row {row}, column {col}", entry=entry, channel=channel, row=row, col=col)


@cell_table.register
def _pooling(cell: PoolCell) -> CellTable:
    if cell.divisor is not None:
        return _average(cell, cell.divisor)
    where_won = "" if cell.winner is None else _place(*cell.winner, padded=False)
    digits = decimals_of(cell.values.ravel())
    sums = ((_("largest: {place}", place=where_won), format_number(cell.total, digits)),)
    caption = _("The largest cell under the window; of equal cells the first")
    return CellTable(caption, (_("cell"), _("value")), _window_rows(cell, digits), sums)


def _average(cell: PoolCell, divisor: int) -> CellTable:
    values = list(cell.values.ravel())
    digits = decimals_of([*values, cell.total])
    (fine, middle, coarse), almost = (digits,) * 3, ""
    with np.errstate(invalid="ignore"):  # ∞ − ∞ is NaN, as PyTorch says
        total = float(cell.values.sum())
    if np.isfinite(values).all() and cell.is_finite:
        found = decimals_of_mean(values, total, divisor, cell.total, digits)
        (fine, middle, coarse), almost = (found, "") if found else ((digits + 2, digits + 2, digits), ALMOST)
    mean = (_("sum / {divisor}", divisor=divisor), almost + format_number(cell.total, coarse))
    sums = ((_("sum"), almost + format_number(total, middle)), mean)
    return CellTable(
        _("The mean of the cells under the window"), (_("cell"), _("value")), _window_rows(cell, fine), sums
    )


def _window_rows(cell: PoolCell, digits: int) -> tuple[Row, ...]:
    where = zip(cell.sources.reshape(-1, 2), cell.padded.ravel(), strict=True)
    return tuple(
        (_place(row, col, padded), format_number(value, digits))
        for ((row, col), padded), value in zip(where, cell.values.ravel(), strict=True)
    )


@cell_table.register
def _softmax(cell: SoftmaxCell) -> CellTable:
    digits = 6
    fine, coarse, almost = _sum_digits(list(cell.exponentials), cell.sum, digits)
    share, _whole, nearly = _sum_digits(list(cell.probabilities), 1.0, digits)
    rows = tuple(
        (str(k), value_text(score), format_number(power, fine), format_number(probability, share))
        for k, (score, power, probability) in enumerate(
            zip(cell.logits, cell.exponentials, cell.probabilities, strict=True)
        )
    )
    head = (_("class"), _("score"), _("e^(score − largest)"), _("probability"))
    sums = (
        (_("sum"), "", almost + format_number(cell.sum, coarse), nearly + "1"),
        (_("log-sum-exp"), value_text(cell.log_sum_exp), "", ""),
    )
    return CellTable(_("Each power divided by the sum of all powers"), head, rows, sums)


@cell_table.register
def _activation(cell: ActivationCell) -> CellTable:
    digits = decimals_of([cell.value, cell.total])
    is_finite = np.isfinite([cell.value, cell.total]).all()
    found = decimals_of_function(cell.value, cell.apply, cell.total, digits) if is_finite else (digits, digits)
    (fine, coarse), sign = (found, "=") if found else ((digits + 2, digits), ALMOST.strip())
    rows = ((_("value before"), format_number(cell.value, fine)),)
    sums = ((_("value after"), format_number(cell.total, coarse)),)
    caption = f"{cell.left_side(lambda value: format_number(value, fine))} {sign} {format_number(cell.total, coarse)}"
    return CellTable(caption, (_("step"), _("value")), rows, sums)


@cell_table.register
def _normalisation(cell: NormCell) -> CellTable:
    parts = {name: getattr(cell, name) for name in ("value", "mean", "variance", "epsilon", "gamma", "beta")}
    digits = decimals_of([*(value for name, value in parts.items() if name != "epsilon"), cell.total])
    found = decimals_of_normalisation(parts, (cell.deviation, cell.normalised, cell.total), digits)
    (fine, of_root, middle, coarse), almost = (found, "") if found else ((MOST, MOST, MOST, digits), ALMOST)
    rows = (
        (_("value before"), format_number(cell.value, fine)),
        (_("mean μ"), format_number(cell.mean, fine)),
        (_("variance σ²"), format_number(cell.variance, fine)),
        (_("√(σ² + ε), ε = {epsilon}", epsilon=cell.epsilon), format_number(cell.deviation, of_root)),
        (_("(value − μ) / √(σ² + ε)"), format_number(cell.normalised, middle)),
        (_("scale γ"), format_number(cell.gamma, fine)),
        (_("shift β"), format_number(cell.beta, fine)),
    )
    caption = _("Normalised with the running estimates, then scaled and shifted")
    if cell.statistics is not Statistics.RUNNING:
        caption = _(
            "Normalised with the mean and variance of {count} cells of this one image, then scaled and shifted",
            count=cell.count,
        )
    sums = ((_("γ · normalised + β"), almost + format_number(cell.total, coarse)),)
    return CellTable(caption, (_("step"), _("value")), rows, sums)


@cell_table.register
def _dropout(cell: DropoutCell) -> CellTable:
    probability = value_text(cell.probability)
    rows = ((_("value before"), value_text(cell.value)), (_("fraction dropped in training"), probability))
    caption = _("Dropout is inactive at inference, when the network is used")
    return CellTable(caption, (_("step"), _("value")), rows, ((_("value after"), value_text(cell.total)),))


@cell_table.register
def _flatten(cell: FlattenCell) -> CellTable:
    rows = ((_("cell {place}", place=", ".join(map(str, cell.source))), value_text(cell.value)),)
    caption = _("Entry {entry} of the column; flattening changes no value", entry=cell.entry)
    sums = ((_("entry {entry}", entry=cell.entry), value_text(cell.total)),)
    return CellTable(caption, (_("step"), _("value")), rows, sums)
