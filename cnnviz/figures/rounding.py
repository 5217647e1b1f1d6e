"""How many decimals to show, so that the arithmetic on the screen holds as it is read there.

27 products rounded one by one to two decimals miss the rounded total in three cells of four. One rule everywhere: the
terms get as many decimals as it takes until their **shown** values, added up by hand, round to the **shown** total.

A shown value is the nearest decimal to the exact binary value, and of two equally near ones the one further from 0:
JavaScript's `toFixed`. (Python's own format agrees but for such ties: f"{0.125:.2f}" is "0.12", toFixed gives "0.13".)
A value that stands alone has at most `DIGITS` decimals, a whole number none; so has the total of a sum.
`shared/sums.js` is the same rule for the components. Refuses to know: what the numbers mean.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

from cnnviz.checks import check_whole
from cnnviz.i18n import _

_EXACT = Context(prec=1100, rounding=ROUND_HALF_UP)  # a float has at most 309 digits before and 1074 after the point
MOST = 9
DIGITS = 3  # of a value that stands in a cell, wherever it is shown
NEAR = 2.0**-22  # what float32 leaves of a short decimal such as 0.1


def format_rounded(value: float | Decimal, digits: int) -> Decimal:
    """`value` as it is shown with so many decimals, ties away from 0.

    Raises: ValueError for a value that is not finite.

    >>> from cnnviz.figures.rounding import format_rounded
    >>> format_rounded(2.5, 0), format_rounded(1.005, 2)
    (Decimal('3'), Decimal('1.00'))
    """
    if not math.isfinite(value):
        raise ValueError(f"value must be finite, got {value}: write it as it is")
    exact = value if isinstance(value, Decimal) else Decimal(float(value))
    return _EXACT.quantize(exact, Decimal(1).scaleb(-digits))


def decimals_of(values: Iterable[float], most: int = DIGITS) -> int:
    """The fewest decimals, up to `most`, that show all `values` as exactly as float32 holds them: 0 for whole numbers.

    Values that are not finite need none.

    >>> from cnnviz.figures.rounding import decimals_of
    >>> decimals_of([0.5, 19.0]), decimals_of([1 / 3])
    (1, 3)
    """
    numbers = [float(value) for value in values if math.isfinite(value)]
    return next((digits for digits in range(most) if all(_is_exact(one, digits) for one in numbers)), most)


def _is_exact(value: float, digits: int) -> bool:
    return abs(value - float(format_rounded(value, digits))) <= NEAR * abs(value)


def sum_holds(terms: Iterable[float], total: float, term_digits: int, total_digits: int) -> bool:
    """Whether the terms as shown, added up by hand, make the total as shown.

    `term_digits` is at least `total_digits`.
    0.14 + 0.14 is 0.28, not 0.29.

    >>> from cnnviz.figures.rounding import sum_holds
    >>> sum_holds([0.144, 0.144], 0.288, 2, 2)
    False
    >>> sum_holds([0.144, 0.144], 0.288, 3, 2)
    True
    """
    added = Decimal(0)
    for term in terms:
        added = _EXACT.add(added, format_rounded(term, term_digits))
    return format_rounded(added, total_digits) == format_rounded(total, total_digits)


def decimals_that_hold(
    terms: Sequence[float], total: float, digits: int = 3, most: int = MOST
) -> tuple[int, int] | None:
    """(decimals of the terms, decimals of the total), the fewest with which the shown sum holds.

    The total gets `digits`; the terms as many or more, up to `most`. Where none of these holds, the total gets one
    less, and so on down to none. None where nothing holds (the terms do not make the total): write ≈ then.
    Raises: ValueError for a value that is not finite, or `digits` outside 0 … `most`.

    >>> from cnnviz.figures.rounding import decimals_that_hold
    >>> decimals_that_hold([0.144, 0.144], 0.288, digits=2)
    (3, 2)
    """
    _must_be_digits(digits, most)
    for total_digits in range(digits, -1, -1):
        for term_digits in range(total_digits, most + 1):
            if sum_holds(terms, total, term_digits, total_digits):
                return term_digits, total_digits
    return None


def product_holds(left: float, right: float, product: float, digits: tuple[int, int, int]) -> bool:
    """Whether the factors as shown, multiplied by hand, make the product as shown; `digits` of left, right, product.

    0.3 × 0.5 is 0.150.

    >>> from cnnviz.figures.rounding import product_holds
    >>> product_holds(0.25, 0.5, 0.125, (1, 1, 3))
    False
    """
    made = _EXACT.multiply(format_rounded(left, digits[0]), format_rounded(right, digits[1]))
    return format_rounded(made, digits[2]) == format_rounded(product, digits[2])


def decimals_of_factors(
    lefts: Sequence[float],
    rights: Sequence[float],
    products: Sequence[float],
    product_digits: int,
    digits: int | tuple[int, int] = 2,
    most: int = MOST,
) -> tuple[int, int] | None:
    """(decimals of the left factors, of the right ones), the fewest with which every shown product holds.

    Both start at `digits`, or each at its own; fewest is meant of the two together, and of equals those that differ
    least, the left one the shorter. None where no decimals up to `most` hold: write ≈ then.
    Raises: ValueError for a value that is not finite, lists of different lengths, or `digits` outside 0 … `most`.

    >>> from cnnviz.figures.rounding import decimals_of_factors
    >>> decimals_of_factors([0.5], [0.1234], [0.0617], product_digits=4, digits=1)
    (1, 4)
    """
    least = (digits, digits) if isinstance(digits, int) else digits
    for one in least:
        _must_be_digits(one, most)
    rows = list(zip(lefts, rights, products, strict=True))
    for pair in _pairs(*least, most):
        if all(product_holds(*row, (*pair, product_digits)) for row in rows):
            return pair
    return None


def _pairs(left: int, right: int, most: int) -> list[tuple[int, int]]:
    every = ((a, b) for a in range(left, most + 1) for b in range(right, most + 1))
    return sorted(every, key=lambda pair: (sum(pair), abs(pair[0] - pair[1]), pair))


def _must_be_digits(digits: int, most: int) -> None:
    check_whole("digits", digits, 0, most, _("choose fewer"))
