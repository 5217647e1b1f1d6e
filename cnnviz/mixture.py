"""Batches for the shipped MNIST network: scanned digits, pen strokes and what is no digit, mixed.

Refuses to know: how the pools were made (`training_data`), how a step is taken (`training`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from cnnviz.augmentation import Augmentation, augment
from cnnviz.training_data import Pools

CLASSES = 10


@dataclass(frozen=True)
class Shares:
    """What a batch is made of; the rest is MNIST."""

    pen: float = 0.45
    others: float = 0.1


@dataclass
class Mixture:
    """A `Source` over `pools`: every image augmented anew, outliers with the target "any class"."""

    pools: Pools
    device: torch.device
    shares: Shares = field(default_factory=Shares)
    smoothing: float = 0.05
    scanned_how: Augmentation = field(default_factory=Augmentation)
    pen_how: Augmentation = field(default_factory=lambda: Augmentation(6, 0.1, 0.06, 0.06, 1.0, 0.8, 0.3, 0.05))

    def __post_init__(self) -> None:
        self._scanned = torch.tensor(self.pools.scanned.images, device=self.device)
        self._scanned_labels = torch.tensor(self.pools.scanned.labels, device=self.device)
        self._pen = torch.tensor(self.pools.pen.images, device=self.device)
        self._pen_labels = torch.tensor(self.pools.pen.labels, device=self.device)
        self._others = torch.tensor(self.pools.others, device=self.device)

    def batch(self, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Images (size, 1, 28, 28) in 0..1 and targets (size, 10), each row a distribution."""
        pen, others = round(self.shares.pen * size), round(self.shares.others * size)
        scanned_at = self._draw(len(self._scanned), size - pen - others, generator)
        pen_at = self._draw(len(self._pen), pen, generator)
        others_at = self._draw(len(self._others), others, generator)
        images = torch.cat(
            [
                augment(_grey(self._scanned[scanned_at]), self.scanned_how, generator),
                augment(_grey(torch.cat([self._pen[pen_at], self._others[others_at]])), self.pen_how, generator),
            ]
        )
        labels = torch.cat([self._scanned_labels[scanned_at], self._pen_labels[pen_at]])
        known = F.one_hot(labels, CLASSES) * (1 - self.smoothing) + self.smoothing / CLASSES
        anything = torch.full((others, CLASSES), 1 / CLASSES, device=self.device)
        return images, torch.cat([known, anything])

    def _draw(self, below: int, count: int, generator: torch.Generator) -> Tensor:
        return torch.randint(below, (count,), generator=generator, device=self.device)


def _grey(images: Tensor) -> Tensor:
    return images[:, None].float() / 255
