"""The field of one unit, walked back node by node: boxes by the formulas, cells by the index sets.

A node with several readers is seen by all of them: boxes are joined, cells are united on the maps themselves
(a union of rectangles is no rectangle). Refuses to know: weights, and how strongly a cell counts.
"""

from __future__ import annotations

import numpy as np

from cnnviz.core.geometry import Axis, Window
from cnnviz.core.graph import Graph, Node
from cnnviz.core.graph.axes import AxisMap, AxisStep
from cnnviz.core.ops import OpKind
from cnnviz.core.pixel_sets import FieldStatus
from cnnviz.core.receptive_field.per_layer import layer_receptive_fields
from cnnviz.core.receptive_field.reasons import find_reasons
from cnnviz.core.receptive_field.record import Box, PixelSet, ReceptiveField, box_around
from cnnviz.core.receptive_field.step_back import Masks, join_masks, step_back
from cnnviz.core.units import UnitRef


def receptive_field(graph: Graph, unit: UnitRef) -> ReceptiveField:
    """What `unit` sees of the image and of every earlier layer, by formula and cell by cell.

    Raises: GraphError for a layer, IndexError for a unit that there is not.
    Here the unit in the corner sees 2×2 pixels.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> from cnnviz.core.receptive_field.field import receptive_field
    >>> from cnnviz.core.units import UnitRef
    >>> graph = build_graph(nn.Sequential(nn.Conv2d(1, 1, 3, padding=1)), (1, 9, 9))
    >>> int(receptive_field(graph, UnitRef("0", 0, 0, 0)).image.exact.sum())
    4
    """
    position = graph.position(unit.layer)
    unknown = unknown_node_before(graph, position)
    start = masks_of(graph.nodes[position], unit)
    exact, boxes = cells_read(graph, position, start, unknown), reaches(graph, position, unit)
    seen = {
        number: _seen(graph.nodes[number], boxes[number], mask) for number, mask in exact.items() if number in boxes
    }
    image = seen.get(0)
    layers = {one.layer: one for number, one in seen.items() if graph.nodes[number].is_layer and number < position}
    window = layer_receptive_fields(graph)[unit.layer].window
    if image is None:
        names = (graph.nodes[number] for number in sorted(unknown))
        blocked = tuple(node.name for node in names if node.rule.how is OpKind.UNKNOWN)
        return ReceptiveField(unit, FieldStatus.UNSUPPORTED, window, None, layers, unknown=blocked)
    why = find_reasons(graph, boxes, image, _of_all_channels(graph, position, start, image))
    return ReceptiveField(unit, image.status, window, image, layers, why)


def _of_all_channels(graph: Graph, position: int, start: Masks, image: PixelSet) -> np.ndarray:
    """What the units of all channels at this place read of the image; only asked where formula and cells differ."""
    place, mask = graph.nodes[position].place, start[0]
    if image.status is not FieldStatus.BOUND or place is None or mask is None:
        return image.exact
    others = tuple(axis for axis in range(mask.ndim) if axis not in (place.rows, place.cols))
    everywhere = np.broadcast_to(mask.any(axis=others, keepdims=True), mask.shape)
    return _seen(graph.nodes[0], image.reach, cells_read(graph, position, (everywhere,), set())[0]).exact


def _seen(node: Node, box: Box, mask: np.ndarray) -> PixelSet:
    assert node.place is not None
    others = tuple(axis for axis in range(mask.ndim) if axis not in (node.place.rows, node.place.cols))
    flat = np.asarray(mask.any(axis=others))
    return PixelSet(node.name, box, flat if node.place.rows < node.place.cols else flat.T)


def masks_of(node: Node, unit: UnitRef) -> Masks:
    """All False but `unit`.

    Raises: IndexError for a unit that the node does not have.
    """
    mask = np.zeros((1, *node.shape), dtype=bool)
    mask[node.index(unit)] = True
    return (mask,)


def unknown_node_before(graph: Graph, position: int) -> set[int]:
    """The operations without a rule that `position` depends on, and everything that only shows through them."""
    behind: set[int] = set()
    needed = {position}
    for number in range(position, 0, -1):
        node = graph.nodes[number]
        if number not in needed:
            continue
        sources = {source for source, _step in node.steps if graph.dependent[source]}
        needed |= sources
        if node.rule.how is OpKind.UNKNOWN:
            behind.add(number)
            behind |= sources
        elif number in behind:
            behind |= sources
    return behind


def cells_read(graph: Graph, position: int, start: Masks, unknown: set[int]) -> dict[int, np.ndarray]:
    """For each node with maps up to `position` that is known, which of its cells the cells in `start` read."""
    found: dict[int, Masks] = {position: start}
    for number in range(position, 0, -1):
        node = graph.nodes[number]
        if number not in found or node.rule.how is OpKind.UNKNOWN:
            continue
        for source, masks in step_back(node, found[number]):
            if graph.dependent[source] and source not in unknown:
                found[source] = join_masks(found.get(source), masks)
    return {number: _filled(graph.nodes[number], masks) for number, masks in found.items() if graph.nodes[number].place}


def _filled(node: Node, masks: Masks) -> np.ndarray:
    """Nothing read, as a map that is False everywhere; the parts of a split lie side by side."""
    shapes = [shape for shape in node.shapes if shape is not None]
    parts = [np.zeros(shape, dtype=bool) if mask is None else mask for shape, mask in zip(shapes, masks, strict=True)]
    return np.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]


def reaches(graph: Graph, position: int, unit: UnitRef) -> dict[int, Box]:
    """For each node with maps before `position`, the box that the formulas give for `unit`, not cut off.

    Where cells have left their maps (flattened, say) the index sets stand in until they are on maps again.
    """
    node = graph.nodes[position]
    boxes: dict[int, Box] = {}
    off: dict[int, Masks] = {}
    if node.place is None:
        off[position] = masks_of(node, unit)
    else:
        at = node.index(unit)
        row, col = at[node.place.rows], at[node.place.cols]
        boxes[position] = Box(range(row, row + 1), range(col, col + 1))
    for number in range(position, 0, -1):
        node = graph.nodes[number]
        if node.rule.how is OpKind.UNKNOWN:
            continue
        if number in boxes:
            _boxes_back(graph, node, boxes[number], boxes, off)
        elif number in off:
            _masks_back(graph, node, off[number], boxes, off)
    return boxes


def _boxes_back(graph: Graph, node: Node, box: Box, boxes: dict[int, Box], off: dict[int, Masks]) -> None:
    for source, step in node.steps:
        earlier = graph.nodes[source]
        if step.reads is AxisMap.NOTHING:
            continue
        if earlier.maps is None:
            off[source] = tuple(None if shape is None else np.ones(shape, dtype=bool) for shape in earlier.shapes)
            continue
        behind = _box_back(step, box, earlier.maps)
        boxes[source] = boxes[source].joined(behind) if source in boxes else behind


def _masks_back(graph: Graph, node: Node, masks: Masks, boxes: dict[int, Box], off: dict[int, Masks]) -> None:
    for source, read in step_back(node, masks):
        if not graph.dependent[source]:
            continue
        earlier = graph.nodes[source]
        if earlier.place is None:
            off[source] = join_masks(off.get(source), read)
            continue
        behind = box_around(_seen(earlier, Box(range(0), range(0)), _filled(earlier, read)).exact)
        boxes[source] = boxes[source].joined(behind) if source in boxes else behind


def _box_back(step: AxisStep, box: Box, maps: tuple[int, int]) -> Box:
    if box.is_empty:
        return box
    if step.geometry is not None:
        return Box(_span(step.geometry.rows, box.rows), _span(step.geometry.cols, box.cols))
    if step.axes is not None:
        return Box(_around(step.axes[0], box.rows), _around(step.axes[1], box.cols))
    return Box(range(maps[0]), range(maps[1]))


def _span(window: Window, units: range) -> range:
    return range(window.reach(units.start).start, window.reach(units.stop - 1).stop)


def _around(axis: Axis, units: range) -> range:
    """The cells that these units read where no window fits them all; units off the map read nothing."""
    read = [cell for unit in units if 0 <= unit < len(axis.places) for cell in axis.cells(unit)]
    return range(min(read), max(read) + 1) if read else range(0)
