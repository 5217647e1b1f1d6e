"""The calls of a graph, ready to run again and again: what is the same for all images is computed once.

A call that works in place gets copies, so that what it reads stays as it was.
Refuses to know: what the operations mean, and which values anybody wants to see.
"""

from __future__ import annotations

import copy
import inspect
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn
from torch.utils import _pytree as pytree

from cnnviz.core.ops import Call, Ref

Values = list[Any]  # of the nodes, by their numbers
IN_PLACE = (operator.iadd, operator.isub, operator.imul, operator.itruediv)


@dataclass(frozen=True, eq=False)
class Step:
    """One call that depends on the image: it takes the values so far and gives that of node `number`."""

    number: int
    run: Callable[[Values], Any]


class StepError(RuntimeError):
    """A call refused what it was given: `number` is that of its node, `inputs` the tensors, `values` all so far."""

    def __init__(self, number: int, inputs: list[torch.Tensor], reason: Exception, values: Values) -> None:
        super().__init__(str(reason))
        self.number, self.inputs, self.values = number, inputs, values


class Program:
    """Computes the outputs of nodes for images (n, channels, rows, cols), with gradients to them where these are on.

    `calls` has one entry for each node, None for the image and for what is not called; `constants` the values of nodes
    that are there before anything runs (parameters).

    >>> import torch
    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> graph = build_graph(nn.Sequential(nn.ReLU(), nn.Flatten()), (1, 1, 2))
    >>> graph.program(graph.position("1"), torch.tensor([[[[-1.0, 2.0]]]])).tolist()
    [[0.0, 2.0]]
    """

    def __init__(self, calls: Sequence[Call | None], constants: dict[int, Any], like: torch.Tensor) -> None:
        self.dtype, self.device = like.dtype, like.device
        self._count = len(calls)
        self._given, self._like = dict(constants), like
        self._constants = dict(constants)
        self._calls = tuple(calls)
        self._steps: list[Step] = []
        self._waiting: list[Step] = []
        for number, call in enumerate(calls):
            if call is None or number in self._constants:
                continue
            run = _compiled(call)
            if any(ref.node in call.moving for ref in call.references):
                self._steps.append(Step(number, run))
            else:
                self._waiting.append(Step(number, run))

    def _start(self, images: torch.Tensor | None) -> Values:
        values: Values = [None] * self._count
        values[0] = images
        for number, value in self._all_constants().items():
            values[number] = value
        return values

    def _all_constants(self) -> dict[int, Any]:
        """With those that have to be computed, which is done when somebody first asks for a value."""
        if self._waiting:
            values: Values = [self._constants.get(number) for number in range(self._count)]
            with torch.no_grad():
                for step in self._waiting:
                    values[step.number] = self._constants[step.number] = step.run(values)
            self._waiting = []
        return self._constants

    def constant(self, number: int) -> Any:
        """The value of a node that does not depend on the image."""
        return self._all_constants().get(number)

    def values(
        self, images: torch.Tensor, until: int | None = None, begun: dict[int, Any] | None = None, after: int = 0
    ) -> Values:
        """The values of all nodes, or of those up to number `until`.

        `begun`: values that are taken over; no node up to number `after` is run then.
        Raises: StepError where a call refuses its input.
        """
        values = self._start(images)
        for number, value in (begun or {}).items():
            values[number] = value
        number = 0
        try:
            for step in self._steps:
                number = step.number
                if number > after:
                    if until is not None and number > until:
                        break
                    values[number] = step.run(values)
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            call = self._calls[number]
            read = [values[ref.node] for ref in call.references] if call else []
            raise StepError(number, [one for one in read if isinstance(one, torch.Tensor)], error, values) from error
        return values

    def read_after(self, number: int) -> set[int]:
        """The nodes up to `number` that later ones read."""
        later = (self._calls[step.number] for step in self._steps if step.number > number)
        return {ref.node for call in later if call for ref in call.references if ref.node <= number}

    def evaluate(self, number: int, given: dict[int, torch.Tensor]) -> Any:
        """The value of one node where the values of some nodes before it are `given`."""
        if number in given:
            return given[number]
        if number in self._all_constants():
            return self._constants[number]
        return self.compute(number, lambda source: self.evaluate(source, given))

    def compute(self, number: int, value_of: Callable[[int], Any], function: Callable[..., Any] | None = None) -> Any:
        """The value of one node, whose inputs `value_of` gives by their numbers; `function` is called in its place."""
        call = self._calls[number]
        assert call is not None
        values: Values = [None] * self._count
        for ref in call.references:
            values[ref.node] = value_of(ref.node)
        return _compiled(call if function is None else replace(call, function=function))(values)

    def call(self, number: int) -> Call | None:
        """What node `number` calls; None for the image and for what is there before anything runs."""
        return None if number in self._given else self._calls[number]

    def given(self, number: int) -> Any:
        """A parameter or a buffer: the value of a node that is there before anything runs; None for another node."""
        return self._given.get(number)

    def anew(self) -> Program:
        """The same program with nothing computed yet: parameters may have changed since."""
        return Program(self._calls, self._given, self._like)

    def with_calls(self, calls: Sequence[Call | None]) -> Program:
        """A program of other calls for the same nodes."""
        return Program(calls, self._given, self._like)

    def __call__(self, position: int, images: torch.Tensor) -> torch.Tensor:
        """The output of node `position`; what comes after it does not run."""
        value: torch.Tensor = self.values(images, position)[position]
        return value


def _compiled(call: Call) -> Callable[[Values], Any]:
    """A function of the values so far; the usual call, of one module on one value, does no more than that."""
    function, copies = _out_of_place(call)
    if len(call.args) == 1 and isinstance(call.args[0], Ref) and not call.kwargs:
        number = call.args[0].node
        if copies:
            return lambda values: function(values[number].clone())
        return lambda values: function(values[number])
    leaves, spec = pytree.tree_flatten((call.args, call.kwargs), is_leaf=lambda leaf: isinstance(leaf, Ref))

    def run(values: Values) -> Any:
        filled = [_filled(leaf, values, copies) if isinstance(leaf, Ref) else leaf for leaf in leaves]
        args, kwargs = pytree.tree_unflatten(filled, spec)
        return function(*args, **kwargs)

    return run


def _out_of_place(call: Call) -> tuple[Callable[..., Any], bool]:
    """What to call, and whether it must be given copies: a call that works in place has a sister that does not."""
    if not works_in_place(call):
        return _direct(call.function), False
    if type(call.module) in _PLAIN_MODULES:
        twin = copy.copy(call.module)
        twin.inplace = False
        return _direct(twin), False
    if isinstance(call.target, torch._ops.OpOverload):
        packet = getattr(torch.ops.aten, call.target._schema.name.removeprefix("aten::").removesuffix("_"), None)
        if packet is not None and call.target._overloadname in packet.overloads():
            return getattr(packet, call.target._overloadname), False
    if call.target in _SISTERS:
        return _SISTERS[call.target], False
    return _direct(call.function), True


# Modules of torch.nn whose `inplace` changes nothing but where the result is written.
_PLAIN_MODULES = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.SELU, nn.SiLU, nn.Hardswish, nn.Hardsigmoid, nn.Hardtanh,
                  nn.Dropout, nn.Dropout2d)  # fmt: skip
_SISTERS: dict[Any, Callable[..., Any]] = {
    operator.iadd: operator.add, operator.isub: operator.sub, operator.imul: operator.mul,
    operator.itruediv: operator.truediv,
}  # fmt: skip


def _direct(function: Callable[..., Any]) -> Callable[..., Any]:
    """A module's own code: without hooks to be called, that is all that calling it does."""
    if isinstance(function, nn.Module) and not (function._forward_hooks or function._forward_pre_hooks):
        return function.forward
    return function


def _filled(ref: Ref, values: Values, copies: bool) -> Any:
    value = values[ref.node]
    return value.clone() if copies and isinstance(value, torch.Tensor) else value


def works_in_place(call: Call) -> bool:
    """Whether a call may change what it reads: told by its module, its arguments, or its name.

    >>> from torch import nn
    >>> from cnnviz.core.graph.program import works_in_place
    >>> from cnnviz.core.ops.operation import call_of_module
    >>> works_in_place(call_of_module(nn.ReLU(inplace=True))), works_in_place(call_of_module(nn.ReLU()))
    (True, False)
    """
    if call.module is not None:
        return any(getattr(module, "inplace", False) for module in call.module.modules())
    if isinstance(call.target, str):
        return call.target.endswith("_")
    if isinstance(call.target, torch._ops.OpOverload):
        return bool(call.target._schema.is_mutable)
    return call.target in IN_PLACE or _is_told_to(call)


def _is_told_to(call: Call) -> bool:
    name = getattr(call.target, "__name__", "")
    if name.endswith("_") and not name.endswith("__"):
        return True
    try:
        bound = inspect.signature(call.target).bind_partial(*call.args, **call.kwargs).arguments
    except (TypeError, ValueError):  # a built-in function, which has no such argument
        return False
    return bool(bound.get("inplace", False))
