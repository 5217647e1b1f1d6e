"""One object for each operation, and the registry that finds it: by a module's type, a function, a name.

`nn.ReLU`, `functional.relu`, `torch.relu`, `tensor.relu()`, `aten.relu.default` and `aten.relu_.default` are the same
operation. What nobody registered is no operation that we know: it is never guessed from its name or its shapes.
Refuses to know: graphs, values, and how a cell is explained (`core.explain` registers that by kind).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from cnnviz.core.layers import Kind, LayerSpec
from cnnviz.core.ops.call import NO_RULE, Call, OpKind, OpRule

INPUT = ("input",)


def _reads_nothing(call: Call) -> dict[str, Any]:
    return {}


def _always(call: Call) -> bool:
    return True


@dataclass(frozen=True, eq=False)
class Operation:
    """What there is to know of one operation, however it is written.

    `type_name` is that of PyTorch's module, empty where each target has its own name. `rule` says which cells a call
    reads, `read` the fields of its `LayerSpec`, `fits` whether this is a call that both know how to read (a
    convolution whose weights are computed from the image is none).

    >>> from torch import nn
    >>> from cnnviz.core.ops import find_operation
    >>> find_operation(nn.Conv2d).kind
    <Kind.CONVOLUTION: 'convolution'>
    """

    kind: Kind
    rule: Callable[[Call], OpRule]
    type_name: str = ""
    read: Callable[[Call], dict[str, Any]] = _reads_nothing
    fits: Callable[[Call], bool] = _always


_KNOWN: dict[Any, tuple[Operation, tuple[str, ...]]] = {}


def register(operation: Operation, *targets: Any, words: str = "", names: tuple[str, ...] = INPUT) -> Operation:
    """Make `operation` known by module types and functions, and by `words`.

    What is torchvision's is named in full. Words are names that tensors, torch, functional and aten use for it; `names`
    those of its arguments, by position.

    >>> from torch import nn
    >>> from cnnviz.core.ops import find_operation, register
    >>> class Rectifier(nn.ReLU): ...
    >>> register(find_operation(nn.ReLU), Rectifier) is find_operation(Rectifier)
    True
    """
    for word in words.split():
        for room in (torch, functional):
            if callable(found := getattr(room, word, None)):
                _KNOWN[found] = operation, names
        _KNOWN[word] = operation, names
    _KNOWN.update(dict.fromkeys(targets, (operation, names)))
    return operation


def look_up(target: Any) -> tuple[Operation | None, tuple[str, ...]]:
    """The operation of a target and the names of its arguments; an operator that works in place is the same one.

    >>> from cnnviz.core.ops import look_up
    >>> look_up("flatten")[1], look_up("unheard of")[0]
    (('input',), None)
    """
    if isinstance(target, torch._ops.OpOverload):
        target = target._schema.name.removeprefix("aten::")
    elif str(getattr(target, "__module__", "")).startswith("torchvision."):
        target = f"{target.__module__}.{target.__qualname__}"  # by its name: importing torchvision takes a second
    known = _KNOWN.get(target)
    if known is None and isinstance(target, str) and target.endswith("_"):
        known = _KNOWN.get(target.removesuffix("_"))
    return known or (None, INPUT)


def find_operation(target: Any) -> Operation | None:
    """The operation that a module type, a function, a method's name or an aten operator stands for; None for another.

    >>> import torch
    >>> from torch import nn
    >>> from torch.nn import functional
    >>> from cnnviz.core.ops import find_operation
    >>> relu = find_operation(nn.ReLU)
    >>> all(find_operation(one) is relu for one in (functional.relu, "relu_", torch.ops.aten.relu.default))
    True
    """
    return look_up(target)[0]


def rule_of(call: Call) -> OpRule:
    """What `call` does to cells; `OpKind.NOTHING` where no tensor comes out, `UNKNOWN` where there is no rule.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> from cnnviz.core.ops import rule_of
    >>> rule_of(build_graph(nn.Sequential(nn.Tanh()), (1, 4, 4)).layers[0].call).how.value
    'cell by cell'
    """
    if not any(call.output):
        return OpRule(OpKind.NOTHING)
    operation = find_operation(call.target)
    return operation.rule(call) if operation and operation.fits(call) else NO_RULE


def spec_of(call: Call, path: str, type_name: str, parameters: int = 0) -> LayerSpec:
    """The `LayerSpec` of `call`; of kind `UNSUPPORTED` where it is no call that its operation knows how to read.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> graph = build_graph(nn.Sequential(nn.LeakyReLU(0.2)), (1, 4, 4))
    >>> graph.layers[0].spec.slope
    0.2
    """
    operation = find_operation(call.target)
    if operation is None or not operation.fits(call):
        return LayerSpec(path, Kind.UNSUPPORTED, type_name, parameters)
    fields = {"kind": operation.kind, "type_name": operation.type_name or type_name} | operation.read(call)
    return LayerSpec(path, parameters=parameters, **fields)


def describe(path: str, module: nn.Module) -> LayerSpec:
    """The `LayerSpec` of `module`, found at `path` in its network.

    >>> from torch import nn
    >>> from cnnviz.core.ops import describe
    >>> describe("conv1", nn.Conv2d(1, 16, 5, padding=2)).kernel
    (5, 5)
    """
    parameters = sum(p.numel() for p in module.parameters())
    return spec_of(call_of_module(module), path, type(module).__name__, parameters)


def call_of_module(module: nn.Module) -> Call:
    """A call of `module` about whose input nothing is known."""
    return Call(module, (), {}, module=module, target=type(module))
