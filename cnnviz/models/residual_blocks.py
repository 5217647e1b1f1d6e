"""The blocks of the residual network for digits, as small modules that a text book would draw.

`BasicBlock`: two 3×3 convolutions and a shortcut around them (He, Zhang, Ren, Sun 2015). `SeparableBlock`: the same
with depthwise and 1×1 convolutions in the place of whole ones (Howard et al., "MobileNets", 2017).
Refuses to know: where a block stands in a network, its weights.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn


class BasicBlock(nn.Module):
    """`relu(norm2(conv2(relu1(norm1(conv1(x))))) + shortcut(x))`, (n, channels, rows, cols) → (n, out, rows, cols).

    With `stride` 2 rows and columns are halved, rounded up. The shortcut is a 1×1 convolution and a batch
    normalisation, so that it has the shape of the other way.

    >>> import torch
    >>> from cnnviz.models.residual_blocks import BasicBlock
    >>> BasicBlock(16, 32, stride=2)(torch.zeros(1, 16, 14, 14)).shape
    torch.Size([1, 32, 7, 7])
    """

    def __init__(self, channels: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out)
        self.shortcut = nn.Sequential(
            OrderedDict(conv=nn.Conv2d(channels, out, 1, stride=stride, bias=False), norm=nn.BatchNorm2d(out))
        )
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Maps in, maps out."""
        y = self.relu1(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        return self.relu2(y + self.shortcut(x))


class SeparableBlock(nn.Module):
    """Twice a depthwise 3×3 and a 1×1 convolution, plus the maps themselves; the shape stays.

    The depthwise convolution has one kernel for each map and mixes none; the 1×1 convolution mixes maps, pixel by
    pixel. Together 9 · channels + channels² weights instead of 9 · channels².

    >>> import torch
    >>> from cnnviz.models.residual_blocks import SeparableBlock
    >>> SeparableBlock(64)(torch.zeros(1, 64, 7, 7)).shape
    torch.Size([1, 64, 7, 7])
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise1 = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.pointwise1 = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU()
        self.depthwise2 = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.pointwise2 = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Maps in, maps of the same shape out."""
        y = self.relu1(self.norm1(self.pointwise1(self.depthwise1(x))))
        y = self.norm2(self.pointwise2(self.depthwise2(y)))
        return self.relu2(y + x)
