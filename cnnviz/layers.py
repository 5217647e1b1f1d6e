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

from cnnviz.geometry import SAME_CELL, Geometry, Window, span

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
    """One layer in numbers. Pairs are (rows, cols); `channels` is (in, out), 0 where it has none."""

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

    @property
    def sets_colour_range(self) -> bool:
        """Whether the colours of the layers after it are measured against this one."""
        return self.kind in (Kind.CONVOLUTION, Kind.LINEAR, Kind.UNSUPPORTED)

    @property
    def geometry(self) -> Geometry | None:
        """The window of a unit on each axis of the layer's input; None where a unit reads all of it."""
        if self.kind in CELL_BY_CELL:
            return SAME_CELL
        if self.kind is Kind.CONVOLUTION or self.kind in POOLING:
            axes = zip(self.kernel, self.stride, self.padding, self.dilation, strict=True)
            rows, cols = (Window(span(k, d), s, -p) for k, s, p, d in axes)
            return Geometry(rows, cols)
        return None

    @property
    def sees_whole_input(self) -> bool:
        """Whether every unit of this layer reads every cell before it."""
        return self.kind is Kind.LINEAR


_READERS: dict[type[nn.Module], tuple[Kind, Read]] = {}


def reader(kind: Kind, *types: type[nn.Module]) -> Callable[[Read], Read]:
    """Register how the fields of a `LayerSpec` are read off modules of these types."""

    def register(read: Read) -> Read:
        for module_type in types:
            _READERS[module_type] = (kind, read)
        return read

    return register


def pair(value: int | tuple[int, ...]) -> Pair:
    """PyTorch's "one number or one for each axis" as (rows, cols)."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


@reader(Kind.CONVOLUTION, nn.Conv2d)
def _convolution(module: nn.Conv2d) -> dict[str, Any]:
    return {
        "kernel": module.kernel_size,
        "stride": module.stride,
        "padding": _same_padding(module) if module.padding == "same" else pair(_no_padding(module.padding)),
        "dilation": module.dilation,
        "groups": module.groups,
        "channels": (module.in_channels, module.out_channels),
    }


def _no_padding(padding: str | tuple[int, ...]) -> int | tuple[int, ...]:
    return 0 if isinstance(padding, str) else padding  # "valid"


def _same_padding(module: nn.Conv2d) -> Pair:
    """PyTorch puts the smaller half of 'same' padding before the input."""
    rows, cols = (d * (k - 1) // 2 for k, d in zip(module.kernel_size, module.dilation, strict=True))
    return rows, cols


@reader(Kind.MAX_POOLING, nn.MaxPool2d)
def _max_pooling(module: nn.MaxPool2d) -> dict[str, Any]:
    return _average_pooling(module) | {"dilation": pair(module.dilation)}


@reader(Kind.AVERAGE_POOLING, nn.AvgPool2d)
def _average_pooling(module: nn.MaxPool2d | nn.AvgPool2d) -> dict[str, Any]:
    return {
        "kernel": pair(module.kernel_size),
        "stride": pair(module.stride),
        "padding": pair(module.padding),
    }


@reader(Kind.NORMALISATION, nn.BatchNorm2d)
def _normalisation(module: nn.BatchNorm2d) -> dict[str, Any]:
    return {"channels": (module.num_features, module.num_features)}


@reader(Kind.LINEAR, nn.Linear)
def _linear(module: nn.Linear) -> dict[str, Any]:
    return {"channels": (module.in_features, module.out_features)}


@reader(Kind.ACTIVATION, nn.ReLU, nn.LeakyReLU, nn.Tanh, nn.Sigmoid, nn.GELU, nn.SiLU)
@reader(Kind.DROPOUT, nn.Dropout, nn.Dropout2d)
@reader(Kind.FLATTEN, nn.Flatten)
def _type_says_all(module: nn.Module) -> dict[str, Any]:
    return {}


def describe(path: str, module: nn.Module) -> LayerSpec:
    """The `LayerSpec` of `module`, found at `path` in its network.

    Example: `describe("conv1", nn.Conv2d(1, 16, 5, padding=2)).kernel` is `(5, 5)`.
    """
    kind, read = _READERS.get(type(module), (Kind.UNSUPPORTED, _type_says_all))
    parameters = sum(p.numel() for p in module.parameters())
    return LayerSpec(path, kind, type(module).__name__, parameters, **read(module))
