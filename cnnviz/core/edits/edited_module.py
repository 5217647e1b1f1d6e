"""One layer with one edit: a copy that shares with the trained layer every number that the edit does not touch.

Refuses to know: whether an edit makes sense (`editable` is asked), and the network around the layer.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from cnnviz.core.edits.edit import Edit, EditKind
from cnnviz.core.edits.presets import preset_kernel

Operate = Callable[[Any, Edit], nn.Module]
_OPERATIONS: dict[EditKind, Operate] = {}


def edit_module(module: nn.Module, edit: Edit) -> nn.Module:
    """`module` with `edit` carried out; `module` itself stays as it is."""
    return _OPERATIONS[edit.op](module, edit)


def _operation(*ops: EditKind) -> Callable[[Operate], Operate]:
    def register(operate: Operate) -> Operate:
        _OPERATIONS.update(dict.fromkeys(ops, operate))
        return operate

    return register


def _with(module: nn.Module, **parameters: torch.Tensor) -> nn.Module:
    """A copy of `module` that shares all but these parameters."""
    twin = copy.copy(module)
    made = {name: nn.Parameter(value, requires_grad=False) for name, value in parameters.items()}
    twin._parameters = {**module._parameters, **made}  # a dict of its own: the copy has the module's until here
    return twin


def random_generator(seed: int) -> torch.Generator:
    """Random numbers that no other part of the program draws from, the same for the same seed."""
    return torch.Generator().manual_seed(seed)


def initial_bound(weight: torch.Tensor) -> float:
    """Weights and biases start between −bound and bound, bound = 1 / √(inputs of a unit): PyTorch's own choice.

    He, Zhang, Ren, Sun, "Delving Deep into Rectifiers" (2015), with a = √5 as in `nn.Conv2d.reset_parameters`.
    """
    return float(weight[0].numel() ** -0.5)


@_operation(EditKind.SET, EditKind.PRESET, EditKind.ZERO, EditKind.NEGATE, EditKind.RANDOM)
def _edit_kernel(module: nn.Conv2d, edit: Edit) -> nn.Module:
    weight = module.weight.detach().clone()
    assert edit.out is not None
    assert edit.into is not None
    weight[edit.out, edit.into] = _kernel(weight, weight[edit.out, edit.into], edit)
    return _with(module, weight=weight)


def _kernel(weight: torch.Tensor, kernel: torch.Tensor, edit: Edit) -> torch.Tensor:
    """What `edit` makes of one `kernel` (rows, cols) of `weight`."""
    if edit.op is EditKind.SET:
        return torch.tensor(edit.numbers).reshape(kernel.shape)
    if edit.op is EditKind.PRESET:
        return torch.tensor(preset_kernel(edit.preset, kernel.shape[0], kernel.shape[1]))
    if edit.op is EditKind.RANDOM:
        bound = initial_bound(weight)
        return torch.empty(kernel.shape).uniform_(-bound, bound, generator=random_generator(edit.seed or 0))
    return torch.zeros_like(kernel) if edit.op is EditKind.ZERO else -kernel


@_operation(EditKind.BIAS)
def _set_bias(module: nn.Module, edit: Edit) -> nn.Module:
    bias = module.get_parameter("bias").detach().clone()
    bias[edit.out] = edit.numbers[0]
    return _with(module, bias=bias)


@_operation(EditKind.OFF)
def _switch_off(module: nn.Module, edit: Edit) -> nn.Module:
    changed = {name: value.detach().clone() for name, value in module.named_parameters(recurse=False)}
    for value in changed.values():  # weight and bias, if there is one
        value[edit.out] = 0
    return _with(module, **changed)


@_operation(EditKind.LINEAR)
def _take_out(module: nn.Module, edit: Edit) -> nn.Module:
    return nn.Identity().eval()


@_operation(EditKind.AVERAGE)
def _average(module: nn.Module, edit: Edit) -> nn.Module:
    if isinstance(module, nn.AdaptiveMaxPool2d):
        return nn.AdaptiveAvgPool2d(module.output_size).eval()
    if not isinstance(module, nn.MaxPool2d):
        return module  # it was done before
    return nn.AvgPool2d(  # padding is not counted: a max pooling leaves it out too
        module.kernel_size, module.stride, module.padding, module.ceil_mode, count_include_pad=False
    ).eval()


@_operation(EditKind.SHUFFLE)
def _shuffle(module: nn.Module, edit: Edit) -> nn.Module:
    weight = module.get_parameter("weight").detach()
    kernels = weight.flatten(0, 1)  # (out · in, rows, cols), or (out · in,) where all are connected
    order = torch.randperm(len(kernels), generator=random_generator(edit.seed or 0))
    return _with(module, weight=kernels[order].reshape(weight.shape))


@_operation(EditKind.REDRAW)
def _redraw(module: nn.Module, edit: Edit) -> nn.Module:
    dice, bound = random_generator(edit.seed or 0), initial_bound(module.get_parameter("weight"))
    return _with(
        module,
        **{
            name: torch.empty(value.shape).uniform_(-bound, bound, generator=dice).to(value)
            for name, value in module.named_parameters(recurse=False)
        },
    )
