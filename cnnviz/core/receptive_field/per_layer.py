"""What the units of every layer see of the image, all at once, from the image upwards.

For each unit of each axis the pixels that it sees are kept as the bits of one integer, beside the formula
(size, jump, start). They check each other: only where both agree for all units is a layer `FieldStatus.EXACT`.
Where branches meet, the formula is the hull of theirs, and it stands only if all have the same jump; centres
that do not agree are reported (Araujo, Norris, Sim, "Computing Receptive Fields of CNNs", Distill, 2019).
Refuses to know: single channels, weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from math import prod
from operator import and_, or_
from types import MappingProxyType
from weakref import WeakKeyDictionary

from cnnviz.core.geometry import SAME_CELL, Geometry, Window
from cnnviz.core.graph import Graph, Node
from cnnviz.core.graph.axes import AxisMap, AxisStep
from cnnviz.core.layers import Kind
from cnnviz.core.ops import OpKind
from cnnviz.core.pixel_sets import Bits, FieldStatus, Seen, Sides, pixels_of, shared, size_of, status_of, through, union
from cnnviz.core.receptive_field.record import status_text


@dataclass(frozen=True)
class LayerReceptiveField:
    """What the units of one layer see of the image; pairs are (rows, cols), None is "not known" or "no such number".

    `size` is not cut off at the border; `jump` and `start` are in pixels. `is_aligned` is False where branches meet
    whose units see the image around different centres, or at different jumps.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> from cnnviz.core.receptive_field import layer_receptive_fields
    >>> field = layer_receptive_fields(build_graph(nn.Sequential(nn.Conv2d(1, 1, 3, stride=2)), (1, 9, 9)))["0"]
    >>> field.size, field.jump, field.text
    ((3, 3), (2, 2), '3')
    """

    layer: str
    status: FieldStatus
    size: Sides | None = None
    jump: Sides | None = None
    start: Sides | None = None
    is_aligned: bool = True

    @property
    def window(self) -> Geometry | None:
        """The formula as windows of both axes; None where there is none."""
        if self.size is None or self.jump is None or self.start is None:
            return None
        sides = zip(self.size, self.jump, self.start, strict=True)
        rows, cols = (Window(*side) for side in sides)
        return Geometry(rows, cols)

    @property
    def text(self) -> str:
        """What the units see, in a few characters: "5", "5×3", "≤ 11", "whole image"."""
        if self.size is None or self.status in (FieldStatus.WHOLE_IMAGE, FieldStatus.PADDING_ONLY):
            return status_text(self.status)
        rows, cols = self.size
        side = str(rows) if rows == cols else f"{rows}×{cols}"
        return f"≤ {side}" if self.status is FieldStatus.BOUND else side


@dataclass(frozen=True)
class _View:
    """What units see, from above and from below; each is rows × columns.

    `most` encloses what any channel sees, `least` every channel sees, `best` at least one channel sees. `total` is seen
    by all units together where single ones are not known.
    """

    most: Seen
    best: Seen
    least: Seen
    window: Geometry | None
    total: Seen | None = None
    is_aligned: bool = True

    @property
    def is_uniform(self) -> bool:
        """Whether one entry stands for all units."""
        return all(len(bits) == 1 for bits in self.most)


NOTHING: Seen = ((0,), (0,))


_FOUND: WeakKeyDictionary[Graph, Mapping[str, LayerReceptiveField]] = (
    WeakKeyDictionary()
)  # no graph lives longer for it


def layer_receptive_fields(graph: Graph) -> Mapping[str, LayerReceptiveField]:
    """What the units of every node that depends on the image see of it, by the node's name.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> from cnnviz.core.receptive_field.per_layer import layer_receptive_fields
    >>> graph = build_graph(nn.Sequential(nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 3)), (1, 9, 9))
    >>> layer_receptive_fields(graph)["1"].window
    Geometry(rows=Window(size=5, jump=1, start=0), cols=Window(size=5, jump=1, start=0))
    """
    if graph not in _FOUND:
        _FOUND[graph] = _find_all(graph)
    return _FOUND[graph]


def _find_all(graph: Graph) -> Mapping[str, LayerReceptiveField]:
    image = graph.input_shape[1:]
    pixels = pixels_of((image[0], image[1]))
    views: dict[int, _View | None] = {0: _View(pixels, pixels, pixels, SAME_CELL)}
    for number, node in enumerate(graph.nodes[1:], start=1):
        if graph.dependent[number]:
            views[number] = _view(graph, node, views)
    depending = ((graph.nodes[number], view) for number, view in views.items())
    return MappingProxyType({node.name: _sight(node, view, image) for node, view in depending})


def _view(graph: Graph, node: Node, views: dict[int, _View | None]) -> _View | None:
    """The view of a node, from those of its inputs; None where something on the way has no rule."""
    parts: list[_View] = []
    for source, step in node.steps:
        if step.reads is AxisMap.NOTHING:
            continue
        before = views[source]
        if before is None or step.reads is AxisMap.UNKNOWN:
            return None
        parts.append(_through(step, _kept(graph.nodes[source], node, before)))
    joined = _merged(node, parts) if len(parts) > 1 else parts[0]
    return replace(joined, least=joined.best) if _mixes_channels(node) else joined


def _kept(source: Node, node: Node, before: _View) -> _View:
    """What is still sure where an operation picks some cells: of channels, what all see; of loose cells, nothing."""
    if node.rule.how is not OpKind.SELECT or _cells(node) >= _cells(source):
        return before
    if source.place is not None or before.is_uniform:
        return replace(before, best=before.least, total=None)
    return replace(before, best=NOTHING, least=NOTHING, total=None)


def _cells(node: Node) -> int:
    return sum(prod(shape) for shape in node.shapes if shape)


def _mixes_channels(node: Node) -> bool:
    spec = node.rule.spec
    if spec is not None:
        return spec.kind is Kind.CONVOLUTION and spec.groups == 1
    return node.rule.how is OpKind.MIX


def _through(step: AxisStep, before: _View) -> _View:
    if step.reads is AxisMap.ALL:
        best, least = (union(seen) if before.total is None else before.total for seen in (before.best, before.least))
        return replace(before, most=union(before.most), best=best, least=least, window=None, total=None)
    if step.reads is AxisMap.LOOSE:
        total, sure = before.total or union(before.best), shared(before.least)
        return replace(before, most=union(before.most), best=sure, least=sure, window=None, total=total)
    if step.axes is None:
        return before
    window = step.geometry.after(before.window) if step.geometry and before.window else None
    made: dict[Seen, Seen] = {}
    for seen in (before.most, before.best, before.least):
        if seen not in made:
            made[seen] = through(step.axes, seen)
    return _View(made[before.most], made[before.best], made[before.least], window, None, before.is_aligned)


def _merged(node: Node, parts: list[_View]) -> _View:
    """Several inputs: added up, every channel sees what either does; joined side by side, each keeps its own."""
    windows = [part.window for part in parts]
    most = _combined(or_, [part.most for part in parts])
    best = _fullest([part.best for part in parts])
    beside = node.rule.how is OpKind.SELECT
    least = _combined(and_, [part.least for part in parts]) if beside else _fullest([part.least for part in parts])
    totals = [part.total for part in parts if part.total]
    aligned = all(part.is_aligned for part in parts) and _agree(windows)
    return _View(most, best, least, _hull(windows), _fullest(totals) if totals else None, aligned)


def _combined(join: Callable[[int, int], int], several: list[Seen]) -> Seen:
    rows, cols = (_each(join, [seen[axis] for seen in several]) for axis in (0, 1))
    return rows, cols


def _each(join: Callable[[int, int], int], sides: list[Bits]) -> Bits:
    length = max(map(len, sides))
    spread = [bits * length if len(bits) == 1 else bits for bits in sides]
    return tuple(reduce(join, unit) for unit in zip(*spread, strict=True))


def _fullest(several: list[Seen]) -> Seen:
    """The one that sees most: any of them is sure, a union of rectangles would be no rectangle."""
    best = max(several, key=lambda seen: prod(sum(unit.bit_count() for unit in bits) / len(bits) for bits in seen))
    rows, cols = (best[axis] * max(len(seen[axis]) // len(best[axis]) for seen in several) for axis in (0, 1))
    return rows, cols


def _agree(windows: list[Geometry | None]) -> bool:
    """Whether all branches have one jump and one centre; a branch that sees everything has none."""
    known = [window for window in windows if window is not None]
    return all(len({(side.jump, 2 * side.start + side.size) for side in sides}) <= 1 for sides in _by_axis(known))


def _by_axis(windows: list[Geometry]) -> tuple[list[Window], list[Window]]:
    return [window.rows for window in windows], [window.cols for window in windows]


def _hull(windows: list[Geometry | None]) -> Geometry | None:
    """The smallest windows around those of all branches; None where their jumps differ."""
    known = [window for window in windows if window is not None]
    if len(known) < len(windows) or any(len({side.jump for side in sides}) > 1 for sides in _by_axis(known)):
        return None
    rows, cols = (_around(sides) for sides in _by_axis(known))
    return Geometry(rows, cols)


def _around(sides: list[Window]) -> Window:
    first, stop = min(side.start for side in sides), max(side.start + side.size for side in sides)
    return Window(stop - first, sides[0].jump, first)


def _sight(node: Node, view: _View | None, image: Sides) -> LayerReceptiveField:
    if view is None:
        return LayerReceptiveField(node.name, FieldStatus.UNSUPPORTED)
    status = status_of(view.most, view.least, view.window, image)
    if view.window is not None:
        sides = view.window.rows, view.window.cols
        size, jump, start = ((a, b) for a, b in zip(*((w.size, w.jump, w.start) for w in sides), strict=True))
        return LayerReceptiveField(node.name, status, size, jump, start, view.is_aligned)
    if status is FieldStatus.WHOLE_IMAGE:
        return LayerReceptiveField(node.name, status, image, image, (0, 0), view.is_aligned)
    size = size_of(view.most, view.window, status, image)
    return LayerReceptiveField(node.name, status, size, None, None, view.is_aligned)
