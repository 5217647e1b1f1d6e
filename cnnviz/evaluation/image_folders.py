"""How a network reads pictures that lie in folders, or in a zip of folders, each prepared as an upload is.

A folder that is named after a class holds pictures of it; any other one holds what belongs to no class. So crops,
frames, shadows, pairs and scribbles can be measured, the way a visitor would meet them.
Refuses to know: how results are printed (`cli`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import torch
from torch import nn

from cnnviz.data.datasets import DataBroken
from cnnviz.data.image_sets.archive import MAX_ZIP_BYTES, ZipArchive
from cnnviz.data.image_sets.from_files import ImageFiles, ImageFolder
from cnnviz.data.rasterize import PreparedImage
from cnnviz.data.uploads import ImageFileError, fit_values, preprocess_upload
from cnnviz.i18n import _
from cnnviz.models.decision import DecisionRule, Prediction, PredictionStatus, predict
from cnnviz.models.zoo import Recipe

SURE = 0.9


@dataclass
class PredictionCounts:
    """What became of `n` pictures of a folder. right: answered with their own class; sure: answered with above 90 %."""

    n: int = 0
    right: int = 0
    answered: int = 0
    sure: int = 0
    blank: int = 0
    several: int = 0
    foreign: int = 0

    def add(self, reading: Prediction, is_right: bool) -> None:
        """Count one more."""
        answers = reading.status is PredictionStatus.ANSWER
        self.n += 1
        self.answered += answers
        self.right += answers and is_right
        self.sure += answers and reading.confidence > SURE
        self.blank += reading.status is PredictionStatus.BLANK
        self.several += reading.status is PredictionStatus.SEVERAL
        self.foreign += reading.status is PredictionStatus.FOREIGN


@dataclass
class FolderResult:
    """The counts of each folder, and the files that are no pictures with the reason."""

    classes: tuple[str, ...]
    folders: dict[str, PredictionCounts] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)

    def of_classes(self) -> PredictionCounts:
        """All pictures of the network's classes."""
        return self._sum([counts for name, counts in self.folders.items() if class_of_folder(name) in self.classes])

    def of_others(self) -> PredictionCounts:
        """All pictures that belong to no class."""
        return self._sum([counts for name, counts in self.folders.items() if class_of_folder(name) not in self.classes])

    @staticmethod
    def _sum(some: list[PredictionCounts]) -> PredictionCounts:
        return PredictionCounts(**{name: sum(getattr(one, name) for one in some) for name in vars(PredictionCounts())})

    def to_record(self) -> dict[str, Any]:
        """Plain JSON values; accuracy and share_rejected are of the pictures that belong to a class."""
        known, others = self.of_classes(), self.of_others()
        return {
            "n": known.n,
            "accuracy": round(known.right / known.n, 4) if known.n else None,
            "share_rejected": round(1 - known.answered / known.n, 4) if known.n else None,
            "others_n": others.n,
            "others_accepted": round(others.answered / others.n, 4) if others.n else None,
            "others_sure": round(others.sure / others.n, 4) if others.n else None,
            "folders": {name: vars(counts) for name, counts in self.folders.items()},
            "unreadable": self.unreadable,
        }


def evaluate_folders(model: nn.Module, rule: DecisionRule, recipe: Recipe, path: Path) -> FolderResult:
    """Read every picture in the folders of `path`, a folder or a zip; its class is the name of the folder it lies in.

    Raises: DataBroken, one sentence, where it has no folders with pictures; ImageSetError for a zip that is damaged.
    """
    result = FolderResult(recipe.classes)
    with _opened(path) as files:
        for name, file, read in _in_folders(files):
            try:
                prepared = prepare_file(read(), recipe)
            except (ImageFileError, OSError) as error:
                result.unreadable[f"{name}/{file}"] = str(error)
                continue
            reading = _predicted(model, rule, prepared)
            is_right = recipe.classes[reading.top] == class_of_folder(name)
            result.folders.setdefault(name, PredictionCounts()).add(reading, is_right)
    if not result.folders:
        raise DataBroken(
            _("{path} must hold a folder with images for each class ({classes}), got none: sort them into folders",
              path=path, classes=", ".join(recipe.classes))
        )  # fmt: skip
    return result


def _predicted(model: nn.Module, rule: DecisionRule, prepared: PreparedImage) -> Prediction:
    with torch.no_grad():
        logits = model(torch.tensor(prepared.image)[None])[0].numpy()
    return predict(logits, prepared.has_ink, rule, prepared.is_several)


def class_of_folder(name: str) -> str:
    """The class that a folder is named after: `val/bird` holds birds.

    >>> from cnnviz.evaluation.image_folders import class_of_folder
    >>> class_of_folder("val/bird")
    'bird'
    """
    return PurePosixPath(name).name


def prepare_file(data: bytes, recipe: Recipe) -> PreparedImage:
    """A picture as the network gets it from an upload: its ink, or the picture in its colours where it reads no ink.

    Raises: ImageFileError, one sentence.
    """
    if recipe.reads_drawings:
        return preprocess_upload(data)
    return PreparedImage(fit_values(data, recipe.input_shape), (), has_ink=True)


@contextmanager
def _opened(path: Path) -> Iterator[ImageFiles]:
    """The files of a folder or a zip, which is closed again after the block."""
    if path.is_dir():
        yield ImageFolder(path)
    elif path.is_file():
        with ZipArchive(_bytes(path)) as archive:
            yield archive
    else:
        raise DataBroken(_("{path} must be a folder or a zip that can be read: give another one", path=path))


def _in_folders(files: ImageFiles) -> Iterator[tuple[str, str, Callable[[], bytes]]]:
    """Of each file that lies in a folder: the folder, the file, and what reads it."""
    for name in files.names:
        place = PurePosixPath(name)
        if len(place.parts) > 1 and not any(part.startswith(".") for part in place.parts):
            yield place.parent.as_posix(), place.name, partial(files.read, name)


def _bytes(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(MAX_ZIP_BYTES + 1)
