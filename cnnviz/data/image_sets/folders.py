"""Names of files → which class and which part each belongs to: `train/bird/1.jpg`, or just `bird/1.jpg`.

Folders around everything are taken off. With a folder `train` its neighbours `val` and `test` are the other parts.
Refuses to know: what is in the files.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from cnnviz.data.image_sets.records import MOST_CLASSES, ImageSetError
from cnnviz.i18n import _

MOST_NAME = 40  # letters of a class


class SetPart(StrEnum):
    """The parts that a set can come in."""

    TRAINING = "training"
    VALIDATION = "validation"
    TEST = "test"


WORDS = {
    "train": SetPart.TRAINING, "training": SetPart.TRAINING, "val": SetPart.VALIDATION, "valid": SetPart.VALIDATION,
    "validation": SetPart.VALIDATION, "test": SetPart.TEST, "testing": SetPart.TEST,
}  # fmt: skip


@dataclass(frozen=True)
class FilePlace:
    """Where a file belongs: its part, and the number of its class."""

    name: str
    part: SetPart
    label: int


@dataclass(frozen=True)
class FolderLayout:
    """The classes in order, the files of each, and those that are in no class folder."""

    classes: tuple[str, ...]
    places: tuple[FilePlace, ...]
    stray: tuple[str, ...]


def read_layout(names: Iterable[str]) -> FolderLayout:
    """Which class and part each file belongs to. Raises: ImageSetError for fewer than 2 classes, or more than 20.

    >>> from cnnviz.data.image_sets.folders import read_layout
    >>> read_layout(["pets/cat/1.png", "pets/dog/1.png", "pets/notes.txt"]).classes
    ('cat', 'dog')
    """
    paths = _without_outer({name: _parts(name) for name in names})
    has_parts = any(WORDS.get(path[0].lower()) is SetPart.TRAINING and len(path) >= 3 for path in paths.values())
    found = {name: _part_and_class(path, has_parts) for name, path in paths.items()}
    classes = sorted({named for part, named in filter(None, found.values()) if part is SetPart.TRAINING}, key=_in_order)
    _check_classes(classes)
    places, stray = [], []
    for name, place in found.items():
        if place and place[1] in classes:
            places.append(FilePlace(name, place[0], classes.index(place[1])))
        else:
            stray.append(name)
    return FolderLayout(tuple(classes), tuple(places), tuple(stray))


def _parts(name: str) -> tuple[str, ...]:
    """Folders and file; `./` and `//` mean nothing, and é is one letter however a system writes it."""
    return PurePosixPath(unicodedata.normalize("NFC", name)).parts


def _without_outer(paths: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The paths below the folders that hold everything else."""
    while True:
        firsts = {path[0] for path in paths.values() if len(path) >= 2}
        if len(firsts) != 1 or not any(len(path) >= 3 for path in paths.values()):
            return paths
        paths = {name: path[1:] if path[0] in firsts and len(path) >= 2 else path for name, path in paths.items()}


def _part_and_class(path: tuple[str, ...], has_parts: bool) -> tuple[SetPart, str] | None:
    if not has_parts:
        return (SetPart.TRAINING, path[0]) if len(path) >= 2 else None
    part = WORDS.get(path[0].lower())
    return (part, path[1]) if part and len(path) >= 3 else None


def _in_order(name: str) -> tuple[int, int | str]:
    """Numbers by their size, before words by the alphabet."""
    return (0, int(name)) if name.isascii() and name.isdigit() and len(name) <= MOST_NAME else (1, name)


def _check_classes(classes: list[str]) -> None:
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise ImageSetError(
            _("There must be 2 to {most} folders with images, one for each class, got {n}: put the images of each "
              "class into a folder of its own.", most=MOST_CLASSES, n=len(classes))
        )  # fmt: skip
    for name in classes:
        if not name.isprintable() or not name.strip() or len(name) > MOST_NAME:
            raise ImageSetError(
                _("The name of a class folder must be 1 to {most} printable letters, got {name}: rename it.",
                  most=MOST_NAME, name=ascii(name[:MOST_NAME]))
            )  # fmt: skip
