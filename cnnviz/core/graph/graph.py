"""The record of a network's graph: nodes in the order in which they run.

Refuses to know: how it was drawn (`build`), and what a unit sees (`cnnviz.core.receptive_field`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from torch import nn

from cnnviz.checks import not_one_of
from cnnviz.core.graph.axes import AxisPositions, AxisStep
from cnnviz.core.graph.program import Program
from cnnviz.core.layer_trace import SourceLine, maps_shape
from cnnviz.core.layers import LayerSpec
from cnnviz.core.ops import Call, OpKind, OpRule, Shape, Shapes
from cnnviz.core.units import UnitRef


class GraphError(ValueError):
    """The network cannot be drawn as a graph, or lacks what was asked for; the message says why.

    `part`: the graph up to the layer that refused, where there is one.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> build_graph(nn.Sequential(nn.Conv2d(1, 2, 3)), (1, 5, 5)).position("conv9")
    Traceback (most recent call last):
    cnnviz.core.graph.graph.GraphError: layer must be one of 0, got 'conv9': choose one of these
    """

    part: Graph | None = None


@dataclass(frozen=True, eq=False)
class Node:
    """One operation in its place.

    `name` is unique: the path of a module, or its container's path and the operation's name; "#2" marks a second call.
    `alias` is what the tracer called it, or the file that it comes from; `target` the path of the module that it calls,
    or of the tensor that it is, "" for a function. `block` is the path of the module around it,
    `source_line` the author's own line of code where a file says it.
    `shapes` are those of its outputs, batch axis (1) included. `place` says which axes are rows and columns; None
    where cells no longer lie on a map. `steps` has one entry for each (input node, what is read there).
    `parameters` are counted where they are first used; `macs` are multiply-adds (`costs`).
    is_counted: whether all of them could be counted.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> node = build_graph(nn.Sequential(nn.Conv2d(1, 2, 3)), (1, 5, 5)).layers[0]
    >>> node.name, node.shape, node.parameters, node.macs  # 2·(3·3 + 1) and 2·3·3 cells of 3·3 products
    ('0', (2, 3, 3), 20, 162)
    """

    name: str
    type_name: str
    call: Call | None
    rule: OpRule
    shapes: Shapes
    place: AxisPositions | None
    steps: tuple[tuple[int, AxisStep], ...] = ()
    parameters: int = 0
    macs: int = 0
    is_layer: bool = False
    is_counted: bool = True
    spec: LayerSpec | None = None
    alias: str = ""
    block: str = ""
    source_line: SourceLine | None = None
    target: str = ""

    @property
    def shape(self) -> Shape:
        """The shape of the (first) output without the batch axis."""
        return next((shape[1:] for shape in self.shapes if shape), ())

    @property
    def maps(self) -> tuple[int, int] | None:
        """(rows, cols) of its maps; None where there are none."""
        shape = self.shapes[0] if self.shapes else None
        return None if shape is None or self.place is None else (shape[self.place.rows], shape[self.place.cols])

    def unit_at(self, row: int, col: int) -> UnitRef:
        """The unit at a place in the first of its maps, whichever way their axes lie; the node must have maps."""
        assert self.place is not None
        whole = next(shape for shape in self.shapes if shape)
        at = [0] * len(whole)
        at[self.place.rows], at[self.place.cols] = row, col
        laid_out = self._laid_out(whole)
        entry = int(np.ravel_multi_index(tuple(at), whole))
        return UnitRef(self.name, *(int(one) for one in np.unravel_index(entry, laid_out)))

    @staticmethod
    def _laid_out(whole: Shape) -> Shape:
        return maps_shape(whole[1:] if len(whole) > 1 and whole[0] == 1 else whole)

    def index(self, unit: UnitRef) -> tuple[int, ...]:
        """The index of `unit` into the output, batch axis included; units are counted as a `LayerTrace` lays them out.

        Raises: IndexError for a unit that it does not have.
        """
        whole = next((shape for shape in self.shapes if shape), ())
        laid_out = self._laid_out(whole)
        entry = np.ravel_multi_index(unit.within(laid_out), laid_out)
        return tuple(int(at) for at in np.unravel_index(int(entry), whole))


@dataclass(frozen=True, eq=False)
class Graph:
    """A network for one input shape (channels, rows, cols); node 0 is the input.

    `unused` are (path, type, parameters) of modules that never run in evaluation mode. `output` is the number of the
    node whose value the network returns, the first of several that depends on the image.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> graph = build_graph(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), (1, 5, 5))
    >>> [node.type_name for node in graph.layers], graph.position("1")
    (['Conv2d', 'ReLU'], 2)
    """

    input_shape: tuple[int, int, int]
    nodes: tuple[Node, ...]
    unused: tuple[tuple[str, str, int], ...]
    program: Program
    output: int

    @cached_property
    def _positions(self) -> dict[str, int]:
        aliases = {node.alias: position for position, node in enumerate(self.nodes) if node.alias}
        return aliases | {node.name: position for position, node in enumerate(self.nodes)}

    @cached_property
    def parameters(self) -> dict[str, nn.Parameter]:
        """What it has learned, by path; a parameter that is used twice has the path of its first use.

        >>> from torch import nn
        >>> from cnnviz.core.graph import build_graph
        >>> list(build_graph(nn.Sequential(nn.Conv2d(1, 2, 3)), (1, 5, 5)).parameters)
        ['0.weight', '0.bias']
        """
        found: dict[int, tuple[str, nn.Parameter]] = {}
        for number, node in enumerate(self.nodes):
            path, given = node.target, self.program.given(number)
            own = [(path, given)] if given is not None else []
            if node.call is not None and isinstance(node.call.module, nn.Module):
                own = [(f"{path}.{name}", one) for name, one in node.call.module.named_parameters()]
            for name, one in own:
                if isinstance(one, nn.Parameter):
                    found.setdefault(id(one), (name, one))
        return dict(found.values())

    @property
    def layers(self) -> tuple[Node, ...]:
        """The nodes that a reader wants to see: modules and operations on maps, without bookkeeping."""
        return tuple(node for node in self.nodes if node.is_layer)

    def position(self, name: str) -> int:
        """The number of the node called `name`, or whose alias that is; of a block, that of its last layer.

        Raises: GraphError, one sentence with the first names that there are.
        """
        if name not in self._positions:
            inside = [at for at, node in enumerate(self.nodes) if node.is_layer and _is_in(node, name)]
            if name and inside:
                return inside[-1]
            known = [node.name for node in self.layers]
            raise not_one_of("layer", name, known, GraphError)
        return self._positions[name]

    @cached_property
    def dependent(self) -> tuple[bool, ...]:
        """For each node, whether it depends on the input at all."""
        found = [True]
        for node in self.nodes[1:]:
            found.append(node.rule.how is not OpKind.NOTHING and any(found[source] for source, _step in node.steps))
        return tuple(found)


def _is_in(node: Node, block: str) -> bool:
    return f"{node.name}.".startswith(f"{block}.") or f"{node.block}.".startswith(f"{block}.")
