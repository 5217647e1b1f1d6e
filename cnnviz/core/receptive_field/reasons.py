"""Why fewer cells are read than the formula encloses: each reason is looked for by itself.

Refuses to know: how boxes and cells were found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from cnnviz.core.graph import Graph, Node
from cnnviz.core.pixel_sets import FieldStatus
from cnnviz.core.receptive_field.record import Box, PixelSet, Reason, box_around


def find_reasons(
    graph: Graph, visited: Mapping[int, Box], image: PixelSet, all_channels: np.ndarray
) -> tuple[Reason, ...]:
    """The reasons, in the order of `Reason`; none where formula and cells agree.

    `visited` are the boxes of all nodes on the way, `all_channels` what the units of all channels at this place read.
    """
    if image.status is FieldStatus.PADDING_ONLY and image.clipped.is_empty and not image.reach.is_empty:
        return (Reason.PADDING,)
    if image.status in (FieldStatus.EXACT, FieldStatus.WHOLE_IMAGE) or image.clipped.is_empty:
        return ()
    found = set(_of_shape(image, all_channels))
    seen = image if all_channels is image.exact else PixelSet(image.layer, image.reach, all_channels)
    for axis in (0, 1):
        found |= set(_of_ends(graph, visited, seen, axis))
    return tuple(reason for reason in Reason if reason in found)


def _of_shape(image: PixelSet, all_channels: np.ndarray) -> Iterator[Reason]:
    if (all_channels & ~image.exact).any():
        yield Reason.CHANNELS
    seen = PixelSet(image.layer, image.reach, all_channels)
    if not seen.is_product:
        yield Reason.BRANCHES
    for places in (seen.rows, seen.cols):
        if places and len(places) < places[-1] - places[0] + 1:
            yield Reason.HOLES


def _of_ends(graph: Graph, visited: Mapping[int, Box], seen: PixelSet, axis: int) -> Iterator[Reason]:
    """Why the first or the last cells of the reach are not read, on rows (0) or columns (1)."""
    reach, read = _side(seen.clipped, axis), _side(box_around(seen.exact), axis)
    if not read:
        yield Reason.PADDING
        return
    nodes = {number: (graph.nodes[number], _side(box, axis)) for number, box in visited.items() if number}
    if read.start > reach.start:
        yield Reason.PADDING if any(side.start < 0 for _node, side in nodes.values()) else Reason.WINDOWS
    if read.stop < reach.stop:
        beyond = [node for node, side in nodes.values() if node.maps and side.stop > node.maps[axis]]
        if any(_leaves_over(node, axis) for node in beyond):
            yield Reason.LEFTOVER
        else:
            yield Reason.PADDING if beyond else Reason.WINDOWS


def _side(box: Box, axis: int) -> range:
    return box.cols if axis else box.rows


def _leaves_over(node: Node, axis: int) -> bool:
    """Whether the last cells of an input are read by no unit of this node."""
    for _number, step in node.steps:
        if step.axes is not None:
            sources = [place for row in step.axes[axis].sources for place in row if place is not None]
            if sources and max(sources) < step.axes[axis].size - 1:
                return True
    return False
