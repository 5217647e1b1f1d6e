"""Edits as PyTorch code: a few lines that make the edited network from the shipped weights, and run as they are.

Refuses to know: pages, and what the edits do to an answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np

from cnnviz.core.edits.describe import describe_edit
from cnnviz.core.edits.edit import Edit, EditKind
from cnnviz.core.edits.editable import EditableLayer, EditableLayers, computed_weights
from cnnviz.core.edits.history import Edits
from cnnviz.core.edits.presets import preset_kernel

SHIPPED = """import torch
from torch import nn

from cnnviz.models.checkpoints import load

model, manifest = load("{network}")
"""
SAVED = """import torch
from torch import nn
from pathlib import Path

from cnnviz.training import unpack_network

model = unpack_network(Path("saved.safetensors").read_bytes()).build()  # the file that you saved
"""
Lines = Callable[[Edit, EditableLayer], list[str]]


DRAWN = """from cnnviz.core.graph.copies import graph_of

model = graph_of(model, {shape})  # so that its functions can be replaced
"""


def edits_to_pytorch(
    network: str, edits: Edits, anatomy: EditableLayers, *, is_saved: bool = False, opening: str = ""
) -> str:
    """Code that ends with the edited network in `model`; is_saved: a network from a file, not a shipped one.

    opening: the lines that make `model` where it is neither.

    Raises: EditError for an edit that does not fit the network.

    >>> from cnnviz.models.zoo import find_recipe
    >>> from cnnviz.core.edits.editable import editable_layers
    >>> from cnnviz.core.edits.edit import Edit, EditKind
    >>> from cnnviz.core.edits.history import Edits
    >>> from cnnviz.core.edits.to_pytorch import edits_to_pytorch
    >>> edits = Edits((Edit(EditKind.OFF, "conv1", out=3),))
    >>> edits_to_pytorch("mnist", edits, editable_layers(find_recipe("mnist").build())).splitlines()[-1]
    'model.get_submodule("conv1").bias[3] = 0'
    """
    parts = [opening or (SAVED if is_saved else SHIPPED.format(network=network))]
    if anatomy.drawn_for and any(_replaces(edit, anatomy) for edit in edits.done):
        parts.append(DRAWN.format(shape=anatomy.drawn_for))
    for edit in edits.done:
        anatomy.check(edit)
        lines = _LINES[edit.op](edit, anatomy.part(edit.layer))
        parts.append("\n".join([f"# {describe_edit(edit, anatomy)}", *lines]) + "\n")
    return "\n".join(parts)


def _replaces(edit: Edit, anatomy: EditableLayers) -> bool:
    """Whether a function is put in another's place, for which the graph is needed."""
    return edit.op in (EditKind.LINEAR, EditKind.AVERAGE) and anatomy.part(edit.layer).function is not None


def _layer(edit: Edit) -> str:
    return f"model.get_submodule({_quoted(edit.layer)})"


def _quoted(path: str) -> str:
    """A path as a string in code, whatever signs are in it."""
    return json.dumps(path, ensure_ascii=False)


def _parameter(edit: Edit, part: EditableLayer, name: str) -> str:
    """The weight or the bias of a layer: of its module, or at a path where a function computes with it."""
    if part.function is None:
        return f"{_layer(edit)}.{name}"
    for known, path, is_learned in part.function.parameters:
        if known == name:
            return f"model.{'get_parameter' if is_learned else 'get_buffer'}({_quoted(path)})"
    raise computed_weights(edit)


def _in_graph(part: EditableLayer, function: str, *settings: object) -> list[str]:
    """A function in the place of another, in the graph of torch.fx."""
    assert part.function is not None
    args = "".join(f" {setting}," for setting in settings).rstrip(",")
    source, before = "node.args[0]", []
    if part.function.is_part:  # of the tensors that a pooling returns
        source = "pool.args[0]"
        before = ["import operator", "", "pool = node.args[0] if node.target is operator.getitem else node"]
    return [
        f"node = next(node for node in model.graph.nodes if node.name == {_quoted(part.function.node)})",
        *before,
        f'node.op, node.target, node.args, node.kwargs = "call_function", {function}, ({source},{args}), {{}}',
        "model.recompile()",
    ]


def _rows(kernel: np.ndarray) -> str:
    """Shortest decimals that are these float32 numbers again."""
    lines = ", ".join("[" + ", ".join(str(np.float32(value)) for value in row) + "]" for row in kernel)
    return f"torch.tensor([{lines}])"


def _kernel(edit: Edit, part: EditableLayer) -> str:
    return f"{_parameter(edit, part, 'weight')}[{edit.out}, {edit.into}]"


def _set(edit: Edit, part: EditableLayer) -> list[str]:
    rows, cols = part.weights[2:]
    return [f"{_kernel(edit, part)} = {_rows(np.array(edit.numbers, np.float32).reshape(rows, cols))}"]


def _preset(edit: Edit, part: EditableLayer) -> list[str]:
    return [f"{_kernel(edit, part)} = {_rows(preset_kernel(edit.preset, part.weights[2], part.weights[3]))}"]


def _random(edit: Edit, part: EditableLayer) -> list[str]:
    return [*_dice(edit), f"{_kernel(edit, part)} = {_drawn(part.weights, str(part.weights[2:]))}"]


def _dice(edit: Edit) -> list[str]:
    return [f"dice = torch.Generator().manual_seed({edit.seed})"]


def _drawn(weights: tuple[int, ...], shape: str) -> str:
    fan_in = int(np.prod(weights[1:]))
    return f"torch.empty({shape}).uniform_(-({fan_in}**-0.5), {fan_in}**-0.5, generator=dice)"


def _bias(edit: Edit, part: EditableLayer) -> list[str]:
    return [f"{_parameter(edit, part, 'bias')}[{edit.out}] = {np.float32(edit.numbers[0])}"]


def _off(edit: Edit, part: EditableLayer) -> list[str]:
    names = ["weight", "bias"] if part.has_bias else ["weight"]
    return [f"{_parameter(edit, part, name)}[{edit.out}] = 0" for name in names]


def _linear(edit: Edit, part: EditableLayer) -> list[str]:
    if part.function is not None:
        return _in_graph(part, "torch.positive")  # which hands its input on
    return [f"model.set_submodule({_quoted(edit.layer)}, nn.Identity())"]


def _average(edit: Edit, part: EditableLayer) -> list[str]:
    if part.function is not None:
        return _averaging_function(part)
    old = [f"pool = {_layer(edit)}"]
    new = (
        "nn.AdaptiveAvgPool2d(pool.output_size)"
        if part.spec.is_adaptive
        else "nn.AvgPool2d(pool.kernel_size, pool.stride, pool.padding, pool.ceil_mode, count_include_pad=False)"
    )
    return [*old, f"model.set_submodule({_quoted(edit.layer)}, {new})"]


def _averaging_function(part: EditableLayer) -> list[str]:
    spec, function = part.spec, part.function
    assert function is not None
    if spec.is_adaptive:
        return _in_graph(part, "nn.functional.adaptive_avg_pool2d", function.output_size)
    window = (spec.kernel, spec.stride, spec.padding)
    return _in_graph(part, "nn.functional.avg_pool2d", *window, function.ceil_mode, False)


def _shuffle(edit: Edit, part: EditableLayer) -> list[str]:
    return [
        *_dice(edit),
        f"weight = {_parameter(edit, part, 'weight')}",
        "kernels = weight.flatten(0, 1)",
        "weight[:] = kernels[torch.randperm(len(kernels), generator=dice)].reshape(weight.shape)",
    ]


def _redraw(edit: Edit, part: EditableLayer) -> list[str]:
    names = ["weight", "bias"] if part.has_bias else ["weight"]
    shape = "part.shape"
    drawn = f"    part[:] = {_drawn(part.weights, shape)}"
    if part.function is not None:
        parameters = ", ".join(_parameter(edit, part, name) for name in names)
        return [*_dice(edit), f"for part in ({parameters},):", drawn]
    lines = [f"for part in ({', '.join(f'layer.{name}' for name in names)},):"]
    return [*_dice(edit), f"layer = {_layer(edit)}", *lines, drawn]


_LINES: dict[EditKind, Lines] = {
    EditKind.SET: _set,
    EditKind.PRESET: _preset,
    EditKind.ZERO: lambda edit, part: [f"{_kernel(edit, part)} = 0"],
    EditKind.NEGATE: lambda edit, part: [f"{_kernel(edit, part)} *= -1"],
    EditKind.RANDOM: _random,
    EditKind.BIAS: _bias,
    EditKind.OFF: _off,
    EditKind.LINEAR: _linear,
    EditKind.AVERAGE: _average,
    EditKind.SHUFFLE: _shuffle,
    EditKind.REDRAW: _redraw,
}
