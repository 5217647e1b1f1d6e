"""A long sum as the rows of a table: the strongest terms one by one, the others together, and the sums below them.

Refuses to know: which layer the sum is of, and what its terms are called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cnnviz.figures.display_precision import MOST_TERMS, STRONGEST, added, digits_of_strongest
from cnnviz.figures.rounding import decimals_of, decimals_of_factors
from cnnviz.figures.theme import format_number
from cnnviz.i18n import _

ALMOST = "≈ "  # before a number that the others make only roughly, as they are shown
Row = tuple[str, ...]


@dataclass(frozen=True)
class NamedTerms:
    """The terms of a long sum, each with the name of its cell; `order` lists them, the largest by size first."""

    names: Callable[[int], str]
    values: np.ndarray
    weights: np.ndarray
    products: np.ndarray
    order: np.ndarray
    bias: float
    total: float


def strongest_rows(terms: NamedTerms) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """The rows of a long sum, the strongest terms one by one and the others together, and the sums below them."""
    ordered = [float(terms.products[entry]) for entry in terms.order]
    digits = decimals_of([*ordered, terms.bias, terms.total])
    found = digits_of_strongest(ordered, terms.bias, terms.total, digits)
    (fine, coarse), almost = (found, "") if found else ((digits + 2, digits), ALMOST)
    common = _common_digits(terms, fine)
    rows = [
        _term_row(terms, int(entry), fine, common if place < STRONGEST and terms.products[entry] else None)
        for place, entry in enumerate(terms.order[:MOST_TERMS])
    ]
    count = len(ordered[MOST_TERMS:])
    if count:
        rows.append((_("{count} others", count=count), "", "", format_number(added(ordered[MOST_TERMS:]), fine)))
    sums = (
        (_("bias"), "", "", format_number(terms.bias, fine)),
        (_("products + bias"), "", "", almost + format_number(terms.total, coarse)),
    )
    return tuple(rows), sums


def _common_digits(terms: NamedTerms, digits: int) -> tuple[int, int] | None:
    """Decimals with which the strongest products all hold, so that they stand in columns."""
    strongest = [entry for entry in terms.order[:STRONGEST] if terms.products[entry]]
    lefts, rights, products = (list(part[strongest]) for part in (terms.values, terms.weights, terms.products))
    return decimals_of_factors(lefts, rights, products, digits, (decimals_of(lefts), decimals_of(rights)))


def _term_row(terms: NamedTerms, entry: int, digits: int, common: tuple[int, int] | None) -> Row:
    numbers = float(terms.values[entry]), float(terms.weights[entry]), float(terms.products[entry])
    return terms.names(entry), *product_texts(numbers, digits, common)


def product_texts(
    numbers: tuple[float, float, float], digits: int, common: tuple[int, int] | None = None
) -> tuple[str, str, str]:
    """Both factors and their product, shown so that it holds: with the `common` decimals, else with its own."""
    left, right, product = numbers
    found = common or decimals_of_factors(
        [left], [right], [product], digits, (decimals_of([left]), decimals_of([right]))
    )
    if not found:
        return format_number(left, digits), format_number(right, digits), ALMOST + format_number(product, digits)
    return format_number(left, found[0]), format_number(right, found[1]), format_number(product, digits)
