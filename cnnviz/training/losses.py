"""What is minimised: (scores (n, k), targets) → the mean loss over the batch, by PyTorch's own functions.

Refuses to know: networks, data, how a step is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F
from torch import Tensor

from cnnviz.training.config import LossKind

Objective = Callable[[Tensor, Tensor], Tensor]  # (logits (n, k), targets: classes (n,) or probabilities (n, k)) → loss


def make_objective(kind: LossKind, smoothing: float = 0.0) -> Objective:
    """The function behind a word; label smoothing belongs to the cross-entropy and is left out of the others.

    It takes scores (n, k) and targets, int64 (n,), for the cross-entropy also probabilities (n, k), and gives the mean
    over the batch. smoothing: 0 (off) to below 1.
    `softmax_nll` is the mistake of a well-known example: `nll_loss` expects log-probabilities, so the loss lies in
    −1..0 and its gradient dies where the network is sure.
    Two even classes give ln 2.

    >>> import torch
    >>> from cnnviz.training.config import LossKind
    >>> from cnnviz.training.losses import make_objective
    >>> round(make_objective(LossKind.CROSS_ENTROPY)(torch.zeros(1, 2), torch.tensor([0])).item(), 4)
    0.6931
    """
    if kind is LossKind.CROSS_ENTROPY:
        return lambda logits, targets: F.cross_entropy(logits, targets, label_smoothing=smoothing)
    return _OTHERS[kind]


def _log_softmax_nll(logits: Tensor, targets: Tensor) -> Tensor:
    return F.nll_loss(F.log_softmax(logits, dim=1), targets)


def _softmax_nll(logits: Tensor, targets: Tensor) -> Tensor:
    return F.nll_loss(F.softmax(logits, dim=1), targets)


def _squared_error(logits: Tensor, targets: Tensor) -> Tensor:
    return F.mse_loss(logits, F.one_hot(targets, logits.shape[1]).to(logits.dtype))


_OTHERS: dict[LossKind, Objective] = {
    LossKind.LOG_SOFTMAX_NLL: _log_softmax_nll,
    LossKind.SOFTMAX_NLL: _softmax_nll,
    LossKind.SQUARED_ERROR: _squared_error,
}


def penalty(parameters: Iterable[Tensor]) -> Tensor:
    """Σ p² over all parameters: what an explicit L2 term multiplies with λ."""
    return torch.stack([weight.square().sum() for weight in parameters]).sum()


def soft_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """−Σ target · log softmax, mean over the batch: one number, with a gradient.

    logits, targets: float (n, classes); targets are probabilities, a row adds up to 1. Two even classes give ln 2.

    >>> import torch
    >>> from cnnviz.training import soft_cross_entropy
    >>> round(soft_cross_entropy(torch.zeros(1, 2), torch.tensor([[0.5, 0.5]])).item(), 4)
    0.6931
    """
    return -(targets * F.log_softmax(logits, dim=1)).sum(dim=1).mean()
