"""A blueprint as PyTorch lines that run as they are: `Sequential`, a `Module`, and the functional way.

All three give a `network` whose weights have the same names as those of `build`, so that one loads the other's.
Keras is next door (`spec_to_keras`). Refuses to know: pages, training.
"""

from __future__ import annotations

import inspect as source
import re
from collections.abc import Callable
from enum import StrEnum

from cnnviz.i18n import _
from cnnviz.models.builder.activations import FORMS
from cnnviz.models.builder.inspection import Inspection, LayerRow, inspect_spec
from cnnviz.models.builder.keras_code import spec_to_keras
from cnnviz.models.builder.layer_config import LayerConfig, LayerKind, NetworkSpecError, Pooling
from cnnviz.models.builder.network_spec import NetworkSpec
from cnnviz.models.builder.residual import ResidualBlock

_LEARNS = (LayerKind.CONV, LayerKind.LINEAR, LayerKind.BATCH_NORM, LayerKind.RESIDUAL)


class CodeForm(StrEnum):
    """The ways in which a network is written down.

    >>> from cnnviz.models.builder import CodeForm
    >>> [form.value for form in CodeForm]
    ['sequential', 'module', 'functional', 'keras']
    """

    SEQUENTIAL = "sequential"
    MODULE = "module"
    FUNCTIONAL = "functional"
    KERAS = "keras"


def spec_to_pytorch(blueprint: NetworkSpec, form: CodeForm) -> str:
    """Lines that make `network` and run it once on an empty image.

    Raises: NetworkSpecError, one sentence, for a blueprint that cannot be built, or has no twin in Keras.

    >>> from cnnviz.models.builder.pytorch_code import CodeForm, spec_to_pytorch
    >>> from cnnviz.models.builder.presets import preset
    >>> lines = spec_to_pytorch(preset("mnist_b1"), CodeForm.SEQUENTIAL).splitlines()
    >>> next(line.strip() for line in lines if "conv1" in line)
    '("conv1", nn.Conv2d(1, 16, 5, padding=2)),  # (n, 16, 28, 28)'
    """
    found = inspect_spec(blueprint)
    if found.problem is not None:
        raise NetworkSpecError(found.problem.sentence)
    if form is CodeForm.KERAS:
        return spec_to_keras(found)
    write: dict[CodeForm, Callable[[tuple[LayerRow, ...]], list[str]]] = {
        CodeForm.SEQUENTIAL: _sequential, CodeForm.MODULE: _module, CodeForm.FUNCTIONAL: _functional,
    }  # fmt: skip
    is_functional = form is CodeForm.FUNCTIONAL
    heads = ["import torch", "from torch import nn", *(["from torch.nn import functional"] if is_functional else [])]
    heads = ["from collections import OrderedDict", "", *heads] if form is CodeForm.SEQUENTIAL else heads
    text = "\n".join([*heads, *_own_modules(found.rows), *write[form](found.rows), "", *_run(found), ""])
    return re.sub(r"\n{4,}", "\n\n\n", text)


def _run(found: Inspection) -> list[str]:
    """What the network is, its title on one line whatever it holds, and one run."""
    blueprint = found.blueprint
    shape = ", ".join(map(str, blueprint.input_shape))
    title = " ".join(blueprint.title.split())
    return [
        "# " + _("{title}: {count} parameters", title=title, count=f"{found.parameters:,}"),
        f"classes = {blueprint.classes!r}",
        f"x = torch.zeros(1, {shape})",
        "scores = network.eval()(x)  # " + _("no softmax: nn.CrossEntropyLoss takes raw scores (logits)"),
    ]


def _own_modules(rows: tuple[LayerRow, ...]) -> list[str]:
    if all(row.part.kind is not LayerKind.RESIDUAL for row in rows):
        return []
    return ["", "", *source.getsource(ResidualBlock).splitlines(), ""]


def _sequential(rows: tuple[LayerRow, ...]) -> list[str]:
    lines = [f'        ("{row.name}", {_constructed(row)}),{_shape(row)}' for row in rows]
    return ["", "network = nn.Sequential(", "    OrderedDict([", *lines, "    ])", ")"]


def _module(rows: tuple[LayerRow, ...]) -> list[str]:
    made = [f"        self.{row.name} = {_constructed(row)}" for row in rows]
    used = [f"        x = self.{row.name}(x){_shape(row)}" for row in rows]
    return _class(made, used)


def _functional(rows: tuple[LayerRow, ...]) -> list[str]:
    made = [f"        self.{row.name} = {_constructed(row)}" for row in rows if row.part.kind in _LEARNS]
    calls = [(row, _called(row)) for row in rows]
    return _class(made, [f"        x = {call}{_shape(row)}" for row, call in calls if call != "x"])


def _class(made: list[str], used: list[str]) -> list[str]:
    return [
        "", "", "class Network(nn.Module):", "    def __init__(self):", "        super().__init__()", *made, "",
        "    def forward(self, x):", *used, "        return x", "", "", "network = Network()",
    ]  # fmt: skip


def _shape(row: LayerRow) -> str:
    return f"  # (n, {', '.join(map(str, row.output_shape or ()))})"


def _constructed(row: LayerRow) -> str:
    part = row.part
    match part.kind:
        case LayerKind.CONV:
            return f"nn.Conv2d({row.inputs}, {row.outputs}, {part.kernel}{_moves(part)})"
        case LayerKind.ACTIVATION:
            return FORMS[part.function].constructed
        case LayerKind.POOL:
            return f"nn.{'MaxPool2d' if part.pooling is Pooling.MAX else 'AvgPool2d'}({_window(part)})"
        case LayerKind.DROPOUT:
            return f"nn.Dropout({part.share})"
        case LayerKind.DROPOUT2D:
            return f"nn.Dropout2d({part.share})"
        case LayerKind.BATCH_NORM:
            return f"nn.BatchNorm{1 if row.is_flat else 2}d({row.inputs})"
        case LayerKind.FLATTEN:
            return "nn.Flatten()"
        case LayerKind.LINEAR:
            return f"nn.Linear({row.inputs}, {row.outputs})"
        case LayerKind.RESIDUAL:
            normalised = ", is_normalised=True" if part.is_normalised else ""
            return f"ResidualBlock({row.inputs}, {part.kernel}, {FORMS[part.function].constructed}{normalised})"
        case LayerKind.GLOBAL_AVERAGE:
            return "nn.AdaptiveAvgPool2d(1)"


def _called(row: LayerRow) -> str:
    """The part as an expression of x; what learns is a module, everything else a function."""
    part = row.part
    match part.kind:
        case LayerKind.ACTIVATION:
            return FORMS[part.function].called
        case LayerKind.POOL:
            return f"functional.{'max' if part.pooling is Pooling.MAX else 'avg'}_pool2d(x, {_window(part)})"
        case LayerKind.DROPOUT | LayerKind.DROPOUT2D:
            return f"functional.{part.kind}(x, {part.share}, training=self.training)"
        case LayerKind.FLATTEN:
            return "torch.flatten(x, start_dim=1)"
        case LayerKind.GLOBAL_AVERAGE:
            return "functional.adaptive_avg_pool2d(x, 1)"
        case _:
            return f"self.{row.name}(x)"


def _window(part: LayerConfig) -> str:
    stride = f", stride={part.stride}" if part.stride != part.kernel else ""
    return f"{part.kernel}{stride}" + (f", padding={part.padding}" if part.padding else "")


def _moves(part: LayerConfig) -> str:
    """Stride and padding of a convolution where they are not PyTorch's own."""
    given = {"stride": (part.stride, 1), "padding": (part.padding, 0)}
    return "".join(f", {name}={value}" for name, (value, plain) in given.items() if value != plain)
