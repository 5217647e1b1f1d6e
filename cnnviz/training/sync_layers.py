"""Layers that look at a whole batch, or draw for it, when several processes share the batch.

Batch normalisation takes mean and variance over the joined batch; dropout draws for the joined batch and takes its
share. So several processes compute what one would. Refuses to know: optimisers, gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from cnnviz.i18n import _
from cnnviz.training.process_group import ProcessGroup, run_together


class _Sum(torch.autograd.Function):
    """The sum over all processes; each one's gradient is the sum of all gradients too."""

    @staticmethod
    def forward(_ctx: object, value: Tensor) -> Tensor:
        """One sum for all."""
        total = value.clone()
        run_together(dist.all_reduce, total)
        return total

    @staticmethod
    def backward(_ctx: object, grad: Tensor) -> Tensor:  # type: ignore[override]
        """What all of them want of this process's part."""
        total = grad.clone()
        run_together(dist.all_reduce, total)
        return total


def synchronise_layers(model: nn.Module, team: ProcessGroup) -> None:
    """Make the layers of `model`, a run's own network, see the joined batch in training mode.

    Raises: ValueError for a normalisation without running statistics, or a dropout of another kind.
    """
    for module in model.modules():
        if isinstance(module, _BatchNorm):
            if not module.track_running_stats or module.momentum is None:
                raise ValueError(_("batch normalisation must keep running statistics: train with one process"))
            module.forward = MethodType(_normalised, module)  # type: ignore[method-assign]
        elif isinstance(module, _DropoutNd):
            module.forward = MethodType(_dropper(team), module)  # type: ignore[method-assign]


def _normalised(self: _BatchNorm, values: Tensor) -> Tensor:
    """Batch normalisation over the joined batch (biased variance; the running one is unbiased, as in PyTorch)."""
    if not self.training:
        return type(self).forward(self, values)
    dims = [0, *range(2, values.dim())]
    shape = [1, -1] + [1] * (values.dim() - 2)
    count = _Sum.apply(values.new_tensor([values.numel() / values.shape[1]]))
    mean = _Sum.apply(values.sum(dims)) / count
    spread = values - mean.view(shape)
    variance = _Sum.apply(spread.square().sum(dims)) / count
    _keep_running(self, mean, variance * count / (count - 1))
    found = spread * (variance + self.eps).rsqrt().view(shape)
    return found if self.weight is None else found * self.weight.view(shape) + self.bias.view(shape)


@torch.no_grad()
def _keep_running(module: _BatchNorm, mean: Tensor, variance: Tensor) -> None:
    assert module.running_mean is not None
    assert module.running_var is not None
    assert module.num_batches_tracked is not None
    assert module.momentum is not None
    module.num_batches_tracked += 1
    module.running_mean.lerp_(mean, module.momentum)
    module.running_var.lerp_(variance, module.momentum)


def _dropper(team: ProcessGroup) -> Callable[[_DropoutNd, Tensor], Tensor]:
    """Dropout that draws for the joined batch, in the same order as one process would, and takes its share."""

    def dropped(self: _DropoutNd, values: Tensor) -> Tensor:
        if not self.training or not self.p:
            return values
        counts = torch.zeros(team.size, device=values.device)
        counts[team.rank] = len(values)
        run_together(dist.all_reduce, counts)
        joined = int(counts.sum())
        ones = torch.ones(joined, *values.shape[1:], device=values.device, dtype=values.dtype)
        ones = ones.contiguous(memory_format=torch.channels_last) if _is_last(values) else ones
        mask = F.dropout2d(ones, self.p) if isinstance(self, nn.Dropout2d) else F.dropout(ones, self.p)
        return values * mask[team.share(joined)]

    return dropped


def _is_last(values: Tensor) -> bool:
    return values.dim() == 4 and values.is_contiguous(memory_format=torch.channels_last)
