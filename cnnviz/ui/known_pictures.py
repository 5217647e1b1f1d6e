"""Pictures that a link names by a number: MNIST's test images, and the hardest of the drawings for X and O.

They are prepared already, and what was written is known. All come from the data folder: where it has not
the stroke file that the network for X and O was measured on, there are none for it.
Refuses to know: sessions, widgets.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnviz.datasets import XO_FILE, DataBroken, DataMissing, data_folder, mnist, sha256, strokes
from cnnviz.messages import _
from cnnviz.ui.caches import trained
from cnnviz.xo.figures import Case, pictures

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
    return len(hard_pictures()) if network == "xo" else 0


def find(network: str, index: int) -> Known:
    """Picture number `index` for `network`. Raises: DataMissing, DataBroken; one sentence each."""
    if network == "xo" and place() is not Place.THERE:
        raise DataMissing(_("The hard drawings are not on this machine: draw one, or take one of ours"))
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
    return Known(hard_pictures()[index], truth, _("Drawing {number}", number=index + 1), note)


class Place(Enum):
    """Whether the pictures of the hardest drawings can be shown here."""

    THERE = "there"
    MISSING = "missing"  # no stroke file in the data folder
    ANOTHER = "another"  # one, but not the one that the manifest speaks of


@lru_cache(maxsize=1)
def hardest() -> tuple[Case, ...]:
    """What the network for X and O misread, turned away or read least surely among the drawings of its figures."""
    return tuple(map(Case.from_record, trained("xo").manifest.figures["hardest"]))


def place() -> Place:
    """Whether the drawings are in the data folder, in the very file that was measured."""
    return _drawn()[0]


def hard_pictures() -> tuple[NDArray[np.uint8], ...]:
    """One picture uint8 (28, 28) for each of `hardest()`; none where `place()` is not THERE."""
    return _drawn()[1]


def _drawn() -> tuple[Place, tuple[NDArray[np.uint8], ...]]:
    path = data_folder() / XO_FILE
    try:
        found = path.stat()
        return _read(path, found.st_size, found.st_mtime_ns, trained("xo").manifest.data["xo_sha256"])
    except OSError:
        return Place.MISSING, ()


@lru_cache(maxsize=2)
def _read(path: Path, _size: int, _changed: int, wanted: str) -> tuple[Place, tuple[NDArray[np.uint8], ...]]:
    """Read once a process; again where the file has become another one."""
    if sha256(path) != wanted:
        return Place.ANOTHER, ()
    return Place.THERE, pictures(hardest(), strokes(path))
