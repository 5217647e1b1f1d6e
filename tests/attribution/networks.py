"""Networks whose attributions are known, or known to go wrong."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from cnnviz.models.reference_images import reference_images

Image = np.ndarray


def drawn_digits(count: int) -> list[Image]:
    """Digits that the project ships as drawings, as the digit network takes them: (1, 28, 28)."""
    return list(reference_images("mnist", (1, 28, 28)))[:count]


def seeded(model: nn.Module, seed: int = 0) -> nn.Module:
    """`model` with weights that are the same each time, and biases that are not 0."""
    generator = torch.Generator().manual_seed(seed)
    for weights in model.parameters():
        weights.data.copy_(torch.randn(weights.shape, generator=generator) / max(1, weights[0].numel()) ** 0.5)
    return model.eval()


def image_of(*shape: int, seed: int = 0) -> Image:
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def pooled_first(model: nn.Sequential) -> nn.Sequential:
    """The digit network with each ReLU after its pooling: the same function, which DeepLift reads wrongly."""
    parts = dict(model.named_children())
    order = ("conv1", "pool1", "relu1", "conv2", "pool2", "relu2", "flatten", "fc")
    return nn.Sequential(*(parts[name] for name in order)).eval()


class Shortcut(nn.Module):
    """Two ways from the image to the answer, and a pooling that PyTorch's own code calls as a function."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(2, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 4, 3, padding=1)
        self.head = nn.Linear(4 * 9, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        begun = torch.relu(self.first(x))
        joined = torch.relu(begun + self.second(begun))
        return self.head(nn.functional.max_pool2d(joined, 2).flatten(1))
