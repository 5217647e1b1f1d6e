"""Normalisations: by running estimates, by groups of channels of one image, or along the last axes."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from cnnviz.core.layers import Kind
from cnnviz.core.ops.axes_read import first_cell, mixed
from cnnviz.core.ops.call import Call, OpKind, OpRule
from cnnviz.core.ops.operation import Operation, register

RUNNING = ("input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps")
OF_TORCH = ("input", "weight", "bias", "running_mean", "running_var", "training", "momentum", "eps")


def _width(call: Call) -> int:
    """How many channels there are: a module knows, even where it has no parameters."""
    known = call.module and (getattr(call.module, "num_features", None) or getattr(call.module, "num_channels", None))
    return known or (call.input_shape[1] if call.references else 0)


def _epsilon(call: Call) -> dict[str, Any]:
    return {"epsilon": call.get("eps", 1e-5)}


def _takes_own(call: Call) -> bool:
    """Whether the statistics are those of the batch, here of this one image, and not running estimates.

    A module without estimates takes them in evaluation mode too; a function is told, and does where it is given none.
    """
    if call.module is not None or call.get("running_mean") is None:
        return call.get("running_mean") is None
    return bool(call.get("use_input_stats", True) if "use_input_stats" in call.names else call.get("training", False))


def _type_name(call: Call, name: str) -> dict[str, Any]:
    """A function is the same for lines, maps and volumes: its name is that of the module for these."""
    if call.module is not None or not call.references:
        return {}
    return {"type_name": f"{name}{max(1, len(call.input_shape) - 2)}d"}


def _running(call: Call) -> dict[str, Any]:
    own = {"groups": _width(call), "is_by_image": True} if _takes_own(call) else {}
    return (
        _epsilon(call)
        | {"channels": (_width(call), _width(call)), "momentum": call.get("momentum")}
        | (own | _type_name(call, "BatchNorm"))
    )


def _map_by_map(call: Call) -> OpRule:
    """Every cell reads its own map as a whole where the statistics are this image's, else its own cell."""
    return _by_groups(call, call.input_shape[1]) if _takes_own(call) else first_cell(call)


def _by_groups(call: Call, groups: int) -> OpRule:
    """Every cell of a group of channels reads the whole group."""
    shape = call.output[0]
    assert shape is not None

    def stand_in(x: torch.Tensor, *_rest: Any, **_named: Any) -> torch.Tensor:
        return (
            x.reshape(1, groups, -1).sum(dim=-1, keepdim=True).expand(1, groups, x[0].numel() // groups).reshape(shape)
        )

    return OpRule(OpKind.MIX, over=tuple(range(1 - len(shape), 0)), stand_in=stand_in)


BATCH_NORM = Operation(Kind.NORMALISATION, _map_by_map, "BatchNorm2d", _running)
register(BATCH_NORM, nn.BatchNorm2d, words="batch_norm _native_batch_norm_legit_no_training", names=RUNNING)
register(BATCH_NORM, torch.batch_norm, names=OF_TORCH)
for _other in (nn.BatchNorm1d, nn.BatchNorm3d):
    register(Operation(Kind.NORMALISATION, _map_by_map, _other.__name__, _running), _other)


def _group_norm(call: Call) -> dict[str, Any]:
    width = _width(call)
    return _epsilon(call) | {"channels": (width, width), "groups": call.get("num_groups"), "is_by_image": True}


register(
    Operation(Kind.NORMALISATION, lambda call: _by_groups(call, call.get("num_groups")), "GroupNorm", _group_norm),
    nn.GroupNorm, words="group_norm", names=("input", "num_groups", "weight", "bias", "eps"),
)  # fmt: skip


def _instance_norm(call: Call) -> dict[str, Any]:
    own = {"groups": _width(call), "is_by_image": True} if _takes_own(call) else {"momentum": call.get("momentum")}
    return _epsilon(call) | {"channels": (_width(call), _width(call))} | own | _type_name(call, "InstanceNorm")


register(
    Operation(Kind.NORMALISATION, _map_by_map, "InstanceNorm2d", _instance_norm),
    nn.InstanceNorm2d, words="instance_norm",
    names=("input", "running_mean", "running_var", "weight", "bias", "use_input_stats", "momentum", "eps"),
)  # fmt: skip
for _instance in (nn.InstanceNorm1d, nn.InstanceNorm3d):
    register(Operation(Kind.NORMALISATION, _map_by_map, _instance.__name__, _instance_norm), _instance)


def _last_axes(call: Call) -> tuple[int, ...]:
    return tuple(range(-len(call.get("normalized_shape")), 0))


def _layer_norm(call: Call) -> dict[str, Any]:
    return _epsilon(call) | {"over": _last_axes(call), "is_by_image": True}


register(
    Operation(Kind.NORMALISATION, lambda call: mixed(call, _last_axes(call)), "LayerNorm", _layer_norm),
    nn.LayerNorm, words="layer_norm", names=("input", "normalized_shape", "weight", "bias", "eps"),
)  # fmt: skip


def _across_channels(call: Call) -> OpRule:
    size = call.get("size")
    around = (0, 0, 0, 0, size // 2, (size - 1) // 2)  # as PyTorch pads the channels

    def windows_of_channels(x: torch.Tensor, *_rest: Any, **_named: Any) -> torch.Tensor:
        return functional.avg_pool3d(functional.pad(x[:, None], around), (size, 1, 1), stride=1)[:, 0]

    return OpRule(OpKind.SELECT, stand_in=windows_of_channels)


register(
    Operation(Kind.UNSUPPORTED, _across_channels, "LocalResponseNorm"),
    nn.LocalResponseNorm, words="local_response_norm", names=("input", "size"),
)  # fmt: skip
