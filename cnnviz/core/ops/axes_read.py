"""Rules that several operations share: what is read cell by cell, all along some axes, or as PyTorch itself moves it.

Refuses to know: which operations these are.
"""

from __future__ import annotations

from typing import Any

import torch

from cnnviz.core.ops.call import Call, OpKind, OpRule


def cell_by_cell(call: Call) -> OpRule:
    """Each cell reads the same cell of every input; the stand-in adds, since PyTorch's addition spreads axes of one
    cell as all the others do.
    """

    def added(*args: Any, **kwargs: Any) -> Any:
        tensors = [value for value in (*args, *kwargs.values()) if isinstance(value, torch.Tensor)]
        return sum(tensors[1:], start=tensors[0])

    return OpRule(OpKind.CELLWISE, stand_in=added)


def first_cell(call: Call) -> OpRule:
    """Each cell reads the same cell of the first input; what else goes in are parameters."""
    return OpRule(OpKind.CELLWISE, stand_in=lambda x, *_rest, **_named: x)


def loose(call: Call) -> OpRule:
    """PyTorch itself says which cells are read: the operation is its own stand-in."""
    return OpRule(OpKind.LOOSE, stand_in=call.function)


def mixed(call: Call, over: tuple[int, ...]) -> OpRule:
    """Each cell reads all along the axes `over`, counted from the end."""
    after = call.output[0] if call.output else ()
    return OpRule(
        OpKind.MIX, over=over, stand_in=lambda x, *_rest, **_named: x.sum(dim=over, keepdim=True).expand(after)
    )  # fmt: skip


def axes_from_the_end(chosen: int | tuple[int, ...] | list[int] | None, count: int) -> tuple[int, ...]:
    """Axes of a tensor with `count` axes, counted from the end; None is all but the batch.

    >>> from cnnviz.core.ops.axes_read import axes_from_the_end
    >>> axes_from_the_end((2, 3), 4), axes_from_the_end(None, 3)
    ((-2, -1), (-2, -1))
    """
    if chosen is None:
        return tuple(range(1 - count, 0))
    many = (chosen,) if isinstance(chosen, int) else tuple(chosen)
    return tuple(axis - count if axis >= 0 else axis for axis in many)
