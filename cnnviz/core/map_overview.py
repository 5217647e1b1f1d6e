"""Many maps, large maps: which of a layer's maps come first, and a map in overview size.

The most active maps come first: those with the largest mean of |value|. Layers that pass their maps on one by one share
the order of the last of them, so that a ReLU is seen beside the map that it reads. A map in overview size has for each
block of cells the value that is furthest from 0: a value of the network's own, none that it never computed.
Refuses to know: where maps stand, and what is sent to whom.
"""

from __future__ import annotations

import numpy as np

from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.layers import CELL_BY_CELL, POOLING, Kind
from cnnviz.core.per_trace import once_per_trace

_PASSING = (*CELL_BY_CELL, *POOLING, Kind.ADD)


def map_activity(maps: np.ndarray) -> np.ndarray:
    """The mean of |value| of each map, (count,), of `maps` (count, rows, cols); NaN and ∞ count as 0.

    >>> import numpy as np
    >>> from cnnviz.core.map_overview import map_activity
    >>> map_activity(np.array([[[1.0, -3.0]], [[0.0, 1.0]]])).tolist()
    [2.0, 0.5]
    """
    sizes = np.abs(maps.reshape(len(maps), -1))
    if not np.isfinite(sizes).all():
        sizes = np.where(np.isfinite(sizes), sizes, 0)
    means: np.ndarray = sizes.mean(axis=1, dtype=np.float64)
    return means


def most_active(values: np.ndarray) -> list[int]:
    """The numbers of all entries, the largest first; of equal ones the first."""
    order: list[int] = np.argsort(-values, kind="stable").tolist()
    return order


@once_per_trace
def order_owners(trace: Trace) -> tuple[int, ...]:
    """For each column (0 the image, n layer number n − 1) the column that sets the order of its maps.

    A layer whose maps go on one by one, through one reader, takes the order of that reader.
    """
    owners = list(range(len(trace.layers) + 1))
    passing: dict[int, list[int]] = {number: [] for number in owners}
    for number, layer in enumerate(trace.layers, start=1):
        for source in layer.sources:
            before = trace.layers[source - 1] if source else None
            if before is not None and _passes_on(layer, before):
                passing[source or 0].append(number)
    for number in reversed(owners):
        if len(passing[number]) == 1:
            owners[number] = owners[passing[number][0]]
    return tuple(owners)


@once_per_trace
def maps_in_order(trace: Trace, number: int) -> tuple[int, ...]:
    """All maps of a column (from 1), the most active of its owner's first."""
    return tuple(most_active(map_activity(trace.layers[order_owners(trace)[number] - 1].output)))


@once_per_trace
def column_overview(trace: Trace, number: int, channels: tuple[int, ...], side: int) -> np.ndarray:
    """Maps of a column (from 1) in overview size, as `furthest_from_zero` gives them."""
    return furthest_from_zero(trace.layers[number - 1].output[list(channels)], side)


def _passes_on(layer: LayerTrace, before: LayerTrace) -> bool:
    are_maps = layer.output.ndim == before.output.ndim == 3
    return layer.spec.kind in _PASSING and are_maps and len(layer.output) == len(before.output)


def block_side(rows: int, cols: int, most: int) -> int:
    """How many cells wide and high the blocks are that bring rows × cols down to at most `most` on each axis."""
    return -(-max(rows, cols) // most)


def furthest_from_zero(maps: np.ndarray, side: int) -> np.ndarray:
    """`maps` (count, rows, cols) in overview size: of each block of side × side cells the value furthest from 0.

    Blocks at the end may be smaller. NaN is further than any number.

    >>> import numpy as np
    >>> from cnnviz.core.map_overview import furthest_from_zero
    >>> furthest_from_zero(np.array([[[1.0, -3.0, 2.0], [0.0, 1.0, 0.0]]]), 2).tolist()
    [[[-3.0, 2.0]]]
    """
    count, rows, cols = maps.shape
    down, across = -(-rows // side), -(-cols // side)
    padded = np.zeros((count, down * side, across * side), maps.dtype)
    padded[:, :rows, :cols] = maps
    blocks = padded.reshape(count, down, side, across, side).transpose(0, 1, 3, 2, 4).reshape(count, down, across, -1)
    furthest = np.abs(blocks).argmax(axis=3)  # NaN is the largest to argmax
    return np.take_along_axis(blocks, furthest[..., None], axis=3)[..., 0]
