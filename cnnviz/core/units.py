"""One unit of a network: "this cell", the one thing that a click or a hover yields. Refuses to know its value."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz.checks import sides
from cnnviz.i18n import _


@dataclass(frozen=True)
class UnitRef:
    """The unit at (row, col) of map `channel` of `layer`; an entry of a vector is a channel at (0, 0)."""

    layer: str
    channel: int = 0
    row: int = 0
    col: int = 0

    def within(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Its index into an array of `shape`, (channels, rows, cols) or (entries,).

        Raises: IndexError, one sentence, for a unit that a layer of this shape does not have.

        >>> from cnnviz.core.units import UnitRef
        >>> UnitRef("pool1", 3, 0, 1).within((16, 14, 14))
        (3, 0, 1)
        """
        place = (self.channel, self.row, self.col)[: len(shape)]
        outside = any(not 0 <= at < size for at, size in zip(place, shape, strict=True))
        if outside or (len(shape) == 1 and (self.row, self.col) != (0, 0)):
            raise IndexError(
                _("unit must lie within {path}, of shape {shape}, got channel {channel}, row {row}, column {col}",
                  path=self.layer, shape=sides(shape), channel=self.channel, row=self.row, col=self.col)
            )  # fmt: skip
        return place
