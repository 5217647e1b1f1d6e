"""Operations whose cells read a window on one axis (a line) or on three (a volume): convolutions and poolings.

Those of maps, on two, are in `windows`. Transposed ones are not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod
from typing import Any

from torch import nn

from cnnviz.core.layers import AxisWindow, Kind
from cnnviz.core.ops.call import Call, OpKind, OpRule
from cnnviz.core.ops.operation import Operation, register, spec_of
from cnnviz.core.ops.windows import AVERAGE_POOLING, CONVOLUTION, MAX_POOLING

Numbers = int | Sequence[int]


def _windows(call: Call) -> OpRule:
    return OpRule(OpKind.WINDOWS, spec_of(call, "", ""))


def _one_each(value: Numbers, axes: int) -> tuple[int, ...]:
    """PyTorch's "one number or one for each axis", as one for each."""
    if isinstance(value, int):
        return (value,) * axes
    return tuple(value) * axes if len(value) == 1 else tuple(value)


def _is_of_one_image(call: Call, axes: int) -> bool:
    """Whether what comes out is one line or volume, with or without a batch axis: several would be other images."""
    shape = call.output[0] if call.output else None
    return shape is None or prod(shape[: -axes - 1]) == 1


def _convolves_one_image(call: Call, axes: int) -> bool:
    """With weights that are the same for all images."""
    return call.is_constant(call.get("weight")) and _is_of_one_image(call, axes)


def _convolution(call: Call, axes: int) -> dict[str, Any]:
    out, width, *kernel = call.shape_of(call.get("weight"))
    groups = call.get("groups", 1)
    dilation = _one_each(call.get("dilation", 1), axes)
    numbers = (kernel, _one_each(call.get("stride", 1), axes), _padding(call, kernel, dilation), dilation)
    return {
        "windows": tuple(AxisWindow(*one) for one in zip(*numbers, strict=True)),
        "groups": groups,
        "channels": (width * groups, out),
        "padding_mode": call.get("padding_mode", "zeros"),
    }


def _padding(call: Call, kernel: Sequence[int], dilation: Sequence[int]) -> tuple[int, ...]:
    """PyTorch puts the smaller half of "same" padding before the input."""
    padding = call.get("padding", 0)
    if padding == "same":
        return tuple(d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True))
    return _one_each(0 if isinstance(padding, str) else padding, len(kernel))  # "valid"


def _pooling(call: Call, axes: int) -> dict[str, Any]:
    kernel = call.get("kernel_size")
    numbers = (kernel, call.get("stride") or kernel, call.get("padding", 0), call.get("dilation", 1))
    return {
        "windows": tuple(AxisWindow(*one) for one in zip(*(_one_each(one, axes) for one in numbers), strict=True)),
        "counts_padding": call.get("count_include_pad", True),
        "divisor": call.get("divisor_override"),
    }


def _adaptive(_call: Call, axes: int) -> dict[str, Any]:
    return {"is_adaptive": True, "windows": (AxisWindow(),) * axes}


def _register(axes: int) -> None:
    """The operations of this many axes, as PyTorch calls them."""
    fits, end = partial(_is_of_one_image, axes=axes), f"{axes}d"  # "Conv1d", "conv1d"

    def pooling(kind: Kind, name: str, word: str, read: Any, names: tuple[str, ...]) -> None:
        operation = Operation(kind, _windows, f"{name}{end}", partial(read, axes=axes), fits)
        register(operation, getattr(nn, f"{name}{end}"), words=word, names=names)

    convolution = Operation(
        Kind.CONVOLUTION_ND, _windows, f"Conv{end}", partial(_convolution, axes=axes),
        partial(_convolves_one_image, axes=axes),
    )  # fmt: skip
    register(convolution, getattr(nn, f"Conv{end}"), words=f"conv{end}", names=CONVOLUTION)
    pooling(Kind.MAX_POOLING_ND, "MaxPool", f"max_pool{end} max_pool{end}_with_indices", _pooling, MAX_POOLING)
    pooling(Kind.AVERAGE_POOLING_ND, "AvgPool", f"avg_pool{end}", _pooling, AVERAGE_POOLING)
    size = ("input", "output_size")
    pooling(Kind.MAX_POOLING_ND, "AdaptiveMaxPool", f"adaptive_max_pool{end}", _adaptive, size)
    pooling(
        Kind.AVERAGE_POOLING_ND, "AdaptiveAvgPool", f"adaptive_avg_pool{end} _adaptive_avg_pool{end}", _adaptive, size
    )


for _axes in (1, 3):
    _register(_axes)
