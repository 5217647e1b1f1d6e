"""What somebody sees of a choice before training: some pictures of each class, how many there are, how they look.

Nothing is copied but the pictures that are shown.
Refuses to know: pages, training.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnviz.data.image_sets.choice import DataChoice
from cnnviz.data.image_sets.loading import load_pool, split_places
from cnnviz.data.image_sets.pools import DecodingReport


@dataclass(frozen=True, eq=False)
class Preview:
    """training, validation: pictures of each class; test: of all; available: training pictures without any limit.

    samples: for each class some training pictures, uint8 (k, c, h, w), read-only. shape: (c, h, w).
    has_own_validation: whether the set comes with a validation part. has_groups: whether it is split by writer.
    """

    classes: tuple[str, ...]
    training: tuple[int, ...]
    validation: tuple[int, ...]
    test: int
    available: int
    shape: tuple[int, int, int]
    samples: tuple[NDArray[np.uint8], ...]
    has_own_validation: bool
    has_groups: bool
    report: DecodingReport | None


def make_preview(choice: DataChoice, each: int = 20, page: int = 0) -> Preview:
    """The first `each` training pictures of every class, or the next ones for another `page` (round and round).

    Raises: as `load`.
    """
    pool = load_pool(choice)
    stay, away = split_places(pool, choice)
    images, labels = pool.training
    validation = pool.validation[1] if pool.validation is not None else labels[away]
    channels, rows, cols = images.shape[1:]
    return Preview(
        pool.classes, _counts(labels[stay], pool.classes), _counts(validation, pool.classes),
        0 if pool.test is None else len(pool.test[1]),
        len(labels) if away is None else len(labels) - len(away),
        (channels, rows, cols),
        tuple(_some(images, stay[labels[stay] == label], each, page) for label in range(len(pool.classes))),
        pool.validation is not None, pool.groups is not None, pool.report,
    )  # fmt: skip


def _counts(labels: NDArray[np.int64], classes: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(np.bincount(labels, minlength=len(classes)).tolist())


def _some(images: NDArray[np.uint8], at: NDArray[np.int64], each: int, page: int) -> NDArray[np.uint8]:
    first = page * each % len(at) if len(at) > each else 0
    chosen = images[np.roll(at, -first)[:each]]
    chosen.setflags(write=False)
    return chosen
