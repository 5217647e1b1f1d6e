"""The records of an answer: how sure it is, where, which cells, and why formula and cells differ.

Refuses to know: how it was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cnnviz.core.geometry import Geometry
from cnnviz.core.pixel_sets import FieldStatus
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _


def status_text(status: FieldStatus) -> str:
    """A status in the reader's language."""
    return {
        FieldStatus.EXACT: _("exact"),
        FieldStatus.BOUND: _("bound"),
        FieldStatus.PADDING_ONLY: _("padding only"),
        FieldStatus.WHOLE_IMAGE: _("whole image"),
        FieldStatus.UNSUPPORTED: _("unsupported"),
        FieldStatus.APART: _("does not read the image"),
    }[status]


class Reason(StrEnum):
    """Why fewer cells are read than the formula encloses.

    >>> from cnnviz.core.receptive_field import Reason
    >>> [reason.value for reason in Reason][:3]
    ['padding', 'stride leftovers', 'holes']
    """

    PADDING = "padding"
    LEFTOVER = "stride leftovers"
    HOLES = "holes"
    BRANCHES = "branches"
    CHANNELS = "channels"
    WINDOWS = "uneven windows"


def explain_reason(reason: Reason) -> str:
    """One sentence on a reason, for the reader."""
    return {
        Reason.PADDING: _("Some units on the way lie in the padding: they are 0 and read no pixel."),
        Reason.LEFTOVER: _("A stride skips the last rows or columns of a layer: no unit reads them."),
        Reason.HOLES: _("Dilation, or a stride longer than the kernel, leaves holes between the cells that are read."),
        Reason.BRANCHES: _("Branches have receptive fields of different shapes: together these are not a rectangle."),
        Reason.CHANNELS: _("Only some channels lead to this unit, and their receptive field is smaller."),
        Reason.WINDOWS: _("Windows of different sizes on the way: the formula takes the largest."),
    }[reason]


@dataclass(frozen=True)
class Box:
    """A rectangle of cells; `clipped` cuts it off at the border of a map, so that it may be empty.

    >>> from cnnviz.core.receptive_field.record import Box
    >>> Box(range(-2, 3), range(0, 5)).clipped((4, 4))
    Box(rows=range(0, 3), cols=range(0, 4))
    """

    rows: range
    cols: range

    @property
    def is_empty(self) -> bool:
        """Whether it holds no cell."""
        return not (self.rows and self.cols)

    def clipped(self, size: tuple[int, int]) -> Box:
        """What of it lies on a map of (rows, cols)."""
        rows, cols = (_clip(side, length) for side, length in zip((self.rows, self.cols), size, strict=True))
        return Box(rows, cols)

    def joined(self, other: Box) -> Box:
        """The smallest box around both; an empty one adds nothing."""
        if self.is_empty or other.is_empty:
            return other if self.is_empty else self
        return Box(_hull(self.rows, other.rows), _hull(self.cols, other.cols))

    def mask(self, size: tuple[int, int]) -> np.ndarray:
        """A Boolean map of (rows, cols) that is True inside."""
        inside = np.zeros(size, dtype=bool)
        box = self.clipped(size)
        inside[box.rows.start : box.rows.stop, box.cols.start : box.cols.stop] = True
        return inside


def _clip(side: range, length: int) -> range:
    first = min(max(side.start, 0), length)
    return range(first, max(first, min(side.stop, length)))


def _hull(one: range, other: range) -> range:
    return range(min(one.start, other.start), max(one.stop, other.stop))


def box_around(mask: np.ndarray) -> Box:
    """The smallest box around the True cells of a Boolean map."""
    sides = []
    for axis in (1, 0):
        places = np.flatnonzero(mask.any(axis=axis))
        sides.append(range(int(places[0]), int(places[-1]) + 1) if len(places) else range(0))
    return Box(sides[0], sides[1])


@dataclass(frozen=True, eq=False)
class PixelSet:
    """What a unit sees of one earlier layer (or of the image).

    `reach` is the formula's box, not cut off; `exact` a Boolean map (rows, cols), True where some channel is read.

    >>> import numpy as np
    >>> from cnnviz.core.receptive_field import Box, PixelSet
    >>> seen = PixelSet("input", Box(range(-1, 2), range(-1, 2)), np.eye(3) > 0)
    >>> seen.rows, seen.is_product, seen.status.value  # some cells inside the box are not read
    ((0, 1, 2), False, 'bound')
    """

    layer: str
    reach: Box
    exact: np.ndarray

    def __post_init__(self) -> None:
        self.exact.setflags(write=False)

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows that are read somewhere."""
        return tuple(map(int, np.flatnonzero(self.exact.any(axis=1))))

    @property
    def cols(self) -> tuple[int, ...]:
        """The columns that are read somewhere."""
        return tuple(map(int, np.flatnonzero(self.exact.any(axis=0))))

    @property
    def is_product(self) -> bool:
        """Whether every one of its rows is read at every one of its columns; branches can break this."""
        return int(self.exact.sum()) == len(self.rows) * len(self.cols)

    @property
    def clipped(self) -> Box:
        """`reach`, cut off at the border of the map."""
        return self.reach.clipped((self.exact.shape[0], self.exact.shape[1]))

    @property
    def status(self) -> FieldStatus:
        """How reach and exact cells compare."""
        if not self.exact.any():
            return FieldStatus.PADDING_ONLY
        if self.exact.all():
            return FieldStatus.WHOLE_IMAGE
        same = np.array_equal(self.clipped.mask((self.exact.shape[0], self.exact.shape[1])), self.exact)
        return FieldStatus.EXACT if same else FieldStatus.BOUND


@dataclass(frozen=True, eq=False)
class ReceptiveField:
    """What `unit` sees. `image` and `earlier` hold nothing where an operation without a rule stands in between.

    `window` is the formula for all units of the layer, None where there is none; `reasons` say why cells inside
    the reach are not read; `unknown` names the operations without a rule on the way.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> from cnnviz.core.receptive_field import receptive_field
    >>> from cnnviz.core.units import UnitRef
    >>> graph = build_graph(nn.Sequential(nn.Conv2d(1, 1, 3)), (1, 9, 9))
    >>> receptive_field(graph, UnitRef("0", 0, 2, 2)).sentence
    'It reads exactly the 9 pixels that the formula gives.'
    """

    unit: UnitRef
    status: FieldStatus
    window: Geometry | None
    image: PixelSet | None
    earlier: Mapping[str, PixelSet]
    reasons: tuple[Reason, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def reach(self) -> Box | None:
        """The formula's box on the image, cut off at its border."""
        return self.image.clipped if self.image else None

    @property
    def exact(self) -> np.ndarray | None:
        """A Boolean map (rows, cols) of the pixels that are read."""
        return self.image.exact if self.image else None

    @property
    def sentence(self) -> str:
        """The status in words, with the reasons."""
        told = {
            FieldStatus.EXACT: self._counted(),
            FieldStatus.BOUND: self._counted(),
            FieldStatus.PADDING_ONLY: _("Nothing of the image: this unit reads only padding."),
            FieldStatus.WHOLE_IMAGE: _("The whole image."),
            FieldStatus.UNSUPPORTED: _("Not known: there is no rule for {names}.", names=", ".join(self.unknown)),
            FieldStatus.APART: _("It does not read the image."),
        }[self.status]
        return " ".join([told, *map(explain_reason, self.reasons)])

    def _counted(self) -> str:
        """How many pixels the formula gives, how many of these lie outside, and how many are read."""
        if self.image is None:
            return ""
        whole = len(self.image.reach.rows) * len(self.image.reach.cols)
        inside = len(self.image.clipped.rows) * len(self.image.clipped.cols)
        read = int(self.image.exact.sum())
        if whole == read:
            return _("It reads exactly the {count} pixels that the formula gives.", count=whole)
        told = [_("By the formula it would read {count} pixels.", count=whole)]
        if inside < whole:
            told.append(_("{count} of these lie outside the image, in the padding.", count=whole - inside))
        told.append(_("It reads {count}.", count=read))
        return " ".join(told)
