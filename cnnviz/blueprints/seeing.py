"""What the units of each part see of the image: the formula, and the pixels of every unit as the bits of an integer.

The short sister of `receptive.sights` for parts in a row, where all channels see the same; tests compare the two.
Refuses to know: torch, branches other than a skip around one convolution.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from operator import or_

from cnnviz.geometry import SAME_CELL, Geometry, Window
from cnnviz.messages import _

Bits = tuple[int, ...]  # for each unit of an axis, the pixels that it sees; one entry where all see the same
Sides = tuple[int, int]


class Certainty(StrEnum):
    """How a size is meant; the words are those of `receptive.Status`."""

    EXACT = "exact"
    BOUND = "bound"  # some units see less
    PADDING_ONLY = "padding only"
    WHOLE_IMAGE = "whole image"


@dataclass(frozen=True)
class View:
    """What units see; `window` is the formula, None where all that arrives is read. Pairs are (rows, cols)."""

    image: Sides
    rows: Bits
    cols: Bits
    window: Geometry | None

    @property
    def certainty(self) -> Certainty:
        """Whether the formula, cut off at the border, is what every unit sees."""
        if not any(self.rows) or not any(self.cols):
            return Certainty.PADDING_ONLY
        if self.window is None:
            full = tuple((1 << side) - 1 for side in self.image)
            whole = all(set(bits) == {all_} for bits, all_ in zip((self.rows, self.cols), full, strict=True))
            return Certainty.WHOLE_IMAGE if whole else Certainty.BOUND
        axes = zip((self.rows, self.cols), (self.window.rows, self.window.cols), self.image, strict=True)
        agree = all(bits == _clipped(window, len(bits), side) for bits, window, side in axes)
        return Certainty.EXACT if agree else Certainty.BOUND

    @property
    def size(self) -> Sides:
        """Rows and columns that a unit sees at most, before the border cuts any off."""
        if self.window is not None:
            return self.window.rows.size, self.window.cols.size
        return self.image if self.certainty is Certainty.WHOLE_IMAGE else (_longest(self.rows), _longest(self.cols))

    @property
    def text(self) -> str:
        """In a few characters: "5×5", "≤ 11×11", "whole image"."""
        certainty, (rows, cols) = self.certainty, self.size
        if certainty is Certainty.WHOLE_IMAGE:
            return _("whole image")
        if certainty is Certainty.PADDING_ONLY:
            return _("padding only")
        return f"≤ {rows}×{cols}" if certainty is Certainty.BOUND else f"{rows}×{cols}"


def first_view(image: Sides) -> View:
    """Each pixel sees itself."""
    rows, cols = (tuple(1 << place for place in range(side)) for side in image)
    return View(image, rows, cols, SAME_CELL)


def through_window(view: View, before: Sides, after: Sides, kernel: int, stride: int, padding: int) -> View:
    """Seen through a convolution or pooling that makes maps of `after` cells of maps of `before`."""
    if after == (1, 1) and kernel - padding >= max(before):  # one window that covers all
        return through_all(view)
    window = Window(kernel, stride, -padding)
    rows, cols = (_along(window, *axis) for axis in zip((view.rows, view.cols), before, after, strict=True))
    composed = Geometry(window, window).after(view.window) if view.window else None
    return replace(view, rows=rows, cols=cols, window=composed)


def through_all(view: View) -> View:
    """Seen by units that read everything: those of a fully connected layer or a global pooling."""
    return replace(view, rows=(reduce(or_, view.rows),), cols=(reduce(or_, view.cols),), window=None)


def _along(window: Window, bits: Bits, size: int, units: int) -> Bits:
    """What each unit sees through its window over `size` cells; nothing is seen through padding."""
    spread = bits * size if len(bits) == 1 else bits
    reached = (window.clipped(unit, size) for unit in range(units))
    return tuple(reduce(or_, spread[cells.start : cells.stop], 0) for cells in reached)


def _clipped(window: Window, units: int, length: int) -> Bits:
    reached = (window.clipped(unit, length) for unit in range(units))
    return tuple((1 << places.stop) - (1 << places.start) for places in reached)


def _longest(bits: Bits) -> int:
    return max(unit.bit_length() - (unit & -unit).bit_length() + 1 if unit else 0 for unit in bits)
