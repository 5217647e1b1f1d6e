"""How many decimals a shown arithmetic gets: cases that Python and the browser must both solve, and the answers.

Each case names a function of `figures/rounding.py` or `figures/display_precision.py` and of its twin in `shared/`,
the arguments, and what comes out, worked out by hand. `random_cases` are more of the same kinds without answers:
there the two sides only have to agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnviz.figures import display_precision, rounding

PYTHON = {
    "decimalsOf": rounding.decimals_of,
    "digitsThatHold": rounding.decimals_that_hold,
    "digitsOfFactors": rounding.decimals_of_factors,
    "listedChannels": display_precision.listed_channels,
    "digitsOfShares": display_precision.decimals_of_terms,
    "digitsOfStrongest": display_precision.digits_of_strongest,
    "digitsOfMean": display_precision.decimals_of_mean,
    "digitsOfQuotient": display_precision.decimals_of_quotient,
    "digitsOfNormalisation": display_precision.decimals_of_normalisation,
}
MODULES = {"decimalsOf": "sums", "digitsThatHold": "sums", "digitsOfFactors": "sums"}  # of `shared/`; else "holding"


@dataclass(frozen=True)
class Case:
    """`function` (its name in the browser) of `arguments` is `answer`; None: no decimals hold."""

    function: str
    arguments: tuple[Any, ...]
    answer: Any = None

    @property
    def module(self) -> str:
        return f"shared/{MODULES.get(self.function, 'holding')}.js"

    def in_python(self) -> Any:
        """What Python finds, tuples as lists."""
        return as_lists(PYTHON[self.function](*self.arguments))


def as_lists(found: Any) -> Any:
    """Tuples as lists, as they come from the browser."""
    return [as_lists(one) for one in found] if isinstance(found, tuple) else found


def parts(value: float, mean: float, variance: float, epsilon: float, gamma: float, beta: float) -> tuple[Any, ...]:
    """The arguments of a normalisation, with its results computed in float64."""
    root = math.sqrt(variance + epsilon)
    normalised = (value - mean) / root
    names = {"value": value, "mean": mean, "variance": variance, "epsilon": epsilon, "gamma": gamma, "beta": beta}
    return names, (root, normalised, gamma * normalised + beta)


CASES = [
    Case("decimalsOf", ([19.0, 25.0],), 0),
    Case("decimalsOf", ([0.5, 19.0],), 1),
    Case("decimalsOf", ([float(np.float32(0.1))],), 1),  # 0.10000000149: what float32 makes of 0.1
    Case("decimalsOf", ([0.1234567],), 3),
    Case("decimalsOf", ([1e-9],), 3),  # not 0, so it is not shown as a whole 0
    Case("decimalsOf", ([0.0, -0.0],), 0),
    Case("decimalsOf", ([0.25, 2.0], 1), 1),
    Case("digitsThatHold", ([3.0, 16.0], 19.0, 0), [0, 0]),
    Case("digitsThatHold", ([0.144, 0.144], 0.288, 2), [3, 2]),  # 0.14 + 0.14 is 0.28, not 0.29
    Case("digitsThatHold", ([1.0, 1.0], 3.0, 2), None),
    Case("digitsOfFactors", ([2.0], [3.0], [6.0], 0, [0, 0]), [0, 0]),
    Case("digitsOfFactors", ([0.5], [0.1234], [0.0617], 4, [1, 1]), [1, 4]),
    Case("listedChannels", (25,), 115),
    Case("listedChannels", (3000,), 1),
    Case("digitsOfShares", ([[0.5, 0.25]], [0.75], 1.0, 1.75, 2), [[2], 2, 2]),
    # 0.14 + 0.14 is 0.28, not 0.29: three decimals, and so have the products of the second channel, 0.144 = 0.1 + 0.044
    Case("digitsOfShares", ([[0.144], [0.1, 0.044]], [0.144, 0.144], 0.0, 0.288, 2), [[3, 3], 3, 2]),
    Case("digitsOfShares", ([[1.0], [2.0]], [1.0, 3.0], 0.0, 4.0, 0), None),  # the second group makes no 3
    # as whole numbers 0 + 0 is not 1: the shares get a decimal
    Case("digitsOfShares", ([[0.4], [0.4]], [0.4, 0.4], 0.0, 0.8, 0), [[1, 1], 1, 0]),
    # only the first of three is listed, the others stand as one, 0.008: 0.00 + 0.00 + 0.00 must hold and 0.00 + 0.01
    Case("digitsOfShares", ([[0.001]], [0.001, 0.004, 0.004], 0.0, 0.009, 2), [[3], 3, 2]),
    Case("digitsOfStrongest", ([0.5, 0.25], 1.0, 1.75, 2), [2, 2]),
    # eleven terms of 0.004: ten of them and the rest, or all eleven, are 0.00 with two decimals
    Case("digitsOfStrongest", ([0.004] * 11, 0.0, 0.044, 2), [3, 2]),
    Case("digitsOfStrongest", ([1.0], 0.0, 5.0, 1), None),
    Case("digitsOfMean", ([1.0, 2.0, 2.0], 5.0, 3, 5 / 3, 2), [2, 2, 2]),
    Case("digitsOfMean", ([2.0, 4.0], 6.0, 2, 3.0, 0), [0, 0, 0]),
    Case("digitsOfMean", ([2.0, 4.0], 6.0, -2, -3.0, 0), [0, 0, 0]),
    Case("digitsOfMean", ([1.0, 2.0], 3.0, 2, 9.0, 2), None),
    Case("digitsOfQuotient", (0.5, 0.3, 5 / 3, 2), [2, 2]),
    Case("digitsOfQuotient", (6.0, -2.0, -3.0, 0), [0, 0]),
    # 0.04 / 0.4 is 0.1, and with one decimal 0.0 / 0.4 is not
    Case("digitsOfQuotient", (0.04, 0.4, 0.1, 1), [2, 1]),
    Case("digitsOfQuotient", (1.0, 0.0, 5.0, 2), None),
    # (3 − 1) / √(3.99999 + 0.00001) · 2 + 1 = 3: with two more decimals than the result the variance would read 4.00
    Case("digitsOfNormalisation", (*parts(3.0, 1.0, 3.99999, 1e-5, 2.0, 1.0), 3), [5, 4, 3, 3]),
    Case("digitsOfNormalisation", (*parts(0.0, 0.0, 0.99999, 1e-5, 1.0, 0.0), 0), [2, 1, 0, 0]),
    Case("digitsOfNormalisation", (*parts(1.0, 0.0, 0.0001, 0.0, 1.0, 0.0)[:1], (0.01, 100.0, 7.0), 0), None),
]


def random_cases(count: int, seed: int = 0) -> list[Case]:
    """Means, normalisations and sums of float32 numbers on many scales; in every seventh the result is another."""
    rng = np.random.default_rng(seed)
    made: list[Case] = []
    for at in range(count):
        scale = 10.0 ** int(rng.integers(-3, 3))
        off = 0.5 * scale if at % 7 == 6 else 0.0
        size = int(rng.integers(1, 10))
        values = [float(value) for value in np.float32(rng.normal(0, scale, size))]
        digits = int(rng.integers(0, 5))
        made.append(Case("digitsOfMean", (values, sum(values), size, sum(values) / size + off, digits)))
        numbers, results = parts(
            values[0],
            float(rng.normal(0, scale)),
            float(rng.random() * scale**2) + 1e-9,
            1e-5,
            *rng.normal(1, 0.3, 2).tolist(),
        )
        made.append(Case("digitsOfNormalisation", (numbers, (*results[:2], results[2] + off), digits)))
        below = float(np.float32(rng.normal(0, 1))) or 1.0
        made.append(Case("digitsOfQuotient", (values[0], below, values[0] / below + off, digits)))
        made += [_sum_over_channels(rng, scale, off, digits), _long_sum(rng, scale, off, digits)]
        made.append(Case("decimalsOf", (np.float32(np.round(values, digits)).tolist(),)))
    return made


def _sum_over_channels(rng: np.random.Generator, scale: float, off: float, digits: int) -> Case:
    """Some channels, of which all or some are listed; one of seven has a total that they do not make."""
    groups = [[float(value) for value in np.float32(rng.normal(0, scale, 4))] for _ in range(int(rng.integers(1, 6)))]
    shares, bias = [display_precision.added(group) for group in groups], float(np.float32(rng.normal(0, scale)))
    listed = groups[: int(rng.integers(1, len(groups) + 1))]
    return Case("digitsOfShares", (listed, shares, bias, display_precision.added(shares) + bias + off, digits))


def _long_sum(rng: np.random.Generator, scale: float, off: float, digits: int) -> Case:
    terms = sorted(np.float32(rng.normal(0, scale, int(rng.integers(2, 60)))).tolist(), key=abs, reverse=True)
    return Case("digitsOfStrongest", (terms, 0.25, display_precision.added(terms) + 0.25 + off, digits))
