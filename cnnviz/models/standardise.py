"""The layer that scales images as the training did, so that it is shown and explained like any other.

Refuses to know: networks, where mean and standard deviation come from.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

STANDARDISE = "standardise"  # its name in a network


def standardising_layer(mean: Sequence[float], std: Sequence[float]) -> nn.BatchNorm2d:
    """(x − mean) / std, a number for each channel: with ε = 0, γ = 1 and β = 0, explained like any other layer."""
    first = nn.BatchNorm2d(len(mean), eps=0.0, affine=False)
    first.running_mean = torch.tensor(mean, dtype=torch.float32)
    first.running_var = torch.tensor(std, dtype=torch.float64).square().float()
    return first.eval()
