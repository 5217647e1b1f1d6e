"""Where things are: windows, output sizes, and which inputs a unit reads, one axis at a time.

Plain integers, no tensors. Refuses to know: what a layer computes, and what a layer is called.
Formulas: Dumoulin, Visin, "A guide to convolution arithmetic for deep learning" (2016);
Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks" (Distill, 2019).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """What the units of one axis reach: unit `i` reaches `[start + i·jump, start + i·jump + size)`.

    `size` and `jump` are at least 1 (in input cells); `start` may be negative (padding).
    Example: a 5-wide kernel with padding 2 is `Window(size=5, jump=1, start=-2)`.
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
        Example: two 3×3 convolutions, `Window(3).after(Window(3))`, reach `Window(5)`.
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

    Raises: ValueError when the kernel does not fit into the padded input.
    Example: `output_size(28, kernel=5, padding=2)` is 28.
    """
    padded, covered = size + 2 * padding, span(kernel, dilation)
    if covered > padded:
        raise ValueError(
            f"kernel size must be at most the padded input ({padded}), got {covered}: "
            "make the kernel smaller or the padding larger"
        )
    return (padded - covered) // stride + 1
