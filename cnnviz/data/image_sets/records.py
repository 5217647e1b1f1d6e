"""What a network is trained on, as records: pictures with their labels, and the parts of a set.

Refuses to know: files, how pictures were made or read, networks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnviz.i18n import _

MOST_CLASSES = 20
MOST_SIDE = 96


class ImageSetError(ValueError):
    """Pictures or a choice of them that cannot be used; its text is one sentence for the reader.

    >>> from cnnviz.data.image_sets import DataChoice, ImageSetError
    >>> try:
    ...     DataChoice("own")
    ... except ImageSetError as error:
    ...     print(error)
    upload must be the token of an upload, got None: upload a zip of class folders
    """


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Pictures with what they show.

    images: uint8 (n, c, h, w), 0..255, c is 1 (grey: 0 paper .. 255 ink) or 3 (red, green, blue); read-only.
    labels: int64 (n,), each the place of a name in `classes`; read-only.
    Raises: ImageSetError where these do not fit each other.

    >>> from cnnviz.data.image_sets.choice import DataChoice
    >>> from cnnviz.data.image_sets.loading import load_images
    >>> load_images(DataChoice("digits")).training.images.shape
    (1617, 1, 28, 28)
    """

    key: str
    title: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        _check_pictures(self.images)
        _check_labels(self.labels, len(self.images), len(self.classes))
        object.__setattr__(self, "classes", tuple(self.classes))
        self.images.setflags(write=False)
        self.labels.setflags(write=False)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, rows, cols) of one picture."""
        channels, rows, cols = self.images.shape[1:]
        return channels, rows, cols

    @property
    def counts(self) -> tuple[int, ...]:
        """How many pictures each class has, in the order of `classes`."""
        return tuple(np.bincount(self.labels, minlength=len(self.classes)).tolist())


@dataclass(frozen=True, eq=False)
class ImageSplits:
    """A choice of data, ready to be trained on.

    mean, std: of the training part's values in 0..1, one number a channel; a channel without any spread has std 1.
    test: pictures that come apart from both, where the set has such.

    >>> import numpy as np
    >>> from cnnviz.data.image_sets import ImageSet, ImageSplits
    >>> part = ImageSet("xo", "X and O", np.zeros((2, 1, 28, 28), np.uint8), np.array([0, 1]), ("X", "O"))
    >>> ImageSplits(part, part, test=None, mean=(0.0,), std=(1.0,)).shape
    (1, 28, 28)
    """

    training: ImageSet
    validation: ImageSet
    test: ImageSet | None
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """What the pictures show."""
        return self.training.classes

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, rows, cols) of one picture."""
        return self.training.shape


def _check_pictures(images: NDArray) -> None:
    is_right = images.ndim == 4 and images.dtype == np.uint8 and images.shape[1] in (1, 3)
    if not is_right or not all(1 <= side <= MOST_SIDE for side in images.shape[2:]):
        raise ImageSetError(
            _(
                "images must be uint8 of shape (n, 1 or 3, rows, cols) with at most {most} rows and columns, "
                "got {dtype} {shape}: scale them down",
                most=MOST_SIDE,
                dtype=images.dtype,
                shape=images.shape,
            )
        )


def _check_labels(labels: NDArray, count: int, classes: int) -> None:
    if labels.dtype != np.int64 or labels.shape != (count,) or count == 0:
        raise ImageSetError(
            _(
                "labels must be int64 of shape ({n},) for one image or more, got {dtype} {shape}: give each image "
                "one label",
                n=count,
                dtype=labels.dtype,
                shape=labels.shape,
            )
        )
    if not 2 <= classes <= MOST_CLASSES:
        raise ImageSetError(
            _("classes must be 2 to {most}, got {n}: leave some out or add one", most=MOST_CLASSES, n=classes)
        )
    if labels.min() < 0 or labels.max() >= classes:
        raise ImageSetError(
            _(
                "labels must be 0 to {last}, got {low} to {high}: number the classes from 0",
                last=classes - 1,
                low=int(labels.min()),
                high=int(labels.max()),
            )
        )
