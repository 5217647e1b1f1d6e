"""ONNX operators from cell to cell: activations, softmax, arithmetic.

The formulas are those of https://onnx.ai/onnx/operators; what PyTorch computes otherwise is refused.
Refuses to know: files.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import fx

from cnnviz.i18n import _
from cnnviz.models.importers.onnx_step import OnnxStep, Value, translates

aten = torch.ops.aten


# Activations.
ONE_TO_ONE: dict[str, Any] = {
    "Relu": aten.relu.default, "Sigmoid": aten.sigmoid.default, "Tanh": aten.tanh.default,
    "HardSwish": aten.hardswish.default, "Mish": aten.mish.default, "Softplus": aten.softplus.default,
    "Exp": aten.exp.default, "Log": aten.log.default, "Sqrt": aten.sqrt.default, "Neg": aten.neg.default,
    "Abs": aten.abs.default, "Reciprocal": aten.reciprocal.default, "Floor": aten.floor.default,
    "Ceil": aten.ceil.default, "Round": aten.round.default, "Erf": aten.erf.default, "Sin": aten.sin.default,
    "Cos": aten.cos.default, "Sign": aten.sign.default, "Not": aten.logical_not.default,
}  # fmt: skip


@translates(*ONE_TO_ONE)
def _one_to_one(step: OnnxStep) -> Value:
    return step.call(ONE_TO_ONE[step.proto.op_type], step.input())


@translates("LeakyRelu")
def _leaky_relu(step: OnnxStep) -> Value:
    return step.call(aten.leaky_relu.default, step.input(), step.number("alpha", 0.01))


@translates("Elu")
def _elu(step: OnnxStep) -> Value:
    return step.call(aten.elu.default, step.input(), step.number("alpha", 1.0))


@translates("Celu")
def _celu(step: OnnxStep) -> Value:
    return step.call(aten.celu.default, step.input(), step.number("alpha", 1.0))


@translates("Selu")
def _selu(step: OnnxStep) -> Value:
    alpha, gamma = step.number("alpha", 1.67326319), step.number("gamma", 1.05070102)
    if abs(alpha - 1.67326324) > 1e-6 or abs(gamma - 1.05070098) > 1e-6:
        raise step.refusal(_("of the usual factors"), f"{alpha}, {gamma}")
    return step.call(aten.selu.default, step.input())


@translates("PRelu")
def _prelu(step: OnnxStep) -> Value:
    slope, shape = step.constant(1), step.shape(step.input())
    by_channel = (shape[1], *[1] * (len(shape) - 2))
    if slope is None or not (slope.numel() == 1 or tuple(slope.shape)[1 - len(shape) :] == by_channel):
        raise step.refusal(_("one slope, or one for each channel"), None if slope is None else tuple(slope.shape))
    return step.call(aten.prelu.default, step.input(), step.values.rename(slope, slope.reshape(-1).clone()))


@translates("Gelu")
def _gelu(step: OnnxStep) -> Value:
    mode = step.word("approximate", "none")
    if mode not in ("none", "tanh"):
        raise step.refusal(_("one of {known}", known="none, tanh"), mode)
    return step.call(aten.gelu.default, step.input(), approximate=mode)


@translates("HardSigmoid")
def _hard_sigmoid(step: OnnxStep) -> Value:
    """PyTorch's has the slope 1/6; any other one is written out."""
    alpha, beta = step.number("alpha", 0.2), step.number("beta", 0.5)
    if abs(alpha - 1 / 6) < 1e-7 and beta == 0.5:
        return step.call(aten.hardsigmoid.default, step.input())
    line = step.call(aten.add.Scalar, step.call(aten.mul.Scalar, step.input(), alpha), beta)
    return step.call(aten.clamp.default, line, 0.0, 1.0)


@translates("Softsign")
def _softsign(step: OnnxStep) -> Value:
    below = step.call(aten.add.Scalar, step.call(aten.abs.default, step.input()), 1.0)
    return step.call(aten.div.Tensor, step.input(), below)


@translates("Softmax", "LogSoftmax")
def _softmax(step: OnnxStep) -> Value:
    """Before version 13 all axes from `axis` on were one: the same where the others have one cell."""
    shape = step.shape(step.input())
    axis = step.whole("axis", -1 if step.opset >= 13 else 1)
    if step.opset < 13 and math.prod(shape[axis:]) != shape[axis]:
        raise step.refusal(_("a softmax over one axis"), shape)
    overload = aten.softmax.int if step.proto.op_type == "Softmax" else aten.log_softmax.int
    return step.call(overload, step.input(), axis)


@translates("Clip")
def _clip(step: OnnxStep) -> Value:
    if step.opset < 11:
        bounds = [step.number(name, 0.0) if step.has(name) else None for name in ("min", "max")]
    else:
        found = [step.constant(place) for place in (1, 2)]
        bounds = [None if bound is None else float(bound.reshape(-1)[0]) if bound.numel() else None for bound in found]
    if bounds == [None, None]:
        return step.call(aten.alias.default, step.input())
    if bounds == [0.0, 6.0]:
        return step.call(aten.hardtanh.default, step.input(), *bounds)
    return step.call(aten.clamp.default, step.input(), *bounds)


# Arithmetic.
PAIRS: dict[str, Any] = {
    "Add": aten.add.Tensor, "Sub": aten.sub.Tensor, "Mul": aten.mul.Tensor, "Pow": aten.pow.Tensor_Tensor,
    "And": aten.logical_and.default, "Or": aten.logical_or.default, "Equal": aten.eq.Tensor,
    "Greater": aten.gt.Tensor, "GreaterOrEqual": aten.ge.Tensor, "Less": aten.lt.Tensor, "LessOrEqual": aten.le.Tensor,
}  # fmt: skip


@translates(*PAIRS)
def _pair(step: OnnxStep) -> Value:
    return step.call(PAIRS[step.proto.op_type], step.input(0), step.input(1))


@translates("Div")
def _divide(step: OnnxStep) -> Value:
    """Of whole numbers it rounds towards 0; those are sizes, known beforehand."""
    first, second = step.input(0), step.input(1)
    if step.dtype(first).is_floating_point:
        return step.call(aten.div.Tensor, first, second)
    if isinstance(first, fx.Node) or isinstance(second, fx.Node) or bool((second == 0).any()):
        raise step.refusal(_("a division of decimal numbers, or of known sizes"), step.dtype(first))
    return torch.div(first, second, rounding_mode="trunc")


@translates("Sum", "Mean", "Max", "Min")
def _several(step: OnnxStep) -> Value:
    overload = {"Max": aten.maximum.default, "Min": aten.minimum.default}.get(step.proto.op_type, aten.add.Tensor)
    value = step.input()
    for place in range(1, step.count):
        value = step.call(overload, value, step.input(place))
    return step.call(aten.div.Scalar, value, step.count) if step.proto.op_type == "Mean" else value


@translates("Where")
def _where(step: OnnxStep) -> Value:
    return step.call(aten.where.self, step.input(0), step.input(1), step.input(2))
