"""What edits change in the answer to one image: after − before, layer by layer.

Refuses to know: which edits these were, colours, pages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnviz.messages import _
from cnnviz.trace import Trace


@dataclass(frozen=True, eq=False)
class LayerDifference:
    """`change` is after − before, in the shape of the layer's output; `largest` is its largest absolute value.

    `share` of all values that are not the same, 0 to 1.
    """

    path: str
    change: np.ndarray
    largest: float
    share: float

    def __post_init__(self) -> None:
        self.change.setflags(write=False)


def difference(before: Trace, after: Trace) -> tuple[LayerDifference, ...]:
    """After − before for every layer of two traces of one network and one image.

    Raises: ValueError, one sentence, for traces of different layers or images.
    Example: `difference(trace, trace)[0].share` is 0.
    """
    if not np.array_equal(before.image, after.image) or _shapes(before) != _shapes(after):
        raise ValueError(_("traces must be of the same layers and the same image: trace both again"))
    return tuple(
        _compared(old.spec.path, old.output, new.output) for old, new in zip(before.layers, after.layers, strict=True)
    )


def _shapes(trace: Trace) -> list[tuple[str, tuple[int, ...]]]:
    return [(layer.spec.path, layer.output.shape) for layer in trace.layers]


def _compared(path: str, before: np.ndarray, after: np.ndarray) -> LayerDifference:
    change = after - before
    return LayerDifference(path, change, float(np.abs(change).max()), float((change != 0).mean()))
