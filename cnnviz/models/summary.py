"""The table of a network: for each layer its shape, parameters, multiply-adds, and what its units see of the image.

Parameters and shapes are PyTorch's, multiply-adds those of its own counter (convolutions and matrix products; a
bias, an activation or a pooling counts nothing; what cannot be
counted is said, `graph.costs`), receptive fields those of `cnnviz.core.receptive_field`.
Networks are built without weights; nothing is downloaded. Refuses to know: how a table is laid out on a screen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torchvision import models

from cnnviz.checks import quoted
from cnnviz.core.graph import Graph, Node, build_graph
from cnnviz.core.layer_trace import SourceLine
from cnnviz.core.receptive_field import FieldStatus, LayerReceptiveField, layer_receptive_fields
from cnnviz.i18n import _
from cnnviz.models.zoo import find_recipe, network_keys

PREFIX = "torchvision:"
Shape = tuple[int, int, int]


@dataclass(frozen=True)
class SummaryRow:
    """One layer. `formula` says how the parameters come about, empty where there are none or no short way to say it.

    is_counted: whether `macs` are all of its multiply-adds. source_line: of its author's code, where a file says it.
    """

    name: str
    type_name: str
    output_shape: tuple[int, ...]
    parameters: int
    formula: str
    macs: int
    sight: LayerReceptiveField
    is_counted: bool = True
    source_line: SourceLine | None = None


@dataclass(frozen=True)
class Summary:
    """All rows, in the order in which the layers run; what evaluation leaves out comes last."""

    network: str
    input_shape: Shape
    rows: tuple[SummaryRow, ...]

    @property
    def parameters(self) -> int:
        """Of the whole network."""
        return sum(row.parameters for row in self.rows)

    @property
    def macs(self) -> int:
        """Of the whole network, for one image; of what is counted, where `is_counted` is false."""
        return sum(row.macs for row in self.rows)

    @property
    def is_counted(self) -> bool:
        """Whether every layer's multiply-adds are known."""
        return all(row.is_counted for row in self.rows)

    def to_record(self) -> dict[str, Any]:
        """Plain lists and numbers, as JSON has them; None where a number is not known, no line where none is known."""
        return {
            "layers": [_record(row) for row in self.rows],
            "total": {"parameters": self.parameters, "macs": self.macs if self.is_counted else None},
        }


def _record(row: SummaryRow) -> dict[str, Any]:
    sight = row.sight
    return {
        "name": row.name,
        "type": row.type_name,
        "output_shape": list(row.output_shape),
        "parameters": row.parameters,
        "macs": row.macs if row.is_counted else None,
        "receptive_field": {
            "status": sight.status.value,
            "size": _sides(sight.size),
            "jump": _sides(sight.jump),
            "start": _sides(sight.start),
        },
    } | ({} if row.source_line is None else {"source_line": list(row.source_line)})


def _sides(pair: tuple[int, int] | None) -> list[int | None]:
    return [None, None] if pair is None else list(pair)


def summarise(model: nn.Module, input_shape: Shape, network: str = "") -> Summary:
    """The table of `model` in evaluation mode for images of (channels, rows, cols).

    Raises: GraphError, one sentence, where the model cannot be traced or refuses such an image.

    >>> from cnnviz.models.zoo import find_recipe
    >>> from cnnviz.models.summary import summarise
    >>> summarise(find_recipe("mnist").build(), (1, 28, 28)).parameters
    28938
    """
    return tabulate(build_graph(model, input_shape), network)


def tabulate(graph: Graph, network: str = "") -> Summary:
    """The table of a network whose graph is drawn already."""
    seen = layer_receptive_fields(graph)
    rows = [_row(node, seen) for node in graph.nodes if node.is_layer or node.parameters]
    left = [
        SummaryRow(path, kind, (), count, "", 0, LayerReceptiveField(path, FieldStatus.APART))
        for path, kind, count in graph.unused
    ]
    return Summary(network, graph.input_shape, (*rows, *left))


def _row(node: Node, seen: Mapping[str, LayerReceptiveField]) -> SummaryRow:
    module = node.call.module if node.call else None
    formula = parameter_formula(module) if module is not None and node.parameters else ""
    sight = seen.get(node.name, LayerReceptiveField(node.name, FieldStatus.APART))
    return SummaryRow(
        node.name,
        node.type_name,
        node.shape,
        node.parameters,
        formula,
        node.macs,
        sight,
        node.is_counted,
        node.source_line,
    )


def parameter_formula(module: nn.Module) -> str:
    """How many parameters, and why; empty for a type that no formula is written down for.

    >>> from torch import nn
    >>> from cnnviz.models.summary import parameter_formula
    >>> parameter_formula(nn.Conv2d(3, 6, 5))
    '6·(5·5·3 + 1) = 456'
    """
    formula = _FORMULAS.get(type(module))
    return f"{formula(module)} = {sum(p.numel() for p in module.parameters()):,}" if formula else ""


def _of_convolution(module: nn.Conv1d | nn.Conv2d | nn.Conv3d) -> str:
    weights = "·".join(map(str, (*module.kernel_size, module.in_channels // module.groups)))
    return f"{module.out_channels}·({weights} + 1)" if module.bias is not None else f"{module.out_channels}·{weights}"


def _of_transposed(module: nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d) -> str:
    weights = "·".join(map(str, (module.in_channels, *module.kernel_size, module.out_channels // module.groups)))
    return f"{weights} + {module.out_channels}" if module.bias is not None else weights


def _of_linear(module: nn.Linear) -> str:
    return f"{module.out_features}·({module.in_features} + 1)" if module.bias is not None else (
        f"{module.out_features}·{module.in_features}"
    )  # fmt: skip


def _of_norm(module: nn.Module) -> str:
    parts = list(module.parameters())
    return f"{len(parts)}·{parts[0].numel()}"


_FORMULAS: dict[type[nn.Module], Callable[[Any], str]] = {
    **dict.fromkeys((nn.Conv1d, nn.Conv2d, nn.Conv3d), _of_convolution),
    **dict.fromkeys((nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d), _of_transposed),
    nn.Linear: _of_linear,
    **dict.fromkeys((nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d), _of_norm),
    nn.LayerNorm: _of_norm,
    nn.GroupNorm: _of_norm,
}


def network_names() -> tuple[str, ...]:
    """Every network that can be summarised: ours, then torchvision's for classification."""
    return (*network_keys(), *(PREFIX + name for name in models.list_models(module=models)))


def build_network(name: str) -> tuple[nn.Module, Shape]:
    """The network called `name`, without weights that mean anything, and the input shape that it is made for.

    Raises: ValueError, one sentence, for a name that there is not.

    >>> from cnnviz.models.summary import build_network
    >>> build_network("torchvision:resnet18")[1]
    (3, 224, 224)
    """
    if name in network_keys():
        recipe = find_recipe(name)
        with _WithoutWeights():
            return recipe.build().eval(), recipe.input_shape
    if name not in network_names():
        raise ValueError(
            _("network must be one of {known} or {prefix}NAME of torchvision's classification models, got {name}: "
              "choose one of these, such as {prefix}resnet50",
              known=", ".join(network_keys()), prefix=PREFIX, name=quoted(name))
        )  # fmt: skip
    plain = name.removeprefix(PREFIX)
    with _WithoutWeights():
        model = models.get_model(plain, weights=None, **_SETTINGS.get(plain, {}))
    side = models.get_model_weights(plain)["DEFAULT"].transforms.keywords["crop_size"]
    return model.eval(), (3, side, side)


# As their published weights have them; the first two would also spend minutes on drawing random numbers.
_SETTINGS: dict[str, dict[str, Any]] = {
    "googlenet": {"init_weights": False, "aux_logits": False},
    "inception_v3": {"init_weights": False},
    "vit_h_14": {"image_size": 518},
}


class _WithoutWeights(TorchFunctionMode):
    """New parameters get a shape and no memory: the table of a network with 600 million costs nothing."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is torch.empty:
            kwargs["device"] = "meta"
        return func(*args, **kwargs)


def read_shape(text: str) -> Shape:
    """(channels, rows, cols) from "3x224x224", also from "1,3,224,224" with the batch axis.

    Raises: ValueError, one sentence, for anything else.
    """
    side, mark = r"([1-9]\d{0,4})", r"\s*[x×,]\s*"
    found = re.fullmatch(rf"(?:1{mark})?{side}{mark}{side}{mark}{side}", text.strip().lower())
    if not found:
        raise ValueError(
            _("input must be channels, rows and columns as in 3x224x224, got {text}: write three whole numbers",
              text=quoted(text))
        )  # fmt: skip
    channels, rows, cols = map(int, found.groups())
    return channels, rows, cols
