"""Functions of one cell: activations, dropout in evaluation mode, and what PyTorch computes number by number."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from cnnviz.checks import is_number
from cnnviz.core.layers import Kind
from cnnviz.core.ops.axes_read import cell_by_cell, first_cell
from cnnviz.core.ops.call import Call
from cnnviz.core.ops.operation import Operation, register

Read = Callable[[Call], dict[str, Any]]


def _activation(type_name: str, *targets: Any, words: str = "", read: Read | None = None, names: str = "") -> None:
    fields = {} if read is None else {"read": read}
    made = Operation(Kind.ACTIVATION, first_cell, type_name, **fields)  # type: ignore[arg-type]
    register(made, *targets, words=words, names=("input", *names.split()))


def _numbers(**usual: float) -> Read:
    """The named numbers of a call, with what PyTorch takes where none is given."""
    return lambda call: {"numbers": tuple((name, float(call.get(name, value))) for name, value in usual.items())}


_activation("ReLU", nn.ReLU, words="relu")
_activation("ReLU6", nn.ReLU6, words="relu6")
_activation(
    "LeakyReLU", nn.LeakyReLU, words="leaky_relu", names="negative_slope",
    read=lambda call: {"slope": call.get("negative_slope", 0.01)},
)  # fmt: skip
_activation("PReLU", nn.PReLU, words="prelu", names="weight")
_activation("ELU", nn.ELU, words="elu", names="alpha", read=_numbers(alpha=1.0))
_activation("CELU", nn.CELU, words="celu", names="alpha", read=_numbers(alpha=1.0))
_activation("SELU", nn.SELU, words="selu")
_activation("Tanh", nn.Tanh, words="tanh")
_activation("Sigmoid", nn.Sigmoid, words="sigmoid")
_activation("SiLU", nn.SiLU, words="silu")
_activation("Mish", nn.Mish, words="mish")
_activation(
    "GELU", nn.GELU, words="gelu", names="approximate",
    read=lambda call: {"approximate": call.get("approximate", "none")},
)  # fmt: skip
_activation("Hardswish", nn.Hardswish, words="hardswish")
_activation("Hardsigmoid", nn.Hardsigmoid, words="hardsigmoid")
_activation(
    "Hardtanh", nn.Hardtanh, words="hardtanh", names="min_val max_val", read=_numbers(min_val=-1.0, max_val=1.0)
)  # fmt: skip
_activation(
    "Softplus", nn.Softplus, words="softplus", names="beta threshold", read=_numbers(beta=1.0, threshold=20.0)
)  # fmt: skip
_activation("LogSigmoid", nn.LogSigmoid, words="logsigmoid log_sigmoid")
_activation("Softsign", nn.Softsign, words="softsign")
_activation("Identity", nn.Identity, words="contiguous clone to float type detach alias")
_activation("exp", words="exp")
_activation("abs", words="abs")
_activation("neg", operator.neg, words="neg")
_activation("sqrt", words="sqrt")
_activation("square", words="square")


def _bounds(call: Call) -> dict[str, Any]:
    low, high = call.get("min"), call.get("max")
    if any(isinstance(bound, torch.Tensor) or not call.is_constant(bound) for bound in (low, high)):
        return {"kind": Kind.UNSUPPORTED}
    ends = (-math.inf if low is None else low, math.inf if high is None else high)
    return {"numbers": (("min_val", float(ends[0])), ("max_val", float(ends[1])))}


_activation("clamp", words="clamp clip", names="min max", read=_bounds)
_activation("clamp", words="clamp_min", names="min", read=_bounds)
_activation("clamp", words="clamp_max", names="max", read=_bounds)


def _power(call: Call) -> dict[str, Any]:
    exponent = call.get("exponent")
    if not is_number(exponent) or not call.references:
        return {"kind": Kind.UNSUPPORTED}
    return {"numbers": (("exponent", float(exponent)),)}


register(
    Operation(Kind.ACTIVATION, cell_by_cell, "pow", _power), operator.pow, words="pow", names=("input", "exponent")
)  # fmt: skip


def _dropout(call: Call) -> dict[str, Any]:
    return {"probability": call.get("p", 0.5)}


def _is_off(call: Call) -> bool:
    """A function may be told to drop cells even when the network is used."""
    return call.module is not None or not (call.get("training", False) or call.get("train", False))


DROPOUT = ("input", "p", "training")
register(Operation(Kind.DROPOUT, first_cell, "Dropout", _dropout, _is_off), nn.Dropout, words="dropout", names=DROPOUT)
register(
    Operation(Kind.DROPOUT, first_cell, "Dropout2d", _dropout, _is_off),
    nn.Dropout2d, nn.Dropout1d, words="dropout1d dropout2d feature_dropout", names=DROPOUT,
)  # fmt: skip
register(
    Operation(Kind.DROPOUT, first_cell, "AlphaDropout", _dropout, _is_off),
    nn.AlphaDropout, words="alpha_dropout", names=DROPOUT,
)  # fmt: skip
register(
    Operation(Kind.DROPOUT, first_cell, "StochasticDepth", _dropout, _is_off),
    "torchvision.ops.stochastic_depth.stochastic_depth", names=("input", "p", "mode", "training"),
)  # fmt: skip
