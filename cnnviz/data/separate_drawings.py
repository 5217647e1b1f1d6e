"""Whether ink is two drawings or more: parts that do not touch, side by side or one above the other.

A digit of several strokes (the bar of a five, the two lines of a four) is one drawing: its parts lie over each other,
or one of them is small. Two digits that touch are one part, and are not noticed.
Refuses to know: networks, classes, where ink comes from.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SMALLEST = 0.01  # of all ink: less is a dot or a slip of the pen
OVERLAP = 0.15  # of the smaller part's length, along the line on which the parts stand
TALL = 0.6  # of the height of all ink: both neighbours of a row
HIGH = 0.3  # of the height of all ink: both parts of a column


class _Part(NamedTuple):
    """The box of one part, in pixels."""

    top: int
    bottom: int
    left: int
    right: int


def is_several(ink: NDArray[np.uint8]) -> bool:
    """Whether ink (rows, cols), 0 paper .. 255 ink, is more than one drawing.

    >>> import numpy as np
    >>> from cnnviz.data.separate_drawings import is_several
    >>> ink = np.zeros((64, 64), np.uint8)
    >>> ink[8:56, 10:14] = 255
    >>> is_several(ink)
    False
    >>> ink[8:56, 50:54] = 255
    >>> is_several(ink)
    True
    """
    parts = _parts(_inked_box(ink > 127))
    if len(parts) < 2:
        return False
    height = _joined(parts).bottom - _joined(parts).top
    in_a_row = any(
        min(one.bottom - one.top, other.bottom - other.top) >= TALL * height
        for one, other in _split(parts, "left", "right")
    )
    return in_a_row or any(
        min(one.bottom - one.top, other.bottom - other.top) >= HIGH * height
        for one, other in _split(parts, "top", "bottom")
    )


def _inked_box(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The part of a mask that has ink in it; how parts lie to each other is the same there."""
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1] if rows.size else mask[:0]


def _parts(mask: NDArray[np.bool_]) -> list[_Part]:
    from scipy import ndimage  # slow to import, and most visitors' first page does without

    labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
    if count < 2:
        return []
    areas = ndimage.sum_labels(mask, labels, range(1, count + 1))
    boxes = zip(ndimage.find_objects(labels), areas, strict=True)
    least = SMALLEST * areas.sum()
    return [_Part(rows.start, rows.stop, cols.start, cols.stop) for (rows, cols), area in boxes if area >= least]


def _joined(parts: list[_Part]) -> _Part:
    tops, bottoms, lefts, rights = zip(*parts, strict=True)
    return _Part(min(tops), max(bottoms), min(lefts), max(rights))


def _split(parts: list[_Part], low: str, high: str) -> list[tuple[_Part, _Part]]:
    """The ways to cut the parts into two groups that stand beside each other along one direction."""
    ordered = sorted(parts, key=lambda part: getattr(part, low) + getattr(part, high))
    cuts = ((_joined(ordered[:at]), _joined(ordered[at:])) for at in range(1, len(ordered)))
    return [(one, other) for one, other in cuts if _overlap(one, other, low, high) <= OVERLAP]


def _overlap(one: _Part, other: _Part, low: str, high: str) -> float:
    shorter = min(getattr(part, high) - getattr(part, low) for part in (one, other))
    return float((getattr(one, high) - getattr(other, low)) / shorter)
