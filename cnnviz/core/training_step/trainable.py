"""A network that learns: a private copy of it, its layers with what each reads, and its parameters by path.

A row of layers is taken as it stands, any other network as its graph. It runs as it does when it is used (evaluation
mode); with `batch_statistics` its batch normalisations take the mean and the variance of this image instead.
Refuses to know: losses, gradients and optimisers.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from cnnviz.core.graph import Graph, GraphError, Program, build_graph
from cnnviz.core.layer_trace import Trace
from cnnviz.core.ops import Call, Ref, look_up
from cnnviz.core.trace import is_row, run_plan, sequential_layers
from cnnviz.core.trace_plan import PlannedLayer, TracePlan, plan_of_graph, plan_of_row
from cnnviz.core.training_step.records import TrainingStepError

Shape = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class TrainableNetwork:
    """`parameters` by path, each once; `row` or `graph` is what the copy is run from."""

    name: str
    parameters: dict[str, nn.Parameter]
    row: tuple[tuple[str, nn.Module], ...] = ()
    graph: Graph | None = None
    batch_statistics: bool = False

    def plan(self) -> TracePlan:
        """What runs, with the parameters as they are now."""
        if self.graph is None:
            plan = plan_of_row(self.row)
        else:
            plan = plan_of_graph(replace(self.graph, program=self.graph.program.anew()))
        if not self.batch_statistics:
            return plan
        return replace(plan, layers=tuple(_by_image(layer, plan.program) for layer in plan.layers))

    def trace(self, image: np.ndarray) -> Trace:
        """One forward pass with the parameters as they are now. Raises: TraceError when a layer refuses its input."""
        return run_plan(self.plan(), image, self.name)


def make_trainable(model: nn.Module, shape: Shape, name: str, *, batch_statistics: bool = False) -> TrainableNetwork:
    """A copy of `model` for images of `shape` (channels, rows, cols); `model` itself stays as it is.

    Raises: TrainingStepError for a network without weights, or one that neither is a row of layers nor can be drawn as
    a graph.

    >>> from torch import nn
    >>> from cnnviz.core.training_step.trainable import make_trainable
    >>> list(make_trainable(nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), (1, 2, 2), "").parameters)
    ['1.weight', '1.bias']
    """
    own = copy.deepcopy(model).eval()
    found = _in_row(own, name) if is_row(own) else _as_graph(own, shape, name)
    if batch_statistics:
        found = _with_batch_statistics(found)
    for one in found.parameters.values():
        one.requires_grad_(one.is_floating_point())
    return found


def _in_row(model: nn.Module, name: str) -> TrainableNetwork:
    return TrainableNetwork(name, dict(model.named_parameters()), row=tuple(sequential_layers(model)))


def _as_graph(model: nn.Module, shape: Shape, name: str) -> TrainableNetwork:
    try:
        graph = build_graph(model, shape)
    except GraphError as error:
        if isinstance(model, nn.Sequential) and error.part is None:
            return _in_row(model, name)  # each of its parts is one layer then
        raise TrainingStepError(str(error)) from error
    return TrainableNetwork(name, graph.parameters, graph=graph)


def parameter_of(program: Program, number: int, name: str) -> nn.Parameter | None:
    """The parameter that node `number` has as its "weight" or "bias"; None where that is computed, or not there."""
    call = program.call(number)
    value = call.get(name) if call else None
    if isinstance(value, Ref):
        value = program.given(value.node)
    return value if isinstance(value, nn.Parameter) else None


def _with_batch_statistics(network: TrainableNetwork) -> TrainableNetwork:
    """Its batch normalisations in training mode: modules are told so, functions are called so."""
    for _path, module in network.row:
        module.train(isinstance(module, _BatchNorm))
    graph = network.graph
    if graph is None:
        return replace(network, batch_statistics=True)
    calls = [None if node.call is None else _trains(node.call) for node in graph.nodes]
    return replace(
        network, batch_statistics=True, graph=replace(graph, program=graph.program.with_calls(calls))
    )  # fmt: skip


def _trains(call: Call) -> Call:
    if isinstance(call.module, _BatchNorm):
        call.module.train()
    operation, names = look_up(call.target)
    if call.module is not None or operation is None or operation.type_name != "BatchNorm2d":
        return call
    named: dict[str, Any] = dict(zip(_names(call, names), call.args, strict=False)) | call.kwargs
    return replace(call, args=(), kwargs=named | {"training": True}) if "training" in _names(call, names) else call


def _names(call: Call, names: tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(call.target, torch._ops.OpOverload):
        return tuple(one.name for one in call.target._schema.arguments)
    return names


def _by_image(layer: PlannedLayer, program: Program) -> PlannedLayer:
    """The layer with a spec that says whose statistics it takes."""
    call = program.call(layer.number)
    trains = call is not None and (
        call.module.training if isinstance(call.module, _BatchNorm) else bool(call.kwargs.get("training"))
    )
    if not trains:
        return layer
    return replace(layer, spec=replace(layer.spec, is_by_image=True, groups=layer.spec.channels[1]))


def parameters_in(program: Program, number: int) -> Iterator[nn.Parameter]:
    """The parameters of the module that node `number` calls."""
    call = program.call(number)
    if call is not None and isinstance(call.module, nn.Module):
        yield from call.module.parameters()
