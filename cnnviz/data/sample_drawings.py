"""Drawings of the project's own, to start from at one click, each from arcs and lines.

For the network that reads digits the ten digits, two of them as MNIST hardly has them (a slashed zero, a barred
seven); for the one that tells X from O some of each, and some that are neither.
Refuses to know: pixels, networks, pages.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

from cnnviz.data.choices import find_by_key
from cnnviz.data.strokes import Point, Sketch, Stroke
from cnnviz.i18n import _

Path = tuple[Point, ...]


@dataclass(frozen=True)
class SampleDrawing:
    """One drawing: its key, the class that it means (empty where it is of none), and its strokes."""

    key: str
    label: str
    sketch: Sketch
    describe: Callable[[], str]  # called when shown, so that it speaks the reader's language

    @property
    def title(self) -> str:
        """What the drawing is, in the reader's language."""
        return self.describe()


def _arc(centre: Point, radii: Point, start: float, stop: float, steps: int = 24) -> Path:
    """Part of an ellipse; angles in degrees, 0 to the right, 90 downwards."""
    angles = [math.radians(start + (stop - start) * step / steps) for step in range(steps + 1)]
    points = [(centre[0] + radii[0] * math.cos(angle), centre[1] + radii[1] * math.sin(angle)) for angle in angles]
    return tuple((round(x, 4), round(y, 4)) for x, y in points)


def _line(*corners: Point, steps: int = 8) -> Path:
    """Straight from corner to corner."""
    points = [corners[0]]
    for (x0, y0), (x1, y1) in itertools.pairwise(corners):
        points += [(x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps) for step in range(1, steps + 1)]
    return tuple((round(x, 4), round(y, 4)) for x, y in points)


def _drawn(*paths: Path) -> Sketch:
    return Sketch(tuple(Stroke(path) for path in paths))


_OVAL = _arc((0.5, 0.5), (0.2, 0.32), -100, 262, 40)

DIGIT_SAMPLES = (
    SampleDrawing(
        "slashed-zero", "0", _drawn(_OVAL, _line((0.68, 0.2), (0.32, 0.8))), lambda: _("A zero with a slash")
    ),
    SampleDrawing("one", "1", _drawn(_line((0.4, 0.32), (0.53, 0.18), (0.5, 0.82))), lambda: _("A one")),
    SampleDrawing(
        "two",
        "2",
        _drawn(_arc((0.49, 0.36), (0.19, 0.18), -160, 35) + _line((0.6, 0.54), (0.3, 0.81), (0.73, 0.79))),
        lambda: _("A two"),
    ),
    SampleDrawing(
        "three",
        "3",
        _drawn(_arc((0.47, 0.34), (0.18, 0.16), -150, 95) + _arc((0.47, 0.665), (0.21, 0.165), -85, 150)),
        lambda: _("A three"),
    ),
    SampleDrawing(
        "four",
        "4",
        _drawn(_line((0.42, 0.18), (0.27, 0.57), (0.74, 0.55)), _line((0.6, 0.36), (0.57, 0.84))),
        lambda: _("A four"),
    ),
    SampleDrawing(
        "five",
        "5",
        _drawn(
            _line((0.37, 0.2), (0.35, 0.47)) + _arc((0.47, 0.63), (0.21, 0.19), -130, 145),
            _line((0.37, 0.2), (0.69, 0.18)),
        ),
        lambda: _("A five"),
    ),
    SampleDrawing(
        "six",
        "6",
        _drawn(_arc((0.68, 0.62), (0.36, 0.46), -97, -180) + _arc((0.49, 0.64), (0.17, 0.18), 180, -170, 36)),
        lambda: _("A six"),
    ),
    SampleDrawing(
        "barred-seven",
        "7",
        _drawn(_line((0.3, 0.21), (0.7, 0.2), (0.44, 0.83)), _line((0.4, 0.53), (0.69, 0.5))),
        lambda: _("A seven with a bar"),
    ),
    SampleDrawing(
        "eight",
        "8",
        _drawn(
            _arc((0.5, 0.34), (0.16, 0.155), 60, -270, 30) + _arc((0.5, 0.66), (0.19, 0.17), -90, 270, 36),
        ),
        lambda: _("An eight"),
    ),
    SampleDrawing(
        "nine",
        "9",
        _drawn(_arc((0.48, 0.36), (0.17, 0.17), 0, -355, 36) + _line((0.645, 0.34), (0.62, 0.58), (0.53, 0.83))),
        lambda: _("A nine"),
    ),
)


LETTER_SAMPLES = (
    SampleDrawing(
        "x", "X", _drawn(_line((0.27, 0.2), (0.73, 0.8)), _line((0.72, 0.19), (0.26, 0.81))), lambda: _("An X")
    ),
    SampleDrawing(
        "leaning-x",
        "X",
        _drawn(_line((0.18, 0.36), (0.84, 0.62)), _line((0.66, 0.2), (0.36, 0.82))),
        lambda: _("An X that leans"),
    ),
    SampleDrawing(
        "bowed-x",
        "X",
        _drawn(_arc((0.16, 0.5), (0.32, 0.32), -85, 85), _arc((0.79, 0.5), (0.32, 0.32), 265, 95)),
        lambda: _("An X of two bows"),
    ),
    SampleDrawing("o", "O", _drawn(_arc((0.5, 0.5), (0.3, 0.31), -95, 268, 40)), lambda: _("An O")),
    SampleDrawing("narrow-o", "O", _drawn(_arc((0.5, 0.5), (0.13, 0.33), -80, 284, 40)), lambda: _("A narrow O")),
    SampleDrawing("open-o", "O", _drawn(_arc((0.5, 0.52), (0.28, 0.28), -40, -365, 40)), lambda: _("An O left open")),
    SampleDrawing(
        "plus", "", _drawn(_line((0.2, 0.5), (0.8, 0.5)), _line((0.5, 0.2), (0.5, 0.8))), lambda: _("A plus sign")
    ),
    SampleDrawing(
        "triangle",
        "",
        _drawn(_line((0.5, 0.2), (0.2, 0.78), (0.8, 0.78), (0.5, 0.2))),
        lambda: _("A triangle"),
    ),
    SampleDrawing("tick", "", _drawn(_line((0.22, 0.55), (0.42, 0.78), (0.8, 0.22))), lambda: _("A tick")),
    SampleDrawing(
        "zigzag",
        "",
        _drawn(_line((0.2, 0.25), (0.35, 0.75), (0.5, 0.25), (0.65, 0.75), (0.8, 0.25))),
        lambda: _("A zigzag"),
    ),
)


def find_sample(key: str) -> SampleDrawing:
    """The drawing called `key`, of any network. Raises: KeyError, one sentence with the known keys."""
    return find_by_key((*DIGIT_SAMPLES, *LETTER_SAMPLES), key, _("sample"))
