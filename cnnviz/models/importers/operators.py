"""The fixed table of operators that a network from outside may use: names in a file only choose from it.

None of them reads a file, draws random numbers, or makes a tensor out of nothing. Operations that change a tensor in
its place have another name in a file; here they give a new tensor, so that the one before them can be shown.
Refuses to know: files, graphs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import prod
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload

PREFIX = "torch.ops.aten."
NAMES = """
conv1d.default conv1d.padding conv2d.default conv2d.padding conv3d.default conv3d.padding
conv_transpose1d.default conv_transpose2d.input conv_transpose3d.input
linear.default matmul.default mm.default bmm.default addmm.default baddbmm.default einsum.default
batch_norm.default layer_norm.default group_norm.default instance_norm.default
max_pool1d.default max_pool2d.default max_pool2d_with_indices.default avg_pool1d.default avg_pool2d.default
max_pool3d.default avg_pool3d.default adaptive_avg_pool1d.default adaptive_avg_pool2d.default
adaptive_avg_pool3d.default adaptive_max_pool1d.default adaptive_max_pool2d.default adaptive_max_pool3d.default
relu.default relu6.default leaky_relu.default prelu.default _prelu_kernel.default elu.default celu.default selu.default
gelu.default silu.default mish.default hardtanh.default hardswish.default hardsigmoid.default hardshrink.default
softshrink.default softplus.default sigmoid.default tanh.default log_sigmoid.default glu.default threshold.default
softmax.int log_softmax.int scaled_dot_product_attention.default
dropout.default feature_dropout.default alpha_dropout.default feature_alpha_dropout.default
add.Tensor add.Scalar sub.Tensor sub.Scalar rsub.Scalar rsub.Tensor mul.Tensor mul.Scalar div.Tensor div.Scalar
pow.Tensor_Scalar pow.Tensor_Tensor square.default sqrt.default rsqrt.default reciprocal.default exp.default log.default
log1p.default neg.default abs.default sign.default erf.default floor.default ceil.default round.default sin.default
cos.default clamp.default clamp.Tensor clamp_min.default clamp_max.default maximum.default minimum.default
fmod.Scalar remainder.Scalar where.self where.ScalarOther where.ScalarSelf
eq.Scalar ne.Scalar gt.Scalar ge.Scalar lt.Scalar le.Scalar eq.Tensor ne.Tensor gt.Tensor ge.Tensor lt.Tensor le.Tensor
logical_not.default logical_and.default logical_or.default bitwise_not.default bitwise_and.Tensor bitwise_or.Tensor
__and__.Tensor __or__.Tensor any.dim
masked_fill.Scalar masked_fill.Tensor
mean.default mean.dim sum.default sum.dim_IntList amax.default amin.default max.dim max.default min.dim min.default
max.other min.other argmax.default argmin.default var.correction std.correction var_mean.correction var.dim std.dim
norm.ScalarOpt_dim linalg_vector_norm.default prod.dim_int cumsum.default logsumexp.default
cat.default stack.default chunk.default split.Tensor split.sizes split_with_sizes.default unbind.int select.int
narrow.default slice.Tensor index.Tensor index_select.default
view.default reshape.default flatten.using_ints unflatten.int squeeze.default squeeze.dim squeeze.dims unsqueeze.default
permute.default transpose.int t.default swapaxes.default movedim.int movedim.intlist expand.default expand_as.default
view_as.default reshape_as.default repeat.default repeat_interleave.self_int tile.default roll.default flip.default
rot90.default
pad.default constant_pad_nd.default reflection_pad2d.default replication_pad2d.default
upsample_nearest2d.vec upsample_nearest2d.default _upsample_nearest_exact2d.vec upsample_bilinear2d.vec
upsample_bilinear2d.default upsample_bicubic2d.vec upsample_bicubic2d.default _upsample_bilinear2d_aa.vec
pixel_shuffle.default pixel_unshuffle.default channel_shuffle.default im2col.default
contiguous.default clone.default alias.default detach.default lift_fresh_copy.default to.dtype type_as.default
"""
IN_PLACE = """
relu.default relu6.default leaky_relu.default elu.default celu.default selu.default gelu.default silu.default
mish.default hardtanh.default hardswish.default hardsigmoid.default sigmoid.default tanh.default threshold.default
dropout.default feature_dropout.default alpha_dropout.default feature_alpha_dropout.default
add.Tensor add.Scalar sub.Tensor sub.Scalar mul.Tensor mul.Scalar div.Tensor div.Scalar
pow.Scalar square.default sqrt.default rsqrt.default reciprocal.default exp.default log.default neg.default abs.default
clamp.default clamp.Tensor clamp_min.default clamp_max.default masked_fill.Scalar masked_fill.Tensor detach.default
"""
# Words that operators take, and no others.
EQUATION = re.compile(r"[A-Za-z.,> -]{1,100}")  # what `einsum` is told: axes by letters
WORDS = ("valid", "same", "none", "tanh", "constant", "reflect", "replicate", "circular", "trunc", "floor")


def _overload(name: str) -> OpOverload:
    packet, overload = name.split(".")
    return getattr(getattr(torch.ops.aten, packet), overload)


def _out_of_place(name: str) -> OpOverload:
    return _overload("pow.Tensor_Scalar" if name == "pow.Scalar" else name)


OPERATORS: Mapping[str, OpOverload] = {PREFIX + name: _overload(name) for name in NAMES.split()}
CHANGES_IN_PLACE: Mapping[str, OpOverload] = {
    PREFIX + name.replace(".", "_.", 1): _out_of_place(name) for name in IN_PLACE.split()
}

aten = torch.ops.aten
_WINDOWS = (
    aten.max_pool1d.default, aten.max_pool2d.default, aten.max_pool2d_with_indices.default, aten.avg_pool1d.default,
    aten.avg_pool2d.default, aten.max_pool3d.default, aten.avg_pool3d.default,
)  # fmt: skip
_CONVOLUTIONS = (
    aten.conv1d.default, aten.conv1d.padding, aten.conv2d.default, aten.conv2d.padding, aten.conv3d.default,
    aten.conv3d.padding,
)  # fmt: skip
_TRANSPOSED = (aten.conv_transpose1d.default, aten.conv_transpose2d.input, aten.conv_transpose3d.input)
_RESIZES = tuple(overload for name, overload in OPERATORS.items() if "upsample_" in name)
_LEAST = {"stride": 1, "dilation": 1, "groups": 1, "kernel_size": 1, "padding": 0, "output_padding": 0}


def find_wrong_window(overload: OpOverload, args: tuple[Any, ...]) -> str | None:
    """The argument that PyTorch would refuse only when it runs, by name: a stride below 1, an axis too many …

    >>> import torch
    >>> from cnnviz.models.importers.operators import find_wrong_window
    >>> image = torch.empty(1, 1, 4, 4, device="meta")
    >>> find_wrong_window(torch.ops.aten.conv2d.default, (image, image, None, [1, 1], [0, -1], [1, 1], 1))
    'padding'
    """
    named = {argument.name: arg for argument, arg in zip(overload._schema.arguments, args, strict=False)}
    if overload in (aten.softmax.int, aten.log_softmax.int):
        count = max(named["self"].dim(), 1)
        return None if -count <= named["dim"] < count else "dim"
    if overload is aten.logsumexp.default:
        return None if named["dim"] else "dim"
    if overload is aten.einsum.default:  # a product of three might make a tensor in between that nobody has judged
        return None if len(named["tensors"]) <= 2 else "tensors"
    if overload in _RESIZES:
        return None if named["output_size"] is None or len(named["output_size"]) == 2 else "output_size"
    if overload not in (*_CONVOLUTIONS, *_TRANSPOSED, aten.im2col.default):
        return None
    axes = 2 if overload is aten.im2col.default else named["weight"].dim() - 2
    for name, least in _LEAST.items():
        value = named.get(name, least)
        numbers = value if isinstance(value, list) else [] if isinstance(value, str) else [value]
        if len(numbers) not in (0, 1, axes) or any(number < least for number in numbers) or value == []:
            return name
    return _find_wrong_transposed(named) if overload in _TRANSPOSED else None


def _find_wrong_transposed(named: dict[str, Any]) -> str | None:
    steps = [max(pair) for pair in zip(named["stride"], named["dilation"], strict=False)]
    if named["weight"].shape[0] % named["groups"] or named["input"].shape[1] != named["weight"].shape[0]:
        return "groups"
    fits = all(extra < step for extra, step in zip(named["output_padding"], steps, strict=False))
    return None if fits else "output_padding"


def count_pieces(overload: OpOverload, args: tuple[Any, ...]) -> int:
    """How many tensors an operation cuts its input into, known before it does."""
    if overload is aten.chunk.default:
        return int(args[1])
    if overload in (aten.split.Tensor, aten.unbind.int):
        axis = args[-1] if len(args) > (2 if overload is aten.split.Tensor else 1) else 0
        width = max(args[1], 1) if overload is aten.split.Tensor else 1
        return -(-args[0].shape[axis] // width)
    return 1


def count_cells_read(overload: OpOverload, args: tuple[Any, ...], output: Any) -> int:
    """The cells of all windows together, which multiply-adds do not count: of poolings, and as convolutions lay out.

    >>> import torch
    >>> from cnnviz.models.importers.operators import count_cells_read
    >>> image = torch.empty(1, 1, 4, 4, device="meta")
    >>> count_cells_read(torch.ops.aten.max_pool2d.default, (image, [2, 2]), torch.empty(1, 1, 2, 2, device="meta"))
    16
    """
    first = output[0] if isinstance(output, tuple | list) else output
    if overload in _WINDOWS:
        window = args[1] if len(args[1]) > 1 else args[1] * 3
        return int(first.numel() * prod(window))
    if overload in _CONVOLUTIONS:
        cells = prod(first.shape[2:]) * first.shape[0]
        return int(cells * prod(args[1].shape[1:]))
    return 0


def tensors_in(value: Any) -> list[Tensor]:
    """The tensors of what an operation gives."""
    return [part for part in value if isinstance(part, Tensor)] if isinstance(value, tuple | list) else [value]
