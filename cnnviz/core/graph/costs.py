"""Multiply-adds of one operation: by PyTorch's own counter, by a formula of ours where it has none, or not counted.

A bilinear layer counts out·in1·in2 for x1·A and out·in2 for what comes of it times x2, a position. What is no
matrix product (an activation, a norm, a pooling) counts nothing; a product that no formula is known for is no 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

aten = torch.ops.aten


def _trilinear(one: torch.Tensor, weights: torch.Tensor, two: torch.Tensor, *_how: Any) -> int:
    """Of `nn.Bilinear`: one and two are (n, in1) and (n, in2), weights (out, in1, in2)."""
    out, in1, in2 = weights.shape
    return one.numel() // in1 * (out * in1 * in2 + out * in2)


OURS: dict[Any, Callable[..., int]] = {
    aten._trilinear: _trilinear,
    aten.mv: lambda matrix, _vector: matrix.numel(),
    aten.addmv: lambda _start, matrix, _vector, **_how: matrix.numel(),
    aten.dot: lambda one, _two: one.numel(),
    aten.vdot: lambda one, _two: one.numel(),
    aten.addbmm: lambda _start, one, two, **_how: one.numel() * two.shape[-1],
}
UNKNOWN = (
    "_cdist_forward", "_euclidean_dist", "_fft_c2c", "_fft_r2c", "_fft_c2r", "grid_sampler_2d", "grid_sampler_3d",
    "_embedding_bag", "_embedding_bag_forward_only", "_native_multi_head_attention", "_transformer_encoder_layer_fwd",
    "lstm", "gru", "mkldnn_rnn_layer", "_thnn_fused_lstm_cell", "_thnn_fused_gru_cell", "linalg_lu", "linalg_inv_ex",
    "_linalg_svd", "linalg_qr", "_linalg_solve_ex", "linalg_cholesky_ex", "linalg_matrix_exp",
)  # fmt: skip


class MultiplyAddCounter(TorchDispatchMode):
    """Adds up the multiply-adds of what runs inside; is_complete: whether all of it could be counted."""

    def __init__(self) -> None:
        super().__init__()
        self.macs = 0
        self.is_complete = True

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        packet = func._overloadpacket
        formula = flop_registry.get(packet)
        if formula is not None:  # which counts two operations for each
            self.macs += formula(*args, **(kwargs or {}), out_val=out) // 2
        elif packet in OURS:
            self.macs += OURS[packet](*args, **(kwargs or {}))
        elif packet.__name__ in UNKNOWN:
            self.is_complete = False
        return out
