"""The optimiser of a run: PyTorch's own, in the form that is quick on the device.

Refuses to know: learning rates over time (`learning_rates`), gradients.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from cnnviz.training.config import OptimiserKind, TrainConfig


def make_optimiser(config: TrainConfig, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """SGD, SGD with momentum, Adam or AdamW over `parameters`; `config.decay` is its weight decay.

    The update of all parameters is one kernel (`fused`) instead of a dozen operations for each of them.
    """
    if config.optimiser is OptimiserKind.SGD:
        return torch.optim.SGD(parameters, lr=config.rate, weight_decay=config.decay, fused=True)
    if config.optimiser is OptimiserKind.MOMENTUM:
        return torch.optim.SGD(
            parameters, lr=config.rate, momentum=config.momentum, weight_decay=config.decay, fused=True
        )
    made = torch.optim.Adam if config.optimiser is OptimiserKind.ADAM else torch.optim.AdamW
    return made(parameters, lr=config.rate, weight_decay=config.decay, fused=True)
