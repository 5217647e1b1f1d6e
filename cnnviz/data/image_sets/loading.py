"""A choice → its pictures, divided: `load_images(DataChoice("digits"))` gives the parts with mean and spread.

Pools are kept, a few at a time; what a choice takes from them is cut anew.
Refuses to know: how each set is made (its own module does), training.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnviz.data.datasets import data_folder
from cnnviz.data.image_sets.choice import DataChoice, SetKey
from cnnviz.data.image_sets.pools import ImagePool, Pictures
from cnnviz.data.image_sets.records import ImageSet, ImageSetError, ImageSplits
from cnnviz.data.image_sets.registry import load_set_pool, set_title
from cnnviz.data.image_sets.split import Places, limit_per_class, split_indices
from cnnviz.i18n import _

COUNTED = 4_000_000  # bytes at a time


def load_images(choice: DataChoice) -> ImageSplits:
    """The parts of a choice: training, validation, test where there is one, mean and std of the training part.

    Images are uint8 (n, c, h, w), 0..255, labels int64 (n,); mean and std are those of the values in 0..1.
    Raises: DataMissing for a set that is not on this machine, DataBroken for one that is damaged, ImageSetError for
    pictures that cannot be divided; one sentence each, with the way out.

    >>> from cnnviz.data.image_sets.choice import DataChoice
    >>> from cnnviz.data.image_sets.loading import load_images
    >>> load_images(DataChoice("digits")).training.counts
    (160, 164, 159, 165, 163, 164, 163, 161, 156, 162)
    """
    pool = load_pool(choice)
    stay, away = split_places(pool, choice)
    validation = pool.validation if away is None else _taken(pool.training, away)
    assert validation is not None
    training, valid, test = (
        part and ImageSet(choice.key, set_title(SetKey(choice.key)), *part, classes=pool.classes)
        for part in (_taken(pool.training, stay), validation, pool.test)
    )
    assert training is not None
    assert valid is not None
    return ImageSplits(training, valid, test, *mean_and_std(training.images))


def load_pool(choice: DataChoice) -> ImagePool:
    """All that the chosen set has, whatever part of it was chosen. Raises: as `load_images`.

    >>> from cnnviz.data.image_sets import DataChoice, load_pool
    >>> load_pool(DataChoice("digits", limit=10)).training[0].shape
    (1797, 1, 28, 28)
    """
    return _kept(SetKey(choice.key), choice.upload, data_folder())


@lru_cache(maxsize=3)  # MNIST is 55 MB
def _kept(key: SetKey, upload: str | None, _folder: Path) -> ImagePool:
    return load_set_pool(key, upload)


def split_places(pool: ImagePool, choice: DataChoice) -> tuple[Places, Places | None]:
    """Which of the pool's training pictures are for training, and which for validation (None: it has others)."""
    labels = pool.training[1]
    stay, away = np.arange(len(labels)), None
    if pool.validation is None:
        stay, away = split_indices(labels, choice.validation, choice.seed, pool.groups, pool.copies)
        if not len(away):
            raise ImageSetError(
                _("There is no image to keep for validation, for those of each class are copies of each other: add "
                  "other images.")
            )  # fmt: skip
    if choice.limit is not None or choice.balanced:
        stay = stay[limit_per_class(labels[stay], choice.limit, choice.balanced, choice.seed)]
    return stay, away


def _taken(pictures: Pictures, at: Places) -> Pictures:
    return pictures if len(at) == len(pictures[1]) else (pictures[0][at], pictures[1][at])


def mean_and_std(images: NDArray[np.uint8]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel's values in 0..1, over all pictures; std 1 where nothing differs.

    images: uint8 (n, c, h, w), 0..255. Returns: (means, stds), one number a channel each.
    By counting levels, a part of the pictures at a time: exact, and without a copy of all in larger numbers.

    >>> import numpy as np
    >>> from cnnviz.data.image_sets import mean_and_std
    >>> mean_and_std(np.array([[[[0, 255]]]], np.uint8))
    ((0.5,), (0.5,))
    """
    means, stds = [], []
    parts = np.array_split(images, max(1, images.size // COUNTED))
    for channel in range(images.shape[1]):
        counted = sum(np.bincount(part[:, channel].ravel(), minlength=256) for part in parts)
        counts = np.asarray(counted, np.float64)
        levels = np.arange(256) / 255
        mean = float(counts @ levels / counts.sum())
        spread = float(np.sqrt(counts @ (levels - mean) ** 2 / counts.sum()))
        means.append(mean)
        stds.append(spread if spread > 0 else 1.0)
    return tuple(means), tuple(stds)
