"""From a blueprint to PyTorch modules with PyTorch's own first weights.

Refuses to know: seeds (the caller's generator draws), devices, training.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from torch import nn

from cnnviz.models.builder.inspection import inspect
from cnnviz.models.builder.layer_config import Activation, BlueprintError, Part, PartKind, Pooling
from cnnviz.models.builder.network_spec import Blueprint
from cnnviz.models.builder.residual import ResidualBlock

_ACTIVATIONS: dict[Activation, Callable[[], nn.Module]] = {
    Activation.RELU: nn.ReLU,
    Activation.TANH: nn.Tanh,
    Activation.SIGMOID: nn.Sigmoid,
    Activation.LEAKY_RELU: nn.LeakyReLU,
    Activation.GELU: nn.GELU,
    Activation.NONE: nn.Identity,
}


def build(blueprint: Blueprint) -> nn.Sequential:
    """The network, untrained, its parts called as `blueprint.names` says.

    First weights are PyTorch's, drawn from torch's generator: `torch.manual_seed` before makes them repeatable.
    Raises: BlueprintError, one sentence, where a part does not fit.

    >>> from cnnviz.models.builder.build import build
    >>> from cnnviz.models.builder.presets import preset
    >>> build(preset("mnist_b1")).conv1.weight.shape
    torch.Size([16, 1, 5, 5])
    """
    found = inspect(blueprint)
    if found.problem is not None:
        raise BlueprintError(found.problem.sentence)
    modules = OrderedDict((row.name, _module(row.part, row.inputs, row.outputs, row.is_flat)) for row in found.rows)
    return nn.Sequential(modules)


def _module(part: Part, inputs: int, outputs: int, is_flat: bool) -> nn.Module:
    match part.kind:
        case PartKind.CONV:
            return nn.Conv2d(inputs, outputs, part.kernel, part.stride, part.padding)
        case PartKind.ACTIVATION:
            return _ACTIVATIONS[part.function]()
        case PartKind.POOL:
            window = nn.MaxPool2d if part.pooling is Pooling.MAX else nn.AvgPool2d
            return window(part.kernel, part.stride, part.padding)
        case PartKind.DROPOUT:
            return nn.Dropout(part.share)
        case PartKind.DROPOUT2D:
            return nn.Dropout2d(part.share)
        case PartKind.BATCH_NORM:
            return nn.BatchNorm1d(inputs) if is_flat else nn.BatchNorm2d(inputs)
        case PartKind.FLATTEN:
            return nn.Flatten()
        case PartKind.LINEAR:
            return nn.Linear(inputs, outputs)
        case PartKind.RESIDUAL:
            return ResidualBlock(inputs, part.kernel, _ACTIVATIONS[part.function](), part.is_normalised)
        case PartKind.GLOBAL_AVERAGE:
            return nn.AdaptiveAvgPool2d(1)
