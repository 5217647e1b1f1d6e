"""Pictures that a link names by a number: MNIST's test images, and the hardest of the drawings for X and O.

They are prepared already, and what was written is known. Refuses to know: sessions, widgets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cnnviz.datasets import DataBroken, mnist
from cnnviz.messages import _
from cnnviz.ui.caches import trained
from cnnviz.xo.figures import Case

TEST_IMAGES = 10_000


@dataclass(frozen=True, eq=False)
class Known:
    """One picture: the ink uint8 (28, 28), the class that was written, and what the first step says of it."""

    ink: NDArray[np.uint8]
    truth: int
    title: str
    note: str


def count(network: str) -> int:
    """How many there are for `network`; 0 where there are none."""
    if network == "mnist":
        return TEST_IMAGES
    return len(hardest()) if network == "xo" else 0


def find(network: str, index: int) -> Known:
    """Picture number `index` for `network`. Raises: DataMissing, DataBroken; one sentence each."""
    if not 0 <= index < count(network):
        raise DataBroken(
            _("picture must be one of {count}, got number {index}: take another", count=count(network), index=index)
        )
    return _test_image(index) if network == "mnist" else _hard_one(index)


def _test_image(index: int) -> Known:
    found = mnist("test")
    note = _("Image {index} of the MNIST test set: it is prepared already.", index=index)
    return Known(found.images[index], int(found.labels[index]), _("MNIST {index}", index=index), note)


def _hard_one(index: int) -> Known:
    found = hardest()[index]
    note = _("Drawing {number} of the hardest by other people: it is prepared already.", number=index + 1)
    truth = trained("xo").recipe.classes.index(found.drawn)
    return Known(found.picture, truth, _("Drawing {number}", number=index + 1), note)


@lru_cache(maxsize=1)
def hardest() -> tuple[Case, ...]:
    """What the network for X and O misread, turned away or read least surely among the drawings of its figures."""
    return tuple(map(Case.from_record, trained("xo").manifest.figures["hardest"]))
