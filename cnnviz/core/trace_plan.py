"""What of a network is recorded when it is traced: which layers, what each of them reads, and its parameters.

Refuses to know: images.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from cnnviz.core.graph import Graph, Node, Program
from cnnviz.core.layer_trace import LayerTrace, SourceLine, maps_shape
from cnnviz.core.layers import Kind, LayerSpec
from cnnviz.core.ops import Call, Ref, describe
from cnnviz.core.ops.operation import call_of_module

MOVES = (Kind.REARRANGE, Kind.CONCAT, Kind.PADDING, Kind.UPSAMPLING)  # explained by running them on other numbers
Parameters = tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None, np.ndarray | None]
PARAMETERS = ("weight", "bias", "running_mean", "running_var")  # in the order in which `LayerTrace` has them


@dataclass(frozen=True, eq=False)
class PlannedLayer:
    """What stays the same from run to run: `number` is that of its node.

    `parameters` are weight, bias, mean and variance.
    `sources` are columns (0 the image, n layer number n − 1) and `nodes` their nodes, None for a constant, whose value
    then stands in `constants` at the same place.
    """

    number: int
    spec: LayerSpec
    parameters: Parameters
    sources: tuple[int | None, ...]
    constants: tuple[np.ndarray | None, ...]
    nodes: tuple[int | None, ...]
    module: nn.Module | None = None
    source_line: SourceLine | None = None

    def traced(self, value: torch.Tensor, columns: Columns, program: Program) -> LayerTrace:
        """The record of this layer: `value` is its output, `columns` what comes before it."""
        output, shape = laid_out(value)
        if len(self.sources) == 1 and self.sources[0] is not None:  # of nearly all layers, so made fast
            inputs: tuple[Any, ...] = (columns.arrays[self.sources[0]],)
        else:
            pairs = zip(self.sources, self.constants, strict=True)
            inputs = tuple(constant if source is None else columns.arrays[source] for source, constant in pairs)
        apply = self._computer(columns, program) if self.spec.kind in MOVES else None
        first = self.sources[0] if self.sources else None
        before = () if first is None else columns.shapes[first]
        return LayerTrace(
            self.spec, inputs, output, *self.parameters, self.sources, shape, apply, self.source_line, before
        )

    def _computer(self, columns: Columns, program: Program) -> Callable[[Sequence[np.ndarray]], np.ndarray]:
        shapes = tuple(None if source is None else columns.shapes[source] for source in self.sources)
        return partial(_apply, program, self.number, self.nodes, shapes)


@dataclass(frozen=True, eq=False)
class Columns:
    """The image and the outputs so far, as they are kept, and their shapes as PyTorch has them."""

    arrays: list[np.ndarray]
    shapes: list[tuple[int, ...]]


def _apply(
    program: Program,
    number: int,
    nodes: Sequence[int | None],
    shapes: Sequence[tuple[int, ...] | None],
    inputs: Sequence[np.ndarray],
) -> np.ndarray:
    """The output of a layer for other inputs of the same shapes, in their own precision, as it is kept."""
    given = {
        at: torch.from_numpy(np.array(value)).reshape(shape)
        for at, shape, value in zip(nodes, shapes, inputs, strict=True)
        if at is not None and shape is not None
    }
    return laid_out(program.evaluate(number, given))[0]


@dataclass(frozen=True, eq=False)
class TracePlan:
    """The layers in the order in which they run, and the program that computes them; `output` is a node's number."""

    program: Program
    layers: tuple[PlannedLayer, ...]
    output: int
    known: dict[int, frozenset[int]] = field(default_factory=dict)  # what `read_after` has found

    def read_after(self, count: int) -> frozenset[int]:
        """The nodes among the first `count` layers that later ones read, and the output."""
        if count not in self.known:
            last = self.layers[count - 1].number if count else 0
            self.known[count] = frozenset(self.program.read_after(last)) | {self.output}
        return self.known[count]


def laid_out(value: torch.Tensor) -> tuple[np.ndarray, tuple[int, ...]]:
    """An output as it is kept, and its shape as PyTorch has it."""
    array = value.numpy() if value.is_cpu else value.cpu().numpy()
    shape = array.shape
    if array.ndim > 1 and len(array) == 1:
        array = array[0]
    return (array if array.ndim in (1, 3) else array.reshape(maps_shape(array.shape))), shape


def plan_of_row(
    modules: Sequence[tuple[str, nn.Module]], twin: TracePlan | None = None, *, is_frozen: bool = False
) -> TracePlan:
    """The plan of layers in a row, (path, module) each; what a `twin` has read of the same layers is taken over."""
    known = {(layer.spec.path, layer.module): layer for layer in twin.layers} if twin else {}
    calls: list[Call | None] = [None]
    layers = []
    for number, (path, module) in enumerate(modules, start=1):
        calls.append(Call(module, (Ref(number - 1),), {}, module=module, target=type(module), moving=_ALL))
        before = known.get((path, module))
        if before is not None and before.number == number:
            layers.append(before)
            continue
        parameters = parameters_of(call_of_module(module), lambda _number: None, is_frozen=is_frozen)
        spec = before.spec if before else describe(path, module)
        layers.append(PlannedLayer(number, spec, parameters, (number - 1,), (None,), (number - 1,), module))
    like = next((one for _path, module in modules for one in module.parameters()), torch.empty(0))
    return TracePlan(Program(calls, {}, like), tuple(layers), len(modules))


class _All(frozenset[int]):
    """Every node depends on the image."""

    def __contains__(self, number: object) -> bool:
        return True


_ALL = _All()


def plan_of_graph(graph: Graph, *, is_frozen: bool = False) -> TracePlan:
    """The plan of a graph: the layers that a reader wants to see, each with what it reads of those before."""
    columns = {0: 0}
    layers: list[PlannedLayer] = []
    for number, node in enumerate(graph.nodes):
        if not node.is_layer or node.call is None or node.spec is None:
            continue
        operands = _operands(graph, node)
        sources = tuple(columns[one] if isinstance(one, int) else None for one in operands)
        constants = tuple(None if isinstance(one, int) else one for one in operands)
        numbers = tuple(one if isinstance(one, int) else None for one in operands)
        parameters = parameters_of(node.call, graph.program.constant, is_frozen=is_frozen)
        layers.append(
            PlannedLayer(number, node.spec, parameters, sources, constants, numbers, source_line=node.source_line)
        )
        columns[number] = len(layers)
    return TracePlan(graph.program, tuple(layers), graph.output)


def parameters_of(call: Call, constant: Callable[[int], Any], *, is_frozen: bool = False) -> Parameters:
    """Weights, bias and running estimates of a call; copied, unless they are frozen: the trace keeps them."""
    found: list[np.ndarray | None] = []
    for name in PARAMETERS:
        value = call.get(name)
        if isinstance(value, Ref):
            value = constant(value.node) if call.is_constant(value) else None
        if isinstance(value, torch.Tensor) and not value.is_meta:
            array = (value.detach() if is_frozen else value.detach().clone()).cpu().numpy()
            array.setflags(write=False)
            found.append(array)
        else:
            found.append(None)
    weight, bias, mean, variance = found
    return weight, bias, mean, variance


_PAIRS = (Kind.ADD, Kind.MULTIPLY)


def _operands(graph: Graph, node: Node) -> list[int | np.ndarray]:
    """What a layer reads: numbers of visible nodes, and constants where the place of an operand has a meaning."""
    call = node.call
    assert call is not None
    assert node.spec is not None
    if node.spec.kind in _PAIRS:
        return [_operand(graph, value) for value in (call.get("input"), call.get("other"))]
    if node.spec.kind is Kind.CONCAT:
        return [_operand(graph, value) for value in call.get("tensors")]
    return [number for ref in call.references if ref.node in call.moving for number in _visible(graph, ref.node)]


def _operand(graph: Graph, value: Any) -> int | np.ndarray:
    if isinstance(value, Ref):
        if graph.dependent[value.node]:
            return _visible(graph, value.node)[0]
        value = graph.program.constant(value.node)
    if isinstance(value, torch.Tensor):
        return laid_out(value.detach()[None] if value.dim() == 3 else value.detach())[0]
    return np.array([value], dtype=np.float64)


def _visible(graph: Graph, number: int) -> list[int]:
    """The nearest nodes before (or at) this one that a reader sees."""
    node = graph.nodes[number]
    if number == 0 or (node.is_layer and node.call is not None):
        return [number]
    assert node.call is not None
    return [found for ref in node.call.references if graph.dependent[ref.node] for found in _visible(graph, ref.node)]
