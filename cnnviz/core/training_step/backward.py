"""One way forward and back through a network, layer by layer: what each layer hands back to each that it reads.

Every layer runs by itself, on values that are cut off from those before, and autograd goes back through it alone. Where
several layers read one output, what they hand back adds up; so it does for a parameter that several layers use.
Refuses to know: optimisers, and records for readers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.func import functional_call
from torch.nn import functional

from cnnviz.core.graph import Program
from cnnviz.core.layers import Kind
from cnnviz.core.trace_plan import PlannedLayer, TracePlan
from cnnviz.core.training_step.trainable import parameters_in
from cnnviz.i18n import _

Tensors = Mapping[int, torch.Tensor]


class LayerRun:
    """One layer on its own: `leaves` are the outputs that it reads, by node, and `value` is what it makes of them.

    `known` are the outputs of all layers before it. `instead`: tensors that stand in for parameters, by their ids.
    cuts: what is read is cut off from where it comes from.
    """

    def __init__(
        self, program: Program, number: int, known: Tensors, instead: Tensors | None = None, *, cuts: bool = True
    ) -> None:
        self._program, self._known, self._instead, self._cuts = program, known, instead or {}, cuts
        self._done: dict[int, Any] = {}
        self.leaves: dict[int, torch.Tensor] = {}
        self.parameters: dict[int, nn.Parameter] = {}
        self.value: torch.Tensor = self._compute(number)

    def _value(self, number: int) -> Any:
        if number in self.leaves:
            return self.leaves[number]
        if number in self._known:
            if not self._cuts:
                return self._known[number]
            leaf = self._known[number].detach()
            self.leaves[number] = leaf.requires_grad_() if leaf.is_floating_point() else leaf
            return leaf
        if number not in self._done:
            self._done[number] = self._compute(number)
        return self._done[number]

    def _compute(self, number: int) -> Any:
        given = self._program.given(number)
        if given is not None:
            if isinstance(given, nn.Parameter):
                self.parameters[id(given)] = given
            return self._instead.get(id(given), given)
        own = {id(one): one for one in parameters_in(self._program, number)}
        self.parameters |= own
        function = self._replaced(number) if own and self._instead else None
        return self._program.compute(number, self._value, function)

    def _replaced(self, number: int) -> Callable[..., Any]:
        call = self._program.call(number)
        assert call is not None
        module = call.module
        values = {name: self._instead.get(id(one), one) for name, one in module.named_parameters()}
        return lambda *args, **kwargs: functional_call(module, values, args, kwargs)


@dataclass(frozen=True, eq=False)
class LayerBackward:
    """What came to one layer (`arrived`), what it hands back to each node that it reads, and to its parameters by id.

    `runs` is the layer on its own, None where it was not run.
    """

    arrived: torch.Tensor | None
    back: Mapping[int, torch.Tensor | None] = field(default_factory=dict)
    parameters: dict[int, torch.Tensor] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Backward:
    """What one way back gave; `layers` are in the order in which they run. `problems` are sentences.

    `image`: d loss / d image. `values`: the outputs of all layers, and the image, by node.
    """

    loss: float
    logits: torch.Tensor
    image: torch.Tensor | None
    layers: list[LayerBackward]
    parameters: dict[int, torch.Tensor]
    values: dict[int, torch.Tensor]
    problems: tuple[str, ...]


def go_through(plan: TracePlan, image: torch.Tensor, target: int) -> Backward:
    """Forwards and back for one `image` (1, channels, rows, cols) and its class; the loss is the cross-entropy."""
    values: dict[int, torch.Tensor] = {0: image}
    runs: dict[int, LayerRun] = {}
    for layer in plan.layers:
        runs[layer.number] = run = LayerRun(plan.program, layer.number, values)
        values[layer.number] = run.value.detach()
    return _Way(plan, runs, values).back(target)


class _Way:
    """The way back: what has arrived so far at each node, and at each parameter."""

    def __init__(self, plan: TracePlan, runs: dict[int, LayerRun], values: dict[int, torch.Tensor]) -> None:
        self._plan, self._runs, self._values = plan, runs, values
        self._parts: dict[int, list[torch.Tensor]] = defaultdict(list)
        self._parameters: dict[int, torch.Tensor] = {}
        self._ends: list[tuple[PlannedLayer, list[int], RuntimeError]] = []

    def back(self, target: int) -> Backward:
        loss, logits = self._begin(target)
        found = [self._layer(layer) for layer in reversed(self._plan.layers)][::-1]
        image = self._arrived(0)
        return Backward(
            loss, logits, image, found, self._parameters, self._values, tuple(map(self._dead_end, self._ends))
        )  # fmt: skip

    def _begin(self, target: int) -> tuple[float, torch.Tensor]:
        """The loss, and its gradient at what the network returns, or before the softmax that it ends with."""
        number = self._scores()
        value = self._values.get(number)
        run = None if value is not None else LayerRun(self._plan.program, number, self._values)
        value = value if run is None else run.value.detach()
        assert value is not None
        logits = value.detach().flatten(1).requires_grad_()  # (1, classes)
        loss = functional.cross_entropy(logits, torch.tensor([target], device=logits.device))
        (grad,) = torch.autograd.grad(loss, logits)
        whole = grad.reshape(value.shape)
        if run is None:
            self._parts[number].append(whole)
        else:  # bookkeeping stands between the last layer and the output
            self._hand_back(_through(run, whole))
        return float(loss.detach()), grad[0]

    def _scores(self) -> int:
        """The node of the scores: the output, or what a softmax at the end reads, whose logarithm the loss takes."""
        last = self._plan.layers[-1]
        (source, *_more) = last.nodes
        is_end = last.number == self._plan.output and last.spec.type_name == "Softmax"
        if not is_end or last.spec.kind is not Kind.SOFTMAX or source is None:
            return self._plan.output
        value = self._values[last.number]
        return source if value.numel() == value.shape[-1] else self._plan.output

    def _layer(self, layer: PlannedLayer) -> LayerBackward:
        arrived = self._arrived(layer.number)
        if arrived is None:
            return LayerBackward(None)
        try:
            found = _through(self._runs[layer.number], arrived)
        except RuntimeError as error:
            self._ends.append((layer, list(self._runs[layer.number].leaves), error))
            return LayerBackward(arrived)
        self._hand_back(found)
        return found

    def _arrived(self, number: int) -> torch.Tensor | None:
        """The sum of what the readers of a node have handed back; None where none of them did."""
        parts = self._parts.get(number, [])
        if not parts:
            return None
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def _hand_back(self, found: LayerBackward) -> None:
        for number, gradient in found.back.items():
            if gradient is not None:
                self._parts[number].append(gradient)
        for key, gradient in found.parameters.items():
            known = self._parameters.get(key)
            self._parameters[key] = gradient if known is None else known + gradient

    def _dead_end(self, end: tuple[PlannedLayer, list[int], RuntimeError]) -> str:
        layer, before, error = end
        names = {"path": layer.spec.path, "type": layer.spec.type_name, "reason": str(error).split("\n")[0]}
        if any(self._parts.get(number) for number in before):
            return _(
                "No gradient goes back through layer {path} ({type}): the layers before it learn only from what goes "
                "around it. PyTorch says: {reason}",
                **names,
            )
        return _(
            "No gradient goes back through layer {path} ({type}): the layers before it cannot learn from this step. "
            "PyTorch says: {reason}",
            **names,
        )


def _through(run: LayerRun, arrived: torch.Tensor) -> LayerBackward:
    """d loss / d each input and parameter of one layer.

    Raises: RuntimeError where autograd knows no way back.
    """
    leaves = {number: leaf for number, leaf in run.leaves.items() if leaf.requires_grad}
    learned = {key: one for key, one in run.parameters.items() if one.requires_grad}
    found = torch.autograd.grad(
        run.value, [*leaves.values(), *learned.values()], grad_outputs=arrived, allow_unused=True
    )  # fmt: skip
    back = dict(zip(leaves, found[: len(leaves)], strict=True))
    own = dict(zip(learned, found[len(leaves) :], strict=True))
    if leaves and all(one is None for one in back.values()):
        raise RuntimeError("the output does not depend on the input")
    return LayerBackward(arrived, back, {key: one for key, one in own.items() if one is not None})
