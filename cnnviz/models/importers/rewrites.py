"""Operators that only a decomposed export has → those that people write: `convolution` → `conv2d`, `addmm` → `linear`.

And what training does, as evaluation does it.
Refuses to know: files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, fx
from torch._ops import OpOverload

from cnnviz.models.importers.arguments import Bound
from cnnviz.models.importers.assemble import NetworkAssembler

aten = torch.ops.aten
Rewrite = Callable[[Bound, NetworkAssembler], tuple[OpOverload, Bound]]
REWRITES: dict[str, tuple[OpOverload, Rewrite]] = {}  # the name in the file → its operator, and what becomes of it


def rewrites(*overloads: OpOverload) -> Callable[[Rewrite], Rewrite]:
    """Register the decorated function for operators of a decomposed export."""

    def register(rewrite: Rewrite) -> Rewrite:
        for overload in overloads:
            REWRITES[f"torch.ops.{overload.name().replace('::', '.')}{_suffix(overload)}"] = (overload, rewrite)
        return rewrite

    return register


def _suffix(overload: OpOverload) -> str:
    return ".default" if overload._overloadname == "default" else ""


_CONVOLUTIONS = {1: aten.conv1d.default, 2: aten.conv2d.default, 3: aten.conv3d.default}  # by their axes
_TRANSPOSED = {1: aten.conv_transpose1d.default, 2: aten.conv_transpose2d.input, 3: aten.conv_transpose3d.input}


@rewrites(aten.convolution.default, aten._convolution.default)
def _convolution(bound: Bound, known: NetworkAssembler) -> tuple[OpOverload, Bound]:
    axes = known.value(bound["weight"]).dim() - 2
    overloads = _TRANSPOSED if bound["transposed"] else _CONVOLUTIONS
    return overloads.get(axes, overloads[1]), bound


@rewrites(aten._native_batch_norm_legit_no_training.default)
def _batch_norm(bound: Bound, _known: NetworkAssembler) -> tuple[OpOverload, Bound]:
    return aten.batch_norm.default, bound | {"training": False, "cudnn_enabled": False}


@rewrites(
    aten._native_batch_norm_legit.default,
    aten._native_batch_norm_legit_functional.default,
    aten.native_batch_norm.default,
)
def _training_batch_norm(bound: Bound, _known: NetworkAssembler) -> tuple[OpOverload, Bound]:
    return aten.batch_norm.default, bound | {"cudnn_enabled": False}


@rewrites(aten._native_batch_norm_legit.no_stats)
def _batch_norm_without_estimates(bound: Bound, _known: NetworkAssembler) -> tuple[OpOverload, Bound]:
    return aten.batch_norm.default, bound | {"running_mean": None, "running_var": None, "cudnn_enabled": False}


@rewrites(aten.native_layer_norm.default)
def _layer_norm(bound: Bound, _known: NetworkAssembler) -> tuple[OpOverload, Bound]:
    return aten.layer_norm.default, bound | {"cudnn_enable": False}


@rewrites(aten.native_group_norm.default)
def _group_norm(bound: Bound, _known: NetworkAssembler) -> tuple[OpOverload, Bound]:
    return aten.group_norm.default, bound | {"num_groups": bound["group"], "cudnn_enabled": False}


@rewrites(aten.native_dropout.default)
def _dropout(bound: Bound, _known: NetworkAssembler) -> tuple[OpOverload, Bound]:
    return aten.dropout.default, bound | {"train": bool(bound["train"])}


@rewrites(aten._adaptive_avg_pool2d.default)
def _adaptive_pooling(bound: Bound, _known: NetworkAssembler) -> tuple[OpOverload, Bound]:
    return aten.adaptive_avg_pool2d.default, bound


@rewrites(aten._adaptive_avg_pool3d.default)
def _adaptive_pooling_of_volumes(bound: Bound, _known: NetworkAssembler) -> tuple[OpOverload, Bound]:
    return aten.adaptive_avg_pool3d.default, bound


@rewrites(aten._softmax.default)
def _softmax(bound: Bound, _known: NetworkAssembler) -> tuple[OpOverload, Bound]:
    return aten.softmax.int, bound | {"dtype": None}


@rewrites(aten._log_softmax.default)
def _log_softmax(bound: Bound, _known: NetworkAssembler) -> tuple[OpOverload, Bound]:
    return aten.log_softmax.int, bound | {"dtype": None}


@rewrites(aten._unsafe_view.default)
def _view(bound: Bound, _known: NetworkAssembler) -> tuple[OpOverload, Bound]:
    return aten.view.default, bound


@rewrites(aten._scaled_dot_product_flash_attention_for_cpu.default)
def _attention(bound: Bound, _known: NetworkAssembler) -> tuple[OpOverload, Bound]:
    return aten.scaled_dot_product_attention.default, {"attn_mask": None} | bound


@rewrites(aten.to.device, aten.to.dtype_layout, aten._to_copy.default)
def _to(bound: Bound, known: NetworkAssembler) -> tuple[OpOverload, Bound]:
    """The kind of numbers is kept, the machine is ours."""
    dtype = bound.get("dtype") or known.value(bound["self"]).dtype
    copies = bound.get("copy", True)
    return aten.to.dtype, bound | {"dtype": dtype, "non_blocking": False, "copy": copies, "memory_format": None}


@rewrites(aten.addmm.default)
def _addmm(bound: Bound, known: NetworkAssembler) -> tuple[OpOverload, Bound]:
    weight, bias = _transposed(bound["mat2"], known), known.value(bound["self"])
    is_plain = bound.get("alpha", 1) == 1 and bound.get("beta", 1) == 1 and bias.dim() == 1
    if weight is None or not is_plain or bias.shape[0] != known.value(weight).shape[0]:
        return aten.addmm.default, bound
    return aten.linear.default, {"input": bound["mat1"], "weight": weight, "bias": bound["self"]}


@rewrites(aten.mm.default)
def _mm(bound: Bound, known: NetworkAssembler) -> tuple[OpOverload, Bound]:
    weight = _transposed(bound["mat2"], known)
    if weight is None:
        return aten.mm.default, bound
    return aten.linear.default, {"input": bound["self"], "weight": weight, "bias": None}


def _transposed(node: fx.Node, known: NetworkAssembler) -> fx.Node | None:
    """The matrix that `node` turns round; None where it does something else."""
    turns: dict[Any, tuple[Any, ...]] = {
        aten.t.default: (), aten.permute.default: ([1, 0],), aten.transpose.int: (0, 1),
    }  # fmt: skip
    source = node.args[0] if node.args else None
    if not isinstance(source, fx.Node) or node.target not in turns or node.args[1:] != turns[node.target]:
        return None
    value = known.value(source)
    return source if isinstance(value, Tensor) and value.dim() == 2 else None


def evaluate(overload: OpOverload, bound: Bound) -> tuple[Bound, bool]:
    """The arguments as in evaluation mode, and whether that changed any: batch statistics, dropout."""
    switches: dict[OpOverload, tuple[str, Any]] = {
        aten.dropout.default: ("train", False),
        aten.feature_dropout.default: ("train", False),
        aten.alpha_dropout.default: ("train", False),
        aten.feature_alpha_dropout.default: ("train", False),
        aten.scaled_dot_product_attention.default: ("dropout_p", 0.0),
    }
    if bound.get("running_mean") is not None:  # without estimates, evaluation uses those of the batch too
        switches |= {
            aten.batch_norm.default: ("training", False),
            aten.instance_norm.default: ("use_input_stats", False),
        }
    name, quiet = switches.get(overload, ("", None))
    if not name or bound[name] == quiet:
        return bound, False
    return bound | {name: quiet}, True
