"""One recorded call of an operation, and the vocabulary in which operations say what they do to cells.

Refuses to know: which operation does what (`operation` and the modules beside it), and where the cells lie.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

import torch
from torch.utils import _pytree as pytree

from cnnviz.core.layers import LayerSpec

Shape = tuple[int, ...]
Shapes = tuple[Shape | None, ...]  # of the tensors that an operation returns; None where it returns something else


class OpKind(StrEnum):
    """How the cells of an output depend on those of the inputs.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> build_graph(nn.Sequential(nn.MaxPool2d(2)), (1, 4, 4)).layers[0].rule.how
    <OpKind.WINDOWS: 'windows'>
    """

    CELLWISE = "cell by cell"  # each reads the same cell of every input
    WINDOWS = "windows"  # each reads a window, as the `LayerSpec` says
    RESHAPE = "reshape"  # the same cells in the same order, in another shape
    PERMUTE = "permute"  # the axes change places
    SELECT = "select"  # whole channels are picked, split or joined
    REDUCE = "reduce"  # each reads all along some axes, which vanish
    MIX = "mix"  # each reads all along some axes, which stay
    PAD = "pad"  # cells are laid around the maps
    LOOSE = "loose"  # what is read is known cell by cell, but it is no window
    NOTHING = "nothing"  # no cell is read (a size, a parameter)
    UNKNOWN = "unknown"  # no rule: what comes out may depend on anything


@dataclass(frozen=True)
class Ref:
    """Stands for the output of node number `node` among the arguments of a call.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> build_graph(nn.Sequential(nn.ReLU()), (1, 4, 4)).layers[0].call.args
    (Ref(node=0),)
    """

    node: int


@dataclass(frozen=True, eq=False)
class Call:
    """A call as it was recorded: `Ref`s stand where outputs of other nodes went in.

    `target` is what was called: the type of a module, a function, the name of a method, an aten operator; `module` is
    set where a module was called. `names` are those of its positional arguments. `shapes` are those of all nodes so
    far; `moving` the numbers of the nodes that depend on the image, so that the others are constants.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> call = build_graph(nn.Sequential(nn.Conv2d(1, 2, 3)), (1, 5, 5)).layers[0].call
    >>> call.references, call.output, call.get("stride")  # the batch axis first
    ((Ref(node=0),), ((1, 2, 3, 3),), (1, 1))
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    shapes: tuple[Shapes, ...] = ()
    output: Shapes = ()
    module: Any = None
    target: Any = None
    names: tuple[str, ...] = ("input",)
    moving: frozenset[int] = field(default=frozenset({0}))

    @cached_property
    def _bound(self) -> dict[str, Any]:
        """The arguments by name; what an aten operator leaves out is filled in from its schema."""
        if not isinstance(self.target, torch._ops.OpOverload):
            return dict(zip(self.names, self.args, strict=False)) | self.kwargs
        schema = self.target._schema.arguments
        given = {one.name: value for one, value in zip(schema, self.args, strict=False)} | self.kwargs
        full = {one.name: one.default_value for one in schema if one.has_default_value()} | given
        return {"input" if name == "self" else name: value for name, value in full.items()}

    def get(self, name: str, default: Any = None) -> Any:
        """The argument called `name` as PyTorch's functions call it, or the module's attribute of that name."""
        if self.module is not None and name not in ("input", "other"):
            return getattr(self.module, name, default)
        value = self._bound.get(name)
        return default if value is None else value

    def shape_of(self, value: Any, part: int = 0) -> Shape:
        """The shape of an argument: of a tensor, or of what a `Ref` stands for."""
        if isinstance(value, torch.Tensor):
            return tuple(value.shape)
        shape = self.shapes[value.node][part]
        assert shape is not None
        return shape

    @property
    def input_shape(self) -> Shape:
        """The shape of the first input."""
        return self.shape_of(self.references[0])

    def is_constant(self, value: Any) -> bool:
        """Whether an argument is the same for all images: anything but the output of a node that depends on one."""
        return not any(ref.node in self.moving for ref in _references(value))

    @cached_property
    def references(self) -> tuple[Ref, ...]:
        """Every `Ref` among the arguments, in order, as often as it occurs."""
        return tuple(_references((self.args, self.kwargs)))


def _references(value: Any) -> list[Ref]:
    leaves = pytree.tree_leaves(value, is_leaf=lambda leaf: isinstance(leaf, Ref))
    return [leaf for leaf in leaves if isinstance(leaf, Ref)]


@dataclass(frozen=True, eq=False)
class OpRule:
    """What a call does to cells.

    `over` are the axes that `REDUCE` and `MIX` read as a whole, counted from the end (−1 is the last);
    `before` the (rows, cols) that `PAD` lays in front. `stand_in` is linear, with weights that are not negative, and
    reads what the operation reads: its gradient at ones says exactly which cells these are.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> rule = build_graph(nn.Sequential(nn.Conv2d(1, 2, 3)), (1, 5, 5)).layers[0].rule
    >>> rule.how.value, rule.spec.kernel
    ('windows', (3, 3))
    """

    how: OpKind
    spec: LayerSpec | None = None
    over: tuple[int, ...] = ()
    before: tuple[int, int] = (0, 0)
    stand_in: Callable[..., Any] | None = None


NO_RULE = OpRule(OpKind.UNKNOWN)
