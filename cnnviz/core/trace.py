"""Run a network once and keep everything: the inputs and the output of every layer, as plain arrays.

Numbers are PyTorch's, handed on as read-only NumPy arrays. The model is only read: no hook,
no change of mode, gradient or parameter, also when a layer fails.
Refuses to know: pages, colours, and where the image came from.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np
import torch
from torch import fx, nn
from torch.nn import functional

from cnnviz.checks import sides
from cnnviz.core.graph import Graph, GraphError, build_graph
from cnnviz.core.graph.program import StepError
from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.layers import IMAGE, PROBABILITIES, Kind
from cnnviz.core.ops import find_operation
from cnnviz.core.trace_plan import Columns, PlannedLayer, TracePlan, plan_of_graph, plan_of_row
from cnnviz.i18n import _


class TraceError(ValueError):
    """The network cannot be traced with this image; the message says which layer refused, and why."""


class Tracer:
    """A network made ready to be traced again and again: what does not change is read once.

    Keeps the weights as they are at construction: make a new tracer after a training step.
    A model in training mode is copied first, so that it stays as it is.
    `twin`: a tracer of a network that shares layers with this one; what it has read of these is not read again.
    in_row: take the layers of an `nn.Sequential` as they stand, whatever is in them. is_frozen: nobody will ever change
    the weights, so they are not copied: a large network and its edited copies hold each number once.
    """

    def __init__(
        self,
        model: nn.Module,
        network: str = "",
        twin: Tracer | None = None,
        *,
        in_row: bool = False,
        is_frozen: bool = False,
    ) -> None:
        self.network, self._is_frozen = network, is_frozen
        self._model = copy.deepcopy(model).eval() if any(one.training for one in model.modules()) else model
        is_plain = in_row or is_row(self._model)
        known = twin._row if twin is not None else None
        layers = list(sequential_layers(self._model)) if is_plain else []
        self._row: TracePlan | None = plan_of_row(layers, known, is_frozen=is_frozen) if is_plain else None
        self._drawn: dict[tuple[int, ...], TracePlan] = {}
        self._parts: dict[tuple[int, ...], tuple[TracePlan, str]] = {}  # of networks that refuse a shape, and why

    def __call__(self, image: np.ndarray, begun: Trace | None = None) -> Trace:
        """Run once on `image`, a float array (channels, rows, cols).

        `begun`: what the `twin` made of the same image; up to the first layer that is not shared it is taken over.
        Raises: TraceError when a layer refuses its input, or what has begun is of another image.
        """
        return self._traced(image, begun)

    def as_far_as_it_runs(self, image: np.ndarray) -> Trace:
        """The same; where a layer refuses, all before it, with the reason in `stopped`.

        Raises: TraceError where nothing runs: the network cannot be drawn as a graph.

        >>> import numpy as np
        >>> from torch import nn
        >>> from cnnviz.core.trace import Tracer
        >>> model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(9, 2))
        >>> part = Tracer(model).as_far_as_it_runs(np.zeros((1, 5, 5), np.float32))
        >>> len(part.layers), part.stopped[:38]
        (2, 'layer 2 refused its input of shape 18:')
        """
        return self._traced(image, None, may_stop=True)

    def _traced(self, image: np.ndarray, begun: Trace | None, may_stop: bool = False) -> Trace:
        if begun is not None and not np.array_equal(image, begun.image, equal_nan=True):
            raise TraceError(_("image must be that of the trace that goes on, got another: trace it from the start"))
        plan, refusal = (self._row, "") if self._row else self._plan(image.shape, may_stop)
        is_taken_over = begun is not None and plan is self._row
        with torch.inference_mode():
            done = begun.layers[: _shared(plan, begun)] if begun and is_taken_over else ()
            made = _run(plan, image, self.network, done, may_stop)
        return made.as_part(refusal) if refusal else made

    def _plan(self, shape: tuple[int, ...], may_stop: bool = False) -> tuple[TracePlan, str]:
        """That of the graph for images of this shape; of a part of it, with the reason, where `may_stop` allows it."""
        if may_stop and shape in self._parts:
            return self._parts[shape]
        if shape not in self._drawn:
            try:
                graph = build_graph(self._model, (shape[0], shape[1], shape[2]))
                self._drawn[shape] = plan_of_graph(graph, is_frozen=self._is_frozen)
            except GraphError as error:
                if may_stop and error.part is not None:
                    self._parts[shape] = plan_of_graph(error.part), str(error)
                    return self._parts[shape]
                raise TraceError(str(error)) from error
        return self._drawn[shape], ""


def trace_graph(graph: Graph, image: np.ndarray, network: str = "") -> Trace:
    """Run a graph that is drawn already on `image` (channels, rows, cols) of its input shape.

    Raises: TraceError when a layer refuses its input.
    """
    return run_plan(plan_of_graph(graph), image, network)


def run_plan(plan: TracePlan, image: np.ndarray, network: str = "") -> Trace:
    """Run a plan on `image` (channels, rows, cols). Raises: TraceError when a layer refuses its input."""
    with torch.inference_mode():
        return _run(plan, image, network)


def _run(
    plan: TracePlan, image: np.ndarray, network: str, begun: tuple[LayerTrace, ...] = (), may_stop: bool = False
) -> Trace:
    program = plan.program
    read = plan.read_after(len(begun)) if begun else frozenset()
    known = {
        layer.number: torch.tensor(done.output.reshape(done.shape), dtype=program.dtype, device=program.device)
        for layer, done in zip(plan.layers, begun, strict=False)
        if layer.number in read
    }
    value = torch.tensor(image, dtype=program.dtype, device=program.device)[None]  # (1, c, h, w)
    stopped, end = "", None
    try:
        values = program.values(value, begun=known, after=plan.layers[len(begun) - 1].number if begun else 0)
    except StepError as error:
        refusal = _refusal(plan, error)
        if not may_stop:
            raise refusal from error
        values, stopped, end = error.values, str(refusal), error.number
    first = begun[0].inputs[0] if begun else array_of(value[0])
    columns = Columns([first, *(one.output for one in begun)], [(1, *first.shape), *(one.shape for one in begun)])
    layers = list(begun)
    for layer in plan.layers[len(begun) :]:
        if end is not None and layer.number >= end:
            break
        layers.append(layer.traced(values[layer.number], columns, program))
        columns.arrays.append(layers[-1].output)
        columns.shapes.append(layers[-1].shape)
    logits, probabilities = _answer(layers, values[0 if stopped else plan.output])
    whole = Trace(network, first, tuple(layers), logits, probabilities)
    return whole.as_part(stopped) if stopped else whole


def _refusal(plan: TracePlan, error: StepError) -> TraceError:
    path = next((layer.spec.path for layer in plan.layers if layer.number >= error.number), "")
    shape = ", ".join(sides(tuple(one.shape[1:])) for one in error.inputs)
    return TraceError(
        _("layer {path} refused its input of shape {shape}: {reason}", path=path, shape=shape, reason=error)
    )


def _answer(layers: list[LayerTrace], output: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Scores and probabilities; a network whose last layer is a softmax has computed them itself."""
    last = layers[-1] if layers else None
    if last is not None and last.spec.type_name == "Softmax" and last.spec.kind is Kind.SOFTMAX:
        return np.array(last.input).reshape(-1), np.array(last.output).reshape(-1)
    logits = output[0].flatten()
    return array_of(logits), array_of(functional.softmax(logits, dim=0))


def _shared(plan: TracePlan, begun: Trace) -> int:
    """How many layers at the front are the very layers of `begun`; a spec is read once a layer."""
    pairs: Iterator[tuple[PlannedLayer, LayerTrace]] = zip(plan.layers, begun.layers, strict=True)
    return next((at for at, (mine, theirs) in enumerate(pairs) if mine.spec is not theirs.spec), len(plan.layers))


def trace(model: nn.Module, image: np.ndarray, network: str = "") -> Trace:
    """Run `model` in evaluation mode on one image (channels, rows, cols) and record every layer.

    image: floats; they become the type of the model's weights. network: a name for the record.
    Raises: TraceError when the model cannot be traced, or a layer refuses its input.

    >>> import numpy as np
    >>> from cnnviz.models.zoo import find_recipe
    >>> from cnnviz.core.trace import trace
    >>> trace(find_recipe("mnist").build(), np.zeros((1, 28, 28), np.float32)).logits.shape
    (10,)
    """
    return Tracer(model, network)(image)


def is_row(model: nn.Module) -> bool:
    """Whether it is nested `nn.Sequential`s of PyTorch's own layers: what runs is plain then, without drawing a graph.

    One in which a layer is called as every network's image or probabilities are is none: a graph gives it another name.

    >>> from torch import nn
    >>> from cnnviz.core.trace import is_row
    >>> is_row(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())), is_row(nn.Conv2d(1, 2, 3))
    (True, False)
    """
    if not isinstance(model, nn.Sequential):
        return False
    tracer = fx.Tracer()
    layers = list(sequential_layers(model))
    if any(path in (IMAGE, PROBABILITIES) for path, _module in layers):
        return False
    return all(tracer.is_leaf_module(module, path) and _says_all(module) for path, module in layers)


def _says_all(module: nn.Module) -> bool:
    """Whether a layer tells what it is by itself: what "axis 1" means depends on what comes in."""
    operation = find_operation(type(module))
    return operation is None or operation.kind not in (Kind.SOFTMAX, Kind.REARRANGE)


def sequential_layers(model: nn.Module, prefix: str = "") -> Iterator[tuple[str, nn.Module]]:
    """The layers of nested `nn.Sequential`s with their paths, in the order in which they run.

    prefix: what stands before every path.
    Raises: TraceError for another network.

    >>> from torch import nn
    >>> from cnnviz.core.trace import sequential_layers
    >>> model = nn.Sequential(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), nn.Flatten())
    >>> [path for path, _module in sequential_layers(model)]
    ['0.0', '0.1', '1']
    """
    if not isinstance(model, nn.Sequential):
        raise TraceError(
            _("network must be an nn.Sequential, got {type}: give its layers in a row", type=type(model).__name__)
        )
    for name, module in model._modules.items():  # named_children leaves out a layer that stands there twice
        if module is None:
            continue
        path = f"{prefix}{name}"
        if isinstance(module, nn.Sequential):
            yield from sequential_layers(module, f"{path}.")
        else:
            yield path, module


def array_of(value: torch.Tensor) -> np.ndarray:
    """A tensor as an array, sharing its memory where it can."""
    return value.numpy() if value.is_cpu else value.cpu().numpy()
