"""What a person drew: pen strokes in the unit square, and the form in which they travel.

x runs to the right and y downwards, both 0..1 on the canvas; a width is a share of the
canvas' side. Ink may leave the canvas (a captured pointer does), it is then cut off.
Refuses to know: pixels (`rasterize` makes them), where strokes come from (`ui`, `datasets`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from cnnviz.checks import check_truth, is_number, refusal, require
from cnnviz.i18n import _

PEN_WIDTH = 0.08  # about the pen of MNIST, for a digit that fills most of the canvas
MAX_STROKES = 500
MAX_POINTS = 20_000
FAR = 100.0  # no pointer is captured further away than this many canvases

Point = tuple[float, float]


def _check_number(value: Any, parameter: str) -> None:
    require(_is_near(value), parameter, _("a finite number near the canvas"), value, _("send numbers around 0 to 1"))


def _is_near(value: Any) -> bool:
    return is_number(value, -FAR, FAR)


def _are_plain(points: Sequence[Sequence[Any]]) -> bool:
    """Whether all are numbers near the canvas, of Python's own kinds: a whole drawing is looked at at once."""
    numbers = [number for point in points for number in point]
    try:
        is_plain = set(map(type, numbers)) <= {float, int} and all(map(math.isfinite, numbers))
    except OverflowError:  # a whole number that is no float
        return False
    return is_plain and bool(numbers) and min(numbers) >= -FAR and max(numbers) <= FAR


def _are_pairs(points: Sequence[Any]) -> bool:
    return set(map(type, points)) <= {list, tuple} and set(map(len, points)) <= {2}


@dataclass(frozen=True)
class Stroke:
    """One pen movement: points (x, y) in the unit square, joined by a round pen.

    A single point is a dot. `erases` removes ink instead of laying it.
    Raises: ValueError for no points, numbers that are not finite, or a width outside ]0, 1].

    >>> from cnnviz.data.strokes import Stroke
    >>> Stroke(((0.5, 0.1), (0.5, 0.9))).width
    0.08
    """

    points: tuple[Point, ...]
    width: float = PEN_WIDTH
    erases: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.points) <= MAX_POINTS:
            rule = _("between 1 and {most} in a stroke", most=MAX_POINTS)
            raise refusal(_("points"), rule, len(self.points), _("leave out empty strokes, thin out long ones"))
        if not _are_plain(self.points):
            for point in self.points:
                if not all(map(_is_near, point)):
                    _check_number(next(part for part in point if not _is_near(part)), _("a point"))
        object.__setattr__(self, "points", tuple((float(x), float(y)) for x, y in self.points))
        _check_number(self.width, _("pen width"))
        if not 0 < self.width <= 1:
            raise refusal(
                _("pen width"), _("above 0 and at most 1"), self.width, _("give it as a fraction of the canvas")
            )
        check_truth(_("erases"), self.erases, _("leave it out for ink"))

    def to_record(self) -> dict[str, Any]:
        """The stroke as plain JSON data."""
        return {"points": [list(point) for point in self.points], "width": self.width, "erases": self.erases}

    @classmethod
    def from_record(cls, record: Any) -> Stroke:
        """A stroke from plain JSON data: `{"points": [[x, y], ...], "width": 0.08, "erases": false}`."""
        if not isinstance(record, Mapping):
            raise refusal(_("a stroke"), _("an object with points"), type(record).__name__, _("see Sketch.to_json"))
        points = record.get("points")
        if not _is_list(points) or not (_are_pairs(points) or all(_is_list(one) and len(one) == 2 for one in points)):
            raise refusal(_("points"), _("a list of [x, y]"), points, _("see Sketch.to_json"))
        return cls(tuple((x, y) for x, y in points), record.get("width", PEN_WIDTH), record.get("erases", False))


def _is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


@dataclass(frozen=True)
class Sketch:
    """Strokes in the order in which they were drawn; an empty sketch is a blank canvas.

    Raises: ValueError above 500 strokes or 20,000 points in all.

    >>> from cnnviz.data.strokes import Sketch, Stroke
    >>> sketch = Sketch((Stroke(((0.5, 0.1), (0.5, 0.9))),))
    >>> Sketch.from_json(sketch.to_json()) == sketch
    True
    """

    strokes: tuple[Stroke, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "strokes", tuple(self.strokes))
        if len(self.strokes) > MAX_STROKES:
            rule = _("at most {most} in a drawing", most=MAX_STROKES)
            raise refusal(_("strokes"), rule, len(self.strokes), _("clear the canvas and draw fewer"))
        points = sum(len(stroke.points) for stroke in self.strokes)
        if points > MAX_POINTS:
            rule = _("at most {most} in a drawing", most=MAX_POINTS)
            raise refusal(_("points"), rule, points, _("clear the canvas and draw less"))

    def to_record(self) -> dict[str, Any]:
        """The sketch as plain JSON data."""
        return {"strokes": [stroke.to_record() for stroke in self.strokes]}

    def to_json(self) -> str:
        """The sketch as text, in the form that the sketch pad sends."""
        return json.dumps(self.to_record(), separators=(",", ":"))

    @classmethod
    def from_record(cls, record: Any) -> Sketch:
        """A sketch from plain JSON data: `{"strokes": [...]}`."""
        strokes = record.get("strokes") if isinstance(record, Mapping) else None
        if not _is_list(strokes):
            raise refusal(_("a drawing"), _("an object with a list of strokes"), record, _("see Sketch.to_json"))
        if len(strokes) > MAX_STROKES:  # before any is looked at
            rule = _("at most {most} in a drawing", most=MAX_STROKES)
            raise refusal(_("strokes"), rule, len(strokes), _("clear the canvas and draw fewer"))
        return cls(tuple(Stroke.from_record(stroke) for stroke in strokes))

    @classmethod
    def from_json(cls, text: str) -> Sketch:
        """A sketch from text. Raises: ValueError, one sentence, for anything else than a drawing."""
        try:
            record = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise refusal(_("a drawing"), _("JSON"), text, _("see Sketch.to_json")) from error
        return cls.from_record(record)
