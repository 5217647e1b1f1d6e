"""The rules: for every known module type, function and method, what it does to cells.

An operation that nobody registered has the effect `OpKind.UNKNOWN`; it is never guessed from its name or its shapes.
Refuses to know: graphs, windows, and what a unit sees.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torchvision import ops
from torchvision.ops.stochastic_depth import stochastic_depth

from cnnviz.core.graph.op_kind import Operation, OpKind, OpRule
from cnnviz.core.layers import Kind, LayerSpec, as_pair, describe

Rule = Callable[[Operation], OpRule]
_RULES: dict[Any, Rule] = {}


def rule(*targets: Any) -> Callable[[Rule], Rule]:
    """Register the decorated rule for module types, functions, and methods (by their names on a tensor)."""

    def register(made: Rule) -> Rule:
        for target in targets:
            _RULES[target] = made
        return made

    return register


def op_rule(target: Any, operation: Operation) -> OpRule:
    """What calling `target` does; `OpKind.NOTHING` where no tensor comes out, `OpKind.UNKNOWN` where there is no rule.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> build_graph(nn.Sequential(nn.ReLU()), (1, 5, 5)).layers[0].effect.how
    <OpKind.CELLWISE: 'cell by cell'>
    """
    if not any(operation.output):
        return OpRule(OpKind.NOTHING)
    found = _RULES.get(target)
    return found(operation) if found else OpRule(OpKind.UNKNOWN)


# Cell by cell: the stand-in adds, since PyTorch's addition spreads axes of one cell as all the others do.
def _sum_of(operation: Operation) -> Callable[..., Any]:
    def added(*args: Any, **kwargs: Any) -> Any:
        tensors = [value for value in (*args, *kwargs.values()) if isinstance(value, torch.Tensor)]
        return sum(tensors[1:], start=tensors[0])

    return added


@rule(
    nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU, nn.SiLU, nn.Mish, nn.Sigmoid, nn.Tanh,
    nn.Hardswish, nn.Hardsigmoid, nn.Hardtanh, nn.Softplus, nn.LogSigmoid, nn.Softsign, nn.Identity, nn.BatchNorm2d,
    nn.BatchNorm1d, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.AlphaDropout, stochastic_depth,
    functional.relu, functional.relu6, functional.leaky_relu, functional.gelu, functional.silu, functional.hardswish,
    functional.hardsigmoid, functional.dropout, functional.dropout2d, functional.tanh, functional.sigmoid,
    functional.elu, functional.hardtanh, functional.softplus,
    torch.relu, torch.sigmoid, torch.tanh, torch.add, torch.sub, torch.mul, torch.div, torch.clamp, torch.exp,
    torch.abs, torch.neg, torch.sqrt, torch.pow, torch.maximum, torch.minimum,
    operator.add, operator.iadd, operator.sub, operator.isub, operator.mul, operator.imul, operator.truediv,
    operator.neg, operator.pow,
    "add", "add_", "sub", "sub_", "mul", "mul_", "div", "div_", "relu", "relu_", "sigmoid", "tanh", "clamp", "abs",
    "contiguous", "clone", "to", "float", "type", "detach", "exp", "sqrt", "pow", "neg",
)  # fmt: skip
def _cell_by_cell(operation: Operation) -> OpRule:
    return OpRule(OpKind.CELLWISE, stand_in=_sum_of(operation))


@rule(functional.batch_norm)
def _running_norm(operation: Operation) -> OpRule:
    """With running estimates, as in evaluation mode."""
    if operation.argument(5, "training", False):
        return OpRule(OpKind.UNKNOWN)
    return OpRule(OpKind.CELLWISE, stand_in=lambda x, *_rest, **_named: x)


def _windows(spec: LayerSpec) -> OpRule:
    return OpRule(OpKind.WINDOWS, spec)


@rule(
    nn.Conv2d, nn.ConvTranspose2d, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d
)  # fmt: skip
def _module_with_windows(operation: Operation) -> OpRule:
    return _windows(describe("", operation.module))


@rule(functional.max_pool2d, torch.max_pool2d)
def _max_pool(operation: Operation) -> OpRule:
    return _windows(describe("", nn.MaxPool2d(*operation.args[1:], **_settings(operation))))


@rule(functional.avg_pool2d)
def _avg_pool(operation: Operation) -> OpRule:
    return _windows(describe("", nn.AvgPool2d(*operation.args[1:], **_settings(operation))))


@rule(functional.adaptive_avg_pool2d, functional.adaptive_max_pool2d)
def _adaptive_pool(operation: Operation) -> OpRule:
    return _windows(describe("", nn.AdaptiveAvgPool2d(operation.argument(1, "output_size"))))


def _settings(operation: Operation) -> dict[str, Any]:
    return {name: value for name, value in operation.kwargs.items() if name != "input"}


@rule(functional.conv2d)
def _functional_convolution(operation: Operation) -> OpRule:
    weight = operation.shape_of(operation.argument(1, "weight"))
    groups, padding = operation.argument(6, "groups", 1), operation.argument(4, "padding", 0)
    if isinstance(padding, str):
        return OpRule(OpKind.UNKNOWN)
    return _windows(
        LayerSpec(
            "", Kind.CONVOLUTION, "conv2d", kernel=(weight[2], weight[3]),
            stride=as_pair(operation.argument(3, "stride", 1)), padding=as_pair(padding),
            dilation=as_pair(operation.argument(5, "dilation", 1)), groups=groups,
            channels=(weight[1] * groups, weight[0]),
        )
    )  # fmt: skip


# The same cells in another shape or order: PyTorch itself moves them, so the operation is its own stand-in.
@rule(nn.Flatten, nn.Unflatten, torch.flatten, torch.reshape, torch.squeeze, torch.unsqueeze, torch.unflatten)
@rule("flatten", "view", "reshape", "squeeze", "unsqueeze", "unflatten")
def _reshape(operation: Operation) -> OpRule:
    return OpRule(OpKind.RESHAPE, stand_in=operation.call)


@rule(ops.Permute, torch.permute, torch.transpose, torch.swapaxes, torch.movedim)
@rule("permute", "transpose", "swapaxes", "movedim")
def _permute(operation: Operation) -> OpRule:
    return OpRule(OpKind.PERMUTE, stand_in=operation.call)


@rule(nn.ChannelShuffle, torch.chunk, torch.split, torch.cat, torch.concat, torch.stack, torch.narrow, operator.getitem)
@rule("chunk", "split", "narrow", "expand", "repeat")
def _select(operation: Operation) -> OpRule:
    if operation.call is operator.getitem and len(operation.references) > 1:
        return OpRule(OpKind.UNKNOWN)  # which cells are picked depends on computed numbers
    return OpRule(OpKind.SELECT, stand_in=operation.call)


@rule(
    torch.roll, torch.flip, torch.einsum, torch.matmul, torch.bmm, operator.matmul, nn.PixelShuffle, nn.PixelUnshuffle
)
@rule("roll", "flip", "matmul", "bmm")
def _loose(operation: Operation) -> OpRule:
    return OpRule(OpKind.LOOSE, stand_in=operation.call)


@rule(nn.Upsample, functional.interpolate)
def _upsample(operation: Operation) -> OpRule:
    mode = operation.module.mode if operation.module else operation.kwargs.get("mode", "nearest")
    if mode not in ("nearest", "nearest-exact", "bilinear"):  # the others have weights below 0, which might cancel
        return OpRule(OpKind.UNKNOWN)
    return OpRule(OpKind.LOOSE, stand_in=operation.call)


@rule(nn.ZeroPad2d, nn.ConstantPad2d)
def _pad_module(operation: Operation) -> OpRule:
    return _pad(operation, operation.module.padding)


@rule(functional.pad)
def _pad_function(operation: Operation) -> OpRule:
    return _pad(operation, operation.argument(1, "pad"), operation.argument(2, "mode", "constant"))


def _pad(operation: Operation, around: tuple[int, ...], mode: str = "constant") -> OpRule:
    """`around` is (left, right, top, bottom), as PyTorch counts."""
    if len(around) > 4:
        return OpRule(OpKind.UNKNOWN)
    if mode != "constant":
        return OpRule(OpKind.LOOSE, stand_in=operation.call)
    left, _right, top, _bottom = (*around, 0, 0, 0, 0)[:4]
    return OpRule(OpKind.PAD, before=(top, left), stand_in=lambda x, *_rest, **_named: functional.pad(x, tuple(around)))


# All along some axes.
def _axes(operation: Operation, chosen: Any, count: int) -> tuple[int, ...]:
    """Axes counted from the end; None is all but the batch."""
    if chosen is None:
        return tuple(range(1 - count, 0))
    many = (chosen,) if isinstance(chosen, int) else tuple(chosen)
    return tuple(axis - count if axis >= 0 else axis for axis in many)


def _mixed(operation: Operation, over: tuple[int, ...]) -> OpRule:
    after = operation.output[0]
    return OpRule(
        OpKind.MIX, over=over, stand_in=lambda x, *_rest, **_named: x.sum(dim=over, keepdim=True).expand(after)
    )  # fmt: skip


@rule(nn.Linear, functional.linear)
def _linear(operation: Operation) -> OpRule:
    return _mixed(operation, (-1,))


@rule(nn.LayerNorm)
def _layer_norm(operation: Operation) -> OpRule:
    return _mixed(operation, tuple(range(-len(operation.module.normalized_shape), 0)))


@rule(functional.layer_norm)
def _functional_layer_norm(operation: Operation) -> OpRule:
    return _mixed(operation, tuple(range(-len(operation.argument(1, "normalized_shape")), 0)))


@rule(nn.Softmax, nn.LogSoftmax)
def _softmax_module(operation: Operation) -> OpRule:
    return _softmax(operation, operation.module.dim)


@rule(functional.softmax, functional.log_softmax, torch.softmax, torch.log_softmax, "softmax", "log_softmax")
def _softmax_function(operation: Operation) -> OpRule:
    return _softmax(operation, operation.argument(1, "dim"))


def _softmax(operation: Operation, axis: int | None) -> OpRule:
    count = len(operation.shape_of(operation.references[0]))
    return _mixed(operation, _axes(operation, axis, count)) if axis is not None else OpRule(OpKind.UNKNOWN)


@rule(nn.LocalResponseNorm)
def _across_channels(operation: Operation) -> OpRule:
    size = operation.module.size
    around = (0, 0, 0, 0, size // 2, (size - 1) // 2)  # as PyTorch pads the channels

    def windows_of_channels(x: torch.Tensor) -> torch.Tensor:
        return functional.avg_pool3d(functional.pad(x[:, None], around), (size, 1, 1), stride=1)[:, 0]

    return OpRule(OpKind.SELECT, stand_in=windows_of_channels)


@rule(nn.GroupNorm)
def _group_norm(operation: Operation) -> OpRule:
    return _by_groups(operation, operation.module.num_groups)


@rule(nn.InstanceNorm2d)
def _instance_norm(operation: Operation) -> OpRule:
    if operation.module.track_running_stats:
        return _cell_by_cell(operation)
    return _by_groups(operation, operation.shape_of(operation.references[0])[1])


def _by_groups(operation: Operation, groups: int) -> OpRule:
    """Every cell of a group of channels reads the whole group."""
    shape = operation.output[0]
    assert shape is not None

    def stand_in(x: torch.Tensor) -> torch.Tensor:
        return (
            x.reshape(1, groups, -1).sum(dim=-1, keepdim=True).expand(1, groups, x[0].numel() // groups).reshape(shape)
        )

    return OpRule(OpKind.MIX, over=tuple(range(1 - len(shape), 0)), stand_in=stand_in)


@rule(torch.mean, torch.sum, torch.amax, torch.amin, "mean", "sum", "amax", "amin")
def _reduce(operation: Operation) -> OpRule:
    count = len(operation.shape_of(operation.references[0]))
    over, after = _axes(operation, operation.argument(1, "dim"), count), operation.output[0]
    return OpRule(OpKind.REDUCE, over=over, stand_in=lambda x, *_rest, **_named: x.sum(dim=over).reshape(after))


@rule(nn.MultiheadAttention)
def _attention(operation: Operation) -> OpRule:
    """Every position reads every position; a mask would take some away, so that one is not known."""
    if any(operation.kwargs.get(name) is not None for name in ("attn_mask", "key_padding_mask")):
        return OpRule(OpKind.UNKNOWN)

    def stand_in(*args: Any, **kwargs: Any) -> tuple[Any, ...]:
        tensors = [value for value in (*args, *kwargs.values()) if isinstance(value, torch.Tensor)]
        total = torch.stack([tensor.sum() for tensor in tensors]).sum()
        return tuple(None if shape is None else total.expand(shape) for shape in operation.output)

    return OpRule(OpKind.MIX, over=(-1, -2), stand_in=stand_in)
