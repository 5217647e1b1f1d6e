"""A network put together without `inspect` and `build`: what PyTorch makes of the parts, one after the other.

Automatic numbers are read off the tensor that arrives; what PyTorch refuses, it refuses here.
"""

import torch
from torch import nn
from torch.nn import functional

from cnnviz.models.builder import Activation, LayerConfig, LayerKind, NetworkSpec, Pooling

MODULES = {
    Activation.RELU: nn.ReLU, Activation.TANH: nn.Tanh, Activation.SIGMOID: nn.Sigmoid,
    Activation.LEAKY_RELU: nn.LeakyReLU, Activation.GELU: nn.GELU, Activation.NONE: nn.Identity,
}  # fmt: skip


class Refused(Exception):
    """PyTorch, or the text book, does not take it."""


def run(blueprint: NetworkSpec) -> tuple[list[tuple[int, ...]], int]:
    """The shapes after each part, without the batch, and the number of parameters. Raises: Refused."""
    value, shapes, count = torch.zeros(2, *blueprint.input_shape), [], 0
    for part in blueprint.parts:
        module = _module(part, value, len(blueprint.classes))
        try:
            value = module(value)
        except (RuntimeError, ValueError) as error:
            raise Refused(str(error)) from error
        shapes.append(tuple(value.shape[1:]))
        count += sum(p.numel() for p in module.parameters())
    if tuple(value.shape[1:]) != (len(blueprint.classes),):
        raise Refused(f"scores of shape {tuple(value.shape)}")
    return shapes, count


def _module(part: LayerConfig, value: torch.Tensor, classes: int) -> nn.Module:
    on_maps = value.ndim == 4
    width = part.inputs or (value.shape[1] if on_maps else value.shape[-1])
    if part.kind is LayerKind.CONV:
        return nn.Conv2d(width, part.outputs, part.kernel, part.stride, part.padding)
    if part.kind is LayerKind.POOL:
        window = nn.MaxPool2d if part.pooling is Pooling.MAX else nn.AvgPool2d
        return window(part.kernel, part.stride, part.padding) if on_maps else _Refuses()
    if part.kind is LayerKind.LINEAR:  # PyTorch would take the columns of maps for one: never what is meant
        return nn.Linear(width, part.outputs or classes) if not on_maps else _Refuses()
    if part.kind is LayerKind.RESIDUAL:
        return _Skip(width, part) if on_maps else _Refuses()
    if part.kind is LayerKind.DROPOUT2D:  # PyTorch warns
        return nn.Dropout2d(part.share) if on_maps else _Refuses()
    if part.kind is LayerKind.BATCH_NORM:
        return nn.BatchNorm2d(width) if on_maps else nn.BatchNorm1d(width)
    if part.kind is LayerKind.GLOBAL_AVERAGE:
        return nn.AdaptiveAvgPool2d(1) if on_maps else _Refuses()
    simple = {LayerKind.FLATTEN: nn.Flatten(), LayerKind.DROPOUT: nn.Dropout(part.share)}
    return simple.get(part.kind) or MODULES[part.function]()


class _Refuses(nn.Module):
    def forward(self, value: torch.Tensor) -> torch.Tensor:
        raise ValueError(f"not for a tensor of shape {tuple(value.shape)}")


class _Skip(nn.Module):
    """The sum written out with functions; PyTorch refuses to add maps of different shapes."""

    def __init__(self, width: int, part: LayerConfig) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(width, width, part.kernel, part.kernel))
        self.bias = nn.Parameter(torch.zeros(2 if part.is_normalised else 1, width))
        self.padding = part.kernel // 2

    def forward(self, value: torch.Tensor) -> torch.Tensor:
        made = functional.conv2d(value, self.weight, padding=self.padding)
        if made.shape != value.shape:
            raise ValueError("maps of another shape")
        return made + value
