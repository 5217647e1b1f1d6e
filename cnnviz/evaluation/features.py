"""The features of images: what arrives at a layer of a network with weights, usually the last one before the scores.

Any network that is a row of layers or can be drawn as a graph; the model is only read.
Refuses to know: how features become points (`embedding`), labels, training.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cnnviz.checks import check_one_of
from cnnviz.core.graph import Graph, GraphError, build_graph
from cnnviz.core.graph.program import StepError
from cnnviz.core.layers import Kind
from cnnviz.core.ops import describe
from cnnviz.core.trace import is_row, sequential_layers
from cnnviz.evaluation.embedding import EmbeddingError
from cnnviz.i18n import _

PIECE = 250  # images at once in the network
Shape = tuple[int, int, int]
Run = Callable[[Tensor], Tensor]


def feature_layers(model: nn.Module, input_shape: Shape) -> tuple[str, ...]:
    """The layers whose inputs can stand for an image: convolutions, then fully connected ones, each in their order.

    The last is the usual one. input_shape: (channels, rows, cols) of its images.
    Raises: EmbeddingError for a network without either, or one that cannot be drawn as a graph.

    >>> from torch import nn
    >>> from cnnviz.evaluation.features import feature_layers
    >>> feature_layers(nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), (1, 2, 2))
    ('1', '3')
    """
    return tuple(_runs(model, input_shape))


def last_layer_inputs(model: nn.Module, inputs: Tensor, layer: str = "") -> tuple[str, NDArray[np.float32]]:
    """(name of the layer, what arrives at it (n, d)) for `inputs` (n, c, h, w), in evaluation mode; the model stays.

    layer: one of `feature_layers`; the last of them where none is named.
    Raises: EmbeddingError where there is no such layer.

    >>> import torch
    >>> from torch import nn
    >>> from cnnviz.evaluation.features import last_layer_inputs
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    >>> name, values = last_layer_inputs(model, torch.rand(5, 1, 2, 2))
    >>> name, values.shape
    ('3', (5, 3))
    """
    runs = _runs(model, (inputs.shape[1], inputs.shape[2], inputs.shape[3]))
    name = check_one_of("layer", layer, list(runs), EmbeddingError) if layer else list(runs)[-1]
    with torch.no_grad():
        arrived = [runs[name](piece).flatten(1) for piece in inputs.split(PIECE)]
    return name, torch.cat(arrived).cpu().numpy()


def _runs(model: nn.Module, shape: Shape) -> dict[str, Run]:
    """For each convolution, then for each fully connected layer, the network up to what it reads."""
    twin = copy.deepcopy(model).eval()
    found = _in_row(twin) if is_row(twin) else _in_graph(twin, shape)
    runs = {name: run for kind in (Kind.CONVOLUTION, Kind.LINEAR) for name, own, run in found if own is kind}
    if runs:
        return runs
    raise EmbeddingError(_("the network must have a fully connected layer or a convolution: add one"))


def _in_row(model: nn.Module) -> list[tuple[str, Kind, Run]]:
    layers = list(sequential_layers(model))
    before = [nn.Sequential(*(module for _path, module in layers[:at])) for at in range(len(layers))]
    return [(path, describe(path, module).kind, run) for (path, module), run in zip(layers, before, strict=True)]


def _in_graph(model: nn.Module, shape: Shape) -> list[tuple[str, Kind, Run]]:
    try:
        graph = build_graph(model, shape)
    except GraphError as error:
        raise EmbeddingError(str(error)) from error
    return [
        (node.name, node.spec.kind, _up_to(graph, node.call.references[0].node))
        for node in graph.layers
        if node.spec is not None and node.call is not None
    ]


def _up_to(graph: Graph, number: int) -> Run:
    def run(images: Tensor) -> Tensor:
        try:
            return graph.program(number, images) if number else images
        except StepError:  # drawn for one image: it says so in numbers of its own
            return torch.cat([graph.program(number, image) for image in images.split(1)])

    return run
