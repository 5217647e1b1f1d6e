"""One operation of a network, and what it does to cells: the vocabulary in which the rules are written.

Refuses to know: which operation does what (`op_rules`), and where the cells lie (`axes`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from torch.utils import _pytree as pytree

from cnnviz.core.layers import LayerSpec

Shape = tuple[int, ...]
Shapes = tuple[Shape | None, ...]  # of the tensors that an operation returns; None where it returns something else


class OpKind(StrEnum):
    """How the cells of an output depend on those of the inputs.

    >>> from torch import nn
    >>> from cnnviz.core.graph import OpKind, build_graph
    >>> build_graph(nn.Sequential(nn.MaxPool2d(2)), (1, 4, 4)).layers[0].effect.how is OpKind.WINDOWS
    True
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
    """Stands for the output of node number `node` among the arguments of an operation.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> build_graph(nn.Sequential(nn.ReLU()), (1, 4, 4)).layers[0].operation.args
    (Ref(node=0),)
    """

    node: int


@dataclass(frozen=True, eq=False)
class Operation:
    """A call as it was recorded: `Ref`s stand where outputs of other nodes went in.

    `shapes` are those of all nodes so far; `module` is set where a module was called.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> operation = build_graph(nn.Sequential(nn.Conv2d(1, 2, 3)), (1, 5, 5)).layers[0].operation
    >>> operation.references, operation.output  # the batch axis first
    ((Ref(node=0),), ((1, 2, 3, 3),))
    """

    call: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    shapes: tuple[Shapes, ...]
    output: Shapes
    module: Any = None

    def argument(self, place: int, name: str, default: Any = None) -> Any:
        """The argument at `place` or called `name`."""
        return self.args[place] if len(self.args) > place else self.kwargs.get(name, default)

    def shape_of(self, ref: Ref, part: int = 0) -> Shape:
        """The shape of an input."""
        shape = self.shapes[ref.node][part]
        assert shape is not None
        return shape

    @property
    def references(self) -> tuple[Ref, ...]:
        """Every `Ref` among the arguments, in order, as often as it occurs."""
        leaves = pytree.tree_leaves((self.args, self.kwargs), is_leaf=lambda leaf: isinstance(leaf, Ref))
        return tuple(leaf for leaf in leaves if isinstance(leaf, Ref))


@dataclass(frozen=True, eq=False)
class OpRule:
    """What an operation does to cells.

    `over` are the axes that `REDUCE` and `MIX` read as a whole, counted from the end (−1 is the last);
    `before` the (rows, cols) that `PAD` lays in front. `stand_in` is linear, with weights that are not negative, and
    reads what the operation reads: its gradient at ones says exactly which cells these are.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> rule = build_graph(nn.Sequential(nn.Conv2d(1, 2, 3)), (1, 5, 5)).layers[0].effect
    >>> rule.how.value, rule.spec.kernel
    ('windows', (3, 3))
    """

    how: OpKind
    spec: LayerSpec | None = None
    over: tuple[int, ...] = ()
    before: tuple[int, int] = (0, 0)
    stand_in: Callable[..., Any] | None = None
