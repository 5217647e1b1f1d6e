"""What a layer is, in numbers: its kind, sizes and parameters.

`core.ops` reads them off modules and calls. Refuses to know: names (a layer called "conv" may be anything), values, and
drawing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cnnviz.core.geometry import (
    SAME_CELL,
    Axis,
    Geometry,
    Window,
    adaptive_axis,
    pooled_axis,
    sliding_axis,
    span,
    transposed_axis,
)

Pair = tuple[int, int]
IMAGE, PROBABILITIES = "input", "softmax"  # columns that every network has: a layer called so gets another name


class Kind(StrEnum):
    """What a layer does to its input."""

    CONVOLUTION = "convolution"
    ACTIVATION = "activation"
    MAX_POOLING = "max pooling"
    AVERAGE_POOLING = "average pooling"
    NORMALISATION = "normalisation"
    DROPOUT = "dropout"
    FLATTEN = "flatten"
    LINEAR = "fully connected"
    ADD = "addition"
    MULTIPLY = "multiplication"
    CONCAT = "concatenation"
    SOFTMAX = "softmax"
    REDUCTION = "reduction"
    REARRANGE = "rearrangement"
    PADDING = "padding"
    UPSAMPLING = "upsampling"
    CONVOLUTION_ND = "convolution of 1 or 3 axes"
    MAX_POOLING_ND = "max pooling of 1 or 3 axes"
    AVERAGE_POOLING_ND = "average pooling of 1 or 3 axes"
    UNSUPPORTED = "unsupported"


CELL_BY_CELL = (Kind.ACTIVATION, Kind.NORMALISATION, Kind.DROPOUT)
JOINING = (Kind.ADD, Kind.MULTIPLY, Kind.CONCAT)  # several inputs, none of which says how far the output reaches
SETS_COLOUR_RANGE = (Kind.CONVOLUTION, Kind.CONVOLUTION_ND, Kind.LINEAR, Kind.UNSUPPORTED, *JOINING)
POOLING = (Kind.MAX_POOLING, Kind.AVERAGE_POOLING)
POOLING_ND = (Kind.MAX_POOLING_ND, Kind.AVERAGE_POOLING_ND)
CONVOLUTIONS = (Kind.CONVOLUTION, Kind.CONVOLUTION_ND)


@dataclass(frozen=True)
class AxisWindow:
    """The window of a layer on one axis, in PyTorch's numbers."""

    kernel: int = 1
    stride: int = 1
    padding: int = 0
    dilation: int = 1


@dataclass(frozen=True)
class LayerSpec:
    """One layer in numbers. Pairs are (rows, cols); `channels` is (in, out), 0 where it has none.

    `padding` is what lies before the input, as a coordinate of the input. `divisor` is what average pooling
    divides by where it is set by hand. `slope`, `epsilon`, `momentum`, `probability` and `approximate` are PyTorch's,
    and so are the `numbers` of a function, by name. `over` are the axes that are read as a whole, counted from the end.
    is_by_image: a normalisation by the statistics of this image, group by group (`groups`) or over the axes `over`.
    `scales`: what each term of an addition is multiplied by. `windows`: of a layer whose windows have one axis or
    three, in PyTorch's order; empty for maps, whose windows the pairs describe.
    """

    path: str
    kind: Kind
    type_name: str
    parameters: int = 0
    kernel: Pair = (1, 1)
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1
    channels: Pair = (0, 0)
    padding_mode: str = "zeros"
    is_transposed: bool = False
    is_adaptive: bool = False
    counts_padding: bool = True
    divisor: int | None = None
    slope: float = 0.0
    approximate: str = "none"
    epsilon: float = 0.0
    momentum: float | None = None
    probability: float = 0.0
    numbers: tuple[tuple[str, float], ...] = ()
    over: tuple[int, ...] = ()
    scales: tuple[float, ...] = ()
    is_by_image: bool = False
    windows: tuple[AxisWindow, ...] = ()

    @property
    def sets_colour_range(self) -> bool:
        """Whether the colours of the layers after it are measured against this one."""
        return self.kind in SETS_COLOUR_RANGE

    @property
    def geometry(self) -> Geometry | None:
        """The window of a unit on each axis of the layer's input; None where that is not the same for all units.

        A unit of a fully connected layer reads all; for adaptive and transposed layers see `axes`.
        """
        if self.kind in CELL_BY_CELL:
            return None if self.is_by_image else SAME_CELL
        if self.is_adaptive or self.is_transposed:
            return None
        if self.kind is Kind.CONVOLUTION or self.kind in POOLING:
            axes = zip(self.kernel, self.stride, self.padding, self.dilation, strict=True)
            rows, cols = (Window(span(k, d), s, -p) for k, s, p, d in axes)
            return Geometry(rows, cols)
        return None

    def axes(self, before: Pair, after: Pair) -> tuple[Axis, Axis] | None:
        """Which cells each unit reads, on rows and columns, for input and output maps of these sizes.

        None for a layer that is not a window over maps (flatten, fully connected, unsupported).
        """
        if self.kind in CELL_BY_CELL and not self.is_by_image:
            return sliding_axis(before[0], after[0], 1), sliding_axis(before[1], after[1], 1)
        if self.kind is Kind.CONVOLUTION or self.kind in POOLING:
            return self._axis(0, before, after), self._axis(1, before, after)
        return None

    def window_axes(self, before: tuple[int, ...], after: tuple[int, ...]) -> tuple[Axis, ...] | None:
        """The same on all axes on which its windows lie: one of a line, two of maps, three of a volume.

        before, after: the sizes of these axes, in PyTorch's order.
        """
        if not self.windows:
            return self.axes((before[0], before[1]), (after[0], after[1]))
        return tuple(
            self._window_axis(window, size, units)
            for window, size, units in zip(self.windows, before, after, strict=True)
        )

    def _window_axis(self, window: AxisWindow, size: int, units: int) -> Axis:
        numbers = (window.kernel, window.stride, window.padding, window.dilation)
        if self.is_adaptive:
            return adaptive_axis(size, units)
        if self.is_transposed:
            return transposed_axis(size, units, *numbers)
        if self.kind in (*POOLING, *POOLING_ND):
            return pooled_axis(size, units, *numbers)
        return sliding_axis(size, units, *numbers, mode=self.padding_mode)

    def _axis(self, axis: int, before: Pair, after: Pair) -> Axis:
        window = AxisWindow(self.kernel[axis], self.stride[axis], self.padding[axis], self.dilation[axis])
        return self._window_axis(window, before[axis], after[axis])
