"""ONNX operators that move cells: reshape, transpose, slice, concatenate, pad, resize, reduce; and constants.

Refuses to know: files.
"""

from __future__ import annotations

from math import prod

import numpy as np
import torch
from torch import fx

from cnnviz.i18n import _
from cnnviz.models.importers.onnx_file import DTYPES
from cnnviz.models.importers.onnx_step import LARGEST_SIZE, SMALL, OnnxStep, Value, translates

aten = torch.ops.aten
HALF_PIXEL = ("half_pixel", "pytorch_half_pixel")  # a cell is its middle; they differ only at one cell


@translates("Constant")
def _constant(step: OnnxStep) -> Value:
    found = step.tensor("value")
    if found is not None:
        return found
    if step.has("value_float"):
        return torch.tensor(step.number("value_float", 0.0))
    if step.has("value_int"):
        return torch.tensor(step.whole("value_int"))
    if step.has("value_ints"):
        return torch.tensor(step.wholes("value_ints"), dtype=torch.int64)
    raise step.refusal(_("of numbers"), _("something else"))


@translates("ConstantOfShape")
def _constant_of_shape(step: OnnxStep) -> Value:
    sizes, value = step.whole_numbers(0) or [], step.tensor("value")
    if min(sizes, default=0) < 0 or prod(sizes) > SMALL or (value is not None and value.numel() != 1):
        raise step.refusal(_("of at most {most} elements", most=SMALL), sizes)
    value = torch.zeros(1) if value is None else value
    return value.reshape(()).expand(sizes).clone()


@translates("Identity")
def _identity(step: OnnxStep) -> Value:
    value = step.input()
    return step.call(aten.alias.default, value) if isinstance(value, fx.Node) else value


@translates("Shape")
def _shape(step: OnnxStep) -> Value:
    sizes = step.shape(step.input())
    return torch.tensor(sizes[step.whole("start", 0) : step.whole("end", len(sizes))], dtype=torch.int64)


@translates("Size")
def _size(step: OnnxStep) -> Value:
    return torch.tensor(prod(step.shape(step.input())), dtype=torch.int64)


@translates("Range")
def _range(step: OnnxStep) -> Value:
    ends = [step.constant(place) for place in range(3)]
    if any(end is None or end.numel() != 1 or end.is_floating_point() for end in ends):
        raise step.refusal(_("of three whole numbers"), step.count)
    start, stop, by = (int(end) for end in ends if end is not None)
    if by == 0 or abs(stop - start) > SMALL:
        raise step.refusal(_("of at most {most} elements", most=SMALL), abs(stop - start))
    return torch.arange(start, stop, by) if (stop - start) * by > 0 else torch.empty(0, dtype=torch.int64)


@translates("Cast")
def _cast(step: OnnxStep) -> Value:
    dtype = DTYPES.get(step.whole("to"))
    if dtype is None:
        raise step.refusal(_("to a plain kind of numbers"), step.whole("to"))
    return step.call(aten.to.dtype, step.input(), dtype)


# Shapes.
@translates("Reshape")
def _reshape(step: OnnxStep) -> Value:
    """0 keeps a size, −1 is what is left; the batch that an export has written down becomes ours."""
    before, wanted = step.shape(step.input()), step.whole_numbers(1, "shape")
    if wanted is None or any(not -1 <= size <= LARGEST_SIZE for size in wanted):
        raise step.refusal(_("to sizes that are not negative"), wanted)
    if not step.whole("allowzero"):
        if any(size == 0 and at >= len(before) for at, size in enumerate(wanted)):
            raise step.refusal(_("to sizes that there are"), wanted)
        wanted = [before[at] if size == 0 else size for at, size in enumerate(wanted)]
    return step.call(aten.reshape.default, step.input(), wanted)


@translates("Flatten")
def _flatten(step: OnnxStep) -> Value:
    shape, axis = step.shape(step.input()), step.whole("axis", 1)
    axis = axis + len(shape) if axis < 0 else axis
    if axis == 1 and len(shape) > 1:
        return step.call(aten.flatten.using_ints, step.input(), 1, -1)
    return step.call(aten.reshape.default, step.input(), [prod(shape[:axis]), prod(shape[axis:])])


@translates("Transpose")
def _transpose(step: OnnxStep) -> Value:
    count = len(step.shape(step.input()))
    return step.call(aten.permute.default, step.input(), step.wholes("perm", list(range(count))[::-1]))


@translates("Squeeze")
def _squeeze(step: OnnxStep) -> Value:
    axes = step.whole_numbers(1, "axes")
    shape = step.shape(step.input())
    if axes is None:
        return step.call(aten.squeeze.default, step.input())
    if any(not -len(shape) <= axis < len(shape) or shape[axis] != 1 for axis in axes):
        raise step.refusal(_("of axes of one cell"), axes)
    return step.call(aten.squeeze.dims, step.input(), axes)


@translates("Unsqueeze")
def _unsqueeze(step: OnnxStep) -> Value:
    axes, value = step.whole_numbers(1, "axes") or [], step.input()
    count = len(step.shape(value)) + len(axes)
    for axis in sorted(axis + count if axis < 0 else axis for axis in axes):
        value = step.call(aten.unsqueeze.default, value, axis)
    return value


@translates("Expand")
def _expand(step: OnnxStep) -> Value:
    """Both shapes are spread to each other."""
    before, wanted = step.shape(step.input()), step.whole_numbers(1) or []
    try:
        sizes = np.broadcast_shapes(before, tuple(wanted))
    except ValueError as error:
        raise step.refusal(_("to a shape that fits"), wanted) from error
    return step.call(aten.expand.default, step.input(), list(sizes))


@translates("Tile")
def _tile(step: OnnxStep) -> Value:
    return step.call(aten.repeat.default, step.input(), step.whole_numbers(1) or [])


@translates("Concat")
def _concat(step: OnnxStep) -> Value:
    return step.call(aten.cat.default, [step.input(place) for place in range(step.count)], step.whole("axis"))


@translates("Split")
def _split(step: OnnxStep) -> list[Value]:
    axis, sizes, count = step.whole("axis"), step.whole_numbers(1, "split"), len(step.proto.output)
    shape = step.shape(step.input())
    if not -len(shape) <= axis < len(shape):
        raise step.refusal(_("along an axis that there is"), axis)
    if sizes is None:
        width = -(-shape[axis] // max(count, 1))
        sizes = [max(min(width, shape[axis] - at * width), 0) for at in range(count)]
    parts = step.call(aten.split_with_sizes.default, step.input(), sizes, axis)
    return [step.pick(parts, at) for at in range(len(sizes))] if isinstance(parts, fx.Node) else list(parts)


@translates("Slice")
def _slice(step: OnnxStep) -> Value:
    value = step.input()
    starts, ends = step.whole_numbers(1, "starts"), step.whole_numbers(2, "ends")
    if starts is None or ends is None or len(starts) != len(ends):
        raise step.refusal(_("of as many starts as ends"), step.count)
    axes = step.whole_numbers(3, "axes") or list(range(len(starts)))
    steps = step.whole_numbers(4) or [1] * len(starts)
    if len(axes) != len(starts) or len(steps) != len(starts) or min(steps, default=1) < 1:
        raise step.refusal(_("one that goes forwards"), steps)
    for axis, start, end, by in zip(axes, starts, ends, steps, strict=True):
        value = step.call(aten.slice.Tensor, value, axis, start, end, by)
    return value


@translates("Gather")
def _gather(step: OnnxStep) -> Value:
    index, axis, shape = step.constant(1), step.whole("axis"), step.shape(step.input())
    if index is None or index.is_floating_point() or not -len(shape) <= axis < len(shape):
        raise step.refusal(_("of fixed whole numbers, along an axis that is there"), axis)
    size = shape[axis]
    if index.numel() > SMALL or bool(((index < -size) | (index >= size)).any()):
        raise step.refusal(_("of cells that there are"), tuple(index.shape))
    if index.dim() == 0:
        return step.call(aten.select.int, step.input(), axis, int(index))
    cells = torch.where(index < 0, index + size, index).long().reshape(-1)
    picked = step.call(aten.index_select.default, step.input(), axis, cells)
    axis %= len(shape)
    sizes = [*shape[:axis], *index.shape, *shape[axis + 1 :]]
    return picked if index.dim() == 1 else step.call(aten.reshape.default, picked, sizes)


# Around the maps.
@translates("Pad")
def _pad(step: OnnxStep) -> Value:
    shape, pads = step.shape(step.input()), step.whole_numbers(1, "pads")
    axes = step.whole_numbers(3) or list(range(len(shape)))
    if pads is None or len(pads) != 2 * len(axes):
        raise step.refusal(_("of two numbers for each axis"), pads)
    around = [(0, 0)] * len(shape)
    for at, axis in enumerate(axes):
        if not -len(shape) <= axis < len(shape):
            raise step.refusal(_("of axes that there are"), axis)
        around[axis] = pads[at], pads[at + len(axes)]
    return _pad_by_mode(step, around)


def _pad_by_mode(step: OnnxStep, around: list[tuple[int, int]]) -> Value:
    mode = step.word("mode", "constant")
    words = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
    if mode not in words:
        raise step.refusal(_("one of {known}", known=", ".join(words)), mode)
    if mode != "constant":  # PyTorch takes rows and columns alone
        if len(around) != 4 or around[:2] != [(0, 0), (0, 0)]:
            raise step.refusal(_("around rows and columns"), around)
        around = around[2:]
    flat = [amount for pair in reversed(around) for amount in pair]
    if mode != "constant":
        return step.call(aten.pad.default, step.input(), flat, words[mode])
    given = step.constant(2) if step.opset >= 11 else None
    fill = step.number("value", 0.0) if given is None else float(given.reshape(-1)[0]) if given.numel() else 0.0
    return step.call(aten.constant_pad_nd.default, step.input(), flat, fill)


@translates("Resize", "Upsample")
def _resize(step: OnnxStep) -> Value:
    """Only where ONNX and PyTorch agree on which cell lies where."""
    scales, sizes = _resize_sizes(step)
    shape, mode = step.shape(step.input()), step.word("mode", "nearest")
    is_old = step.proto.op_type == "Upsample" or step.opset < 11
    where = "asymmetric" if is_old else step.word("coordinate_transformation_mode", "half_pixel")
    if len(shape) != 4 or step.whole("antialias") or step.word("keep_aspect_ratio_policy", "stretch") != "stretch":
        raise step.refusal(_("of maps, as a whole"), shape)
    target = [sizes, None] if sizes else [None, scales]
    if mode == "nearest":
        rounding = "floor" if is_old else step.word("nearest_mode", "round_prefer_floor")
        by_whole = all(float(scale).is_integer() for scale in scales) and rounding.startswith("round")
        if (where, rounding) != ("asymmetric", "floor") and not (by_whole and where in HALF_PIXEL):
            raise step.refusal(_("nearest as PyTorch rounds"), f"{where}, {rounding}")
        return step.call(aten.upsample_nearest2d.vec, step.input(), *target)
    if mode != "linear" or where not in (*HALF_PIXEL, "align_corners"):
        raise step.refusal(_("nearest or linear as PyTorch computes it"), f"{mode}, {where}")
    output, corners = target[0], where == "align_corners"
    return step.call(aten.upsample_bilinear2d.vec, step.input(), output, corners, target[1])


def _resize_sizes(step: OnnxStep) -> tuple[list[float], list[int]]:
    """(scales, sizes) of rows and columns; sizes are empty where the file gives scales."""
    shape = step.shape(step.input())
    given = step.constant(1 if step.proto.op_type == "Upsample" or step.opset < 11 else 2)
    if given is not None and given.numel():
        scales = [float(number) for number in given.reshape(-1)[:8].tolist()]
        if len(scales) != 4 or scales[:2] != [1.0, 1.0] or not all(0 < scale <= 1_000 for scale in scales):
            raise step.refusal(_("by factors of rows and columns"), scales)
        return scales[2:], []
    sizes = step.whole_numbers(3) or []
    if len(sizes) != 4 or list(shape[:2]) != sizes[:2] or min(sizes) < 1:
        raise step.refusal(_("to rows and columns"), sizes)
    return [size / before for size, before in zip(sizes[2:], shape[2:], strict=True)], sizes[2:]


@translates("DepthToSpace")
def _depth_to_space(step: OnnxStep) -> Value:
    block, (batch, channels, rows, cols) = step.whole("blocksize"), (*step.shape(step.input()), 1, 1, 1, 1)[:4]
    if block < 1 or channels % (block * block):
        raise step.refusal(_("of blocks that divide the channels"), block)
    if step.word("mode", "DCR") == "CRD":
        return step.call(aten.pixel_shuffle.default, step.input(), block)
    depth = channels // (block * block)
    parts = step.call(aten.reshape.default, step.input(), [batch, block, block, depth, rows, cols])
    turned = step.call(aten.permute.default, parts, [0, 3, 4, 1, 5, 2])
    return step.call(aten.reshape.default, turned, [batch, depth, rows * block, cols * block])


# Reductions.
REDUCTIONS = {
    "ReduceMean": aten.mean.dim, "ReduceSum": aten.sum.dim_IntList, "ReduceMax": aten.amax.default,
    "ReduceMin": aten.amin.default,
}  # fmt: skip


@translates(*REDUCTIONS)
def _reduce(step: OnnxStep) -> Value:
    axes = step.whole_numbers(1, "axes")
    if not axes:
        if step.whole("noop_with_empty_axes"):
            return step.call(aten.alias.default, step.input())
        axes = list(range(len(step.shape(step.input()))))
    return step.call(REDUCTIONS[step.proto.op_type], step.input(), axes, bool(step.whole("keepdims", 1)))


@translates("ArgMax", "ArgMin")
def _argmax(step: OnnxStep) -> Value:
    if step.whole("select_last_index"):
        raise step.refusal(_("of the first index"), _("the last"))
    overload = aten.argmax.default if step.proto.op_type == "ArgMax" else aten.argmin.default
    return step.call(overload, step.input(), step.whole("axis"), bool(step.whole("keepdims", 1)))
