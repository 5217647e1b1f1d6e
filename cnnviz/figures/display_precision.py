"""How many decimals each step of a longer arithmetic gets, so that every step holds as it is read.

A sum of sums, a mean, a function, a normalisation: each search starts with few decimals and ends with the first that
hold, or with None (write ≈ then). `shared/holding.js` is the same rule for the components, and
`tests/figures/decimal_cases.py` says what both must find.
Refuses to know: how numbers become text, and what a table looks like.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext

from cnnviz.figures.rounding import MOST, format_rounded, sum_holds

LEEWAY = (-1e-12, 1e-12)  # what computing with binary numbers may move
MOST_TERMS = 3000  # that are written one by one; a browser can still show them
STRONGEST = 10  # terms of a long sum that stand beside the sum of all others


def listed_channels(size: int) -> int:
    """Of how many channels all `size` products are written, each with a line for their sum.

    >>> from cnnviz.figures.display_precision import listed_channels
    >>> listed_channels(25)
    115
    """
    return max(1, MOST_TERMS // (size + 1))


def added(terms: Iterable[float]) -> float:
    """The terms added up one after the other, as the browser does, so that both have the same last bit."""
    total = 0.0
    for term in terms:
        total += float(term)
    return total


def decimals_of_terms(
    groups: Sequence[Sequence[float]], shares: Sequence[float], bias: float, total: float, digits: int
) -> tuple[tuple[int, ...], int, int] | None:
    """(decimals of the terms of each group, of the shares, of the total): each group makes its share, and the shares
    with the bias make the total, all as shown.

    With fewer groups than shares (`listed_channels`) the others also hold as one number, their sum.

    >>> from cnnviz.figures.display_precision import decimals_of_terms
    >>> decimals_of_terms([[0.5, 0.25]], [0.75], 1.0, 1.75, digits=2)
    ((2,), 2, 2)
    """
    sums = _told(shares, bias, len(groups))
    for fine, coarse in _staggered(digits):
        if not all(sum_holds(terms, total, fine, coarse) for terms in sums):
            continue
        found = [_finer(group, share, fine) for group, share in zip(groups, shares, strict=False)]
        if None not in found:
            return tuple(at for at in found if at is not None), fine, coarse
    return None


def digits_of_strongest(terms: Sequence[float], bias: float, total: float, digits: int) -> tuple[int, int] | None:
    """(decimals of the terms, of the total): the terms, the strongest first, and the bias make the total as shown, all
    of them one by one (up to `MOST_TERMS`) and also the `STRONGEST` with the sum of the others.

    >>> from cnnviz.figures.display_precision import digits_of_strongest
    >>> digits_of_strongest([0.5, 0.25], 1.0, 1.75, digits=2)
    (2, 2)
    """
    sums = [_told(terms, bias, most)[-1] for most in (STRONGEST, MOST_TERMS)]
    for fine, coarse in _staggered(digits):
        if all(sum_holds(one, total, fine, coarse) for one in sums):
            return fine, coarse
    return None


def _told(terms: Sequence[float], bias: float, listed: int) -> list[list[float]]:
    """The sums that are written: all terms, and where only some are listed, these with the sum of the others."""
    every = [*terms, bias]
    if listed >= len(terms):
        return [every]
    return [every, [*terms[:listed], added(terms[listed:]), bias]]


def _staggered(digits: int) -> Iterator[tuple[int, int]]:
    """All (fine, coarse): the most decimals of the total first, of these the fewest of the terms."""
    return ((fine, coarse) for coarse in range(digits, -1, -1) for fine in range(coarse, MOST + 1))


def _finer(terms: Sequence[float], total: float, digits: int) -> int | None:
    """The fewest decimals of the terms that make the total shown with exactly `digits`."""
    return next((fine for fine in range(digits, MOST + 1) if sum_holds(terms, total, fine, digits)), None)


def decimals_of_mean(
    values: Sequence[float], total: float, divisor: int, mean: float, digits: int
) -> tuple[int, int, int] | None:
    """(decimals of the values, of their sum, of the mean): the values make the sum, and sum / divisor the mean.

    5.00 / 3 is 1.67.

    >>> from cnnviz.figures.display_precision import decimals_of_mean
    >>> decimals_of_mean([1, 2, 2], 5, 3, 5 / 3, digits=2)
    (2, 2, 2)
    """
    for middle, coarse in _staggered(digits):
        if format_rounded(_quotient(format_rounded(total, middle), divisor), coarse) == format_rounded(mean, coarse):
            fine = _finer(values, total, middle)
            if fine is not None:
                return fine, middle, coarse
    return None


def decimals_of_quotient(above: float, below: float, result: float, digits: int) -> tuple[int, int] | None:
    """(decimals of both numbers, of the result): the one as shown divided by the other as shown is the result as shown.

    >>> from cnnviz.figures.display_precision import decimals_of_quotient
    >>> decimals_of_quotient(0.5, 0.3, 5 / 3, digits=2)
    (2, 2)
    """
    for fine, coarse in _staggered(digits):
        top, bottom = format_rounded(above, fine), format_rounded(below, fine)
        if bottom and format_rounded(_quotient(top, bottom), coarse) == format_rounded(result, coarse):
            return fine, coarse
    return None


def decimals_of_function(
    value: float, function: Callable[[float], float], result: float, digits: int
) -> tuple[int, int] | None:
    """(decimals of the value, of the result): the function of the value as shown is the result as shown.

    Binary arithmetic leaves a little leeway; a tie within it does not count as holding.

    >>> from cnnviz.figures.display_precision import decimals_of_function
    >>> decimals_of_function(0.1234, lambda x: 10 * x, 1.234, digits=2)
    (3, 2)
    """
    for fine in range(digits, MOST + 1):
        made = function(float(format_rounded(value, fine)))
        if math.isfinite(made) and all(
            format_rounded(made * (1 + way), digits) == format_rounded(result, digits) for way in LEEWAY
        ):
            return fine, digits
    return None


def decimals_of_normalisation(
    parts: dict[str, float], results: tuple[float, float, float], digits: int
) -> tuple[int, int, int, int] | None:
    """(decimals of the parts, of the root, of the normalised value, of the result) with which three steps hold, one
    after the other as they are shown, and the whole formula at once.

    `parts`: "value", "mean", "variance", "epsilon" (shown in full), "gamma", "beta". `results`: √(variance + epsilon),
    (value − mean) / root, and gamma · normalised + beta as PyTorch gave it.
    """
    root, normalised, total = results
    for middle, coarse in _staggered(digits):
        small = max(0, -math.floor(math.log10(root)))  # a root below 1 magnifies what is rounded
        fine, of_root = min(MOST, middle + 2 + 2 * small), min(MOST, middle + 1 + 2 * small)
        at = {name: format_rounded(value, fine) for name, value in parts.items()} | {
            "epsilon": Decimal(str(parts["epsilon"]))
        }
        root_shown, normalised_shown = format_rounded(root, of_root), format_rounded(normalised, middle)
        if (
            root_shown > 0
            and format_rounded(_root(at["variance"] + at["epsilon"]), of_root) == root_shown
            and format_rounded(_quotient(at["value"] - at["mean"], root_shown), middle) == normalised_shown
            and format_rounded(at["gamma"] * normalised_shown + at["beta"], coarse) == format_rounded(total, coarse)
            and format_rounded(_at_once(at), coarse) == format_rounded(total, coarse)
        ):
            return fine, of_root, middle, coarse
    return None


def _at_once(at: dict[str, Decimal]) -> Decimal:
    """(value − mean) / √(variance + epsilon) · gamma + beta."""
    with localcontext(prec=60, rounding=ROUND_HALF_UP):
        root = (at["variance"] + at["epsilon"]).sqrt()
        return (at["value"] - at["mean"]) * at["gamma"] / root + at["beta"]


def _quotient(above: Decimal, below: Decimal | int) -> Decimal:
    with localcontext(prec=60, rounding=ROUND_HALF_UP):
        return above / below


def _root(value: Decimal) -> Decimal:
    with localcontext(prec=60, rounding=ROUND_HALF_UP):
        return value.sqrt()
