"""A residual block as a small module: what a convolution makes of the maps, plus the maps themselves.

He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition" (2015): y = f(x) + x. The activation stands
before the sum. Refuses to know: where it stands in a network.
"""

from __future__ import annotations

import torch
from torch import nn


class ResidualBlock(nn.Module):
    """`activation(norm(conv(x))) + x`, (n, channels, rows, cols) → the same shape; the norm may be left out.

    `kernel` must be odd, so that the size is kept. With a norm the convolution has no bias: the norm has one.
    Here 16 · (3·3·16 + 1) parameters.

    >>> from torch import nn
    >>> from cnnviz.models.builder.residual import ResidualBlock
    >>> sum(weights.numel() for weights in ResidualBlock(16, 3, nn.ReLU()).parameters())
    2320
    """

    def __init__(self, channels: int, kernel: int, activation: nn.Module, is_normalised: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, kernel, padding=kernel // 2, bias=not is_normalised)
        self.norm = nn.BatchNorm2d(channels) if is_normalised else nn.Identity()
        self.activation = activation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps in, maps of the same shape out."""
        return self.activation(self.norm(self.conv(x))) + x
