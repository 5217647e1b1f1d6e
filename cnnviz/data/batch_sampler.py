"""Batches from several pools of images, each with its share, its changes and its targets.

The shipped MNIST network is trained on scanned digits, pen strokes and what is no digit; the
one for X and O on pen strokes and other ink: the same mixture of other pools.
Refuses to know: how the images were made (`digit_pools`, `xo_drawings`), how a step is taken (`training`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnviz.data.augment_images import Augmentation, augment_images
from cnnviz.data.digit_pools import DigitPools
from cnnviz.i18n import _

PEN_HOW = Augmentation(6, 0.1, 0.06, 0.06, 1.0, 0.8, 0.3, 0.05)


@dataclass(frozen=True)
class PoolWeights:
    """What a batch of digits is made of; the rest is MNIST."""

    pen: float = 0.45
    others: float = 0.1


@dataclass(frozen=True, eq=False)
class SampledPool:
    """Images (n, 28, 28) in 0..255 with their targets, rows of probabilities (n, classes).

    `share` of a batch comes from here (None: what the others leave); each image is changed anew by `how`.
    Raises: ValueError for no images, or not a target for each.
    """

    images: NDArray[np.uint8]
    targets: NDArray[np.float32]
    how: Augmentation
    share: float | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.images) == len(self.targets):
            raise ValueError(
                _("images must be one or more with a target each, got {images} and {targets}: give both",
                  images=len(self.images), targets=len(self.targets))
            )  # fmt: skip


def class_targets(labels: NDArray[np.int64], classes: int, smoothing: float) -> NDArray[np.float32]:
    """Targets of images whose class is known, (n, classes): 1 there, `smoothing` of it spread over all classes."""
    return np.float32(smoothing / classes) + np.eye(classes, dtype=np.float32)[labels] * np.float32(1 - smoothing)


def uniform_targets(count: int, classes: int) -> NDArray[np.float32]:
    """Targets of images that are of no class, (count, classes): any class equally."""
    return np.full((count, classes), 1 / classes, np.float32)


@dataclass
class BatchSampler:
    """A `Source` over `pools`, in their order; neighbours that are changed alike are changed in one go."""

    pools: Sequence[SampledPool]
    device: torch.device
    _held: list[tuple[Tensor, Tensor]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._held = [
            (torch.tensor(pool.images, device=self.device), torch.tensor(pool.targets, device=self.device))
            for pool in self.pools
        ]

    def __len__(self) -> int:
        """Images of the largest pool: one pass, as far as there is such a thing here."""
        return max(len(images) for images, _targets in self._held)

    def batch(self, _step: int, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Images (size, 1, 28, 28) in 0..1 and targets (size, classes), each row a distribution."""
        places = [
            torch.randint(len(images), (count,), generator=generator, device=self.device)
            for (images, _targets), count in zip(self._held, self.counts(size), strict=True)
        ]
        numbered = groupby(range(len(self.pools)), key=lambda number: self.pools[number].how)
        changed = [
            augment_images(_grey(torch.cat([self._held[at][0][places[at]] for at in numbers])), how, generator)
            for how, numbers in numbered
        ]
        targets = [target[at] for (_images, target), at in zip(self._held, places, strict=True)]
        return torch.cat(changed), torch.cat(targets)

    def counts(self, size: int) -> list[int]:
        """How many images of a batch come from each pool.

        >>> import numpy as np
        >>> import torch
        >>> from cnnviz.data.augment_images import Augmentation
        >>> from cnnviz.data.batch_sampler import BatchSampler, SampledPool
        >>> images, targets = np.zeros((4, 28, 28), np.uint8), np.full((4, 2), 0.5, np.float32)
        >>> pools = tuple(SampledPool(images, targets, Augmentation(), share) for share in (None, 0.5, 0.25))
        >>> BatchSampler(pools, torch.device("cpu")).counts(16)
        [4, 8, 4]
        """
        told = [None if pool.share is None else round(pool.share * size) for pool in self.pools]
        rest = size - sum(count for count in told if count is not None)
        return [rest if count is None else count for count in told]


def digit_batches(
    pools: DigitPools,
    device: torch.device,
    shares: PoolWeights | None = None,
    smoothing: float = 0.05,
    scanned_how: Augmentation | None = None,
    pen_how: Augmentation = PEN_HOW,
) -> BatchSampler:
    """Scanned digits, pen strokes, and outliers with the target "any class"."""
    classes, shares = 10, shares or PoolWeights()
    scanned, pen = pools.scanned, pools.pen
    return BatchSampler(
        (
            SampledPool(
                scanned.images, class_targets(scanned.labels, classes, smoothing), scanned_how or Augmentation()
            ),
            SampledPool(pen.images, class_targets(pen.labels, classes, smoothing), pen_how, shares.pen),
            SampledPool(pools.others, uniform_targets(len(pools.others), classes), pen_how, shares.others),
        ),
        device,
    )


def _grey(images: Tensor) -> Tensor:
    return images[:, None].float() / 255
