"""Operations whose cells read a window on one axis (a line), on two (maps) or on three (a volume).

Convolutions, transposed ones, and poolings. Maps have kinds and fields of their own (pairs), lines and volumes an
`AxisWindow` for each axis; how a call is read is the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

from torch import nn

from cnnviz.core.layers import AxisWindow, Kind
from cnnviz.core.ops.call import Call, OpKind, OpRule
from cnnviz.core.ops.operation import Operation, register, spec_of

CONVOLUTION = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
ANY_CONVOLUTION = (*CONVOLUTION[:-1], "transposed", "output_padding", "groups")  # PyTorch's common form of both
TRANSPOSED = ("input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation")
MAX_POOLING = ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
AVERAGE_POOLING = ("input", "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")
ADAPTIVE = ("input", "output_size")
PAIRS = ("kernel", "stride", "padding", "dilation")  # the fields of a window over maps
MAPS = 2  # axes

Fields = dict[str, Any]


@dataclass(frozen=True)
class _Kinds:
    """What operations of so many axes are called."""

    convolution: Kind
    max_pooling: Kind
    average_pooling: Kind


_OF_MAPS = _Kinds(Kind.CONVOLUTION, Kind.MAX_POOLING, Kind.AVERAGE_POOLING)
_OF_OTHERS = _Kinds(Kind.CONVOLUTION_ND, Kind.MAX_POOLING_ND, Kind.AVERAGE_POOLING_ND)


def _windows(call: Call) -> OpRule:
    return OpRule(OpKind.WINDOWS, spec_of(call, "", ""))


def _one_each(value: int | Sequence[int], axes: int) -> tuple[int, ...]:
    """PyTorch's "one number or one for each axis", as one for each."""
    if isinstance(value, int):
        return (value,) * axes
    return tuple(value) * axes if len(value) == 1 else tuple(value)


def _window_fields(axes: int, **numbers: int | Sequence[int]) -> Fields:
    """The fields of a `LayerSpec` that say where windows lie, from PyTorch's numbers."""
    each = {name: _one_each(value, axes) for name, value in numbers.items()}
    if axes == MAPS:
        return dict(each)
    return {"windows": tuple(AxisWindow(**{name: each[name][axis] for name in each}) for axis in range(axes))}


def _convolution(call: Call, axes: int, is_transposed: bool = False) -> Fields:
    """Its weights are (out, in / groups, *kernel), those of a transposed one (in, out / groups, *kernel)."""
    first, second, *kernel = call.shape_of(call.get("weight"))
    is_transposed = is_transposed or call.get("transposed", False)
    groups, dilation = call.get("groups", 1), _one_each(call.get("dilation", 1), axes)
    padding = _padding(call.get("padding", 0), kernel, dilation)
    fields = _window_fields(axes, kernel=kernel, stride=call.get("stride", 1), padding=padding, dilation=dilation)
    return fields | {
        "groups": groups,
        "channels": (first, second * groups) if is_transposed else (second * groups, first),
        "is_transposed": is_transposed,
        "padding_mode": "zeros" if is_transposed else call.get("padding_mode", "zeros"),
    }


def _padding(padding: str | int | Sequence[int], kernel: Sequence[int], dilation: Sequence[int]) -> tuple[int, ...]:
    """PyTorch puts the smaller half of "same" padding before the input."""
    if padding == "same":
        return tuple(d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True))
    return _one_each(0 if isinstance(padding, str) else padding, len(kernel))  # "valid"


def _pooling(call: Call, axes: int) -> Fields:
    kernel = call.get("kernel_size")
    numbers = {"kernel": kernel, "stride": call.get("stride") or kernel, "padding": call.get("padding", 0)}
    return _window_fields(axes, **numbers, dilation=call.get("dilation", 1)) | {
        "counts_padding": call.get("count_include_pad", True),
        "divisor": call.get("divisor_override"),
    }


def _adaptive(_call: Call, axes: int) -> Fields:
    return {"is_adaptive": True} | ({} if axes == MAPS else {"windows": (AxisWindow(),) * axes})


def _has_fixed_kernels(call: Call, axes: int) -> bool:
    """Weights of as many axes, the same for all images, and one image."""
    weight = call.get("weight")
    is_fixed = call.is_constant(weight) and len(call.shape_of(weight)) == axes + 2
    return is_fixed and _is_of_one_image(call, axes)


def _is_of_one_image(call: Call, axes: int) -> bool:
    """Whether what comes out is one line or volume, with or without a batch axis: several would be other images.

    Maps in front of others are channels one after another.
    """
    shape = call.output[0] if call.output else None
    return axes == MAPS or shape is None or prod(shape[: -axes - 1]) == 1


def _register(axes: int, kinds: _Kinds) -> None:
    """The operations of this many axes, as PyTorch calls them."""
    end = f"{axes}d"  # "Conv1d", "conv1d"

    def known(kind: Kind, name: str, words: str, read: Callable[..., Fields], names: tuple[str, ...]) -> None:
        fits = _has_fixed_kernels if kind is kinds.convolution else _is_of_one_image
        operation = Operation(kind, _windows, f"{name}{end}", partial(read, axes=axes), partial(fits, axes=axes))
        register(operation, getattr(nn, f"{name}{end}"), words=words, names=names)

    transposed = partial(_convolution, is_transposed=True)
    known(kinds.convolution, "Conv", f"conv{end}", _convolution, CONVOLUTION)
    known(kinds.convolution, "ConvTranspose", f"conv_transpose{end}", transposed, TRANSPOSED)
    known(kinds.max_pooling, "MaxPool", f"max_pool{end} max_pool{end}_with_indices", _pooling, MAX_POOLING)
    known(kinds.average_pooling, "AvgPool", f"avg_pool{end}", _pooling, AVERAGE_POOLING)
    known(kinds.max_pooling, "AdaptiveMaxPool", f"adaptive_max_pool{end}", _adaptive, ADAPTIVE)
    average = f"adaptive_avg_pool{end} _adaptive_avg_pool{end}"
    known(kinds.average_pooling, "AdaptiveAvgPool", average, _adaptive, ADAPTIVE)


_register(1, _OF_OTHERS)
_register(2, _OF_MAPS)
_register(3, _OF_OTHERS)
register(
    Operation(
        Kind.CONVOLUTION, _windows, "Conv2d", partial(_convolution, axes=MAPS), partial(_has_fixed_kernels, axes=MAPS)
    ),
    words="convolution", names=ANY_CONVOLUTION,
)  # fmt: skip
