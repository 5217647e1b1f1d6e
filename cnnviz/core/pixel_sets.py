"""Which pixels the units of a map see, axis by axis: for each unit the bits of one integer. Plain integers, no torch.

The one implementation behind the receptive fields of every network: of a graph (`receptive_field.per_layer`), and of
a row of layers that is still being put together (`models.builder.receptive_fields`).
Refuses to know: networks, channels, texts.
"""

from __future__ import annotations

from enum import StrEnum
from functools import reduce
from operator import and_, or_

from cnnviz.core.geometry import Axis, Geometry, Window

Bits = tuple[int, ...]  # for each unit of an axis, the pixels that it sees; one entry where all see the same
Sides = tuple[int, int]  # rows and columns
Seen = tuple[Bits, Bits]  # on rows and on columns: together every row beside every column


class FieldStatus(StrEnum):
    """How an answer is meant; an unknown field is never shown as an empty one.

    >>> from cnnviz.core.receptive_field import FieldStatus
    >>> [status.value for status in FieldStatus][:4]
    ['exact', 'bound', 'padding only', 'whole image']
    """

    EXACT = "exact"  # the formula, cut off at the border, gives exactly the cells that are read
    BOUND = "bound"  # the formula encloses them; some cells inside are not read
    PADDING_ONLY = "padding only"  # nothing of the image is read
    WHOLE_IMAGE = "whole image"
    UNSUPPORTED = "unsupported"  # an operation on the way has no rule
    APART = "apart"  # not between image and answer: a parameter by itself, a module that evaluation leaves out


def pixels_of(image: Sides) -> Seen:
    """Each pixel of an image (rows, cols) sees itself.

    >>> from cnnviz.core.pixel_sets import pixels_of
    >>> pixels_of((2, 3))
    ((1, 2), (1, 2, 4))
    """
    rows, cols = (tuple(1 << place for place in range(side)) for side in image)
    return rows, cols


def through(axes: tuple[Axis, Axis], seen: Seen) -> Seen:
    """What units see that read cells which saw `seen`; nothing is seen through padding.

    >>> from cnnviz.core.geometry import sliding_axis
    >>> from cnnviz.core.pixel_sets import pixels_of, through
    >>> axis = sliding_axis(3, units=3, kernel=3, padding=1)
    >>> through((axis, axis), pixels_of((3, 3)))[0]
    (3, 7, 6)
    """
    return _along(axes[0], seen[0]), _along(axes[1], seen[1])


def _along(axis: Axis, bits: Bits) -> Bits:
    spread = bits * axis.size if len(bits) == 1 else bits
    found = []
    for row in axis.sources:
        pixels = 0
        for source in row:
            if source is not None:
                pixels |= spread[source]
        found.append(pixels)
    return tuple(found)


def union(seen: Seen) -> Seen:
    """What all units together see: rows × columns again, since every row stands beside every column.

    >>> from cnnviz.core.pixel_sets import union
    >>> union(((1, 2), (1, 2, 4)))
    ((3,), (7,))
    """
    return (reduce(or_, seen[0], 0),), (reduce(or_, seen[1], 0),)


def shared(seen: Seen) -> Seen:
    """What every unit sees, so that any mixture of units does.

    >>> from cnnviz.core.pixel_sets import shared
    >>> shared(((3, 6), (1, 1)))
    ((2,), (1,))
    """
    return (reduce(and_, seen[0]),), (reduce(and_, seen[1]),)


def status_of(most: Seen, least: Seen, window: Geometry | None, image: Sides) -> FieldStatus:
    """How the formula `window` is meant for units that see at most `most` and at least `least` of an image.

    Without a formula they see all of it, or nobody knows how far they reach.

    >>> from cnnviz.core.geometry import SAME_CELL
    >>> from cnnviz.core.pixel_sets import pixels_of, status_of
    >>> status_of(pixels_of((2, 2)), pixels_of((2, 2)), SAME_CELL, (2, 2)).value
    'exact'
    """
    if not any(most[0]) or not any(most[1]):
        return FieldStatus.PADDING_ONLY
    if window is None:
        return FieldStatus.WHOLE_IMAGE if least == _everything(least, image) else FieldStatus.BOUND
    return FieldStatus.EXACT if least == most == _clipped(most, window, image) else FieldStatus.BOUND


def size_of(most: Seen, window: Geometry | None, status: FieldStatus, image: Sides) -> Sides:
    """Rows and columns that a unit sees at most, before the border cuts any off.

    >>> from cnnviz.core.geometry import SAME_CELL
    >>> from cnnviz.core.pixel_sets import FieldStatus, pixels_of, size_of
    >>> size_of(pixels_of((2, 2)), SAME_CELL, FieldStatus.EXACT, (2, 2))
    (1, 1)
    """
    if window is not None:
        return window.rows.size, window.cols.size
    return image if status is FieldStatus.WHOLE_IMAGE else (_longest(most[0]), _longest(most[1]))


def _longest(bits: Bits) -> int:
    """How far the first and the last pixel of one unit are apart, at most."""
    return max((unit.bit_length() - (unit & -unit).bit_length() + 1 if unit else 0) for unit in bits)


def _everything(like: Seen, image: Sides) -> Seen:
    rows, cols = (((1 << length) - 1,) * len(bits) for bits, length in zip(like, image, strict=True))
    return rows, cols


def _clipped(like: Seen, window: Geometry, image: Sides) -> Seen:
    """The formula for every unit, cut off at the border."""
    axes = zip(like, (window.rows, window.cols), image, strict=True)
    rows, cols = (_clipped_axis(side, len(bits), length) for bits, side, length in axes)
    return rows, cols


def _clipped_axis(window: Window, units: int, length: int) -> Bits:
    reached = (window.clipped(unit, length) for unit in range(units))
    return tuple((1 << places.stop) - (1 << places.start) for places in reached)
