"""One image in a network before and after edits: before, after or the difference, on one colour scale.

Refuses to know: which edits these were, and how a packet is laid out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, Protocol

import numpy as np

from cnnviz.core.channel_sums import channel_sums
from cnnviz.core.colour_ranges import ColourRanges, colour_ranges, largest_finite, merge_ranges
from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.per_trace import once_per_trace

PARAMETERS = ("weight", "bias", "mean", "variance")


class ComparisonView(StrEnum):
    """Which network is on the screen."""

    BEFORE = "before"
    AFTER = "after"
    DIFFERENCE = "difference"  # after − before


class Compared(Protocol):
    """What a packet has to know of a trace that is one side of a comparison."""

    def scales(self) -> tuple[ColourRanges, ...]:
        """The colour ranges of every layer."""

    def weight_range(self, position: int) -> float | None:
        """The half-width of the scale of a layer's weights; None without any."""

    def sums(self, position: int, channel: int) -> tuple[np.ndarray, float]:
        """What each input channel adds to one map or score, and the half-width of its scale."""


@dataclass(frozen=True, eq=False)
class SingleTrace:
    """A trace that is compared with nothing.

    sparse: the layers of its network with scales of their own (`colour_ranges`).
    """

    trace: Trace
    sparse: frozenset[str] | None = None

    def scales(self) -> tuple[ColourRanges, ...]:
        """Those of the trace."""
        return _ranges(self.trace, self.sparse)

    def weight_range(self, position: int) -> float | None:
        """The largest of the layer's weights, by size."""
        weight = self.trace.layers[position].weight
        return None if weight is None else _reach([weight])

    def sums(self, position: int, channel: int) -> tuple[np.ndarray, float]:
        """The layer's shares and the largest of them, by size."""
        made = channel_sums(self.trace.layers[position], channel)
        return made, _reach([made])


@dataclass(frozen=True, eq=False)
class TracePair:
    """The traces before and after, and which `view` of them is on the screen."""

    before: Trace
    after: Trace
    view: ComparisonView
    sparse: frozenset[str] | None = None  # the layers of the network with scales of their own (`colour_ranges`)

    @property
    def seen(self) -> Trace:
        """What is on the screen: one of the two traces, or after − before in the place of every layer's values."""
        if self.view is ComparisonView.DIFFERENCE:
            return self._difference
        return self.before if self.view is ComparisonView.BEFORE else self.after

    @cached_property
    def _difference(self) -> Trace:
        return _difference(self.before, self.after)

    @property
    def answering(self) -> Trace:
        """Whose answer is read: a difference is no answer."""
        return self.before if self.view is ComparisonView.BEFORE else self.after

    def scales(self) -> tuple[ColourRanges, ...]:
        """One set for all three views."""
        sparse = self.sparse
        return merge_ranges(
            _ranges(self.before, sparse), _ranges(self.after, sparse), colour_ranges(self._difference, sparse)
        )

    def weight_range(self, position: int) -> float | None:
        """One for all three views."""
        before, after = (trace.layers[position].weight for trace in (self.before, self.after))
        if before is None or after is None:
            return None
        return _reach([before] if after is before else [before, after, difference_trace(before, after)])

    def sums(self, position: int, channel: int) -> tuple[np.ndarray, float]:
        """The shares in this view, on one scale for all three; differences of shares make the difference of the map."""
        before, after = (_sums(trace.layers[position], channel) for trace in (self.before, self.after))
        shown = {
            ComparisonView.BEFORE: before,
            ComparisonView.AFTER: after,
            ComparisonView.DIFFERENCE: difference_trace(before, after),
        }
        return shown[self.view], _reach(shown.values())


_ranges = once_per_trace(colour_ranges)


@lru_cache(maxsize=16)
def _sums(layer: LayerTrace, channel: int) -> np.ndarray:
    made = channel_sums(layer, channel)
    made.setflags(write=False)
    return made


def difference_trace(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """After − before, two arrays of one shape; NaN where both are the same infinity.

    >>> import numpy as np
    >>> from cnnviz.core.edits.comparison import difference_trace
    >>> difference_trace(np.array([1.0]), np.array([3.0])).tolist()
    [2.0]
    """
    with np.errstate(invalid="ignore", over="ignore"):
        made: np.ndarray = after - before
    return made


def _reach(arrays: Iterable[np.ndarray]) -> float:
    return max(map(largest_finite, arrays))


def _difference(before: Trace, after: Trace) -> Trace:
    """Drawing and probabilities stay those after the edits: there is no share of less than nothing."""
    layers = tuple(map(_subtracted, before.layers, after.layers))
    return replace(after, layers=layers, logits=layers[-1].output.reshape(-1))


def _subtracted(before: LayerTrace, after: LayerTrace) -> LayerTrace:
    """After − before: values and, where both have them, parameters."""
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in PARAMETERS}
    parameters: dict[str, Any] = {
        name: None if new is None or old is None else difference_trace(old, new) for name, (old, new) in pairs.items()
    }
    return replace(
        after,
        inputs=tuple(map(difference_trace, before.inputs, after.inputs)),
        output=difference_trace(before.output, after.output),
        **parameters,
    )
