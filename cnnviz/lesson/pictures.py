"""The lesson's pictures: nine by nine cells of −1 (paper) and +1 (ink), and how well two of them agree cell by cell.

Refuses to know: features and networks; comparing whole pictures is what does not work.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch

from cnnviz.data.choices import find_by_key
from cnnviz.i18n import _

SIDE = 9
INK = "#"


class Letter(StrEnum):
    """What a picture can be taken for.

    >>> from cnnviz.lesson import Letter
    >>> [letter.value for letter in Letter]
    ['X', 'O', 'neither']
    """

    X = "X"
    O = "O"  # noqa: E741 - it is the letter
    NEITHER = "neither"


@dataclass(frozen=True, eq=False)
class LessonImage:
    """A ready-made picture, `values` (9, 9) of ±1, float32, and the letter that it was meant to be.

    >>> from cnnviz.lesson import find_lesson_image
    >>> image = find_lesson_image("x-small")
    >>> image.title, image.letter.value, image.values.shape
    ('X, smaller', 'X', (9, 9))
    """

    key: str
    letter: Letter
    values: np.ndarray

    @property
    def title(self) -> str:
        """What it is called, in the reader's language."""
        return {
            "x": _("the X"),
            "x-right": _("X, one step right"),
            "x-moved": _("X, small and moved"),
            "x-turned": _("X, turned a little"),
            "x-thick": _("X, thicker"),
            "x-small": _("X, smaller"),
            "o": _("the O"),
            "o-moved": _("O, moved"),
            "o-small": _("O, smaller"),
            "o-wide": _("O, flat and wide"),
        }[self.key]


@dataclass(frozen=True)
class Agreement:
    """Two pictures compared cell by cell: `same` of 81, and `score`, the mean of the 81 products (−1 to 1).

    >>> from cnnviz.lesson import IDEAL_O, IDEAL_X, cell_agreement
    >>> cell_agreement(IDEAL_X, IDEAL_O).same
    60
    """

    same: int
    score: float


def image_from_text(text: str) -> np.ndarray:
    """A picture from lines of text, `#` for ink: float32 (rows, cols) of ±1, read-only.

    >>> from cnnviz.lesson.pictures import image_from_text
    >>> image_from_text("#. .#").tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    values = np.array([[1 if cell == INK else -1 for cell in line] for line in text.split()], dtype=np.float32)
    values.setflags(write=False)
    return values


def cell_agreement(one: np.ndarray, other: np.ndarray) -> Agreement:
    """How well two pictures (9, 9) of ±1 agree; the score is PyTorch's mean of their products.

    >>> from cnnviz.lesson.pictures import IDEAL_X, cell_agreement
    >>> cell_agreement(IDEAL_X, IDEAL_X)
    Agreement(same=81, score=1.0)
    """
    products = torch.tensor(one) * torch.tensor(other)
    return Agreement(same=int((products > 0).sum()), score=float(products.mean()))


def compare_pixels(picture: np.ndarray) -> Letter:
    """What a comparison with the ideal X and the ideal O, cell by cell, takes `picture` for."""
    with_x, with_o = cell_agreement(picture, IDEAL_X).same, cell_agreement(picture, IDEAL_O).same
    return letter_text(with_x, with_o)


def letter_text(for_x: float, for_o: float) -> Letter:
    """The letter with the larger number; neither where they are equal."""
    if for_x == for_o:
        return Letter.NEITHER
    return Letter.X if for_x > for_o else Letter.O


_TEXTS = {
    "x": "......... .#.....#. ..#...#.. ...#.#... ....#.... ...#.#... ..#...#.. .#.....#. .........",
    "x-right": "......... ..#.....# ...#...#. ....#.#.. .....#... ....#.#.. ...#...#. ..#.....# .........",
    "x-moved": "......... ....#...# .....#.#. ......#.. .....#.#. ....#...# ......... ......... .........",
    "x-turned": "..#...... ..#....#. ...#..#.. ...#.#... ....#.... ...#.#... ..#..#... .#....#.. ......#..",
    "x-thick": "......... .##....## ..##..##. ...####.. ....##... ...####.. ..##..##. .##....## .........",
    "x-small": "......... ......... ..#...#.. ...#.#... ....#.... ...#.#... ..#...#.. ......... .........",
    "o": "......... ...###... ..#...#.. .#.....#. .#.....#. .#.....#. ..#...#.. ...###... .........",
    "o-moved": "......... ......... ....###.. ...#...#. ..#.....# ..#.....# ..#.....# ...#...#. ....###..",
    "o-small": "......... ......... ...###... ..#...#.. ..#...#.. ..#...#.. ...###... ......... .........",
    "o-wide": "......... ......... ..#####.. .#.....#. #.......# .#.....#. ..#####.. ......... .........",
}
PRESETS = tuple(LessonImage(key, Letter(key[0].upper()), image_from_text(text)) for key, text in _TEXTS.items())


def find_lesson_image(key: str) -> LessonImage:
    """The preset called `key`. Raises: KeyError, one sentence with the known keys.

    >>> from cnnviz.lesson import find_lesson_image
    >>> find_lesson_image("o").letter.value
    'O'
    """
    return find_by_key(PRESETS, key, _("picture"))


IDEAL_X, IDEAL_O = find_lesson_image("x").values, find_lesson_image("o").values
