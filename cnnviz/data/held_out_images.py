"""Labelled images that a trained network never saw: the best that are on this machine, for digits and for X and O.

Digits are every tenth test image of MNIST or, where MNIST is not on this machine, the digits that come with
scikit-learn, prepared as drawings are; X and O the drawings that the published figures are of or, where they are not on
this machine, generated ones. Refuses to know: networks, what is measured on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from cnnviz.data.datasets import XO_FILE, LabelledImages, data_folder, has_mnist, mnist
from cnnviz.data.digit_pools import rasterise_all
from cnnviz.data.image_sets.xo import generated_pool
from cnnviz.data.rasterize import preprocessed_pixels
from cnnviz.data.xo_drawings import CLASSES, split_xo, xo_drawings
from cnnviz.i18n import ngettext

IMAGES = 1000
GENERATED = 400
INK = 16  # full ink of scikit-learn's digits


class ImageSource(Enum):
    """Where the images come from."""

    MNIST = "mnist"
    SCIKIT_LEARN = "scikit-learn"
    WRITTEN = "written"  # X's and O's of writers that training never saw
    GENERATED = "generated"  # X's and O's of a seed


@dataclass(frozen=True, eq=False)
class HeldOutImages:
    """What is asked: images with labels, and where they come from."""

    shown: LabelledImages
    source: ImageSource

    @property
    def title(self) -> str:
        """On how many of what, in the reader's language: "1,000 MNIST test images"."""
        count = len(self.shown)
        words = f"{count:,}"
        if self.source is ImageSource.MNIST:
            return ngettext("{shown} MNIST test image", "{shown} MNIST test images", count, shown=words)
        if self.source is ImageSource.SCIKIT_LEARN:
            return ngettext(
                "{shown} digit of scikit-learn, prepared as drawings are",
                "{shown} digits of scikit-learn, prepared as drawings are", count, shown=words,
            )  # fmt: skip
        if self.source is ImageSource.WRITTEN:
            return ngettext(
                "{shown} drawing by unknown writers", "{shown} drawings by unknown writers", count, shown=words
            )
        return ngettext("{shown} generated drawing", "{shown} generated drawings", count, shown=words)


def held_out_digits(count: int = IMAGES) -> HeldOutImages:
    """At most `count` digits. Raises: DataMissing where MNIST is there in part only, DataBroken for a damaged file."""
    return _of_mnist(count) if has_mnist() else _of_scikit_learn(count)


def held_out_letters(count: int = IMAGES) -> HeldOutImages:
    """At most `count` X's and O's. Raises: DataBroken for a damaged file."""
    has_written = (data_folder() / XO_FILE).is_file()
    return _of_writers(data_folder(), count) if has_written else _of_a_seed(count)


@lru_cache(maxsize=2)
def _of_writers(_folder: Path, count: int) -> HeldOutImages:
    return HeldOutImages(rasterise_all(split_xo(xo_drawings()).held_out[:count], classes=CLASSES), ImageSource.WRITTEN)


@lru_cache(maxsize=2)
def _of_a_seed(count: int) -> HeldOutImages:
    images, labels = generated_pool(each=min(count, GENERATED) // 2).training
    return HeldOutImages(LabelledImages(images[:, 0], labels), ImageSource.GENERATED)


def _of_mnist(count: int) -> HeldOutImages:
    found = mnist("test")
    step = max(1, len(found) // count)
    return HeldOutImages(
        LabelledImages(found.images[::step][:count].copy(), found.labels[::step][:count].copy()), ImageSource.MNIST
    )


@lru_cache(maxsize=2)
def _of_scikit_learn(count: int) -> HeldOutImages:
    from sklearn.datasets import load_digits  # slow to import, and not needed to draw

    found = load_digits()
    inks = np.rint(found.images[:count] * (255 / INK)).astype(np.uint8)  # (n, 8, 8)
    images = np.stack([preprocessed_pixels(Image.fromarray(ink)) for ink in inks])
    return HeldOutImages(LabelledImages(images, found.target[:count].astype(np.int64)), ImageSource.SCIKIT_LEARN)
