"""Two traces side by side: which columns belong together, and by how much their values differ.

Two images in one network, or one image in two networks. A column is the image, a layer or the probabilities; columns of
one name belong together, and have a difference where their values have one shape. Refuses to know: networks, pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from cnnviz.checks import sides
from cnnviz.core.colour_ranges import ColourRanges, colour_ranges, share_ranges
from cnnviz.core.edits.comparison import SingleTrace, difference_trace
from cnnviz.core.layer_trace import Trace
from cnnviz.i18n import _

IMAGE, PROBABILITIES = "input", "softmax"  # the columns that are no layers, as links call them


@dataclass(frozen=True, eq=False)
class Column:
    """The values of one column: (channels, rows, cols) or (entries,)."""

    path: str
    values: np.ndarray


@dataclass(frozen=True)
class LargestDifference:
    """Where two arrays part most: `value` is other − one there. Cells of a vector are channels of one cell."""

    value: float
    one: float
    other: float
    channel: int
    row: int
    col: int


@dataclass(frozen=True, eq=False)
class ColumnPair:
    """Columns of one name; None where a side has none of this name.

    reason: why there is no difference, one sentence; "" where there is.
    difference: other − one, None without.
    """

    path: str
    one: int | None
    other: int | None
    reason: str = ""
    difference: np.ndarray | None = None
    largest: LargestDifference | None = None


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Trace A (`one`) and trace B (`other`). classes: of both, in the order of their scores.

    sparse: of both networks the layers with colour scales of their own (`colour_ranges`).
    """

    one: Trace
    other: Trace
    classes: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    sparse: frozenset[str] | None = None
    pairs: tuple[ColumnPair, ...] = field(init=False)
    scales: tuple[tuple[ColourRanges, ...], tuple[ColourRanges, ...]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pairs", pair_columns(columns(self.one), columns(self.other), self.classes))
        object.__setattr__(self, "scales", self._shared())

    @property
    def is_alike(self) -> bool:
        """Whether both have the same columns in the same order, with values of the same shapes."""
        one, other = columns(self.one), columns(self.other)
        return [(each.path, each.values.shape) for each in one] == [(each.path, each.values.shape) for each in other]

    def _shared(self) -> tuple[tuple[ColourRanges, ...], tuple[ColourRanges, ...]]:
        one, other = (_named_ranges(trace, self.sparse) for trace in (self.one, self.other))
        return share_ranges(one, other), share_ranges(other, one)


def _named_ranges(trace: Trace, sparse: frozenset[str] | None) -> dict[str, ColourRanges]:
    paths = [layer.spec.path for layer in trace.layers]
    return dict(zip(paths, colour_ranges(trace, sparse), strict=True))


@dataclass(frozen=True, eq=False)
class OneSide(SingleTrace):
    """A trace with colour scales that it shares with the one beside it; a `Compared`."""

    shared: tuple[ColourRanges, ...] = ()

    def scales(self) -> tuple[ColourRanges, ...]:
        """Those of both."""
        return self.shared


def columns(trace: Trace) -> list[Column]:
    """The image, every layer, and the probabilities of a trace that ran to its end."""
    layers = [Column(layer.spec.path, layer.output) for layer in trace.layers]
    answer = [] if trace.stopped else [Column(PROBABILITIES, trace.probabilities)]
    return [Column(IMAGE, trace.image), *layers, *answer]


def pair_columns(
    one: Sequence[Column], other: Sequence[Column], classes: tuple[Sequence[str], Sequence[str]] = ((), ())
) -> tuple[ColumnPair, ...]:
    """All columns of both, those of A first, each with that of the same name.

    >>> import numpy as np
    >>> from cnnviz.core.side_by_side import Column, pair_columns
    >>> [pair] = pair_columns([Column("conv", np.array([1.0, 2.0]))], [Column("conv", np.array([1.0, -1.0]))])
    >>> pair.largest.value, pair.largest.channel
    (-3.0, 1)
    """
    places = [{column.path: at for at, column in enumerate(each)} for each in (one, other)]
    paths = dict.fromkeys([column.path for column in one] + [column.path for column in other])
    return tuple(_pair(path, places[0].get(path), places[1].get(path), one, other, classes) for path in paths)


def _pair(
    path: str, left: int | None, right: int | None, one: Sequence[Column], other: Sequence[Column],
    classes: tuple[Sequence[str], Sequence[str]],
) -> ColumnPair:  # fmt: skip
    if left is None or right is None:
        only = "A" if right is None else "B"
        return ColumnPair(path, left, right, _("Only {side} has a layer of this name.", side=only))
    before, after = one[left].values, other[right].values
    if before.shape != after.shape:
        shapes = {"one": sides(before.shape), "other": sides(after.shape)}
        return ColumnPair(path, left, right, _("The shapes differ: A has {one}, B has {other}.", **shapes))
    if path == PROBABILITIES and tuple(classes[0]) != tuple(classes[1]):
        return ColumnPair(path, left, right, _("The classes differ, so their probabilities cannot be subtracted."))
    difference = difference_trace(before, after)
    largest = largest_difference(before, after)
    if largest is None:
        return ColumnPair(path, left, right, _("No cell has finite values on both sides."))
    return ColumnPair(path, left, right, "", difference, largest)


def largest_difference(one: np.ndarray, other: np.ndarray) -> LargestDifference | None:
    """The cell where |other − one| is largest, of equal ones the first; None where none is finite.

    one, other: of one shape, (channels, rows, cols) or (entries,). Computed in float64.
    """
    difference = difference_trace(one.astype(np.float64), other.astype(np.float64))
    size = np.where(np.isfinite(difference), np.abs(difference), -1.0)
    if size.size == 0 or size.max() < 0:
        return None
    at = np.unravel_index(int(size.argmax()), size.shape)
    channel, row, col = (*(int(place) for place in at), 0, 0)[:3]
    return LargestDifference(float(difference[at]), float(one[at]), float(other[at]), channel, row, col)
