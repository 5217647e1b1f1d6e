"""The rule of `figures/rounding.py` once more, with Python's decimals: slow, and as one would write it down."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

EXACT = Context(prec=1100, rounding=ROUND_HALF_UP)
NEAR = 2.0**-22


def format_rounded(value: float | Decimal, digits: int) -> Decimal:
    if not math.isfinite(value):
        raise ValueError(f"value must be finite, got {value}: write it as it is")
    exact = value if isinstance(value, Decimal) else Decimal(float(value))
    return EXACT.quantize(exact, Decimal(1).scaleb(-digits))


def decimals_of(values: Iterable[float], most: int = 3) -> int:
    numbers = [float(value) for value in values if math.isfinite(value)]
    return next((digits for digits in range(most) if all(_is_exact(one, digits) for one in numbers)), most)


def _is_exact(value: float, digits: int) -> bool:
    return abs(value - float(format_rounded(value, digits))) <= NEAR * abs(value)


def sum_holds(terms: Iterable[float], total: float, term_digits: int, total_digits: int) -> bool:
    added = Decimal(0)
    for term in terms:
        added = EXACT.add(added, format_rounded(term, term_digits))
    return format_rounded(added, total_digits) == format_rounded(total, total_digits)


def decimals_that_hold(terms: Sequence[float], total: float, digits: int = 3, most: int = 9) -> tuple[int, int] | None:
    for total_digits in range(digits, -1, -1):
        for term_digits in range(total_digits, most + 1):
            if sum_holds(terms, total, term_digits, total_digits):
                return term_digits, total_digits
    return None


def product_holds(left: float, right: float, product: float, digits: tuple[int, int, int]) -> bool:
    made = EXACT.multiply(format_rounded(left, digits[0]), format_rounded(right, digits[1]))
    return format_rounded(made, digits[2]) == format_rounded(product, digits[2])


def decimals_of_factors(
    lefts: Sequence[float], rights: Sequence[float], products: Sequence[float], product_digits: int,
    digits: tuple[int, int], most: int = 9,
) -> tuple[int, int] | None:  # fmt: skip
    rows = list(zip(lefts, rights, products, strict=True))
    every = ((a, b) for a in range(digits[0], most + 1) for b in range(digits[1], most + 1))
    for pair in sorted(every, key=lambda pair: (sum(pair), abs(pair[0] - pair[1]), pair)):
        if all(product_holds(*row, (*pair, product_digits)) for row in rows):
            return pair
    return None


def format_number(value: float, digits: int) -> str:
    text = repr(float(value)) if abs(value) >= 1e21 else f"{format_rounded(value, digits):f}"
    negative = text.startswith("-") and float(text) != 0
    return ("\N{MINUS SIGN}" if negative else "") + text.lstrip("-")
