"""ONNX operators with weights or windows: convolutions, poolings, products, normalisations.

The formulas are those of https://onnx.ai/onnx/operators; what PyTorch computes otherwise is refused.
Refuses to know: files.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, fx

from cnnviz.i18n import _
from cnnviz.models.importers.onnx_step import OnnxStep, Value, translates
from cnnviz.models.importers.operators import EQUATION

aten = torch.ops.aten
Pads = tuple[list[int], list[int]]  # before and after, an axis each


# Windows.
def _same_pads(step: OnnxStep, sizes: list[int], kernel: list[int], strides: list[int], dilations: list[int]) -> Pads:
    """`auto_pad`: as many outputs as the stride allows, the odd cell at the end (SAME_UPPER) or at the start."""
    before, after = [], []
    for size, k, stride, dilation in zip(sizes, kernel, strides, dilations, strict=True):
        total = max((-(-size // stride) - 1) * stride + dilation * (k - 1) + 1 - size, 0)
        small, large = total // 2, total - total // 2
        is_upper = step.word("auto_pad") == "SAME_UPPER"
        before.append(small if is_upper else large)
        after.append(large if is_upper else small)
    return before, after


def _window(step: OnnxStep, kernel: list[int]) -> tuple[list[int], list[int], Pads]:
    """(strides, dilations, pads) of a window over the axes after the channels."""
    count = len(kernel)
    strides = step.wholes("strides") or [1] * count
    dilations = step.wholes("dilations") or [1] * count
    pads = step.wholes("pads") or [0] * (2 * count)
    sizes = list(step.shape(step.input())[2:])
    lists = (strides, dilations, sizes)
    if any(len(each) != count for each in lists) or len(pads) != 2 * count or min(pads) < 0 or min(strides) < 1:
        raise step.refusal(_("one whose window has an axis for each of the image's"), len(sizes))
    mode = step.word("auto_pad", "NOTSET")
    if mode in ("SAME_UPPER", "SAME_LOWER"):
        return strides, dilations, _same_pads(step, sizes, kernel, strides, dilations)
    if mode not in ("NOTSET", "VALID", ""):
        raise step.refusal(_("one of known padding"), mode)
    return strides, dilations, ([0] * count, [0] * count) if mode == "VALID" else (pads[:count], pads[count:])


def _pad_unevenly(step: OnnxStep, value: Value, pads: Pads, fill: float) -> tuple[Value, list[int]]:
    """Padding that differs between the sides becomes a step of its own; what is left is even."""
    before, after = pads
    if before == after:
        return value, before
    around = [amount for pair in zip(reversed(before), reversed(after), strict=True) for amount in pair]
    return step.call(aten.constant_pad_nd.default, value, around, fill), [0] * len(before)


@translates("Conv")
def _conv(step: OnnxStep) -> Value:
    weight = step.input(1)
    kernel = list(step.shape(weight)[2:])
    if len(kernel) not in (1, 2):
        raise step.refusal(_("a convolution of one or two axes"), len(kernel))
    strides, dilations, pads = _window(step, kernel)
    value, even = _pad_unevenly(step, step.input(), pads, 0.0)
    overload = aten.conv2d.default if len(kernel) == 2 else aten.conv1d.default
    return step.call(overload, value, weight, step.optional(2), strides, even, dilations, step.whole("group", 1))


@translates("ConvTranspose")
def _transposed(step: OnnxStep) -> Value:
    weight = step.input(1)
    kernel = list(step.shape(weight)[2:])
    if len(kernel) not in (1, 2) or step.has("output_shape") or step.word("auto_pad", "NOTSET") != "NOTSET":
        raise step.refusal(_("a transposed convolution of one or two axes with pads"), len(kernel))
    strides, dilations, (before, after) = _window(step, kernel)
    even = before if before == after else [0] * len(kernel)
    extra = step.wholes("output_padding") or [0] * len(kernel)
    overload = aten.conv_transpose2d.input if len(kernel) == 2 else aten.conv_transpose1d.default
    value = step.call(
        overload, step.input(), weight, step.optional(2), strides, even, extra,
        step.whole("group", 1), dilations,
    )  # fmt: skip
    return value if before == after else _crop(step, value, before, after)


def _crop(step: OnnxStep, value: Value, before: list[int], after: list[int]) -> Value:
    for axis, (first, last) in enumerate(zip(before, after, strict=True), start=2):
        value = step.call(aten.slice.Tensor, value, axis, first, step.shape(value)[axis] - last, 1)
    return value


def _pool_window(step: OnnxStep) -> tuple[list[int], list[int], list[int], Pads]:
    kernel = step.wholes("kernel_shape")
    if len(kernel) != 2 or min(kernel) < 1:
        raise step.refusal(_("a pooling of two axes"), len(kernel))
    return kernel, *_window(step, kernel)


def _check_ceil(step: OnnxStep, value: Value, kernel: list[int], strides: list[int], dilations: list[int], pads: Pads,
                output: Value) -> None:  # fmt: skip
    """Rounding up, ONNX counts as many windows as PyTorch only where none of them begins in the padding."""
    sizes = step.shape(value)[2:]
    for at, (size, k, stride, dilation) in enumerate(zip(sizes, kernel, strides, dilations, strict=True)):
        reach = size + pads[0][at] + pads[1][at] - dilation * (k - 1) - 1
        if step.shape(output)[2 + at] != -(-reach // stride) + 1:
            raise step.refusal(_("a pooling without windows in the padding alone"), _("ceil_mode"))


@translates("MaxPool")
def _max_pool(step: OnnxStep) -> Value:
    kernel, strides, dilations, pads = _pool_window(step)
    value, even = _pad_unevenly(step, step.input(), pads, -math.inf)
    ceil = bool(step.whole("ceil_mode"))
    output = step.call(aten.max_pool2d.default, value, kernel, strides, even, dilations, ceil)
    if ceil:
        _check_ceil(step, value, kernel, strides, dilations, (even, even), output)
    return output


@translates("AveragePool")
def _average_pool(step: OnnxStep) -> Value:
    kernel, strides, dilations, pads = _pool_window(step)
    counts, ceil = bool(step.whole("count_include_pad")), bool(step.whole("ceil_mode"))
    if dilations != [1, 1] or (ceil and counts) or (pads[0] != pads[1] and not counts):
        raise step.refusal(_("an average over a plain window"), _("dilation, or uneven padding"))
    value, even = _pad_unevenly(step, step.input(), pads, 0.0)
    output = step.call(aten.avg_pool2d.default, value, kernel, strides, even, ceil, counts)
    if ceil:
        _check_ceil(step, value, kernel, strides, dilations, (even, even), output)
    return output


@translates("GlobalAveragePool")
def _global_average(step: OnnxStep) -> Value:
    return step.call(aten.adaptive_avg_pool2d.default, step.input(), [1, 1])


@translates("GlobalMaxPool")
def _global_max(step: OnnxStep) -> Value:
    return step.call(aten.amax.default, step.input(), [2, 3], True)


@translates("LRN")
def _local_response(step: OnnxStep) -> Value:
    size, value = step.whole("size", 1), step.input()
    if not 1 <= size <= 1_000:
        raise step.refusal(_("of a small size"), size)
    squares = step.call(aten.unsqueeze.default, step.call(aten.mul.Tensor, value, value), 1)
    padded = step.call(aten.constant_pad_nd.default, squares, [0, 0, 0, 0, (size - 1) // 2, size // 2], 0.0)
    mean = step.call(aten.squeeze.dim, step.call(aten.avg_pool3d.default, padded, [size, 1, 1], [1, 1, 1]), 1)
    scaled = step.call(aten.mul.Scalar, mean, step.number("alpha", 1e-4))
    below = step.call(aten.add.Scalar, scaled, step.number("bias", 1.0))
    return step.call(aten.div.Tensor, value, step.call(aten.pow.Tensor_Scalar, below, step.number("beta", 0.75)))


# Products.
def turn(step: OnnxStep, value: Value) -> Value:
    """A matrix turned round; a constant stays one, with its name."""
    if isinstance(value, Tensor):
        return step.values.rename(value, value.t().contiguous())
    return step.call(aten.transpose.int, value, 0, 1)


@translates("Gemm")
def _gemm(step: OnnxStep) -> Value:
    """alpha·A·B + beta·C: with plain factors and constant weights it is a linear layer."""
    first, second, third = step.input(0), step.input(1), step.optional(2)
    alpha, beta = step.number("alpha", 1.0), step.number("beta", 1.0)
    if len(step.shape(first)) != 2 or len(step.shape(second)) != 2:
        raise step.refusal(_("a product of two matrices"), step.shape(first))
    first = turn(step, first) if step.whole("transA") else first
    weight = second if step.whole("transB") else turn(step, second)
    is_bias = third is None or step.shape(third) == (step.shape(weight)[0],)
    if alpha == 1 and is_bias and (third is None or beta == 1):
        return step.call(aten.linear.default, first, weight, third)
    product = step.call(aten.linear.default, first, weight, None)
    product = product if alpha == 1 else step.call(aten.mul.Scalar, product, alpha)
    return product if third is None else step.call(aten.add.Tensor, product, third, alpha=beta)


@translates("MatMul")
def _matmul(step: OnnxStep) -> Value:
    first, second = step.input(0), step.input(1)
    if isinstance(second, Tensor) and second.dim() == 2 and isinstance(first, fx.Node):
        return step.call(aten.linear.default, first, turn(step, second), None)
    return step.call(aten.matmul.default, first, second)


@translates("Einsum")
def _einsum(step: OnnxStep) -> Value:
    equation = step.word("equation")
    if not EQUATION.fullmatch(equation):
        raise step.refusal(_("one whose equation names axes by letters"), equation)
    return step.call(aten.einsum.default, equation, [step.input(place) for place in range(step.count)])


# Normalisations.
@translates("BatchNormalization")
def _batch_norm(step: OnnxStep) -> Value:
    if step.whole("spatial", 1) != 1:
        raise step.refusal(_("one for each channel"), "spatial=0")
    if step.whole("training_mode"):
        step.note(
            _("The file was exported in training mode; here the network runs as after model.eval(): batch "
              "normalisation uses its running estimates, and dropout is inactive.")
        )  # fmt: skip
    scale, bias, mean, var = (step.input(place) for place in range(1, 5))
    return step.call(
        aten.batch_norm.default, step.input(), scale, bias, mean, var, False, 0.1, step.number("epsilon", 1e-5), False
    )


@translates("InstanceNormalization")
def _instance_norm(step: OnnxStep) -> Value:
    epsilon = step.number("epsilon", 1e-5)
    return step.call(
        aten.instance_norm.default, step.input(), step.input(1), step.input(2), None, None, True, 0.1, epsilon, False
    )


@translates("LayerNormalization")
def _layer_norm(step: OnnxStep) -> Value:
    shape, axis = step.shape(step.input()), step.whole("axis", -1)
    return step.call(
        aten.layer_norm.default, step.input(), list(shape[axis:]), step.input(1), step.optional(2),
        step.number("epsilon", 1e-5), False,
    )  # fmt: skip


@translates("GroupNormalization")
def _group_norm(step: OnnxStep) -> Value:
    groups, channels = step.whole("num_groups", 1), step.shape(step.input())[1]
    scale, bias = (_for_each_channel(step, step.input(place), groups, channels) for place in (1, 2))
    return step.call(aten.group_norm.default, step.input(), groups, scale, bias, step.number("epsilon", 1e-5), False)


def _for_each_channel(step: OnnxStep, value: Value, groups: int, channels: int) -> Value:
    """Before version 21 a group has one scale, in PyTorch each channel."""
    if step.opset >= 21 or step.shape(value) == (channels,):
        return value
    if not isinstance(value, Tensor) or value.shape != (groups,) or groups < 1 or channels % groups:
        raise step.refusal(_("one with a scale for each group"), step.shape(value))
    return step.values.rename(value, value.repeat_interleave(channels // groups))


@translates("Dropout")
def _dropout(step: OnnxStep) -> Value:
    return step.call(aten.dropout.default, step.input(), 0.5, False)
