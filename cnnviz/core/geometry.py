"""Where things are: windows, output sizes, and which inputs a unit reads, one axis at a time.

Plain integers, no tensors. Refuses to know: what a layer computes, and what a layer is called.
Formulas: Dumoulin, Visin, "A guide to convolution arithmetic for deep learning" (2016);
Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks" (Distill, 2019).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import starmap


@dataclass(frozen=True)
class Window:
    """What the units of one axis reach: unit `i` reaches `[start + i·jump, start + i·jump + size)`.

    `size` and `jump` are at least 1 (in input cells); `start` may be negative (padding).
    A 5-wide kernel with padding 2.

    >>> from cnnviz.core.geometry import Window
    >>> Window(size=5, jump=1, start=-2)
    Window(size=5, jump=1, start=-2)
    """

    size: int
    jump: int = 1
    start: int = 0

    def __post_init__(self) -> None:
        if self.size < 1 or self.jump < 1:
            raise ValueError(
                f"window size and jump must be at least 1, got size {self.size} and jump {self.jump}: "
                "use a kernel and a stride of at least 1"
            )

    def reach(self, unit: int) -> range:
        """The input indices, padding included, between the first and the last that `unit` reads."""
        first = self.start + unit * self.jump
        return range(first, first + self.size)

    def clipped(self, unit: int, length: int) -> range:
        """`reach(unit)` without the padding around an input of `length` cells; may be empty."""
        reach = self.reach(unit)
        first = min(max(reach.start, 0), length)
        return range(first, max(first, min(reach.stop, length)))

    def after(self, earlier: Window) -> Window:
        """This window read through `earlier`, the layer below: what it reaches one layer further back.

        Formula: size = (size − 1)·j + s, jump = jump·j, start = start·j + t for `earlier` = (s, j, t).

        >>> from cnnviz.core.geometry import Window
        >>> Window(3).after(Window(3))
        Window(size=5, jump=1, start=0)
        """
        return Window(
            size=(self.size - 1) * earlier.jump + earlier.size,
            jump=self.jump * earlier.jump,
            start=self.start * earlier.jump + earlier.start,
        )


IDENTITY = Window(size=1, jump=1, start=0)


@dataclass(frozen=True)
class Geometry:
    """The windows of both axes."""

    rows: Window
    cols: Window

    def after(self, earlier: Geometry) -> Geometry:
        """Both axes read through `earlier`."""
        return Geometry(self.rows.after(earlier.rows), self.cols.after(earlier.cols))


SAME_CELL = Geometry(IDENTITY, IDENTITY)


def span(kernel: int, dilation: int = 1) -> int:
    """How many cells a kernel covers from its first to its last: `d·(k − 1) + 1`."""
    return dilation * (kernel - 1) + 1


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """How many places a window has: `⌊(n + 2p − d·(k − 1) − 1) / s⌋ + 1`.

    One axis; all sizes in cells, `padding` on each side. The answer is 1 or more.
    Raises: ValueError when the kernel does not fit into the padded input.

    >>> from cnnviz.core.geometry import output_size
    >>> output_size(28, kernel=5, padding=2)
    28
    """
    padded, covered = size + 2 * padding, span(kernel, dilation)
    if covered > padded:
        raise ValueError(
            f"kernel size must be at most the padded input ({padded}), got {covered}: "
            "make the kernel smaller or the padding larger"
        )
    return (padded - covered) // stride + 1


def transposed_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1, output_padding: int = 0
) -> int:
    """How many cells a transposed convolution gives: `(n − 1)·s − 2p + d·(k − 1) + 1 + output padding`.

    One axis; all sizes in cells, `padding` on each side. Where the padding takes everything the answer is below 1.

    >>> from cnnviz.core.geometry import transposed_size
    >>> transposed_size(2, kernel=3, stride=2)
    5
    """
    return (size - 1) * stride - 2 * padding + span(kernel, dilation) + output_padding


@dataclass(frozen=True)
class Axis:
    """Which input cells each unit of one axis reads, tap by tap: the index sets that a `Window` only encloses.

    `places[i][k]` is the coordinate under tap `k` of unit `i`; one outside the input is padding, None is no coordinate
    at all (between the strides of a transposed convolution). `sources[i][k]` is the cell whose value stands
    there: the place itself, the cell that padding repeats, or None where nothing stands.
    """

    size: int
    places: tuple[tuple[int | None, ...], ...]
    sources: tuple[tuple[int | None, ...], ...]

    def cells(self, unit: int) -> tuple[int, ...]:
        """The input cells that `unit` reads, in order, each once; empty where it reads only padding."""
        return tuple(sorted({source for source in self.sources[unit] if source is not None}))

    def is_padding(self, unit: int, tap: int) -> bool:
        """Whether `tap` of `unit` lies outside the input."""
        place = self.places[unit][tap]
        return place is not None and not 0 <= place < self.size


Fold = Callable[[int, int], int | None]


def _leave_empty(place: int, size: int) -> int | None:
    return place if 0 <= place < size else None


def _reflect(place: int, size: int) -> int | None:
    """−1 is 1, n is n − 2: the border itself is not repeated."""
    return abs(place) if place < size else 2 * (size - 1) - place


def _replicate(place: int, size: int) -> int | None:
    return min(max(place, 0), size - 1)


def _wrap(place: int, size: int) -> int | None:
    return place % size


FOLDS: dict[str, Fold] = {"zeros": _leave_empty, "reflect": _reflect, "replicate": _replicate, "circular": _wrap}


def _axis(size: int, places: list[tuple[int | None, ...]], fold: Fold = _leave_empty) -> Axis:
    sources = tuple(tuple(None if place is None else fold(place, size) for place in row) for row in places)
    return Axis(size, tuple(places), sources)


def sliding_axis(
    size: int, units: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1, mode: str = "zeros"
) -> Axis:
    """A convolution or pooling: tap `k` of unit `i` stands at `i·s − p + k·d`; `mode` is PyTorch's padding mode.

    size: cells of the input. units: cells of the output (`output_size`). The others in cells.
    Raises: KeyError for a mode that PyTorch does not have.

    >>> from cnnviz.core.geometry import sliding_axis
    >>> sliding_axis(4, units=4, kernel=3, padding=1).places[0]
    (-1, 0, 1)
    """
    places = [tuple(unit * stride - padding + tap * dilation for tap in range(kernel)) for unit in range(units)]
    return _axis(size, list(places), FOLDS[mode])


def pooled_axis(size: int, units: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> Axis:
    """A pooling window: as `sliding_axis`, without what hangs over the padded input (ceil mode)."""
    whole = sliding_axis(size, units, kernel, stride, padding, dilation)
    places = [tuple(place for place in row if place is not None and place < size + padding) for row in whole.places]
    return _axis(size, list(places))


def adaptive_axis(size: int, units: int) -> Axis:
    """Adaptive pooling: unit `i` reads `[⌊i·n/m⌋, ⌈(i + 1)·n/m⌉)`.

    size: n, cells of the input. units: m, cells of the output.

    >>> from cnnviz.core.geometry import adaptive_axis
    >>> adaptive_axis(5, units=2).places
    ((0, 1, 2), (2, 3, 4))
    """
    bounds = ((unit * size // units, -(-(unit + 1) * size // units)) for unit in range(units))
    return _axis(size, [tuple(places) for places in starmap(range, bounds)])


def transposed_axis(size: int, units: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> Axis:
    """A transposed convolution: tap `k` of unit `o` meets input `(o + p − k·d) / s` where that is whole.

    size: cells of the input. units: cells of the output (`transposed_size`). The others in cells.

    >>> from cnnviz.core.geometry import transposed_axis
    >>> transposed_axis(2, units=5, kernel=3, stride=2).sources[1]
    (None, 0, None)
    """
    places = [
        tuple(_landing(unit + padding - tap * dilation, stride) for tap in range(kernel)) for unit in range(units)
    ]
    return _axis(size, list(places))


def _landing(distance: int, stride: int) -> int | None:
    return None if distance % stride else distance // stride
