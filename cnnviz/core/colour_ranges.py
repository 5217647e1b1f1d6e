"""How far a colour scale reaches around 0: for one map, for one layer, or for the whole network.

For a layer the range is set where sums are computed (convolution, fully connected), where several inputs are joined,
and where a branch begins with something else. It is inherited by the layers after it, so that a ReLU visibly removes a
colour and a pooling keeps the hue. Where a layer leaves so little of it that nothing could be seen, it starts a finer
scale, which what follows inherits in turn; the legend says so. Which layers these are is a matter of the network
(`sparse_layers`): while one draws, no scale comes or goes. For one map the range is the map's own: the scope in which
weak maps are seen.
Refuses to know: the colours themselves (`figures.theme`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

import numpy as np

from cnnviz.core.layer_trace import LayerTrace, Trace


class RangeScope(StrEnum):
    """What shares one colour scale."""

    MAP = "map"
    LAYER = "layer"
    NETWORK = "network"


FAINT = 1 / 4  # of a scale: a layer that stays below it would look empty


@dataclass(frozen=True)
class ColourRanges:
    """The half-widths of one layer's scales: each runs from −value to +value. `maps` has one for each channel.

    `starts`: a sum, so that its scale has nothing to do with the one before. `is_own`: the layer has a scale of its own
    all the same. `finer`: how many times finer than the one that it would inherit, 1 where it inherits.
    """

    maps: tuple[float, ...]
    layer: float
    network: float
    starts: bool = False
    finer: float = 1.0
    is_own: bool = False


def sparse_layers(traces: Iterable[Trace]) -> frozenset[str]:
    """The paths of the layers that have a finer scale of their own on most of `traces`, one network's reference images.

    `colour_ranges(trace, sparse_layers(references))` has scales for the same layers whatever is drawn.
    """
    found = [{layer.spec.path for layer, one in zip(trace.layers, colour_ranges(trace), strict=True) if one.is_own}
             for trace in traces]  # fmt: skip
    return frozenset(path for path in set().union(*found) if sum(path in own for own in found) > len(found) / 2)


def colour_ranges(trace: Trace, sparse: frozenset[str] | None = None) -> tuple[ColourRanges, ...]:
    """The `ColourRanges` of every layer of `trace`, in its order.

    sparse: the paths of the layers that have a scale of their own; None: those that need one for this image.
    """
    own = [_largest(layer) for layer in trace.layers]
    network = max((float(maps.max()) for maps in own), default=0.0)
    result: list[ColourRanges] = []
    for before_it, (layer, maps) in enumerate(zip(trace.layers, own, strict=True)):
        is_next = layer.sources[:1] == (before_it,)  # a branch has nothing to do with the layer that ran before
        starts, largest = not result or layer.spec.sets_colour_range or not is_next, float(maps.max())
        before = largest if starts else result[-1].layer
        is_faint = 0 < largest < FAINT * before
        is_own = not starts and (is_faint if sparse is None else layer.spec.path in sparse)
        reach = largest if is_own and largest > 0 else before  # nothing but 0 needs no finer one
        result.append(ColourRanges(tuple(maps.tolist()), reach, network, starts, is_own=is_own))
    return _with_steps(result)


def _with_steps(layers: Sequence[ColourRanges]) -> tuple[ColourRanges, ...]:
    """The same with `finer` filled in."""
    result = list(layers[:1])
    for before, one in pairwise(layers):
        is_finer = not one.starts and 0 < one.layer < before.layer
        result.append(replace(one, finer=before.layer / one.layer if is_finer else 1.0))
    return tuple(result)


def _largest(layer: LayerTrace) -> np.ndarray:
    """The largest finite absolute value of every map, 0 without one; one for all entries of a vector."""
    flat = layer.output.reshape(len(layer.output) if layer.output.ndim == 3 else 1, -1)
    reach = np.maximum(flat.max(axis=1, initial=0.0), -flat.min(axis=1, initial=0.0))
    if np.isfinite(reach).all():  # so are all values
        return reach
    return np.abs(flat).max(axis=1, initial=0.0, where=np.isfinite(flat))


def largest_finite(values: np.ndarray) -> float:
    """The largest absolute value that a colour can stand for: NaN and ∞ have none, and without any it is 0.

    values: floats of any shape.

    >>> import numpy as np
    >>> from cnnviz.core.colour_ranges import largest_finite
    >>> largest_finite(np.array([1.0, -3.0, np.nan]))
    3.0
    """
    reach = max(values.max(initial=0.0), -values.min(initial=0.0))
    if np.isfinite(reach):  # so are all values: NaN would come out as NaN
        return float(reach)
    return float(np.max(np.abs(values), initial=0.0, where=np.isfinite(values)))


def merge_ranges(*several: tuple[ColourRanges, ...]) -> tuple[ColourRanges, ...]:
    """One set of scales for several traces of one network: each reaches as far as the furthest.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.colour_ranges import colour_ranges, merge_ranges
    >>> from cnnviz.core.trace import trace
    >>> image = np.ones((1, 2, 2), np.float32)
    >>> low, high = (colour_ranges(trace(nn.Sequential(nn.ReLU()), image * reach)) for reach in (1, 3))
    >>> merge_ranges(low, high)[0].layer
    3.0
    """
    return _with_steps(
        [
            ColourRanges(
                tuple(max(reaches) for reaches in zip(*(one.maps for one in layers), strict=True)),
                max(one.layer for one in layers),
                max(one.network for one in layers),
                any(one.starts for one in layers),
                is_own=any(one.is_own for one in layers),
            )
            for layers in zip(*several, strict=True)
        ]
    )


def share_ranges(own: Mapping[str, ColourRanges], other: Mapping[str, ColourRanges]) -> tuple[ColourRanges, ...]:
    """The scales of a trace, by the paths of its layers, beside another trace: layers of one path share theirs.

    So equal colours are equal values in both. A map has a scale in common where both layers have as many.

    >>> import numpy as np
    >>> from cnnviz.core.colour_ranges import ColourRanges, share_ranges
    >>> low, high = ({"conv": ColourRanges((reach,), reach, reach)} for reach in (1.0, 3.0))
    >>> share_ranges(low, high)[0].layer
    3.0
    """
    network = max((one.network for one in (*own.values(), *other.values())), default=0.0)
    result: list[ColourRanges] = []
    for path, one in own.items():
        widened = replace(_widened(one, other.get(path)), network=network)
        is_inherited = bool(result) and not one.starts and widened.layer == result[-1].layer
        result.append(replace(widened, is_own=widened.is_own or not (one.starts or is_inherited)))
    return _with_steps(result)


def _widened(one: ColourRanges, other: ColourRanges | None) -> ColourRanges:
    if other is None:
        return one
    is_alike = len(one.maps) == len(other.maps)
    maps = tuple(map(max, one.maps, other.maps)) if is_alike else one.maps
    return replace(one, maps=maps, layer=max(one.layer, other.layer), is_own=one.is_own or other.is_own)
