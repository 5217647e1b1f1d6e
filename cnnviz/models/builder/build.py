"""From a blueprint to PyTorch modules with PyTorch's own first weights.

Refuses to know: seeds (the caller's generator draws), devices, training.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from cnnviz.models.builder.activations import FORMS
from cnnviz.models.builder.inspection import inspect_spec
from cnnviz.models.builder.layer_config import LayerConfig, LayerKind, NetworkSpecError, Pooling
from cnnviz.models.builder.network_spec import NetworkSpec
from cnnviz.models.builder.residual import ResidualBlock


def build_module(blueprint: NetworkSpec) -> nn.Sequential:
    """The network, untrained, its parts called as `blueprint.names` says.

    float32 images (n, channels, rows, cols) → scores (n, classes).
    First weights are PyTorch's, drawn from torch's generator: `torch.manual_seed` before makes them repeatable.
    Raises: NetworkSpecError, one sentence, where a part does not fit.

    >>> from cnnviz.models.builder.build import build_module
    >>> from cnnviz.models.builder.presets import preset
    >>> build_module(preset("mnist_b1")).conv1.weight.shape
    torch.Size([16, 1, 5, 5])
    """
    found = inspect_spec(blueprint)
    if found.problem is not None:
        raise NetworkSpecError(found.problem.sentence)
    modules = OrderedDict((row.name, _module(row.part, row.inputs, row.outputs, row.is_flat)) for row in found.rows)
    return nn.Sequential(modules)


def _module(part: LayerConfig, inputs: int, outputs: int, is_flat: bool) -> nn.Module:
    match part.kind:
        case LayerKind.CONV:
            return nn.Conv2d(inputs, outputs, part.kernel, part.stride, part.padding)
        case LayerKind.ACTIVATION:
            return FORMS[part.function].module()
        case LayerKind.POOL:
            window = nn.MaxPool2d if part.pooling is Pooling.MAX else nn.AvgPool2d
            return window(part.kernel, part.stride, part.padding)
        case LayerKind.DROPOUT:
            return nn.Dropout(part.share)
        case LayerKind.DROPOUT2D:
            return nn.Dropout2d(part.share)
        case LayerKind.BATCH_NORM:
            return nn.BatchNorm1d(inputs) if is_flat else nn.BatchNorm2d(inputs)
        case LayerKind.FLATTEN:
            return nn.Flatten()
        case LayerKind.LINEAR:
            return nn.Linear(inputs, outputs)
        case LayerKind.RESIDUAL:
            return ResidualBlock(inputs, part.kernel, FORMS[part.function].module(), part.is_normalised)
        case LayerKind.GLOBAL_AVERAGE:
            return nn.AdaptiveAvgPool2d(1)
