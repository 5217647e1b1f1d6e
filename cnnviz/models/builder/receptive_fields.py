"""What the units of each part see of the image: the formula, and the pixels of every unit.

The rules are those of `pixel_sets`, as for any network; what is short here is the way: parts in a row, where all
channels see the same. Refuses to know: torch, branches other than a skip around one convolution.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cnnviz.core.geometry import SAME_CELL, Geometry, Window, sliding_axis
from cnnviz.core.pixel_sets import FieldStatus, Seen, Sides, pixels_of, size_of, status_of, through, union
from cnnviz.i18n import _


@dataclass(frozen=True)
class View:
    """What units see; `window` is the formula, None where all that arrives is read. Pairs are (rows, cols)."""

    image: Sides
    seen: Seen
    window: Geometry | None

    @property
    def certainty(self) -> FieldStatus:
        """Whether the formula, cut off at the border, is what every unit sees."""
        return status_of(self.seen, self.seen, self.window, self.image)

    @property
    def size(self) -> Sides:
        """Rows and columns that a unit sees at most, before the border cuts any off."""
        return size_of(self.seen, self.window, self.certainty, self.image)

    @property
    def text(self) -> str:
        """In a few characters: "5×5", "≤ 11×11", "whole image"."""
        certainty, (rows, cols) = self.certainty, self.size
        if certainty is FieldStatus.WHOLE_IMAGE:
            return _("whole image")
        if certainty is FieldStatus.PADDING_ONLY:
            return _("padding only")
        return f"≤ {rows}×{cols}" if certainty is FieldStatus.BOUND else f"{rows}×{cols}"


def first_view(image: Sides) -> View:
    """Each pixel sees itself."""
    return View(image, pixels_of(image), SAME_CELL)


def through_window(view: View, before: Sides, after: Sides, kernel: int, stride: int, padding: int) -> View:
    """Seen through a convolution or pooling that makes maps of `after` cells of maps of `before`."""
    if after == (1, 1) and kernel - padding >= max(before):  # one window that covers all
        return through_all(view)
    rows, cols = (sliding_axis(size, units, kernel, stride, padding) for size, units in zip(before, after, strict=True))
    window = Window(kernel, stride, -padding)
    composed = Geometry(window, window).after(view.window) if view.window else None
    return replace(view, seen=through((rows, cols), view.seen), window=composed)


def through_all(view: View) -> View:
    """Seen by units that read everything: those of a fully connected layer or a global pooling."""
    return replace(view, seen=union(view.seen), window=None)
