"""What a module is: its kind, sizes and parameters, told by its type through a registry.

Refuses to know: names (a layer called "conv" may be anything), values, and drawing.
A type that nobody registered is `Kind.UNSUPPORTED`, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from torch import nn

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
Read = Callable[[Any], dict[str, Any]]
_M = TypeVar("_M", bound=nn.Module)


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
    UNSUPPORTED = "unsupported"


CELL_BY_CELL = (Kind.ACTIVATION, Kind.NORMALISATION, Kind.DROPOUT)
POOLING = (Kind.MAX_POOLING, Kind.AVERAGE_POOLING)


@dataclass(frozen=True)
class LayerSpec:
    """One layer in numbers. Pairs are (rows, cols); `channels` is (in, out), 0 where it has none.

    `padding` is what lies before the input, as a coordinate of the input. `divisor` is what average pooling
    divides by where it is set by hand. `slope`, `epsilon`, `momentum`, `probability` and `approximate` are PyTorch's.
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

    @property
    def sets_colour_range(self) -> bool:
        """Whether the colours of the layers after it are measured against this one."""
        return self.kind in (Kind.CONVOLUTION, Kind.LINEAR, Kind.UNSUPPORTED)

    @property
    def geometry(self) -> Geometry | None:
        """The window of a unit on each axis of the layer's input; None where that is not the same for all units.

        A unit of a fully connected layer reads all; for adaptive and transposed layers see `axes`.
        """
        if self.kind in CELL_BY_CELL:
            return SAME_CELL
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
        if self.kind in CELL_BY_CELL:
            return sliding_axis(before[0], after[0], 1), sliding_axis(before[1], after[1], 1)
        if self.kind is Kind.CONVOLUTION or self.kind in POOLING:
            return self._axis(0, before, after), self._axis(1, before, after)
        return None

    def _axis(self, axis: int, before: Pair, after: Pair) -> Axis:
        size, units = before[axis], after[axis]
        window = (self.kernel[axis], self.stride[axis], self.padding[axis], self.dilation[axis])
        if self.is_adaptive:
            return adaptive_axis(size, units)
        if self.is_transposed:
            return transposed_axis(size, units, *window)
        if self.kind in POOLING:
            return pooled_axis(size, units, *window)
        return sliding_axis(size, units, *window, mode=self.padding_mode)


_READERS: dict[type[nn.Module], tuple[Kind, Read]] = {}


def spec_reader(kind: Kind, *types: type[nn.Module]) -> Callable[[Read], Read]:
    """Register how the fields of a `LayerSpec` are read off modules of these types."""

    def register(read: Read) -> Read:
        for module_type in types:
            _READERS[module_type] = (kind, read)
        return read

    return register


def as_pair(value: int | tuple[int, ...]) -> Pair:
    """PyTorch's "one number or one for each axis" as (rows, cols)."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


@spec_reader(Kind.CONVOLUTION, nn.Conv2d)
def _convolution(module: nn.Conv2d) -> dict[str, Any]:
    return {
        "kernel": module.kernel_size,
        "stride": module.stride,
        "padding": _same_padding(module) if module.padding == "same" else as_pair(_no_padding(module.padding)),
        "dilation": module.dilation,
        "groups": module.groups,
        "channels": (module.in_channels, module.out_channels),
        "padding_mode": module.padding_mode,
    }


@spec_reader(Kind.CONVOLUTION, nn.ConvTranspose2d)
def _transposed_convolution(module: nn.ConvTranspose2d) -> dict[str, Any]:
    return {
        "kernel": module.kernel_size,
        "stride": module.stride,
        "padding": as_pair(_no_padding(module.padding)),
        "dilation": module.dilation,
        "groups": module.groups,
        "channels": (module.in_channels, module.out_channels),
        "is_transposed": True,
    }


def _no_padding(padding: str | tuple[int, ...]) -> int | tuple[int, ...]:
    return 0 if isinstance(padding, str) else padding  # "valid"


def _same_padding(module: nn.Conv2d) -> Pair:
    """PyTorch puts the smaller half of 'same' padding before the input."""
    rows, cols = (d * (k - 1) // 2 for k, d in zip(module.kernel_size, module.dilation, strict=True))
    return rows, cols


@spec_reader(Kind.MAX_POOLING, nn.MaxPool2d)
def _max_pooling(module: nn.MaxPool2d) -> dict[str, Any]:
    return _pooling_window(module) | {"dilation": as_pair(module.dilation)}


@spec_reader(Kind.AVERAGE_POOLING, nn.AvgPool2d)
def _average_pooling(module: nn.AvgPool2d) -> dict[str, Any]:
    return _pooling_window(module) | {
        "counts_padding": module.count_include_pad,
        "divisor": module.divisor_override,
    }


def _pooling_window(module: nn.MaxPool2d | nn.AvgPool2d) -> dict[str, Any]:
    return {
        "kernel": as_pair(module.kernel_size),
        "stride": as_pair(module.stride),
        "padding": as_pair(module.padding),
    }


@spec_reader(Kind.MAX_POOLING, nn.AdaptiveMaxPool2d)
@spec_reader(Kind.AVERAGE_POOLING, nn.AdaptiveAvgPool2d)
def _adaptive_pooling(module: nn.Module) -> dict[str, Any]:
    return {"is_adaptive": True}


@spec_reader(Kind.NORMALISATION, nn.BatchNorm2d)
def _normalisation(module: nn.BatchNorm2d) -> dict[str, Any]:
    return {
        "channels": (module.num_features, module.num_features),
        "epsilon": module.eps,
        "momentum": module.momentum,
    }


@spec_reader(Kind.LINEAR, nn.Linear)
def _linear(module: nn.Linear) -> dict[str, Any]:
    return {"channels": (module.in_features, module.out_features)}


@spec_reader(Kind.ACTIVATION, nn.LeakyReLU)
def _leaky(module: nn.LeakyReLU) -> dict[str, Any]:
    return {"slope": module.negative_slope}


@spec_reader(Kind.ACTIVATION, nn.GELU)
def _gelu(module: nn.GELU) -> dict[str, Any]:
    return {"approximate": module.approximate}


@spec_reader(Kind.DROPOUT, nn.Dropout, nn.Dropout2d)
def _dropout(module: nn.Dropout | nn.Dropout2d) -> dict[str, Any]:
    return {"probability": module.p}


@spec_reader(Kind.ACTIVATION, nn.ReLU, nn.Tanh, nn.Sigmoid, nn.SiLU, nn.Identity)
@spec_reader(Kind.FLATTEN, nn.Flatten)
def _type_says_all(module: nn.Module) -> dict[str, Any]:
    return {}


def describe(path: str, module: nn.Module) -> LayerSpec:
    """The `LayerSpec` of `module`, found at `path` in its network; its kind is `Kind.UNSUPPORTED` for an unknown type.

    >>> from torch import nn
    >>> from cnnviz.core.layers import describe
    >>> describe("conv1", nn.Conv2d(1, 16, 5, padding=2)).kernel
    (5, 5)
    """
    kind, read = _READERS.get(type(module), (Kind.UNSUPPORTED, _type_says_all))
    parameters = sum(p.numel() for p in module.parameters())
    return LayerSpec(path, kind, type(module).__name__, parameters, **read(module))
