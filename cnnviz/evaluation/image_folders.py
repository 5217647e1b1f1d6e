"""How a network reads pictures that lie in folders, each prepared as an upload is.

A folder that is named after a class holds pictures of it; any other one holds what belongs to no class. So crops,
frames, shadows, pairs and scribbles can be measured, the way a visitor would meet them.
Refuses to know: how results are printed (`cli`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cnnviz.data.datasets import DataBroken
from cnnviz.data.uploads import MAX_BYTES, ImageFileError, preprocess_upload
from cnnviz.i18n import _
from cnnviz.models.decision import DecisionRule, Prediction, PredictionStatus, predict

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
        return self._sum([counts for name, counts in self.folders.items() if name in self.classes])

    def of_others(self) -> PredictionCounts:
        """All pictures that belong to no class."""
        return self._sum([counts for name, counts in self.folders.items() if name not in self.classes])

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


def evaluate_folders(model: nn.Module, rule: DecisionRule, classes: tuple[str, ...], folder: Path) -> FolderResult:
    """Read every picture in the folders of `folder`.

    Raises: DataBroken, one sentence, where it has no folders with pictures.
    """
    result = FolderResult(classes)
    for name, file in _files(folder):
        try:
            prepared = preprocess_upload(_bytes(file))
        except (ImageFileError, OSError) as error:
            result.unreadable[f"{name}/{file.name}"] = str(error)
            continue
        with torch.no_grad():
            logits = model(torch.tensor(prepared.image)[None])[0].numpy()
        reading = predict(logits, prepared.has_ink, rule, prepared.is_several)
        result.folders.setdefault(name, PredictionCounts()).add(reading, classes[reading.top] == name)
    if not result.folders:
        raise DataBroken(
            _("{path} must hold a folder with images for each class ({classes}), got none: sort them into folders",
              path=folder, classes=", ".join(classes))
        )  # fmt: skip
    return result


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    try:
        folders = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError as error:
        raise DataBroken(_("{path} must be a folder that can be read: give another one", path=folder)) from error
    for inside in folders:
        for file in sorted(inside.iterdir()):
            if file.is_file() and not file.name.startswith("."):
                yield inside.name, file


def _bytes(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)
