"""How many decimals to show, so that the arithmetic on the screen holds as it is read there.

27 products rounded one by one to two decimals miss the rounded total in three cells of four. One rule everywhere: the
terms get as many decimals as it takes until their **shown** values, added up by hand, round to the **shown** total.

A shown value is the nearest decimal to the exact binary value, and of two equally near ones the one further from 0:
JavaScript's `toFixed`. (Python's own format agrees but for such ties: f"{0.125:.2f}" is "0.12", toFixed gives "0.13".)
A value that stands alone has at most `DIGITS` decimals, a whole number none; so has the total of a sum.
`shared/sums.js` is the same rule for the components. Refuses to know: what the numbers mean.

Inside, a shown value is the whole number of its last decimal places (`shown_steps`): sums and products of these are
exact in Python's integers, and a table of one cell asks for ten thousand of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from cnnviz.checks import check_whole
from cnnviz.i18n import _

_EXACT = Context(prec=1100, rounding=ROUND_HALF_UP)  # a float has at most 309 digits before and 1074 after the point
MOST = 9
DIGITS = 3  # of a value that stands in a cell, wherever it is shown
NEAR = 2.0**-22  # what float32 leaves of a short decimal such as 0.1
_KEPT = 16_384  # of a search that comes by the same values again and again, and then writes them


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


@lru_cache(maxsize=_KEPT)
def shown_steps(value: float, digits: int) -> int:
    """`value` as it is shown with so many decimals, as a whole number of the last of them: 0.13 is 13 steps of 0.01.

    Raises: ValueError for a value that is not finite.

    >>> from cnnviz.figures.rounding import shown_steps
    >>> shown_steps(0.125, 2), shown_steps(-2.5, 0)
    (13, -3)
    """
    if not math.isfinite(value):
        raise ValueError(f"value must be finite, got {value}: write it as it is")
    above, below = float(value).as_integer_ratio()  # exactly
    steps = _nearest(abs(above) * 10**digits, below)
    return steps if above >= 0 else -steps


def rounded_text(value: float, digits: int) -> str:
    """`value` as it is shown with so many decimals, letter by letter as `format_rounded` writes it.

    Raises: ValueError for a value that is not finite.

    >>> from cnnviz.figures.rounding import rounded_text
    >>> rounded_text(0.125, 2), rounded_text(-0.001, 1)
    ('0.13', '-0.0')
    """
    text = f"{abs(shown_steps(value, digits)):0{digits + 1}d}"
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else sign + text


def _nearest(above: int, below: int) -> int:
    """The whole number next to above / below, neither of them negative; of two equally near ones the larger."""
    return (2 * above + below) // (2 * below)


def _to_digits(steps: int, digits: int, wanted: int) -> int:
    """Steps of `digits` decimals as steps of `wanted` ones, ties away from 0."""
    if wanted >= digits:
        return steps * 10 ** (wanted - digits)
    found = _nearest(abs(steps), 10 ** (digits - wanted))
    return found if steps >= 0 else -found


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
    return abs(value - shown_steps(value, digits) / 10**digits) <= NEAR * abs(value)


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
    added = sum(shown_steps(term, term_digits) for term in terms)
    return _to_digits(added, term_digits, total_digits) == shown_steps(total, total_digits)


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
    made = shown_steps(left, digits[0]) * shown_steps(right, digits[1])
    return _to_digits(made, digits[0] + digits[1], digits[2]) == shown_steps(product, digits[2])


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


@lru_cache(maxsize=1_000)
def _pairs(left: int, right: int, most: int) -> tuple[tuple[int, int], ...]:
    every = ((a, b) for a in range(left, most + 1) for b in range(right, most + 1))
    return tuple(sorted(every, key=lambda pair: (sum(pair), abs(pair[0] - pair[1]), pair)))


def _must_be_digits(digits: int, most: int) -> None:
    check_whole("digits", digits, 0, most, _("choose fewer"))
