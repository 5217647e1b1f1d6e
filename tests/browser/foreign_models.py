"""Networks as other people write them, small enough for tests: Tiny VGG as CNN Explainer has it, a ResNet for CIFAR."""

from __future__ import annotations

import torch
from torch import nn


class TinyVGG(nn.Module):
    """CNN Explainer's network: two times convolution, convolution, pooling; 64×64 in colour, ten classes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_1_1, self.conv_1_2 = nn.Conv2d(3, 10, 3), nn.Conv2d(10, 10, 3)
        self.conv_2_1, self.conv_2_2 = nn.Conv2d(10, 10, 3), nn.Conv2d(10, 10, 3)
        self.pool, self.output = nn.MaxPool2d(2), nn.Linear(10 * 13 * 13, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (n, 3, 64, 64)."""
        x = self.pool(torch.relu(self.conv_1_2(torch.relu(self.conv_1_1(x)))))
        x = self.pool(torch.relu(self.conv_2_2(torch.relu(self.conv_2_1(x)))))
        return self.output(torch.flatten(x, 1))


class BasicBlock(nn.Module):
    """Two convolutions, and the shortcut around them."""

    def __init__(self, before: int, maps: int) -> None:
        super().__init__()
        stride = maps // before
        self.conv1, self.bn1 = nn.Conv2d(before, maps, 3, stride, 1, bias=False), nn.BatchNorm2d(maps)
        self.conv2, self.bn2 = nn.Conv2d(maps, maps, 3, 1, 1, bias=False), nn.BatchNorm2d(maps)
        self.shortcut = nn.Sequential()
        if maps != before:
            self.shortcut = nn.Sequential(nn.Conv2d(before, maps, 1, stride, bias=False), nn.BatchNorm2d(maps))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (n, maps before, rows, cols)."""
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + self.shortcut(x))


class CifarResNet(nn.Module):
    """A ResNet for CIFAR's 32×32 images: three stages of one block each, average pooling, ten classes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        self.layer1, self.layer2, self.layer3 = BasicBlock(16, 16), BasicBlock(16, 32), BasicBlock(32, 64)
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (n, 3, 32, 32)."""
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(torch.flatten(self.avgpool(x), 1))
