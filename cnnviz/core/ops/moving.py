"""Operations that move cells: another shape or order, picked, joined, padded, repeated. PyTorch itself moves them."""

from __future__ import annotations

import operator
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from cnnviz.core.layers import Kind
from cnnviz.core.ops.axes_read import loose
from cnnviz.core.ops.call import NO_RULE, Call, OpKind, OpRule
from cnnviz.core.ops.operation import Operation, register


def _reshape(call: Call) -> OpRule:
    return OpRule(OpKind.RESHAPE, stand_in=call.function)


def _reshaped(call: Call) -> dict[str, Any]:
    """In a long vector the maps lie one after another, whatever the operation is called."""
    shape = call.output[0] if call.output else None
    is_vector = shape is None or (len(shape) == 2 and shape[0] == 1)  # a module says so before it is called
    return {} if is_vector else {"kind": Kind.REARRANGE}


register(
    Operation(Kind.FLATTEN, _reshape, "", _reshaped),
    nn.Flatten, nn.Unflatten, words="flatten view reshape squeeze unsqueeze unflatten _unsafe_view",
)  # fmt: skip


def _permute(call: Call) -> OpRule:
    return OpRule(OpKind.PERMUTE, stand_in=call.function)


register(
    Operation(Kind.REARRANGE, _permute),
    "torchvision.ops.misc.Permute", words="permute transpose swapaxes movedim t",
)  # fmt: skip


def _select(call: Call) -> OpRule:
    return OpRule(OpKind.SELECT, stand_in=call.function)


def _is_fixed(call: Call) -> bool:
    """Which cells are picked does not depend on computed numbers."""
    return call.target is not operator.getitem or len(call.references) <= 1


register(
    Operation(Kind.REARRANGE, _select, fits=_is_fixed),
    nn.ChannelShuffle, operator.getitem,
    words="chunk split split_with_sizes narrow expand repeat slice select channel_shuffle unbind",
)  # fmt: skip
register(Operation(Kind.CONCAT, _select), words="cat concat concatenate stack", names=("tensors", "dim"))
register(
    Operation(Kind.REARRANGE, loose),
    nn.PixelShuffle, nn.PixelUnshuffle, words="roll flip pixel_shuffle pixel_unshuffle",
)  # fmt: skip


# What is laid around the maps.
def _around(call: Call) -> tuple[int, ...]:
    """(left, right, top, bottom), as PyTorch counts."""
    return tuple(call.get("padding") if call.module is not None else call.get("pad"))


def _pad(call: Call) -> OpRule:
    around = _around(call)
    if len(around) > 4 or min(around) < 0 or _mode(call) != "constant":
        return OpRule(OpKind.LOOSE, stand_in=call.function)
    left, _right, top, _bottom = (*around, 0, 0, 0, 0)[:4]
    return OpRule(OpKind.PAD, before=(top, left), stand_in=lambda x, *_rest, **_named: functional.pad(x, around))


def _mode(call: Call) -> str:
    if call.module is None:
        return str(call.get("mode", "constant"))
    return "constant" if isinstance(call.module, nn.ZeroPad2d | nn.ConstantPad2d) else "other"


register(
    Operation(Kind.PADDING, _pad, "pad"),
    nn.ZeroPad2d, nn.ConstantPad2d, nn.ReflectionPad2d, nn.ReplicationPad2d, nn.CircularPad2d,
    words="pad constant_pad_nd", names=("input", "pad", "mode", "value"),
)  # fmt: skip


# Larger maps.
def _upsample(call: Call) -> OpRule:
    if _upsampling_mode(call) not in ("nearest", "nearest-exact", "bilinear"):
        return NO_RULE  # the others have weights below 0, which might cancel
    return OpRule(OpKind.LOOSE, stand_in=call.function)


def _upsampling_mode(call: Call) -> str:
    if isinstance(call.target, torch._ops.OpOverload):
        return "bilinear" if "bilinear" in call.target._schema.name else "nearest"
    return str(call.get("mode", "nearest"))


register(
    Operation(Kind.UPSAMPLING, _upsample, "Upsample", lambda call: {"approximate": _upsampling_mode(call)}),
    nn.Upsample, nn.UpsamplingNearest2d, nn.UpsamplingBilinear2d,
    words="interpolate upsample_nearest2d upsample_bilinear2d _upsample_nearest_exact2d",
    names=("input", "size", "scale_factor", "mode"),
)  # fmt: skip
