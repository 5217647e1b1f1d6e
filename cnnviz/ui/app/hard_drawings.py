"""The drawings for X and O that the shipped network finds hardest: in the stroke file that it was measured on.

Where the data folder has not that very file, there are none.
Refuses to know: sessions, widgets.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnviz.data.datasets import XO_FILE, data_folder, pen_drawings, sha256
from cnnviz.models.subjects import LETTERS
from cnnviz.release.xo.published import HardCase, load_case_images
from cnnviz.ui.app.caches import trained_network


class KnownImagePlace(Enum):
    """Whether the pictures of the hardest drawings can be shown here."""

    THERE = "there"
    MISSING = "missing"  # no stroke file in the data folder
    ANOTHER = "another"  # one, but not the one that the manifest speaks of


@lru_cache(maxsize=1)
def hardest_cases() -> tuple[HardCase, ...]:
    """What the network for X and O misread, turned away or read least surely among the drawings of its figures."""
    return tuple(map(HardCase.from_record, trained_network(LETTERS.network).manifest.figures["hardest"]))


def place_of_case() -> KnownImagePlace:
    """Whether the drawings are in the data folder, in the very file that was measured."""
    return _drawn()[0]


def hard_pictures() -> tuple[NDArray[np.uint8], ...]:
    """One picture uint8 (28, 28) for each of `hardest_cases()`; none where `place_of_case()` is not THERE."""
    return _drawn()[1]


def _drawn() -> tuple[KnownImagePlace, tuple[NDArray[np.uint8], ...]]:
    path = data_folder() / XO_FILE
    try:
        found = path.stat()
        return _read(
            path, found.st_size, found.st_mtime_ns, trained_network(LETTERS.network).manifest.data["xo_sha256"]
        )
    except OSError:
        return KnownImagePlace.MISSING, ()


@lru_cache(maxsize=2)
def _read(path: Path, _size: int, _changed: int, wanted: str) -> tuple[KnownImagePlace, tuple[NDArray[np.uint8], ...]]:
    """Read once a process; again where the file has become another one."""
    if sha256(path) != wanted:
        return KnownImagePlace.ANOTHER, ()
    return KnownImagePlace.THERE, load_case_images(hardest_cases(), pen_drawings(path))
