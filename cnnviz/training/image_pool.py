"""Where batches come from: pictures that lie on the device as one tensor, and the order they are taken in.

The order of an epoch is a function of the seed and the epoch's number, the same on every device: a run can go on at
any step without remembering what it was given before.
Refuses to know: files, networks, what a step does with a batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import torch
from torch import Tensor

from cnnviz.data.augment_images import Augmentation, augment_images
from cnnviz.data.image_sets import ImageSet, ImageSplits
from cnnviz.training.config import ScalingKind


class BatchSource(Protocol):
    """Hands out batches: images (n, c, h, w) and targets, classes (n,) or probabilities (n, classes).

    Images are float32, as the network reads them; classes int64, probabilities float32. A source of one's own:

    >>> import torch
    >>> from cnnviz.training import BatchSource
    >>> class Ones:
    ...     def __len__(self):
    ...         return 2
    ...
    ...     def batch(self, step, size, generator):
    ...         return torch.ones(size, 1, 28, 28), torch.zeros(size, dtype=torch.int64)
    >>> source: BatchSource = Ones()
    >>> source.batch(0, 2, torch.Generator())[0].shape
    torch.Size([2, 1, 28, 28])
    """

    def __len__(self) -> int:
        """Images of one pass over the data."""
        ...

    def batch(self, step: int, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The batch of step number `step` (from 0), on the generator's device."""
        ...


@dataclass(frozen=True)
class Scaling:
    """(x − mean) / std for each channel, x in 0..1: what a network reads of a picture.

    >>> import torch
    >>> from cnnviz.training import Scaling
    >>> Scaling(mean=(0.5,), std=(0.5,))(torch.tensor([[[[0.0, 1.0]]]])).tolist()
    [[[[-1.0, 1.0]]]]
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of(cls, kind: ScalingKind, sets: ImageSplits) -> Scaling:
        """The scaling that a word stands for, for pictures like these."""
        channels = sets.shape[0]
        if kind is ScalingKind.DATA:
            return cls(sets.mean, sets.std)
        if kind is ScalingKind.HALF:
            return cls((0.5,) * channels, (0.5,) * channels)
        return cls((0.0,) * channels, (1.0,) * channels)

    @property
    def is_nothing(self) -> bool:
        """Whether pictures stay in 0..1."""
        return not any(self.mean) and set(self.std) == {1.0}

    def __call__(self, images: Tensor) -> Tensor:
        """(n, c, h, w) in 0..1 → what the network reads."""
        if self.is_nothing:
            return images
        mean, std = (torch.tensor(each, device=images.device)[:, None, None] for each in (self.mean, self.std))
        return (images - mean) / std


class DeviceImages:
    """A set of pictures on a device: uint8 (n, c, h, w) and labels int64 (n,), one tensor each.

    >>> import numpy as np
    >>> import torch
    >>> from cnnviz.data.image_sets import ImageSet
    >>> from cnnviz.training import DeviceImages, Scaling
    >>> images = ImageSet("xo", "X and O", np.full((2, 1, 1, 1), 255, np.uint8), np.array([0, 1]), ("X", "O"))
    >>> pictures = DeviceImages(images, Scaling((0.5,), (0.25,)), torch.device("cpu"))
    >>> pictures.read(torch.tensor([1])).tolist()
    [[[[2.0]]]]
    """

    def __init__(self, images: ImageSet, scaling: Scaling, device: torch.device) -> None:
        self._images = torch.tensor(images.images, device=device)
        self.labels = torch.tensor(images.labels, device=device)
        self.scaling = scaling

    def __len__(self) -> int:
        return len(self.labels)

    def plain(self, at: Tensor) -> Tensor:
        """The pictures at `at`, in 0..1."""
        return self._images.index_select(0, at).float().div_(255)

    def read(self, at: Tensor) -> Tensor:
        """The pictures at `at`, as the network reads them."""
        return self.scaling(self.plain(at))


class EpochBatches:
    """A `BatchSource` that goes through `pictures` in a new order each epoch; the last batch may be smaller.

    The order depends on `seed` and the epoch only; `augmentation` changes the pictures anew in each batch.

    >>> import numpy as np
    >>> import torch
    >>> from cnnviz.data.image_sets import ImageSet
    >>> from cnnviz.training import DeviceImages, EpochBatches, Scaling
    >>> images = ImageSet("xo", "X and O", np.zeros((3, 1, 9, 9), np.uint8), np.array([0, 1, 1]), ("X", "O"))
    >>> batches = EpochBatches(DeviceImages(images, Scaling((0.0,), (1.0,)), torch.device("cpu")), seed=0)
    >>> [len(batches.batch(step, 2, torch.Generator())[1]) for step in range(4)]
    [2, 1, 2, 1]
    """

    def __init__(self, pictures: DeviceImages, seed: int, augmentation: Augmentation | None = None) -> None:
        self._pictures, self._seed, self._augmentation = pictures, seed, augmentation
        self._order = lru_cache(maxsize=1)(self._ordered)

    def __len__(self) -> int:
        return len(self._pictures)

    def batch(self, step: int, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The pictures of that step, changed anew where they are augmented, and their labels."""
        epoch, place = divmod(step, -(-len(self) // size))
        at = self._order(epoch)[place * size : (place + 1) * size]
        images = self._pictures.plain(at)
        if self._augmentation is not None:
            images = augment_images(images, self._augmentation, generator)
        return self._pictures.scaling(images), self._pictures.labels.index_select(0, at)

    def _ordered(self, epoch: int) -> Tensor:
        chance = torch.Generator().manual_seed(mix_seeds(self._seed, epoch))
        return torch.randperm(len(self), generator=chance).to(self._pictures.labels.device)


def mix_seeds(seed: int, number: int) -> int:
    """One seed out of two numbers: neighbours give unrelated ones (the finaliser of SplitMix64).

    Source: Steele, Lea, Flood, *Fast splittable pseudorandom number generators*, OOPSLA 2014.
    """
    mask = 2**64 - 1
    value = (seed * 0x9E3779B97F4A7C15 + number + 1) * 0x9E3779B97F4A7C15 & mask
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & mask
    value = (value ^ value >> 27) * 0x94D049BB133111EB & mask
    return (value ^ value >> 31) >> 1
