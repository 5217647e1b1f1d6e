"""An edited network: a twin that shares with the trained one every layer and every number that no edit touches.

The network itself is never changed; edits are carried out in order, each on what the one before has left.
Refuses to know: whether an edit makes sense (`editable` is asked), sessions, pages.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Mapping

from torch import nn

from cnnviz.core.edits.editable import EditableLayers, editable_layers
from cnnviz.core.edits.edited_graph import apply_edits_to_graph, editable_nodes
from cnnviz.core.edits.edited_module import edit_module
from cnnviz.core.edits.history import Edits
from cnnviz.core.trace import is_row, sequential_layers


def apply_edits(model: nn.Module, edits: Edits, input_shape: tuple[int, int, int] | None = None) -> nn.Module:
    """`model` with `edits.done` carried out, in evaluation mode; `model` itself stays as it is, to the byte.

    input_shape: (channels, rows, cols) of its images; with it a network that is no row of layers is drawn as a graph.
    Raises: EditError for an edit that does not fit the network, TraceError for one that is not a row of layers.

    >>> import torch
    >>> from cnnviz.models.zoo import find_recipe
    >>> from cnnviz.core.edits import Edit, EditKind, Edits, apply_edits
    >>> model = apply_edits(find_recipe("mnist").build(), Edits((Edit(EditKind.OFF, "conv1", out=3),)))
    >>> model.conv1(torch.ones(1, 1, 28, 28))[0, 3].abs().max().item()
    0.0
    """
    if input_shape is not None and not is_row(model):
        return apply_edits_to_graph(model, edits, input_shape)
    model = copy.deepcopy(model).eval() if any(module.training for module in model.modules()) else model
    modules = dict(sequential_layers(model))
    assert isinstance(model, nn.Sequential)  # the line above says so where it is none
    anatomy = editable_layers(model)
    for edit in edits.done:
        anatomy.check(edit)
        modules[edit.layer] = edit_module(modules[edit.layer], edit)
    return _assembled(model, modules)


def _assembled(model: nn.Sequential, modules: Mapping[str, nn.Module], prefix: str = "") -> nn.Sequential:
    """New rows of layers, nested as before; the layers are those of `modules`."""
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    for name, module in model._modules.items():  # named_children leaves out a layer that stands there twice
        if module is None:
            continue
        path = f"{prefix}{name}"
        if isinstance(module, nn.Sequential):
            parts[name] = _assembled(module, modules, f"{path}.")
        else:
            parts[name] = modules[path]
    made = nn.Sequential(parts)
    made.training = False  # and not eval(), which would reach into the layers that are shared
    return made


def find_editable(model: nn.Module, input_shape: tuple[int, int, int]) -> EditableLayers:
    """What can be edited in `model`, a row of layers or any other network that can be drawn as a graph.

    Raises: GraphError where it cannot.

    >>> from torch import nn
    >>> from cnnviz.core.edits.edited_model import find_editable
    >>> find_editable(nn.Sequential(nn.Conv2d(1, 2, 3)), (1, 5, 5)).parts[0].weights
    (2, 1, 3, 3)
    """
    if isinstance(model, nn.Sequential) and is_row(model):
        return editable_layers(model)
    return editable_nodes(model, input_shape)
