"""One step back: which cells of its inputs do these cells of an output read?

Windows by their index sets; everything else is asked of PyTorch: the gradient, at ones, of a linear stand-in
whose weights are not negative (a sum of such terms is 0 only where nothing is read).
Refuses to know: graphs as a whole, formulas, and the image.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch.utils import _pytree as pytree

from cnnviz.core.geometry import Axis
from cnnviz.core.graph import Node
from cnnviz.core.layers import CONVOLUTIONS, LayerSpec
from cnnviz.core.ops import Call, OpKind, Ref

Masks = tuple[np.ndarray | None, ...]  # Boolean, one for each tensor that a node returns; None where nothing is read


def step_back(node: Node, masks: Masks) -> list[tuple[int, Masks]]:
    """(number of an input, which of its cells are read), for each input of `node`, where `masks` are wanted of it.

    Raises: nothing; call it only for a node whose rule is known.
    """
    call, rule = node.call, node.rule
    if call is None or rule.how is OpKind.NOTHING:
        return []
    if rule.how is OpKind.WINDOWS:
        return [_through_windows(call, rule.spec, masks)]
    if rule.how is OpKind.CELLWISE:
        alike = _all_alike(call)
        if alike is not None:
            return [(number, masks) for number in alike]
    return _asked(call, rule.stand_in, masks)


def _all_alike(call: Call) -> list[int] | None:
    """The inputs where all have the output's shape, so that nothing is spread: the usual case, and the fast one."""
    numbers = [ref.node for ref in call.references]
    return numbers if all(call.shapes[number] == call.output for number in numbers) else None


def _through_windows(call: Call, spec: LayerSpec | None, masks: Masks) -> tuple[int, Masks]:
    assert spec is not None
    ref, mask = call.references[0], masks[0]
    if mask is None:
        return ref.node, (None,)
    before = call.shape_of(ref)
    return ref.node, (_through_axes(spec, before, mask),)


def _through_axes(spec: LayerSpec, before: tuple[int, ...], mask: np.ndarray) -> np.ndarray:
    """The cells (*before) that the wanted ones of the output read: channel by channel, then axis by axis."""
    axes = len(spec.windows) or 2
    wanted: np.ndarray = mask.reshape(-1, *mask.shape[-axes - 1 :])[0]  # (c, *axes)
    if spec.kind in CONVOLUTIONS:
        wanted = np.any(wanted.reshape(spec.groups, -1, *wanted.shape[1:]), axis=1)  # (groups, *axes)
    read = wanted.astype(np.float32)
    for axis, matrix in enumerate(reader_matrices(spec, before[-axes:], mask.shape[-axes:]), start=1):
        read = np.moveaxis(np.tensordot(matrix, read, axes=(1, axis)), 0, axis)
    if spec.kind in CONVOLUTIONS:
        read = np.repeat(read, before[-axes - 1] // spec.groups, axis=0)
    made: np.ndarray = (read > 0).reshape(before)
    return made


@lru_cache(maxsize=512)
def reader_matrices(spec: LayerSpec, before: tuple[int, ...], after: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """A matrix (cells, units) for each axis of the windows, 1 where the unit reads the cell."""
    axes = spec.window_axes(before, after)
    assert axes is not None
    return tuple(map(_matrix, axes))


def _matrix(axis: Axis) -> np.ndarray:
    read = np.zeros((axis.size, len(axis.places)), dtype=np.float32)
    for unit in range(len(axis.places)):
        read[list(axis.cells(unit)), unit] = 1
    read.setflags(write=False)
    return read


def _asked(call: Call, stand_in: Any, masks: Masks) -> list[tuple[int, Masks]]:
    """The gradient of the stand-in at ones. Every argument gets ones of its own, so that none cancels another."""
    asked: list[tuple[int, list[torch.Tensor | None]]] = []

    def ones(leaf: Any) -> Any:
        if not isinstance(leaf, Ref):
            return leaf
        shapes = call.shapes[leaf.node]
        parts = [None if shape is None else torch.ones(shape, requires_grad=True) for shape in shapes]
        asked.append((leaf.node, parts))
        return parts[0] if len(parts) == 1 else tuple(parts)

    with torch.enable_grad():
        args, kwargs = pytree.tree_map(ones, (call.args, call.kwargs), is_leaf=lambda leaf: isinstance(leaf, Ref))
        returned = stand_in(*args, **kwargs)
    outputs = [returned] if isinstance(returned, torch.Tensor) else list(returned)
    wanted = [(out, mask) for out, mask in zip(outputs, masks, strict=True) if mask is not None]
    leaves = [part for _number, parts in asked for part in parts if part is not None]
    gradients = iter(
        torch.autograd.grad(
            [out for out, _mask in wanted],
            leaves,
            [torch.from_numpy(np.ascontiguousarray(mask, dtype=np.float32)) for _out, mask in wanted],
            allow_unused=True,
        )
    )
    return [
        (number, tuple(_read(next(gradients)) if part is not None else None for part in parts))
        for number, parts in asked
    ]


def _read(gradient: torch.Tensor | None) -> np.ndarray | None:
    return None if gradient is None else (gradient != 0).numpy()


def join_masks(one: Masks | None, other: Masks) -> Masks:
    """What either reads."""
    if one is None:
        return other
    return tuple(a if b is None else b if a is None else a | b for a, b in zip(one, other, strict=True))
