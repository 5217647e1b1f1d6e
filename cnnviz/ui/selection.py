"""What the reader looks at: strings and whole numbers only, so that a link can carry it.

Refuses to know: how a link is written (`links`), and what the network makes of the drawing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cnnviz.layers import LayerSpec
from cnnviz.ranges import Scope
from cnnviz.trace import Trace

INPUT = "input"
SOFTMAX = "softmax"


@dataclass(frozen=True)
class Selection:
    """One view of the network: which layer and channel is open, and which cell is held. None means "none"."""

    layer: str | None = None
    channel: int = 0
    row: int | None = None
    col: int | None = None
    scope: Scope = Scope.LAYER

    @property
    def depth(self) -> int:
        """0: the whole network; 1: a layer and its predecessor; 2: one cell."""
        return 0 if self.layer is None else 1 if self.row is None else 2

    def within(self, trace: Trace) -> Selection:
        """This selection, or the nearest shallower one that exists in `trace`."""
        shape = shapes(trace).get(self.layer or "")
        if shape is None or not 0 <= self.channel < shape[0]:
            return Selection(scope=self.scope)
        rows, cols = shape[1:]
        if self.row is None or self.col is None or not (0 <= self.row < rows and 0 <= self.col < cols):
            return replace(self, row=None, col=None)
        return self


def shapes(trace: Trace) -> dict[str, tuple[int, int, int]]:
    """What can be opened, and its (channels, rows, cols): the input, every layer, the probabilities.

    A vector of n entries is n channels of one cell, except a flattened one, which opens as a whole.
    """
    opened = {INPUT: _cells(trace.image.shape)}
    for layer in trace.layers:
        opened[layer.spec.path] = _cells(layer.output.shape, layer.spec)
    opened[SOFTMAX] = _cells(trace.probabilities.shape)
    return opened


def _cells(shape: tuple[int, ...], spec: LayerSpec | None = None) -> tuple[int, int, int]:
    if len(shape) == 3:
        return shape[0], shape[1], shape[2]
    if spec is not None and not spec.sees_whole_input:
        return 1, shape[0], 1
    return shape[0], 1, 1
