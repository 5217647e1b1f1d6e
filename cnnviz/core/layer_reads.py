"""Which cells of each of its sources a cell of a layer reads, in forms that are short enough to travel.

Everything follows from the operation: windows from the `LayerSpec`, moved cells from PyTorch itself
(`explain.origins`), groups and axes from the normalisation. What fits no form is said to be unknown; nothing is
guessed from shapes.
Refuses to know: what a column looks like (`layer_facts`), and values.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np

from cnnviz.core.column_form import form_of
from cnnviz.core.explain import ExplainError
from cnnviz.core.explain.arithmetic import operand_origins
from cnnviz.core.explain.moved import origins
from cnnviz.core.explain.weighted import upsampling_weights
from cnnviz.core.explain.windows_nd import nd_axes
from cnnviz.core.geometry import Axis
from cnnviz.core.layer_trace import LayerTrace, Shape
from cnnviz.core.layers import CELL_BY_CELL, POOLING, POOLING_ND, Kind, LayerSpec, Pair
from cnnviz.core.read_tables import AXES, NOTHING, sum_tables

Reads = dict[str, Any]


class Cells(StrEnum):
    """Which cells of the maps of a source a cell reads."""

    OWN = "own"  # the one in its own place
    WINDOW = "window"  # those that the axes list
    ALL = "all"
    UNROLLED = "unrolled"  # one: the maps, cell after cell, are the vector
    LISTED = "listed"  # the one that the tables name, and those along some axes from there
    UNKNOWN = "unknown"


class Channels(StrEnum):
    """Which of the maps of a source a map reads."""

    OWN = "own"
    GROUPS = "groups"  # those of its own group; with one group all
    ALL = "all"
    LISTED = "listed"
    SLICES = "slices"  # of the channels of its own group those slices that lie under its window
    UNKNOWN = "unknown"


def reads_of(layer: LayerTrace) -> list[Reads]:
    """What a cell of `layer` reads of each input that is no constant, in the order of its `sources`.

    `cells` and `channels` (`groups` of them) name the form. `axes`, for windows: each lists for every row (column) of
    the output the `places` under its taps, as coordinates of the input, and the `sources`: the cells whose values
    stand there, None for nothing. So bounds, strides, dilation and every kind of padding are in it.
    `tables`, for listed cells: the number of the cell that is read, counted through all maps of the source row by row,
    is the sum of an entry for its own channel, one for its row and one for its column; None where it reads none. They
    travel as runs, (first, step, count) each.
    `depth`, of a volume, whose slices are maps one after another: `before` slices of each channel, and the `sources` of
    each slice. `each`, on an axis: so many units, one after another, share an entry.
    `along`: the axes of the source that are read as a whole from that cell.
    """
    return [_relation(layer, place) for place, source in enumerate(layer.sources) if source is not None]


def constant_reads(layer: LayerTrace, place: int) -> Reads:
    """The same for an input that is a constant: of an addition or a product."""
    return _moved(layer, place)


def whole() -> Reads:
    """Every cell of every map."""
    return _entry(Cells.ALL, Channels.ALL)


def _entry(cells: Cells, channels: Channels, groups: int = 1, **more: Any) -> Reads:
    return {"cells": cells, "channels": channels, "groups": groups, "axes": None} | more


OWN = _entry(Cells.OWN, Channels.OWN)
UNKNOWN = _entry(Cells.UNKNOWN, Channels.UNKNOWN)


def _relation(layer: LayerTrace, place: int) -> Reads:
    kind = layer.spec.kind
    if kind is Kind.NORMALISATION:
        return _normalised(layer)
    if kind in CELL_BY_CELL:
        return OWN
    if kind is Kind.CONVOLUTION or kind in POOLING:
        channels = Channels.GROUPS if kind is Kind.CONVOLUTION else Channels.OWN
        axes = _axes_of(layer.spec, layer.input.shape[-2:], layer.output.shape[-2:])
        return _entry(Cells.WINDOW, channels, layer.spec.groups, axes=axes and plain_axes(axes))
    if kind is Kind.CONVOLUTION_ND or kind in POOLING_ND:
        return _on_line(layer) if len(layer.spec.windows) == 1 else _in_volume(layer)
    if kind is Kind.LINEAR:
        return _along_rows(layer) if layer.input.ndim == 3 else whole()
    if kind is Kind.UPSAMPLING:
        return _upsampled(layer)
    if kind is Kind.REDUCTION:
        return _reduced(layer)
    if kind is Kind.SOFTMAX:
        return _softened(layer)
    return _moved(layer, place)


@lru_cache(maxsize=64)  # the same while a hand moves
def _axes_of(spec: LayerSpec, before: Pair, after: Pair) -> tuple[Axis, Axis] | None:
    return spec.axes(before, after)


def plain_axes(axes: tuple[Axis, Axis]) -> Reads:
    """The axes of rows and columns as JSON values."""
    return {
        name: {"places": axis.places, "sources": axis.sources}
        for name, axis in zip(("rows", "cols"), axes, strict=True)
    }


def _on_line(layer: LayerTrace) -> Reads:
    """A line is one map: a row for each channel. A convolution reads all rows of its group, a pooling its own."""
    (axis,) = nd_axes(layer)
    channels, units = layer.input.shape[-2], layer.output.shape[-2]
    groups = layer.spec.groups if layer.spec.kind is Kind.CONVOLUTION_ND else channels
    rows = [list(range(first, first + channels // groups)) for first in range(0, channels, channels // groups)]
    axes = {
        "rows": {"places": rows, "sources": rows, "each": units // groups},
        "cols": {"places": axis.places, "sources": axis.sources},
    }
    return _entry(Cells.WINDOW, Channels.OWN, axes=axes)


def _in_volume(layer: LayerTrace) -> Reads:
    """The slices of a channel are maps one after another, and so are the channels."""
    slices, rows, cols = nd_axes(layer)
    groups = layer.spec.groups if layer.spec.kind is Kind.CONVOLUTION_ND else len(layer.output) // len(slices.places)
    depth = {"before": slices.size, "sources": slices.sources}
    return _entry(Cells.WINDOW, Channels.SLICES, groups, axes=plain_axes((rows, cols)), depth=depth)


def _moved(layer: LayerTrace, place: int) -> Reads:
    """Operations that take cells as they are: sums, products, and all that moves cells."""
    kind, input_ = layer.spec.kind, layer.inputs[place]
    if kind in (Kind.ADD, Kind.MULTIPLY):
        if input_.shape == layer.output.shape:
            return OWN
        found = operand_origins(layer, place)
        return UNKNOWN if found is None else _listed(layer, input_, found)
    if kind is Kind.FLATTEN:
        if layer.input.ndim == 3 and layer.output.ndim == 1:
            return _entry(Cells.UNROLLED, Channels.ALL)
        if layer.input.shape == layer.output.shape:
            return OWN
        return _listed(layer, input_, np.arange(input_.size))  # another shape, the same order
    if kind in (Kind.CONCAT, Kind.REARRANGE, Kind.PADDING):
        try:
            return _listed(layer, input_, _share(layer, place))
        except ExplainError:
            return UNKNOWN
    return UNKNOWN


def _share(layer: LayerTrace, place: int) -> np.ndarray:
    """The origins that lie in input number `place`, counted from its first cell."""
    first = sum(array.size for array in layer.inputs[:place])
    found = origins(layer) - first
    return np.where((found >= 0) & (found < layer.inputs[place].size) & (origins(layer) >= 0), found, NOTHING)


def _along_rows(layer: LayerTrace) -> Reads:
    """A fully connected layer on maps: PyTorch applies it to each of their rows."""
    starts = np.arange(layer.input.size).reshape(layer.input.shape)[:, :, :1]
    return _listed(layer, layer.input, np.broadcast_to(starts, layer.output.shape), along=(2,))


def _reduced(layer: LayerTrace) -> Reads:
    shape = layer.input_axes
    over = tuple(len(shape) + axis for axis in layer.spec.over)
    if min(over) < 0:
        return UNKNOWN
    if len(over) == len(shape):
        return whole()
    first = np.arange(layer.input.size).reshape(shape)
    for axis in over:
        first = first.take([0], axis=axis)
    along = _axes_as_kept(shape, layer.spec.over)
    if along is None or first.size != layer.output.size:
        return UNKNOWN
    return _listed(layer, layer.input, first, along=() if layer.input.ndim == 1 else along)


def _softened(layer: LayerTrace) -> Reads:
    if layer.output.ndim == 1:
        return whole()
    axes = _axes_as_kept(layer.output_axes, layer.spec.over)
    return UNKNOWN if axes is None else _around(layer, axes)


def _around(layer: LayerTrace, axes: tuple[int, ...]) -> Reads:
    """Its own cell and all cells along some axes through it."""
    first = np.arange(layer.input.size).reshape(layer.input.shape)
    for axis in axes:
        first = first.take([0], axis=axis)
    return _listed(layer, layer.input, np.broadcast_to(first, layer.output.shape), along=axes)


def _normalised(layer: LayerTrace) -> Reads:
    spec, shape = layer.spec, layer.output.shape
    if not spec.is_by_image:
        return OWN
    if spec.over:
        axes = _axes_as_kept(layer.output_axes, spec.over)
        if axes is None or len(axes) == len(shape):
            return UNKNOWN if axes is None else whole()
        return _around(layer, axes)
    if len(shape) == 1:
        return whole() if spec.groups == 1 else UNKNOWN
    if len(shape) == 3 and shape[0] % spec.groups:  # a line: a row for each channel
        return _around(layer, (2,)) if shape[:2] == (1, spec.groups) else UNKNOWN
    return _entry(Cells.ALL, Channels.GROUPS, spec.groups)


def _axes_as_kept(shape: Shape, over: Sequence[int]) -> tuple[int, ...] | None:
    """Axes of a tensor as PyTorch has it, without a batch, counted from the end, as those of its maps.

    All axes in front of the last two are one of its maps; None where only some of these are meant.
    """
    if len(shape) <= 1:
        return (0,)
    chosen = {len(shape) + axis for axis in over}
    leading = set(range(len(shape) - 2))
    if chosen & leading and not leading <= chosen:
        return None
    last = {axis - len(shape) + 3 for axis in chosen - leading}
    return tuple(sorted(last | ({0} if chosen & leading or (not leading and len(chosen) == 2) else set())))


def _upsampled(layer: LayerTrace) -> Reads:
    """A window of the cells whose weight is not 0; `weights` says how much each counts."""
    axes = {}
    for name, weights in zip(("rows", "cols"), upsampling_weights(layer), strict=True):
        cells = [np.flatnonzero(column).tolist() for column in weights.T]
        shares = [column[column != 0].tolist() for column in weights.T]
        axes[name] = {"places": cells, "sources": cells, "weights": shares}
    return _entry(Cells.WINDOW, Channels.OWN, axes=axes)


def _listed(layer: LayerTrace, source: np.ndarray, found: np.ndarray, along: tuple[int, ...] = ()) -> Reads:
    """Tables that make the numbers `found` of the cells that are read, or unknown where no tables do."""
    tables = sum_tables(found.reshape(_picture(layer.output.shape, layer.spec.kind)), source.shape)
    if tables is None:
        return UNKNOWN
    axes = [AXES[axis] for axis in sorted(along)]
    return _entry(Cells.LISTED, Channels.LISTED, tables=tables, along=axes)


def _picture(shape: Shape, kind: Kind) -> tuple[int, int, int]:
    """The shape in which an output is shown: see `form_of`."""
    form = form_of(shape, is_unrolled=kind is Kind.FLATTEN)
    return form["count"], form["rows"], form["cols"]
