"""Fully connected layers and other matrix products: each unit reads all along the last axis."""

from __future__ import annotations

import operator
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from cnnviz.core.layers import Kind
from cnnviz.core.ops.axes_read import loose, mixed
from cnnviz.core.ops.call import Call, OpKind, OpRule, Ref
from cnnviz.core.ops.operation import Operation, register


def _has_fixed_weights(call: Call) -> bool:
    return call.is_constant(call.get("weight")) and call.is_constant(call.get("bias"))


def _linear(call: Call) -> dict[str, Any]:
    out, entries = call.shape_of(call.get("weight"))
    return {"channels": (entries, out)}


register(
    Operation(Kind.LINEAR, lambda call: mixed(call, (-1,)), "Linear", _linear, _has_fixed_weights),
    nn.Linear, words="linear", names=("input", "weight", "bias"),
)  # fmt: skip
register(
    Operation(Kind.UNSUPPORTED, loose), torch.einsum, torch.matmul, torch.bmm, operator.matmul,
    words="matmul bmm einsum",
)  # fmt: skip


def _attention_module(call: Call) -> OpRule:
    """Every position reads every position."""

    def stand_in(*args: Any, **kwargs: Any) -> tuple[Any, ...]:
        tensors = [value for value in (*args, *kwargs.values()) if isinstance(value, torch.Tensor)]
        total = torch.stack([tensor.sum() for tensor in tensors]).sum()
        return tuple(None if shape is None else total.expand(shape) for shape in call.output)

    return OpRule(OpKind.MIX, over=(-1, -2), stand_in=stand_in)


MASKS = ("key_padding_mask", "attn_mask", "is_causal")
NAMED = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal")


def _has_no_mask(call: Call) -> bool:
    """A mask would take some positions away, so that one is not known."""
    names = NAMED if call.module is None else ("query", "key", "value", "key_padding_mask", "need_weights", "attn_mask")
    given = dict(zip(names, call.args, strict=False)) | call.kwargs
    return not any(isinstance(given.get(name), Ref) or given.get(name) for name in MASKS)


register(Operation(Kind.UNSUPPORTED, _attention_module, fits=_has_no_mask), nn.MultiheadAttention)


def _attention(call: Call) -> OpRule:
    """An output reads its own query, all keys, and its own column of all values."""
    after = call.output[0] or ()

    def stand_in(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *_rest: Any, **_named: Any) -> Any:
        keys = key.sum(dim=(-1, -2), keepdim=True)
        return (query.sum(dim=-1, keepdim=True) + keys + value.sum(dim=-2, keepdim=True)).expand(after)

    return OpRule(OpKind.MIX, over=(-1, -2), stand_in=stand_in)


register(
    Operation(Kind.UNSUPPORTED, _attention, fits=_has_no_mask),
    functional.scaled_dot_product_attention, words="scaled_dot_product_attention", names=NAMED,
)  # fmt: skip
