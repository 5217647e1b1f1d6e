"""Operations whose cells read a window: convolutions and poolings."""

from __future__ import annotations

from typing import Any

from torch import nn

from cnnviz.core.layers import Kind, Pair
from cnnviz.core.ops.call import Call, OpKind, OpRule
from cnnviz.core.ops.operation import Operation, register, spec_of

CONVOLUTION = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
TRANSPOSED = ("input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation")
MAX_POOLING = ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
AVERAGE_POOLING = ("input", "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")


def as_pair(value: int | tuple[int, ...] | list[int]) -> Pair:
    """PyTorch's "one number or one for each axis" as (rows, cols)."""
    return (value, value) if isinstance(value, int) else (value[0], value[-1])


def _windows(call: Call) -> OpRule:
    return OpRule(OpKind.WINDOWS, spec_of(call, "", ""))


def _has_fixed_kernels(call: Call) -> bool:
    """Four axes of weights, the same for all images."""
    weight = call.get("weight")
    return call.is_constant(weight) and len(call.shape_of(weight)) == 4


def _kernel_of(call: Call, *, is_transposed: bool) -> dict[str, Any]:
    first, second, *kernel = call.shape_of(call.get("weight"))
    groups = call.get("groups", 1)
    dilation = as_pair(call.get("dilation", 1))
    return {
        "kernel": (kernel[0], kernel[1]),
        "stride": as_pair(call.get("stride", 1)),
        "padding": _padding(call.get("padding", 0), (kernel[0], kernel[1]), dilation),
        "dilation": dilation,
        "groups": groups,
        "channels": (first, second * groups) if is_transposed else (second * groups, first),
        "is_transposed": is_transposed,
    }


def _padding(padding: str | int | tuple[int, ...], kernel: Pair, dilation: Pair) -> Pair:
    """PyTorch puts the smaller half of "same" padding before the input."""
    if padding == "same":
        rows, cols = (d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True))
        return rows, cols
    return (0, 0) if isinstance(padding, str) else as_pair(padding)  # "valid"


def _convolution(call: Call) -> dict[str, Any]:
    return _kernel_of(call, is_transposed=call.get("transposed", False)) | {
        "padding_mode": call.get("padding_mode", "zeros")
    }


register(
    Operation(Kind.CONVOLUTION, _windows, "Conv2d", _convolution, _has_fixed_kernels),
    nn.Conv2d, words="conv2d convolution", names=CONVOLUTION,
)  # fmt: skip
register(
    Operation(
        Kind.CONVOLUTION, _windows, "ConvTranspose2d", lambda call: _kernel_of(call, is_transposed=True),
        _has_fixed_kernels,
    ),
    nn.ConvTranspose2d, words="conv_transpose2d", names=TRANSPOSED,
)  # fmt: skip


def _pooling(call: Call) -> dict[str, Any]:
    kernel = call.get("kernel_size")
    return {
        "kernel": as_pair(kernel),
        "stride": as_pair(call.get("stride") or kernel),
        "padding": as_pair(call.get("padding", 0)),
    }


def _max_pooling(call: Call) -> dict[str, Any]:
    return _pooling(call) | {"dilation": as_pair(call.get("dilation", 1))}


def _average_pooling(call: Call) -> dict[str, Any]:
    return _pooling(call) | {
        "counts_padding": call.get("count_include_pad", True),
        "divisor": call.get("divisor_override"),
    }


def _adaptive(call: Call) -> dict[str, Any]:
    return {"is_adaptive": True}


register(
    Operation(Kind.MAX_POOLING, _windows, "MaxPool2d", _max_pooling),
    nn.MaxPool2d, words="max_pool2d max_pool2d_with_indices", names=MAX_POOLING,
)  # fmt: skip
register(
    Operation(Kind.AVERAGE_POOLING, _windows, "AvgPool2d", _average_pooling),
    nn.AvgPool2d, words="avg_pool2d", names=AVERAGE_POOLING,
)  # fmt: skip
register(
    Operation(Kind.MAX_POOLING, _windows, "AdaptiveMaxPool2d", _adaptive),
    nn.AdaptiveMaxPool2d, words="adaptive_max_pool2d", names=("input", "output_size"),
)  # fmt: skip
register(
    Operation(Kind.AVERAGE_POOLING, _windows, "AdaptiveAvgPool2d", _adaptive),
    nn.AdaptiveAvgPool2d, words="adaptive_avg_pool2d _adaptive_avg_pool2d", names=("input", "output_size"),
)  # fmt: skip
