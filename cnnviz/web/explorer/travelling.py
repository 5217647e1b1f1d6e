"""What of a large network travels to the browser: overviews of the columns that are seen, all of what is open.

Refuses to know: how a packet is laid out (`packet`), and where columns stand (`graph`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.map_overview import block_side, column_overview, maps_in_order
from cnnviz.web.explorer.graph import FIRST_MAPS, layout_of
from cnnviz.web.selection import INPUT, Selection
from cnnviz.web.wire import Header, PacketWriter

SIDES = (56, 28, 20, 14, 10, 7)  # of an overview, in cells: as large as all of them together may be
FACTS = 600  # bytes of what is said of a layer
LEAST = 100_000  # bytes of overviews, however many layers


@dataclass(frozen=True, eq=False)
class Travelling:
    """A network too large to be sent: `seen` are the numbers of its columns on the screen (0 the image).

    shown: what a browser shows of this very trace already; only what is new travels then. ranked: whose most active
    maps come first, None: the trace's own.
    """

    trace: Trace
    selection: Selection
    seen: frozenset[int]
    most_bytes: int
    shown: Travelling | None = None
    ranked: Trace | None = None

    @cached_property
    def opened(self) -> int | None:
        """The number of the open column, 0 the image."""
        if self.selection.layer == INPUT:
            return 0
        paths = [layer.spec.path for layer in self.trace.layers]
        return paths.index(self.selection.layer) + 1 if self.selection.layer in paths else None

    @cached_property
    def whole(self) -> frozenset[int]:
        """The columns that are sent to the last cell: the image, the open one, and what it reads."""
        if not self.opened:
            return frozenset({0})
        sources = {one for one in self.trace.layers[self.opened - 1].sources if one is not None}
        before = {  # a fully connected layer is shown to read the maps before a flattening
            one for at in sources if at and self.trace.layers[at - 1].output.ndim == 1
            for one in self.trace.layers[at - 1].sources if one is not None
        }  # fmt: skip
        return frozenset({0, self.opened, *sources, *before})

    def has_whole(self, number: int) -> bool:
        """Whether all values of a column travel; vectors are small."""
        return number in self.whole or self.trace.layers[number - 1].output.ndim != 3

    def is_shown(self, number: int) -> bool:
        """Whether all that is to be seen of a column is there already."""
        if self.shown is None or number in (self.whole | self.shown.whole) - {0}:
            return False
        return number in self.shown.seen or number not in self.seen

    def is_whole_there(self, number: int) -> bool:
        """Whether all values of a column are there already."""
        return self.shown is not None and number in self.shown.whole

    def maps(self, number: int) -> Header:
        """Of a column in overview: which maps, and the side of the blocks of cells that became one."""
        output = self.trace.layers[number - 1].output
        rows, cols = output.shape[1:]
        return {"channels": self._channels(number), "side": block_side(rows, cols, self._side)}

    def overview(self, number: int, cargo: PacketWriter) -> Header | None:
        """The maps of a column in overview size; None where it is not seen."""
        if number not in self.seen:
            return None
        maps = self.maps(number)
        return cargo.put(column_overview(self.trace, number, tuple(maps["channels"]), maps["side"])) | maps

    def _channels(self, number: int) -> list[int]:
        count = len(self.trace.layers[number - 1].output)
        most_active = maps_in_order(self.ranked or self.trace, number) if count > FIRST_MAPS else range(count)
        return [*most_active][:FIRST_MAPS]

    @cached_property
    def _side(self) -> int:
        shapes = [layer.output.shape for at, layer in enumerate(self.trace.layers, 1)
                  if at in self.seen and layer.output.ndim == 3]  # fmt: skip
        room = max(LEAST, self.most_bytes - 4 * self.trace.image.size - FACTS * len(self.trace.layers))
        return next((side for side in SIDES if self._bytes(shapes, side) <= room), SIDES[-1])

    @staticmethod
    def _bytes(shapes: list[tuple[int, ...]], side: int) -> int:
        blocks = [(min(count, FIRST_MAPS), rows, cols, block_side(rows, cols, side)) for count, rows, cols in shapes]
        return sum(4 * count * -(-rows // each) * -(-cols // each) for count, rows, cols, each in blocks)


def travelling(
    trace: Trace,
    selection: Selection,
    most: int | None,
    shown: Selection | None = None,
    ranked: Trace | None = None,
) -> Travelling | None:
    """What travels of a trace; None where that is everything: it has no more than `most` bytes of numbers.

    shown: the selection that the browser shows of this very trace, if it does.
    """
    if most is None or _size(trace) <= most:
        return None
    there = Travelling(trace, shown, _seen(trace, shown), most) if shown else None
    return Travelling(trace, selection, _seen(trace, selection), most, there, ranked)


def _seen(trace: Trace, selection: Selection) -> frozenset[int]:
    layout = layout_of(trace, selection)
    numbers = range(len(trace.layers) + 1)
    return frozenset(numbers) if layout is None else frozenset(column.number for column in layout.columns)


def _size(trace: Trace) -> int:
    """The bytes of all outputs and parameters, as float32."""
    return 4 * (trace.image.size + sum(map(_numbers, trace.layers)))


def _numbers(layer: LayerTrace) -> int:
    arrays: tuple[np.ndarray | None, ...] = (layer.output, layer.weight, layer.bias, layer.mean, layer.variance)
    return sum(array.size for array in arrays if array is not None)
