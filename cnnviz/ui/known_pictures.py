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
from cnnviz.imagesets import DataChoice
from cnnviz.messages import _
from cnnviz.ui import opened
from cnnviz.ui.caches import trained
from cnnviz.xo.figures import Case, pictures

TEST_IMAGES = 10_000


@dataclass(frozen=True, eq=False)
class Known:
    """One picture: uint8 (channels, rows, cols), the class that it shows, and what the first step says of it."""

    picture: NDArray[np.uint8]
    truth: int
    title: str
    note: str


def count(network: str, own: DataChoice | None = None) -> int:
    """How many there are for `network`; 0 where there are none. own: the visitor's own pictures, for their network."""
    if network == "mnist":
        return TEST_IMAGES
    if opened.is_key(network):
        found = opened.find(network).pictures(own)
        return 0 if found is None else len(found)
    return len(hard_pictures()) if network == "xo" else 0


def find(network: str, index: int, own: DataChoice | None = None) -> Known:
    """Picture number `index` for `network`. Raises: DataMissing, DataBroken; one sentence each."""
    if network == "xo" and place() is not Place.THERE:
        raise DataMissing(_("The hard drawings are not on this machine: draw one, or take one of ours"))
    if opened.is_key(network):
        return _of_its_data(network, index, own)
    if not 0 <= index < count(network):
        raise DataBroken(
            _("picture must be one of {count}, got number {index}: take another", count=count(network), index=index)
        )
    return _test_image(index) if network == "mnist" else _hard_one(index)


def _of_its_data(network: str, index: int, own: DataChoice | None) -> Known:
    found = opened.find(network).pictures(own)
    if found is None:
        raise DataMissing(_("The pictures that this network was tested on are not on this machine: take one of yours"))
    if not 0 <= index < len(found):
        raise DataBroken(
            _("picture must be one of {count}, got number {index}: take another", count=len(found), index=index)
        )
    note = _("Picture {index} of those that training never saw.", index=index)
    return Known(found.images[index], int(found.labels[index]), _("Picture {index}", index=index), note)


def _test_image(index: int) -> Known:
    found = mnist("test")
    note = _("Image {index} of the MNIST test set: it is prepared already.", index=index)
    return Known(found.images[index][None], int(found.labels[index]), _("MNIST {index}", index=index), note)


def _hard_one(index: int) -> Known:
    found = hardest()[index]
    note = _("Drawing {number} of the hardest by other people: it is prepared already.", number=index + 1)
    truth = trained("xo").recipe.classes.index(found.drawn)
    return Known(hard_pictures()[index][None], truth, _("Drawing {number}", number=index + 1), note)


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
