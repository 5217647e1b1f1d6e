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
LETTERS = {name: strokes for name, strokes in (ink.LETTERS | MORE_LETTERS).items() if name != "X"}
_SHAPES = [[ink.POLYGONS[name]] for name in ("triangle", "star", "tick")]
PRINTED = "AEFHKMNRWekmwz&%#"


def _letters(rng: Generator) -> Picture:
    return wobble_strokes(list(LETTERS.values()), 0.05, rng)


def _shapes(rng: Generator) -> Picture:
    return wobble_strokes(_SHAPES, 0.04, rng)


PRACTICE: dict[str, Maker] = {**ink.PRACTICE, "letters": _letters, "shapes": _shapes}
UNSEEN: dict[str, Maker] = {**ink.UNSEEN, "printed": partial(print_letter, PRINTED)}


def xo_negatives(kinds: dict[str, Maker], count: int, seed: list[int]) -> NDArray[np.uint8]:
    """`count` pictures of `kinds` in equal parts, (count, 28, 28); the same for the same seed."""
    return ink.make_non_digits(kinds, count, np.random.default_rng(seed))


def not_zero(digits: tuple[PenDrawing, ...]) -> tuple[PenDrawing, ...]:
    """The digits 1 to 9: a zero is an O, as ink goes."""
    return tuple(drawing for drawing in digits if drawing.label != "0")
