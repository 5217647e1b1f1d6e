"""Copies of a model that share nothing with it but the weights, and the graph that PyTorch's tracers draw of one.

Refuses to know: what the operations mean.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import torch
from torch import fx, nn

from cnnviz.core.graph.graph import GraphError
from cnnviz.core.graph.names import ADDED, NAME
from cnnviz.i18n import _


def has_no_graph(model: nn.Module) -> bool:
    """Whether it is one layer: torch.fx looks into nothing of torch.nn but its containers."""
    return not isinstance(model, fx.GraphModule) and fx.Tracer().is_leaf_module(model, "")


def dtype_of(model: nn.Module) -> torch.dtype:
    """What the network computes in: the kind of its first weights that are no whole numbers; float32 without any."""
    return next((tensor.dtype for tensor in model.parameters() if tensor.is_floating_point()), torch.float32)


def graph_of(model: nn.Module, input_shape: tuple[int, int, int]) -> fx.GraphModule:
    """`model` with its graph: its own where it has one, else by torch.fx, else by torch.export.

    torch.fx cannot follow code that asks for a size or a value; torch.export runs it once on an image of this shape.
    Raises: GraphError, with the reason of torch.fx, where neither can.
    """
    if isinstance(model, fx.GraphModule):
        return _image_first(model)
    try:
        return fx.GraphModule(model, fx.Tracer().trace(model))
    except Exception as error:  # whatever the model's own code raises when it meets a stand-in for a tensor
        exported = _exported(model, input_shape)
        if exported is not None:
            return _image_first(exported)
        reason = str(error).split("\n")[0].split(" but got Proxy")[0]
        raise GraphError(
            _("network must be one that torch.fx or torch.export can trace, got {type}: {reason}",
              type=type(model).__name__, reason=reason)
        ) from error  # fmt: skip


def with_layer(model: fx.GraphModule, last: nn.Module, name: str) -> fx.GraphModule:
    """The same network with one layer more, on its first output."""
    graph = copy.deepcopy(model.graph)
    output = next(n for n in graph.nodes if n.op == "output")
    value = next(iter(output.all_input_nodes))
    path = _free(model, name)
    with graph.inserting_before(output):
        added = graph.call_module(path, (value,))
    added.meta.update({NAME: name, ADDED: True})
    output.args = (added,)
    return _with_part(model, graph, last, path)


def with_first_layer(model: fx.GraphModule, first: nn.Module, name: str) -> fx.GraphModule:
    """The same network with one layer more, between the image and all that reads it."""
    graph = copy.deepcopy(model.graph)
    image = next(n for n in graph.nodes if n.op == "placeholder")
    name = _free(model, name)
    with graph.inserting_after(image):
        added = graph.call_module(name, (image,))
    image.replace_all_uses_with(added, delete_user_cb=lambda user: user is not added)
    return _with_part(model, graph, first, name)


def _free(model: fx.GraphModule, name: str) -> str:
    """A path that nothing in `model` has: `name`, or as like it as can be."""
    taken = {str(n.target).split(".")[0] for n in model.graph.nodes if n.op in ("call_module", "get_attr")}
    while name in taken:
        name += "_"
    return name


def _with_part(model: fx.GraphModule, graph: fx.Graph, part: nn.Module, name: str) -> fx.GraphModule:
    """A network of this graph, with the parts of `model`, shared, and a new one called `name`."""
    parts = {str(n.target): attribute_at(model, str(n.target)) for n in model.graph.nodes
             if n.op in ("call_module", "get_attr")}  # fmt: skip
    return in_evaluation(fx.GraphModule({**parts, name: part}, graph))


def in_evaluation(made: fx.GraphModule) -> fx.GraphModule:
    """The same, with the containers that torch.fx has made for its paths in evaluation mode; its parts are shared.

    One container that seems to be in training would make every reader copy the whole network first.
    """
    for module in made.modules():
        if module is made or type(module) is nn.Module:
            module.training = False
    return made


def _image_first(model: fx.GraphModule) -> fx.GraphModule:
    """The same with the image as its first node, and without the checks of sizes that torch.export puts in."""
    nodes = list(model.graph.nodes)
    is_check = [n.op == "call_module" and n.target == "_guards_fn" and not n.users for n in nodes]
    if nodes[0].op == "placeholder" and not any(is_check):
        return model
    graph = fx.Graph()
    ordered = sorted((n for n, leave in zip(nodes, is_check, strict=True) if not leave),
                     key=lambda n: n.op != "placeholder")  # fmt: skip
    known: dict[fx.Node, fx.Node] = {}
    for n in ordered:
        known[n] = graph.node_copy(n, known.__getitem__)
    return in_evaluation(fx.GraphModule(model, graph))


def _exported(model: nn.Module, input_shape: tuple[int, int, int]) -> fx.GraphModule | None:
    like = next(model.parameters(), torch.empty(0))
    image = torch.zeros((1, *input_shape), dtype=dtype_of(model), device=like.device)
    try:
        program = torch.export.export(model, (image,))
        return _with_attributes(program, model)
    except Exception:  # anything that the model's own code raises: the reason of torch.fx is the plainer one
        return None


def _with_attributes(program: torch.export.ExportedProgram, model: nn.Module) -> fx.GraphModule:
    """The exported graph with its parameters as attributes of their own names, those of `model` itself."""
    signature = program.graph_signature
    paths = {**signature.inputs_to_parameters, **signature.inputs_to_buffers,
             **signature.inputs_to_lifted_tensor_constants}  # fmt: skip
    outputs = set(signature.user_outputs)
    graph, known = fx.Graph(), {}
    root: dict[str, Any] = {}
    for n in program.graph.nodes:
        if n.op == "placeholder" and n.name in paths:
            path = paths[n.name]
            root[path] = _tensor_at(program, model, path)
            known[n] = graph.get_attr(path)
        elif n.op == "output":
            kept = [one for one in n.args[0] if one is not None and one.name in outputs]
            graph.output(tuple(known[one] for one in kept))
        else:
            known[n] = graph.node_copy(n, known.__getitem__)
    return fx.GraphModule(root, graph).eval()


def _tensor_at(program: torch.export.ExportedProgram, model: nn.Module, path: str) -> Any:
    own = dict(model.named_parameters(remove_duplicate=False)) | dict(model.named_buffers(remove_duplicate=False))
    return own[path] if path in own else program.constants[path]


def attribute_at(module: nn.Module, path: str) -> Any:
    """The module, parameter or buffer at a dotted path."""
    found: Any = module
    for name in path.split("."):
        found = getattr(found, name)
    return found


def without_state(model: Any, weights: str) -> Any:
    """A copy of `model` in evaluation mode, with "shared" weights or, on "meta", with none; without gradients."""

    def place(tensor: torch.Tensor) -> torch.Tensor:
        return tensor.detach() if weights == "shared" else torch.empty_like(tensor, device="meta")

    memo: dict[int, Any] = {id(p): nn.Parameter(place(p), requires_grad=False) for p in model.parameters()}
    loose = (value for module in model.modules() for value in vars(module).values() if isinstance(value, torch.Tensor))
    memo |= {id(tensor): place(tensor) for tensor in (*model.buffers(), *loose)}
    twin = copy.deepcopy(model, memo)
    for module in twin.modules():
        for name in ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks"):
            setattr(module, name, OrderedDict())
    return twin.eval()


def unused_modules(twin: nn.Module, counted: set[int], path: str = "") -> Iterator[tuple[str, str, int]]:
    """(path, type, parameters) of the modules, as large as possible, whose parameters nothing has used."""
    tensors = list(twin.parameters())
    left = [tensor for tensor in tensors if id(tensor) not in counted]
    if left and len(left) == len(tensors):
        yield path, type(twin).__name__, sum(tensor.numel() for tensor in left)
    elif left:
        own = [tensor for tensor in twin.parameters(recurse=False) if id(tensor) not in counted]
        if own:
            yield path, type(twin).__name__, sum(tensor.numel() for tensor in own)
        for name, child in twin.named_children():
            yield from unused_modules(child, counted, f"{path}.{name}" if path else name)
