"""Edits of a network that is no row of layers: its graph is copied, and what an edit touches is replaced in it.

Layers keep their names, modules or functions alike; what no edit touches is shared with the trained network.
Refuses to know: whether an edit makes sense (`editable` is asked), pages.
"""

from __future__ import annotations

import copy
import operator
from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional

from cnnviz.core.edits.edit import Edit, EditKind
from cnnviz.core.edits.editable import EditableLayer, EditableLayers, FunctionCall, computed_weights
from cnnviz.core.edits.edited_module import edit_module
from cnnviz.core.edits.history import Edits
from cnnviz.core.graph import Graph, Node, build_graph
from cnnviz.core.graph.copies import attribute_at, graph_of, has_no_graph, in_evaluation, without_state
from cnnviz.core.graph.names import NAME
from cnnviz.core.layers import Kind
from cnnviz.core.ops import Call, Ref, register
from cnnviz.core.ops.operation import find_operation

Shape = tuple[int, int, int]
SUMS = (Kind.CONVOLUTION, Kind.LINEAR)


def keep_value(value: torch.Tensor) -> torch.Tensor:
    """What stands in the place of a function that is taken out."""
    return value


_identity = find_operation(nn.Identity)
assert _identity is not None
register(_identity, keep_value)


def editable_nodes(model: nn.Module, input_shape: Shape) -> EditableLayers:
    """What can be edited in any network that can be drawn as a graph.

    Raises: GraphError where it cannot.

    >>> from torch import nn
    >>> from torchvision.models import resnet18
    >>> from cnnviz.core.edits.edited_graph import editable_nodes
    >>> editable_nodes(resnet18(weights=None), (3, 32, 32)).part("layer1.0.conv1").weights
    (64, 64, 3, 3)
    """
    return _editable_in(build_graph(model, input_shape), None if isinstance(model, fx.GraphModule) else input_shape)


def _editable_in(graph: Graph, drawn_for: Shape | None = None) -> EditableLayers:
    calls = Counter(node.target for node in graph.nodes)
    parts = (_part(graph, node, calls[node.target]) for node in graph.layers if node.spec is not None)
    return EditableLayers(tuple(parts), drawn_for)


def _part(graph: Graph, node: Node, calls: int) -> EditableLayer:
    """calls: how often its module is called; an edit of one call leaves the others as they are."""
    spec, call = node.spec, node.call
    assert spec is not None
    assert call is not None
    function = None if call.module is not None and calls == 1 else _function(graph, node, call)
    if spec.kind not in SUMS:
        return EditableLayer(spec, function=function)
    weight, bias = (_value(graph, call.get(name)) for name in ("weight", "bias"))
    return EditableLayer(spec, tuple(weight.shape), bias is not None, function)


def _function(graph: Graph, node: Node, call: Call) -> FunctionCall:
    is_part = call.target is operator.getitem and node.spec is not None and node.spec.kind is Kind.MAX_POOLING
    call = graph.nodes[call.references[0].node].call or call if is_part else call
    found = []
    for name in ("weight", "bias"):
        ref = call.get(name)
        is_own = call.module is not None and isinstance(ref, torch.Tensor)
        value = ref if is_own else graph.program.given(ref.node) if isinstance(ref, Ref) else None
        if value is not None:
            path = f"{node.target}.{name}" if is_own else graph.nodes[ref.node].target
            found.append((name, path, isinstance(value, nn.Parameter)))
    size = call.get("output_size", ())
    sizes = (size, size) if isinstance(size, int) else tuple(size)
    return FunctionCall(node.alias, tuple(found), bool(call.get("ceil_mode", False)), sizes, is_part)


def _value(graph: Graph, argument: Any) -> Any:
    return graph.program.constant(argument.node) if isinstance(argument, Ref) else argument


def apply_edits_to_graph(model: nn.Module, edits: Edits, input_shape: Shape) -> fx.GraphModule:
    """`model` with `edits.done` carried out, in evaluation mode, as a graph; `model` itself stays as it is.

    Raises: EditError for an edit that does not fit the network, GraphError for one that cannot be drawn as a graph.

    >>> import torch
    >>> from torchvision.models import resnet18
    >>> from cnnviz.core.edits import Edit, EditKind, Edits
    >>> from cnnviz.core.edits.edited_graph import apply_edits_to_graph
    >>> off = Edits((Edit(EditKind.OFF, "layer1.0.conv1", out=3),))
    >>> edited = apply_edits_to_graph(resnet18(weights=None), off, (3, 32, 32))
    >>> edited.get_submodule("layer1.0.conv1").weight[3].abs().max().item()
    0.0
    """
    shared = without_state(nn.Sequential(model) if has_no_graph(model) else model, "shared")
    traced = graph_of(shared, input_shape)
    graph = build_graph(traced, input_shape)
    anatomy = _editable_in(graph)
    draft = _Draft(traced)
    for edit in edits.done:
        anatomy.check(edit)
        number = graph.position(edit.layer)
        draft.carry_out(edit, number, anatomy.part(edit.layer))
    return draft.finished()


class _Draft:
    """A copy of the graph of a network, and what its nodes are made of."""

    def __init__(self, traced: fx.GraphModule) -> None:
        self._graph = copy.deepcopy(traced.graph)
        self._nodes = list(self._graph.nodes)
        paths = {str(n.target) for n in self._nodes if n.op in ("call_module", "get_attr")}
        self._parts: dict[str, Any] = {path: attribute_at(traced, path) for path in paths}

    def carry_out(self, edit: Edit, number: int, part: EditableLayer) -> None:
        """One edit, on what those before it have left."""
        n, spec = self._nodes[number], part.spec
        is_replaced = part.function is not None and edit.op in (EditKind.LINEAR, EditKind.AVERAGE)
        if n.op == "call_module" and not is_replaced:
            self._parts[str(n.target)] = edit_module(self._parts[str(n.target)], edit)
        elif edit.op is EditKind.LINEAR:
            self._replace(n, spec.path, keep_value)
        elif edit.op is EditKind.AVERAGE:
            self._average(n, part)
        else:
            self._edit_parameters(n, edit)

    def _average(self, n: fx.Node, part: EditableLayer) -> None:
        spec, function = part.spec, part.function
        assert function is not None
        if spec.is_adaptive:
            self._replace(n, spec.path, functional.adaptive_avg_pool2d, function.output_size)
        else:  # padding is not counted: a max pooling leaves it out too
            window = (spec.kernel, spec.stride, spec.padding)
            self._replace(n, spec.path, functional.avg_pool2d, *window, function.ceil_mode, False)

    def _replace(self, n: fx.Node, name: str, function: Callable[..., Any], *settings: Any) -> None:
        n.meta[NAME] = name
        source: Any = n.args[0]
        if n.target is operator.getitem and function is not keep_value:  # of the tensors that a pooling returns
            source = source.args[0]
        n.op, n.target, n.args, n.kwargs = "call_function", function, (source, *settings), {}

    def _edit_parameters(self, n: fx.Node, edit: Edit) -> None:
        """The parameters of a function, put into a module for as long as the edit takes."""
        paths = {name: str(one.target) for name, one in _parameter_nodes(n).items()}
        if "weight" not in paths:
            raise computed_weights(edit)
        holder = nn.Module()
        for name, path in paths.items():
            holder.register_parameter(name, nn.Parameter(self._parts[path], requires_grad=False))
        made = edit_module(holder, edit)
        for name, path in paths.items():
            self._parts[path] = made.get_parameter(name)

    def finished(self) -> fx.GraphModule:
        """The network."""
        return in_evaluation(fx.GraphModule(self._parts, self._graph))  # not eval(): layers are shared


def _parameter_nodes(n: fx.Node) -> dict[str, fx.Node]:
    """The weight and the bias among the arguments of a convolution or a fully connected layer."""
    given = dict(zip(("weight", "bias"), n.args[1:3], strict=False)) | dict(n.kwargs)
    return {
        name: value
        for name, value in given.items()
        if name in ("weight", "bias") and isinstance(value, fx.Node) and value.op == "get_attr"
    }
