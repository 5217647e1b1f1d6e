"""From a model to its graph: PyTorch's own tracer says what runs, tensors without data say the shapes.

The model is only read: what is traced is a copy without weights. Multiply-adds: `costs`.
Refuses to know: what an operation does to cells (`rules`), and what a unit sees.
"""

from __future__ import annotations

import copy
import operator
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import torch
from torch import fx, nn
from torch.utils import _pytree as pytree

from cnnviz.checks import sides
from cnnviz.core.graph.axes import NOTHING, ON_MAPS, AxisPositions, AxisStep, axis_step
from cnnviz.core.graph.costs import MultiplyAddCounter
from cnnviz.core.graph.graph import Graph, GraphError, Node
from cnnviz.core.graph.op_kind import Operation, OpKind, OpRule, Ref, Shapes
from cnnviz.core.graph.op_rules import op_rule
from cnnviz.i18n import _

BOOKKEEPING = (getattr, operator.getitem, "contiguous", "size", "dim", "to", "detach")


def build_graph(model: nn.Module, input_shape: tuple[int, int, int]) -> Graph:
    """The graph of `model` in evaluation mode, for images of (channels, rows, cols).

    Raises: GraphError where the model cannot be traced, or a layer refuses its input.

    >>> from torch import nn
    >>> from cnnviz.core.graph.build import build_graph
    >>> len(build_graph(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), (1, 5, 5)).layers)
    2
    """
    shared = _twin(nn.Sequential(model) if fx.Tracer().is_leaf_module(model, "") else model, "shared")
    traced = _traced(shared)
    empty = _twin(shared, "meta")
    recorder = _Recorder(fx.GraphModule(empty, traced), input_shape)
    try:
        with torch.no_grad():
            recorder.run(torch.empty((1, *input_shape), device="meta", dtype=dtype_of(model)))
    except GraphError as error:  # the interpreter appends lines of its own
        raise GraphError(_first_line(error)) from error.__cause__
    return Graph(
        input_shape, tuple(recorder.nodes), tuple(_unused(empty, recorder.counted)), GraphExecutor(shared, traced)
    )


def dtype_of(model: nn.Module) -> torch.dtype:
    """What the network computes in: the kind of its first weights that are no whole numbers; float32 without any."""
    return next((tensor.dtype for tensor in model.parameters() if tensor.is_floating_point()), torch.float32)


def _traced(model: nn.Module) -> fx.Graph:
    try:
        return fx.Tracer().trace(model)
    except Exception as error:  # whatever the model's own code raises when it meets a stand-in for a tensor
        raise GraphError(
            _("network must be one that torch.fx can trace, got {type}: {reason}",
              type=type(model).__name__, reason=_first_line(error))
        ) from error  # fmt: skip


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0].split(" but got Proxy")[0]


class GraphExecutor:
    """Computes the output of a node for a batch of images (n, channels, rows, cols), with gradients to the images.

    `model` is a copy in evaluation mode that shares nothing with the reader's but the weights.
    """

    def __init__(self, model: nn.Module, traced: fx.Graph) -> None:
        self._module = fx.GraphModule(model, traced)
        self._nodes = list(traced.nodes)
        like = next(model.parameters(), torch.empty(0))
        self.dtype, self.device = dtype_of(model), like.device

    def __call__(self, position: int, images: torch.Tensor) -> torch.Tensor:
        """The output of node `position`; what comes after it does not run."""
        wanted = self._nodes[position]

        class Until(fx.Interpreter):
            """Stops at the wanted node."""

            def run_node(self, n: fx.Node) -> Any:
                value = super().run_node(n)
                if n.name == wanted.name:
                    raise _Reached(value)
                return value

        try:
            Until(self._module, garbage_collect_values=True).run(images)
        except _Reached as reached:
            return reached.value
        raise AssertionError("every node of a graph runs")


class _Reached(Exception):
    def __init__(self, value: torch.Tensor) -> None:
        self.value = value


def _twin(model: nn.Module, weights: str) -> nn.Module:
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


class _Recorder(fx.Interpreter):
    """Runs the graph on tensors without data and keeps one `Node` for each step."""

    def __init__(self, module: fx.GraphModule, input_shape: tuple[int, int, int]) -> None:
        super().__init__(module, garbage_collect_values=False)
        self.nodes: list[Node] = []
        self._input_shape = input_shape
        self.counted: set[int] = set()  # parameters, by the ids of the twin's tensors
        self._numbers: dict[fx.Node, int] = {}
        self._values: list[Any] = []
        self._names: dict[str, int] = {}

    def run_node(self, n: fx.Node) -> Any:
        """One step; what goes wrong in it becomes one sentence that names the layer."""
        name, type_name = self._named(n)
        try:
            with MultiplyAddCounter() as counter:
                value = super().run_node(n)
        except Exception as error:
            raise self._refusal(n, name, error) from error
        self._numbers[n] = len(self.nodes)
        self._values.append(value)
        self.nodes.append(self._node(n, name, type_name, value, counter))
        return value

    def _refusal(self, n: fx.Node, name: str, error: Exception) -> GraphError:
        shapes = [shape for source in n.all_input_nodes for shape in _shapes(self.env[source])[:1] if shape]
        if not shapes:  # a check of the network's own, of sizes
            name, shapes = _("input"), [(1, *self._input_shape)]
        return GraphError(
            _("layer {path} refused its input of shape {shape}: choose another input shape ({reason})", path=name,
              shape=", ".join(sides(shape[1:]) for shape in shapes), reason=_first_line(error))
        )  # fmt: skip

    def _node(self, n: fx.Node, name: str, type_name: str, value: Any, cost: MultiplyAddCounter) -> Node:
        shapes = _shapes(value)
        if n.op == "placeholder":
            return Node(name, type_name, None, OpRule(OpKind.CELLWISE), shapes, ON_MAPS)
        if n.op in ("get_attr", "output"):
            return Node(name, type_name, None, OpRule(OpKind.NOTHING), shapes, None, parameters=self._count(n))
        operation = self._operation(n, shapes)
        target = type(operation.module) if operation.module is not None else n.target
        effect = op_rule(target, operation)
        place, steps = self._steps(operation, effect)
        is_layer = len(shapes) == 1 and n.target not in BOOKKEEPING
        if not any(self._depends(source) for source, _step in steps):
            effect, place, is_layer = OpRule(OpKind.NOTHING), None, False
        return Node(
            name, type_name, operation, effect, shapes, place, steps, self._count(n), cost.macs, is_layer,
            cost.is_complete,
        )  # fmt: skip

    def _depends(self, number: int) -> bool:
        return number == 0 or self.nodes[number].effect.how is not OpKind.NOTHING

    def _steps(
        self, operation: Operation, effect: OpRule
    ) -> tuple[AxisPositions | None, tuple[tuple[int, AxisStep], ...]]:
        found: list[tuple[AxisPositions | None, tuple[int, AxisStep]]] = []
        for ref in operation.references:
            source = self.nodes[ref.node]
            depends = self._depends(ref.node)
            place, step = axis_step(operation, effect, ref, source.place) if depends else (None, NOTHING)
            found.append((place, (ref.node, step)))
        places = [place for place, (number, _step) in found if place is not None]
        return (places[0] if places else None), tuple(pair for _place, pair in found)

    def _operation(self, n: fx.Node, shapes: Shapes) -> Operation:
        def remembered(source: fx.Node) -> Any:
            number = self._numbers[source]
            return Ref(number) if any(self.nodes[number].shapes) else self._values[number]

        args, kwargs = fx.map_arg(n.args, remembered), fx.map_arg(n.kwargs, remembered)
        module = self.fetch_attr(str(n.target)) if n.op == "call_module" else None
        known = tuple(node.shapes for node in self.nodes)
        return Operation(_callable(n, module), tuple(args), dict(kwargs), known, shapes, module)

    def _count(self, n: fx.Node) -> int:
        """The parameters that this step uses first."""
        if n.op not in ("call_module", "get_attr"):
            return 0
        used = self.fetch_attr(str(n.target))
        tensors = list(used.parameters()) if isinstance(used, nn.Module) else [used]
        fresh = [t for t in tensors if isinstance(t, nn.Parameter) and id(t) not in self.counted]
        self.counted |= {id(tensor) for tensor in fresh}
        return sum(tensor.numel() for tensor in fresh)

    def _named(self, n: fx.Node) -> tuple[str, str]:
        if n.op == "placeholder":
            return "input", "input"
        name, type_name = str(n.target), "parameter"
        if n.op == "call_module":
            type_name = type(self.fetch_attr(str(n.target))).__name__
        elif n.op in ("call_function", "call_method"):
            type_name = n.target if isinstance(n.target, str) else getattr(n.target, "__name__", n.name)
            around = list((n.meta.get("nn_module_stack") or {"": ("",)}).values())[-1][0]
            name = f"{around}.{type_name}" if around else type_name
        self._names[name] = count = self._names.get(name, 0) + 1
        return (name if count == 1 else f"{name}#{count}"), type_name


def _callable(n: fx.Node, module: Any) -> Any:
    if module is not None:
        return module
    if n.op == "call_method":
        method = str(n.target)
        return lambda tensor, *args, **kwargs: getattr(tensor, method)(*args, **kwargs)
    return n.target


def _shapes(value: Any) -> Shapes:
    """The shapes of the tensors in a value; none where it is no tensor and holds none."""
    parts = (
        pytree.tree_leaves(value) if isinstance(value, tuple | list) and not isinstance(value, torch.Size) else [value]
    )
    found = tuple(tuple(part.shape) if isinstance(part, torch.Tensor) else None for part in parts)
    return found if any(shape is not None for shape in found) else ()


def _unused(twin: nn.Module, counted: set[int], path: str = "") -> Iterator[tuple[str, str, int]]:
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
            yield from _unused(child, counted, f"{path}.{name}" if path else name)
