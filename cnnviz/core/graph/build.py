"""From a model to its graph: PyTorch's own tracers say what runs, tensors without data say the shapes.

The model is only read: what is traced is a copy without weights. Multiply-adds: `costs`.
Refuses to know: what an operation does to cells (`core.ops`), and what a unit sees.
"""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any

import torch
from torch import fx, nn
from torch.utils import _pytree as pytree

from cnnviz.checks import sides
from cnnviz.core.graph.axes import NOTHING, ON_MAPS, AxisPositions, AxisStep, axis_step
from cnnviz.core.graph.copies import (
    attribute_at,
    dtype_of,
    graph_of,
    has_no_graph,
    unused_modules,
    with_layer,
    without_state,
)
from cnnviz.core.graph.costs import MultiplyAddCounter
from cnnviz.core.graph.graph import Graph, GraphError, Node
from cnnviz.core.graph.names import NodeNames, module_path, target_name
from cnnviz.core.graph.program import Program
from cnnviz.core.layers import Kind, LayerSpec
from cnnviz.core.ops import Call, OpKind, OpRule, Ref, Shapes, look_up, rule_of, spec_of
from cnnviz.i18n import _

BOOKKEEPING = ("getattr", "contiguous", "size", "dim", "to", "detach", "clone", "alias", "sym_size", "_to_copy")


def build_graph(model: nn.Module, input_shape: tuple[int, int, int]) -> Graph:
    """The graph of `model` in evaluation mode, for images of (channels, rows, cols).

    Raises: GraphError where the model cannot be traced, or a layer refuses its input.

    >>> from torch import nn
    >>> from cnnviz.core.graph.build import build_graph
    >>> len(build_graph(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), (1, 5, 5)).layers)
    2
    """
    shared = without_state(nn.Sequential(model) if has_no_graph(model) else model, "shared")
    traced = graph_of(shared, input_shape)
    empty = without_state(traced, "meta")
    recorder = _Recorder(empty, traced, input_shape)
    try:
        with torch.no_grad():
            recorder.run(torch.empty((1, *input_shape), device="meta", dtype=dtype_of(model)))
    except GraphError as error:  # the interpreter appends lines of its own
        refusal = GraphError(first_line(error))
        refusal.part = recorder.recorded(())
        raise refusal from error.__cause__
    return recorder.recorded(tuple(unused_modules(shared, recorder.counted)))


def build_graph_to(model: nn.Module, input_shape: tuple[int, int, int], last: nn.Module, name: str) -> Graph:
    """The graph of `model` and one layer more after its output, called `name`.

    Raises: GraphError where the model cannot be traced, or a layer refuses its input.

    >>> from torch import nn
    >>> from cnnviz.core.graph.build import build_graph_to
    >>> graph = build_graph_to(nn.Sequential(nn.Flatten()), (1, 2, 2), nn.Softmax(dim=1), "probabilities")
    >>> graph.layers[-1].name
    'probabilities'
    """
    shared = without_state(nn.Sequential(model) if has_no_graph(model) else model, "shared")
    return build_graph(with_layer(graph_of(shared, input_shape), last, name), input_shape)


def graph_as_far_as_it_runs(model: nn.Module, input_shape: tuple[int, int, int]) -> tuple[Graph, str]:
    """The graph of `model`, and ""; of one with a layer that refuses its input, that of all before it, and why.

    Raises: GraphError where nothing runs.

    >>> from torch import nn
    >>> from cnnviz.core.graph.build import graph_as_far_as_it_runs
    >>> graph, stopped = graph_as_far_as_it_runs(nn.Sequential(nn.Conv2d(1, 2, 3), nn.Linear(9, 2)), (1, 5, 5))
    >>> len(graph.layers), stopped[:38]
    (1, 'layer 1 refused its input of shape 2×3')
    """
    try:
        return build_graph(model, input_shape), ""
    except GraphError as error:
        if error.part is None or not error.part.layers:
            raise
        return error.part, str(error)


def first_line(error: Exception) -> str:
    """What went wrong, without what PyTorch tells programmers."""
    return str(error).split("\n")[0].split(" but got Proxy")[0]


class _Recorder(fx.Interpreter):
    """Runs the graph on tensors without data and keeps one `Node` for each step.

    `module` has no weights; those of `shared`, which is traced alike, are what the recorded calls compute with.
    """

    def __init__(self, module: fx.GraphModule, shared: fx.GraphModule, input_shape: tuple[int, int, int]) -> None:
        super().__init__(module, garbage_collect_values=False)
        self.nodes: list[Node] = []
        self._shared, self._input_shape = shared, input_shape
        self.counted: set[int] = set()  # parameters, by the ids of the shared tensors
        self._fresh: dict[int, list[nn.Parameter]] = {}  # what a node that is the same for all images is made of
        self._spent: dict[int, int] = {}  # the multiply-adds of such nodes, until they are counted where they are used
        self._numbers: dict[fx.Node, int] = {}
        self._values: list[Any] = []
        self._names = NodeNames(module.graph.nodes)
        self._constants: dict[int, Any] = {}
        self._moving: set[int] = {0}
        self._output = 0

    def recorded(self, unused: tuple[tuple[str, str, int], ...]) -> Graph:
        """What has been recorded, ready to run."""
        like = next((p for p in self._shared.parameters() if p.is_floating_point()), torch.empty(0))
        program = Program([node.call for node in self.nodes], self._constants, like)
        return Graph(self._input_shape, tuple(self.nodes), unused, program, self._output)

    def run_node(self, n: fx.Node) -> Any:
        """One step; what goes wrong in it becomes one sentence that names the layer."""
        type_name = self._type_name(n)
        name = self._names.name(n, type_name)
        try:
            with MultiplyAddCounter() as counter:
                value = super().run_node(n)
        except Exception as error:
            raise self._refusal(n, name, error) from error
        number = self._numbers[n] = len(self.nodes)
        self._values.append(value)
        node = self._node(n, name, type_name, value, counter)
        if node.rule.how is not OpKind.NOTHING:
            self._moving.add(number)
        self.nodes.append(node)
        return value

    def _refusal(self, n: fx.Node, name: str, error: Exception) -> GraphError:
        shapes = [shape for source in n.all_input_nodes for shape in _shapes(self.env[source])[:1] if shape]
        if not shapes:  # a check of the network's own, of sizes
            name, shapes = _("input"), [(1, *self._input_shape)]
        return GraphError(
            _("layer {path} refused its input of shape {shape}: choose another input shape ({reason})", path=name,
              shape=", ".join(sides(shape[1:]) for shape in shapes), reason=first_line(error))
        )  # fmt: skip

    def _node(self, n: fx.Node, name: str, type_name: str, value: Any, cost: MultiplyAddCounter) -> Node:
        shapes, number = _shapes(value), len(self.nodes)
        if n.op == "placeholder":
            return Node(name, type_name, None, OpRule(OpKind.CELLWISE), shapes, ON_MAPS, alias=n.name)
        if n.op == "get_attr":
            return self._parameter(n, name, type_name, shapes)
        if n.op == "output":
            self._output = next((r.node for r in self._call(n, shapes).references if r.node in self._moving), number)
            return Node(name, type_name, None, OpRule(OpKind.NOTHING), shapes, None)
        call = self._call(n, shapes)
        rule = rule_of(call)
        place, steps = self._steps(call, rule)
        is_layer = len(shapes) == 1 and self._is_shown(n)
        is_constant = not any(source in self._moving for source, _step in steps)
        if is_constant:
            rule, place, is_layer = OpRule(OpKind.NOTHING), None, False
            self._fresh[number], self._spent[number] = self._used(n, call), cost.macs + self._macs_before(call)
        parameters = 0 if is_constant else self._count(self._used(n, call))
        macs = 0 if is_constant else cost.macs + self._macs_before(call)
        spec = self._spec_of_part(n, name) or spec_of(call, name, type_name, parameters)
        shown = spec.type_name if isinstance(n.target, torch._ops.OpOverload) else type_name
        return Node(
            name, shown, call if any(shapes) else None, rule, shapes, place, steps, parameters, macs, is_layer,
            cost.is_complete, spec, n.name, _block(n), n.meta.get("source_line"),
            str(n.target) if n.op == "call_module" else "",
        )  # fmt: skip

    def _parameter(self, n: fx.Node, name: str, type_name: str, shapes: Shapes) -> Node:
        number, value = len(self.nodes), attribute_at(self._shared, str(n.target))
        self._constants[number] = value
        self._fresh[number] = [value] if isinstance(value, nn.Parameter) else []
        rule, path = OpRule(OpKind.NOTHING), str(n.target)
        return Node(name, type_name, None, rule, shapes, None, alias=n.name, target=path)

    def _spec_of_part(self, n: fx.Node, name: str) -> LayerSpec | None:
        """Of one of several tensors that an operation returns: the first is what it is for, unless all are alike."""
        source = n.args[0] if n.target is operator.getitem else None
        if not isinstance(source, fx.Node) or not isinstance(self.env[source], tuple | list):
            return None
        whole = self.nodes[self._numbers[source]].spec
        if whole is None or whole.kind is Kind.REARRANGE:
            return None
        return replace(whole, path=name, kind=whole.kind if n.args[1] == 0 else Kind.UNSUPPORTED, parameters=0)

    def _is_shown(self, n: fx.Node) -> bool:
        """Whether a reader wants to see it: no bookkeeping."""
        return target_name(n) not in BOOKKEEPING if n.op != "call_module" else True

    def _steps(self, call: Call, rule: OpRule) -> tuple[AxisPositions | None, tuple[tuple[int, AxisStep], ...]]:
        found: list[tuple[AxisPositions | None, tuple[int, AxisStep]]] = []
        for ref in call.references:
            source = self.nodes[ref.node]
            depends = ref.node in self._moving
            place, step = axis_step(call, rule, ref, source.place) if depends else (None, NOTHING)
            found.append((place, (ref.node, step)))
        places = [place for place, (number, _step) in found if place is not None]
        return (places[0] if places else None), tuple(pair for _place, pair in found)

    def _call(self, n: fx.Node, shapes: Shapes) -> Call:
        def remembered(source: fx.Node) -> Any:
            number = self._numbers[source]
            return Ref(number) if any(self.nodes[number].shapes) else self._values[number]

        args, kwargs = fx.map_arg(n.args, remembered), fx.map_arg(n.kwargs, remembered)
        module = attribute_at(self._shared, str(n.target)) if n.op == "call_module" else None
        known = tuple(node.shapes for node in self.nodes)
        target = n.target if module is None else type(module)
        _operation, names = look_up(target)
        return Call(
            _function(n, module), tuple(args), dict(kwargs), known, shapes, module, target, names,
            frozenset(self._moving),
        )  # fmt: skip

    def _used(self, n: fx.Node, call: Call) -> list[nn.Parameter]:
        """The parameters that a call is made with, its own and those of constants that went into it."""
        own = list(call.module.parameters()) if isinstance(call.module, nn.Module) else []
        return own + [one for ref in call.references for one in self._fresh.get(ref.node, [])]

    def _macs_before(self, call: Call) -> int:
        """The multiply-adds of the constants that went into a call, each counted once."""
        return sum(self._spent.pop(ref.node, 0) for ref in call.references)

    def _count(self, used: list[nn.Parameter]) -> int:
        """The parameters that are used here first."""
        fresh = {id(one): one for one in used if id(one) not in self.counted}
        self.counted |= set(fresh)
        return sum(one.numel() for one in fresh.values())

    def _type_name(self, n: fx.Node) -> str:
        if n.op == "placeholder":
            return "input"
        if n.op == "call_module":
            return type(self.fetch_attr(str(n.target))).__name__
        source = n.args[0] if n.target is operator.getitem else None
        if isinstance(source, fx.Node) and isinstance(self.env[source], tuple | list):
            return self.nodes[self._numbers[source]].type_name  # a part of what that returned
        return target_name(n) if n.op in ("call_function", "call_method") else "parameter"


def _block(n: fx.Node) -> str:
    """The path of the module around it."""
    path = module_path(n)
    return path.rpartition(".")[0] if n.op == "call_module" else path


def _function(n: fx.Node, module: Any) -> Any:
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
