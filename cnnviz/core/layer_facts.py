"""What a browser must know of every column of a network and cannot see in its numbers: the one place where it is said.

A column is what the explorer and the training step show side by side: the image, then every layer, then the
probabilities. Nothing here changes with the image, except `range_groups`.
Refuses to know: values, words, and where anything is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Any

from cnnviz.core.colour_ranges import ColourRanges
from cnnviz.core.explain import divisors
from cnnviz.core.geometry import Axis
from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.layers import CELL_BY_CELL, POOLING, Kind, LayerSpec, Pair

WALKED = (*CELL_BY_CELL, *POOLING, Kind.CONVOLUTION, Kind.FLATTEN, Kind.LINEAR)
MOST_CELLS = 64  # a longer vector is shown as one strip
Header = dict[str, Any]


class Form(StrEnum):
    """How a column is shown: feature maps, one long vector, a unit each, or a bar for each probability."""

    MAPS = "maps"
    STRIP = "strip"
    CELLS = "cells"
    BARS = "bars"


class Cells(StrEnum):
    """Which cells of the maps before a cell reads."""

    OWN = "own"  # the one in its own place
    WINDOW = "window"  # those that the axes list
    ALL = "all"
    UNROLLED = "unrolled"  # one: the maps, cell after cell, are the vector
    UNKNOWN = "unknown"


class Channels(StrEnum):
    """Which of the maps before a map reads."""

    OWN = "own"
    GROUPS = "groups"  # those of its own group; with one group all
    ALL = "all"
    UNKNOWN = "unknown"


def column_facts(trace: Trace) -> list[Header]:
    """What is known of every column of `trace`.

    `follows`: the column before, whose output it takes; `sources`: those whose cells it is shown to read, which is the
    same but after a flattening: a fully connected layer reads the maps. `reads`: see `reads_of`. `form`, `count`,
    `rows`, `cols`: see `form_of`. `classes`: whether its entries stand for the classes. `colours`: the palette of its
    values, and `bounds`: the fixed ends of their scale, None where the numbers set them. The others: see `layer_facts`.
    """
    last = len(trace.layers)
    found = [_image(trace.image.shape)]
    for number, layer in enumerate(trace.layers, start=1):
        sources = [_source(trace, layer, one) for one in layer.sources if one is not None]
        links = {"follows": layer.sources[0], "sources": sources, "classes": number == last and not trace.stopped}
        found.append(links | layer_facts(layer, found[sources[0]]))
    return found if trace.stopped else [*found, _probabilities(trace, last)]


def _image(shape: tuple[int, ...]) -> Header:
    return {"follows": None, "sources": [], "reads": None, "classes": False, **image_facts(shape)}


def image_facts(shape: tuple[int, ...], bounds: tuple[float, float] = (0, 1)) -> Header:
    """What is known of an image by itself."""
    return {"colours": "inputs", "bounds": list(bounds), "is_walked": False} | form_of(shape)


def _probabilities(trace: Trace, last: int) -> Header:
    reads = {"cells": Cells.ALL, "channels": Channels.ALL, "groups": 1, "axes": None}
    form = form_of(trace.probabilities.shape) | {"form": Form.BARS, "count": len(trace.probabilities), "rows": 1}
    known = {"colours": "scores", "bounds": [0, 1], "is_walked": True}
    return {"follows": last, "sources": [last], "reads": reads, "classes": True, "adds_up": False} | known | form


def _source(trace: Trace, layer: LayerTrace, column: int) -> int:
    """The column whose cells `layer` is shown to read where it takes the output of `column`."""
    before = trace.layers[column - 1] if column else None
    if layer.spec.kind is not Kind.LINEAR or before is None:
        return column
    is_flat = before.spec.kind is Kind.FLATTEN and before.input.ndim == 3
    return before.sources[0] or 0 if is_flat else column


def layer_facts(layer: LayerTrace, source: Header) -> Header:
    """What is known of one layer by itself; `source` is the form of what it reads.

    `adds_up`: its output is a sum of its inputs times weights, plus a bias, and drawn as one. `kernel`: rows and
    columns of the picture of its weights for one input map, None without any. `divisors`: see `explain.divisors`.
    `cuts`: it turns what is below 0 into 0. `is_walked`: the arithmetic of its cells can be shown step by step.
    """
    spec, is_along = layer.spec, _is_along(layer)
    is_sum = spec.kind in (Kind.CONVOLUTION, Kind.LINEAR) and not is_along
    return {
        "reads": reads_of(layer),
        "colours": "activations",
        "bounds": None,
        "adds_up": is_sum,
        "kernel": _kernel(layer, source) if is_sum else None,
        "divisors": divisors(layer) if spec.kind is Kind.AVERAGE_POOLING else None,
        "cuts": spec.type_name == "ReLU",
        "is_walked": spec.kind in WALKED and not is_along and not spec.is_by_image,
        **form_of(layer.output.shape, is_unrolled=spec.kind is Kind.FLATTEN),
    }


def reads_of(layer: LayerTrace) -> Header:
    """What a cell of `layer` reads: `cells` and `channels` (`groups` of them), and `axes` where that is a window.

    An axis lists for each row (column) of the output the `places` under its taps, as coordinates of the input, and
    the `sources`: the cells whose values stand there, None for nothing. So bounds, strides, dilation and every kind of
    padding are in it.
    """
    cells, channels = _relation(layer)
    axes = _axes(layer) if cells is Cells.WINDOW else None
    return {"cells": cells, "channels": channels, "groups": layer.spec.groups, "axes": axes and plain_axes(axes)}


def _relation(layer: LayerTrace) -> tuple[Cells, Channels]:
    kind = layer.spec.kind
    if kind in CELL_BY_CELL and not layer.spec.is_by_image:
        return Cells.OWN, Channels.OWN
    if kind in (Kind.ADD, Kind.MULTIPLY) and all(array.shape == layer.output.shape for array in layer.inputs):
        return Cells.OWN, Channels.OWN
    if kind is Kind.SOFTMAX and layer.output.ndim == 1:
        return Cells.ALL, Channels.ALL
    if kind is Kind.CONVOLUTION:
        return Cells.WINDOW, Channels.GROUPS
    if kind in POOLING:
        return Cells.WINDOW, Channels.OWN
    if kind is Kind.LINEAR:
        return (Cells.WINDOW, Channels.OWN) if _is_along(layer) else (Cells.ALL, Channels.ALL)
    if kind is Kind.FLATTEN:
        return (Cells.UNROLLED, Channels.ALL) if layer.input.ndim == 3 else (Cells.OWN, Channels.OWN)
    return Cells.UNKNOWN, Channels.UNKNOWN


def _is_along(layer: LayerTrace) -> bool:
    """Whether a fully connected layer stands on maps: PyTorch applies it to each of their rows."""
    return layer.spec.kind is Kind.LINEAR and layer.input.ndim == 3


def _axes(layer: LayerTrace) -> tuple[Axis, Axis] | None:
    (height, width), (rows, cols) = layer.input.shape[-2:], layer.output.shape[-2:]
    return _axes_of(layer.spec, (height, width), (rows, cols))


@lru_cache(maxsize=64)  # the same while a hand moves
def _axes_of(spec: LayerSpec, before: Pair, after: Pair) -> tuple[Axis, Axis] | None:
    if spec.kind is not Kind.LINEAR:
        return spec.axes(before, after)
    own, whole = tuple((row,) for row in range(before[0])), (tuple(range(before[1])),) * after[1]
    return Axis(before[0], own, own), Axis(before[1], whole, whole)


def plain_axes(axes: tuple[Axis, Axis]) -> Header:
    """The axes of rows and columns as JSON values."""
    return {
        name: {"places": axis.places, "sources": axis.sources}
        for name, axis in zip(("rows", "cols"), axes, strict=True)
    }


def _kernel(layer: LayerTrace, source: Header) -> list[int] | None:
    """A fully connected layer is a convolution whose kernel has the size of the maps that it reads."""
    if layer.spec.kind is Kind.CONVOLUTION:
        return list(layer.spec.kernel)
    return [source["rows"], source["cols"]] if source["form"] is Form.MAPS else None


def form_of(shape: tuple[int, ...], *, is_unrolled: bool = False) -> Header:
    """How an output of this shape is shown: its `form`, how many pictures (`count`), and `rows` × `cols` of each.

    Maps side by side, a few cells, or one strip of many cells:

    >>> from cnnviz.core.layer_facts import form_of
    >>> [form_of(shape)["form"].value for shape in ((16, 28, 28), (10,), (100,))]
    ['maps', 'cells', 'strip']
    """
    if len(shape) == 3:
        return {"form": Form.MAPS, "count": shape[0], "rows": shape[1], "cols": shape[2]}
    if is_unrolled or shape[0] > MOST_CELLS:
        return {"form": Form.STRIP, "count": 1, "rows": shape[0], "cols": 1}
    return {"form": Form.CELLS, "count": shape[0], "rows": 1, "cols": 1}


def range_groups(scales: Iterable[ColourRanges]) -> list[int]:
    """Which columns share a colour scale: one number for each column, the same for those that share.

    The image and the probabilities have scales of their own; a layer begins one where it sums (`LayerSpec.
    sets_colour_range`), where nothing came before, or where its network leaves it little (`colour_ranges`).
    """
    groups, number = [0], 0
    for one in scales:
        number += one.starts or one.is_own
        groups.append(number)
    return [*groups, number + 1]
