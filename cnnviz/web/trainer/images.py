"""The pictures that a run is looked at with: those that it never trained on, and how its network reads them.

Refuses to know: runs, weights, pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from cnnviz.checks import check_shape
from cnnviz.data.image_sets import DataChoice, ImageSet, load_images
from cnnviz.i18n import _
from cnnviz.training import Scaling, ScalingKind

TEN = 10
BATCH = 32  # training images that a gradient is shown for


@dataclass(frozen=True, eq=False)
class ValidationSample:
    """Validation pictures, uint8 (n, c, h, w), with their labels (n,), and what is done to them before the network.

    first: the first ten test images, or of a set without a test the first ten for validation.
    batch: the first training images, for gradients.
    """

    pictures: ImageSet
    scaling: Scaling
    first: ImageSet
    is_test: bool
    batch: ImageSet

    @property
    def classes(self) -> tuple[str, ...]:
        """What the pictures show."""
        return self.pictures.classes

    def read(self, places: np.ndarray | slice) -> torch.Tensor:
        """Some of the pictures as the network reads them, float32 (n, c, h, w)."""
        return self.scaling(torch.tensor(self.pictures.images[places]).float().div_(255))

    def read_first(self) -> torch.Tensor:
        """The first ten as the network reads them, float32 (10, c, h, w)."""
        return self.scaling(torch.tensor(self.first.images).float().div_(255))

    def read_batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The first training images as the network reads them, float32 (n, c, h, w), and their labels (n,)."""
        images = self.scaling(torch.tensor(self.batch.images).float().div_(255))
        return images, torch.tensor(self.batch.labels)

    def read_drawing(self, image: np.ndarray) -> torch.Tensor:
        """A drawing with values in 0..1, (c, h, w), as the network reads it: (1, c, h, w).

        Raises: ValueError, one sentence, for a drawing of another size.
        """
        check_shape("drawing", image.shape, self.pictures.shape, _("look at a picture of the set instead"))
        return self.scaling(torch.tensor(image, dtype=torch.float32)[None])


@lru_cache(maxsize=6)
def validation_sample(choice: DataChoice, scaling: ScalingKind) -> ValidationSample:
    """The pictures for runs on `choice`. Raises: as `load_images`."""
    sets = load_images(choice)
    of = sets.validation if sets.test is None else sets.test
    first, batch = _first(of, TEN), _first(sets.training, BATCH)
    return ValidationSample(sets.validation, Scaling.of(scaling, sets), first, sets.test is not None, batch)


def _first(of: ImageSet, count: int) -> ImageSet:
    """The first images of a part, copies: the part itself may be let go."""
    return ImageSet(of.key, of.title, of.images[:count].copy(), of.labels[:count].copy(), of.classes)
