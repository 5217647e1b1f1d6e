"""Arithmetic of two numbers in the same cell: sums as in a shortcut, products as in squeeze and excitation."""

from __future__ import annotations

import operator
from typing import Any

from torch import nn

from cnnviz.core.layers import Kind
from cnnviz.core.ops.axes_read import axes_from_the_end, cell_by_cell, mixed
from cnnviz.core.ops.call import NO_RULE, Call, OpKind, OpRule
from cnnviz.core.ops.operation import Operation, register

PAIR = ("input", "other")


def _added(sign: int) -> Any:
    return lambda call: {"scales": (1.0, sign * float(call.get("alpha", 1)))}


register(Operation(Kind.ADD, cell_by_cell, "add", _added(1)), operator.add, operator.iadd, words="add", names=PAIR)
register(
    Operation(Kind.ADD, cell_by_cell, "sub", _added(-1)), operator.sub, operator.isub, words="sub subtract", names=PAIR
)  # fmt: skip
register(Operation(Kind.MULTIPLY, cell_by_cell, "mul"), operator.mul, operator.imul, words="mul multiply", names=PAIR)


def _divided(call: Call) -> dict[str, Any]:
    return {} if call.get("rounding_mode") is None else {"kind": Kind.UNSUPPORTED}


register(
    Operation(Kind.MULTIPLY, cell_by_cell, "div", _divided),
    operator.truediv, words="div divide true_divide", names=PAIR,
)  # fmt: skip
register(Operation(Kind.UNSUPPORTED, cell_by_cell), words="maximum minimum", names=PAIR)


# All along some axes.
def _over(call: Call) -> tuple[int, ...]:
    return axes_from_the_end(call.get("dim"), len(call.input_shape))


def _reduce(call: Call) -> OpRule:
    over, after = _over(call), call.output[0]
    return OpRule(OpKind.REDUCE, over=over, stand_in=lambda x, *_rest, **_named: x.sum(dim=over).reshape(after))


for _name in ("mean", "sum", "amax", "amin"):
    register(
        Operation(Kind.REDUCTION, _reduce, _name, lambda call: {"over": _over(call)}),
        words=_name, names=("input", "dim", "keepdim"),
    )  # fmt: skip


def _softmax(call: Call) -> OpRule:
    return mixed(call, _over(call)) if call.get("dim") is not None else NO_RULE


def _softmax_axis(call: Call) -> dict[str, Any]:
    return {"over": _over(call)} if call.get("dim") is not None and call.references else {"kind": Kind.UNSUPPORTED}


register(
    Operation(Kind.SOFTMAX, _softmax, "Softmax", _softmax_axis),
    nn.Softmax, words="softmax _softmax", names=("input", "dim"),
)  # fmt: skip
register(
    Operation(Kind.SOFTMAX, _softmax, "LogSoftmax", _softmax_axis),
    nn.LogSoftmax, words="log_softmax _log_softmax", names=("input", "dim"),
)  # fmt: skip
