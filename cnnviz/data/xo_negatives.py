"""Ink that is neither an X nor an O: for training, for choosing, and of kinds that are never trained on.

Left out of both are shapes that some writers' X's and O's cannot be told from: the digit 0 (an O, as ink goes),
squares and diamonds (several writers' O's have corners), C, D, Q and U (O's are left open, or have a tail), and
a bow tie (an X in one stroke, closed). A plus sign is no X. Refuses to know: networks, X's and O's.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from cnnviz.data import non_digits as ink
from cnnviz.data.datasets import PenDrawing
from cnnviz.data.non_digits import Generator, Maker, Picture, print_letter, wobble_strokes

Corners = list[tuple[float, float]]


def _ring(right: float, down: float, radius: float) -> Corners:
    """A small circle."""
    angles = np.linspace(0, 2 * np.pi, 13)
    return [(right + radius * float(np.cos(each)), down + radius * float(np.sin(each))) for each in angles]


MORE_LETTERS = {
    "L": [[(0, 0), (0, 1), (0.7, 1)]],
    "T": [[(0, 0), (1, 0)], [(0.5, 0), (0.5, 1)]],
    "V": [[(0, 0), (0.45, 1), (0.9, 0)]],
    "Y": [[(0, 0), (0.45, 0.5), (0.9, 0)], [(0.45, 0.5), (0.45, 1)]],
    "Z": [[(0, 0), (0.8, 0), (0, 1), (0.9, 1)]],
    "S": [[(0.8, 0.1), (0.4, 0), (0.1, 0.2), (0.4, 0.5), (0.8, 0.75), (0.4, 1), (0, 0.9)]],
    "P": [[(0, 1), (0, 0), (0.6, 0.05), (0.7, 0.3), (0.5, 0.5), (0, 0.5)]],
    "I": [[(0, 0), (0, 1)]],
    "ii": [[(0, 0.3), (0, 1)], [(0.4, 0), (0.4, 1)]],
}
# Signs with a crossing or a stem in their middle, as one writes them: the nearest to an X that are none.
NEAR_X = {
    "K": [[(0, 0), (0, 1)], [(0.75, 0), (0, 0.52)], [(0.15, 0.45), (0.8, 1)]],
    "K in two": [[(0, 0), (0, 1)], [(0.75, 0), (0.05, 0.5), (0.8, 1)]],
    "k": [[(0, 0), (0, 1)], [(0.55, 0.35), (0, 0.68)], [(0.15, 0.6), (0.6, 1)]],
    "+": [[(0.5, 0), (0.5, 1)], [(0, 0.5), (1, 0.5)]],
    "*": [[(0.5, 0), (0.5, 1)], [(0.05, 0.25), (0.95, 0.75)], [(0.05, 0.75), (0.95, 0.25)]],
    "star of four": [
        [(0.5, 0), (0.5, 1)], [(0, 0.5), (1, 0.5)], [(0.15, 0.15), (0.85, 0.85)], [(0.85, 0.15), (0.15, 0.85)],
    ],
    "#": [[(0.3, 0), (0.2, 1)], [(0.75, 0), (0.65, 1)], [(0, 0.33), (1, 0.33)], [(0, 0.67), (1, 0.67)]],
    "%": [_ring(0.2, 0.22, 0.2), [(0.85, 0), (0.15, 1)], _ring(0.8, 0.78, 0.2)],
    "&": [
        [(0.9, 1), (0.2, 0.25), (0.3, 0), (0.55, 0.1), (0.5, 0.35), (0.05, 0.75), (0.3, 1), (0.65, 0.9), (0.95, 0.5)],
    ],
}  # fmt: skip
LETTERS = {name: strokes for name, strokes in (ink.LETTERS | MORE_LETTERS).items() if name != "X"}
_SHAPES = [[ink.POLYGONS[name]] for name in ("triangle", "star", "tick")]
PRINTED = "AEFHKMNRWekmwz&%#"


def _letters(rng: Generator) -> Picture:
    return wobble_strokes(list(LETTERS.values()), 0.05, rng)


def _shapes(rng: Generator) -> Picture:
    return wobble_strokes(_SHAPES, 0.04, rng)


def _near_x(rng: Generator) -> Picture:
    return wobble_strokes(list(NEAR_X.values()), 0.05, rng)


PRACTICE: dict[str, Maker] = {**ink.PRACTICE, "letters": _letters, "shapes": _shapes, "near_x": _near_x}
UNSEEN: dict[str, Maker] = {**ink.UNSEEN, "printed": partial(print_letter, PRINTED)}


def xo_negatives(kinds: dict[str, Maker], count: int, seed: list[int]) -> NDArray[np.uint8]:
    """`count` pictures of `kinds` in equal parts, (count, 28, 28); the same for the same seed."""
    return ink.make_non_digits(kinds, count, np.random.default_rng(seed))


def not_zero(digits: tuple[PenDrawing, ...]) -> tuple[PenDrawing, ...]:
    """The digits 1 to 9: a zero is an O, as ink goes."""
    return tuple(drawing for drawing in digits if drawing.label != "0")
