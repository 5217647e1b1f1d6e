"""Where rows and columns are in a tensor, and how an operation moves them: the geometric half of every rule.

Refuses to know: modules and functions (`rules`), and which channels are read (the stand-ins know that).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import prod

import torch

from cnnviz.core.geometry import SAME_CELL, Axis, Geometry, Window, sliding_axis, span
from cnnviz.core.layers import LayerSpec
from cnnviz.core.ops.call import Call, OpKind, OpRule, Ref, Shape


@dataclass(frozen=True)
class AxisPositions:
    """The axes of a tensor that are the rows and the columns of its maps."""

    rows: int
    cols: int


ON_MAPS = AxisPositions(2, 3)  # (n, c, h, w)


class AxisMap(StrEnum):
    """What a unit reads of one input, on rows and columns."""

    WINDOW = "window"
    ALL = "all"  # every cell of the maps
    LOOSE = "loose"  # some cells, not the same in all units
    NOTHING = "nothing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class AxisStep:
    """What units read of one input: `axes` tap by tap, `geometry` as windows where all units have the same."""

    reads: AxisMap
    axes: tuple[Axis, Axis] | None = None
    geometry: Geometry | None = None


NOTHING, ALL = AxisStep(AxisMap.NOTHING), AxisStep(AxisMap.ALL)
LOOSE, UNKNOWN = AxisStep(AxisMap.LOOSE), AxisStep(AxisMap.UNKNOWN)


def same_cells(before: tuple[int, int], after: tuple[int, int]) -> AxisStep:
    """Every unit reads its own cell; an axis of one cell is read by all units."""
    axes = tuple(sliding_axis(n, m, 1, stride=1 if n > 1 or m == 1 else 0) for n, m in zip(before, after, strict=True))
    return AxisStep(AxisMap.WINDOW, (axes[0], axes[1]), SAME_CELL if before == after else None)


def axis_step(call: Call, rule: OpRule, ref: Ref, place: AxisPositions | None) -> tuple[AxisPositions | None, AxisStep]:
    """Where rows and columns are afterwards as far as `ref` tells, and what is read of it."""
    shapes = call.shapes[ref.node]
    before, after = next((s for s in shapes if s), None), next((s for s in call.output if s), None)
    if rule.how is OpKind.NOTHING or before is None or after is None:
        return None, NOTHING
    if rule.how is OpKind.UNKNOWN:
        return None, UNKNOWN
    if rule.how is OpKind.WINDOWS:
        return _windows(rule, before, after, place)
    if place is None:
        return None, _off_maps(rule, before)
    return _on_maps(call, rule, before, after, place)


def _windows(
    rule: OpRule, before: Shape, after: Shape, place: AxisPositions | None
) -> tuple[AxisPositions | None, AxisStep]:
    assert rule.spec is not None
    if rule.spec.windows:
        return _nd_windows(rule.spec, before, after, place)
    axes = rule.spec.axes((before[-2], before[-1]), (after[-2], after[-1]))
    if place != ON_MAPS or axes is None:
        return ON_MAPS, LOOSE
    if after[-2:] == (1, 1) and all(axis.cells(0) == tuple(range(axis.size)) for axis in axes):
        return ON_MAPS, ALL  # global pooling
    return ON_MAPS, AxisStep(AxisMap.WINDOW, axes, _regular(rule, axes))


def _nd_windows(
    spec: LayerSpec, before: Shape, after: Shape, place: AxisPositions | None
) -> tuple[AxisPositions | None, AxisStep]:
    """Windows on one axis or three. A volume has maps: those of its last two axes, where the image lies on these."""
    maps = AxisPositions(len(after) - 2, len(after) - 1)
    if len(spec.windows) != 3:
        return None, LOOSE  # a line: what its places are on the image, only its cells tell
    axes = spec.window_axes(before[-3:], after[-3:])
    if place != maps or axes is None or not all(axes[0].cells(unit) for unit in range(len(axes[0].places))):
        return maps, LOOSE  # slices in the padding read nothing
    rows, cols = spec.windows[1:]
    is_even = not spec.is_adaptive and not spec.is_transposed  # the same window for all units
    is_plain = is_even and (spec.padding_mode == "zeros" or rows.padding == cols.padding == 0)
    sides = (Window(span(one.kernel, one.dilation), one.stride, -one.padding) for one in (rows, cols))
    return maps, AxisStep(AxisMap.WINDOW, (axes[1], axes[2]), Geometry(*sides) if is_plain else None)


def _regular(rule: OpRule, axes: tuple[Axis, Axis]) -> Geometry | None:
    spec = rule.spec
    assert spec is not None
    if spec.padding_mode != "zeros" and spec.padding != (0, 0):
        return None  # what padding repeats lies elsewhere
    if not spec.is_adaptive:
        return spec.geometry
    rows, cols = (_even(axis) for axis in axes)
    return Geometry(rows, cols) if rows and cols else None


def _even(axis: Axis) -> Window | None:
    """The window of adaptive pooling where it is the same for all units: the size is a multiple of the units."""
    size, rest = divmod(axis.size, len(axis.places))
    return None if rest else Window(size, size)


def _off_maps(rule: OpRule, before: Shape) -> AxisStep:
    """The cells have left their maps: what reads all of a vector reads all, what reads one entry stays as it is."""
    if rule.how in (OpKind.CELLWISE, OpKind.RESHAPE, OpKind.PERMUTE, OpKind.SELECT):
        return AxisStep(AxisMap.WINDOW)
    covered = {len(before) + axis for axis in rule.over}
    # the batch has one image; an axis 0 that is longer is none
    return ALL if covered >= {axis for axis in range(len(before)) if before[axis] > 1} else LOOSE


def _on_maps(
    call: Call, rule: OpRule, before: Shape, after: Shape, place: AxisPositions
) -> tuple[AxisPositions | None, AxisStep]:
    sizes = before[place.rows], before[place.cols]
    covered = {len(before) + axis for axis in rule.over} & {place.rows, place.cols}
    if rule.how is OpKind.LOOSE:
        return None, LOOSE
    if rule.how is OpKind.PAD:
        return place, _padded(rule, sizes, (after[place.rows], after[place.cols]))
    if covered and any(before[axis] > 1 for axis in {place.rows, place.cols} - covered):
        return None, LOOSE
    moved = _moved(call, rule, before, after, place)
    if covered:
        return moved, ALL
    if moved is None:  # the cells leave their maps, each with what it saw
        return None, AxisStep(AxisMap.WINDOW) if rule.how is not OpKind.SELECT else LOOSE
    return moved, same_cells(sizes, (after[moved.rows], after[moved.cols]))


def _padded(rule: OpRule, before: tuple[int, int], after: tuple[int, int]) -> AxisStep:
    rows, cols = (sliding_axis(n, m, 1, padding=p) for n, m, p in zip(before, after, rule.before, strict=True))
    windows = (Window(1, 1, -p) for p in rule.before)
    return AxisStep(AxisMap.WINDOW, (rows, cols), Geometry(*windows))


def _moved(call: Call, rule: OpRule, before: Shape, after: Shape, place: AxisPositions) -> AxisPositions | None:
    """Where the axes of the maps are after the operation; None where they are no longer axes."""
    if rule.how is OpKind.PERMUTE:
        return _permuted(call, before, place)
    if rule.how is OpKind.RESHAPE or (rule.how is OpKind.REDUCE and len(before) != len(after)):
        return _carried(before, after, place)
    if len(before) != len(after):
        return _broadcast(before, after, place)
    if rule.how is OpKind.SELECT and any(before[axis] != after[axis] for axis in (place.rows, place.cols)):
        return None
    return place


def _broadcast(before: Shape, after: Shape, place: AxisPositions) -> AxisPositions | None:
    """Broadcasting lays new axes in front; picking one entry of an axis takes it away."""
    shift = len(after) - len(before)
    axes = (place.rows, place.cols)
    kept = min(axes) + shift >= 0 and all(after[axis + shift] == before[axis] for axis in axes)
    return AxisPositions(place.rows + shift, place.cols + shift) if kept else None


def _permuted(call: Call, before: Shape, place: AxisPositions) -> AxisPositions:
    """PyTorch moves a tensor whose axes all have different lengths: where they end up is where they went."""
    sizes = torch.empty([axis + 2 for axis in range(len(before))], device="meta")
    moved = call.function(sizes, *call.args[1:], **call.kwargs).shape
    return AxisPositions(list(moved).index(place.rows + 2), list(moved).index(place.cols + 2))


def _carried(before: Shape, after: Shape, place: AxisPositions) -> AxisPositions | None:
    """An axis survives a reshape where one of the same length stands for the same distance in memory."""
    found = []
    for axis in (place.rows, place.cols):
        key = before[axis], prod(before[axis + 1 :])
        places = [at for at in range(len(after)) if (after[at], prod(after[at + 1 :])) == key]
        if not places:
            return None
        found.append(min(places, key=lambda at: abs((len(after) - at) - (len(before) - axis))))
    rows, cols = found
    return AxisPositions(rows, cols) if rows != cols else None
