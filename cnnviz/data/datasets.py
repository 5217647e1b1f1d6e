"""Where the data are: MNIST as arrays, handwritten digits as pen strokes.

Data live in the folder named by the environment variable CNNVIZ_DATA, or in the project's `data/`; those of an
installed package in the user's cache. Nothing is downloaded unless it is asked for. Missing data is `DataMissing`,
one sentence.
Refuses to know: networks, how strokes become pixels (`rasterize`), who trains on what (`digit_pools`).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnviz.data.strokes import PEN_WIDTH, Point, Sketch, Stroke
from cnnviz.i18n import _
from cnnviz.machine.resources import default_data_folder
from cnnviz.machine.whole_files import HeldFolder, sweep

VARIABLE = "CNNVIZ_DATA"
STROKES_FILE = Path("strokes") / "digits.json.gz"
XO_FILE = Path("strokes") / "xo.json.gz"
DIGITS = tuple("0123456789")
MAX_STROKES_BYTES = 200_000_000  # unpacked
MAX_DRAWINGS = 500_000
MNIST_SPLITS = {"train": "train", "test": "t10k"}  # what the names of its files begin with
MNIST_SIZES = {  # bytes of its files: a head, then the pixels or labels
    f"{part}-{kind}-ubyte": head + each * count
    for part, count in zip(MNIST_SPLITS.values(), (60_000, 10_000), strict=True)
    for kind, head, each in (("images-idx3", 16, 28 * 28), ("labels-idx1", 8, 1))
}
EXTENT = 0.7  # of the canvas that a drawing from a file fills


class DataMissing(FileNotFoundError):
    """Data that are not on this machine; its text is one sentence with the way out."""


class DataBroken(ValueError):
    """A data file that is not what it should be; its text is one sentence."""


@dataclass(frozen=True)
class LabelledImages:
    """Images with what they show: images uint8 (n, 28, 28), 0 paper .. 255 ink; labels int64 (n,).

    A label is the place of its class among the classes of a network (`Recipe.classes`): 7 is a seven in MNIST.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.images.shape != (len(self.labels), 28, 28):
            raise ValueError(
                _(
                    "images must be of shape ({n}, 28, 28), got {shape}: give one label an image",
                    n=len(self.labels),
                    shape=self.images.shape,
                )
            )
        self.images.setflags(write=False)
        self.labels.setflags(write=False)

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class PenDrawing:
    """One drawing of a stroke file: what it shows, on which kind of tablet, by whom, and its pen strokes."""

    label: str
    source: str
    writer: str
    paths: tuple[tuple[Point, ...], ...]  # in the unit square, y downwards

    def sketch(self, width: float = PEN_WIDTH, extent: float = EXTENT) -> Sketch:
        """The drawing in the middle of a canvas, filling `extent` of it, with a pen of `width`."""
        margin = (1 - extent) / 2
        return Sketch(
            tuple(Stroke(tuple((margin + extent * x, margin + extent * y) for x, y in p), width) for p in self.paths)
        )


def data_folder() -> Path:
    """CNNVIZ_DATA where it is set, else the project's `data/` or the user's cache; it need not exist."""
    return Path(os.environ.get(VARIABLE) or default_data_folder())


def mnist_files() -> tuple[Path, ...]:
    """The files of MNIST in the data folder, there or not: images and labels to train on, images and labels to test."""
    raw = data_folder() / "MNIST" / "raw"
    return tuple(raw / name for name in MNIST_SIZES)


def has_mnist(*splits: str) -> bool:
    """Whether the images of these splits ("train", "test"; without any of "test") and their labels are here, whole.

    torchvision takes half of a file, after a kill, for a whole one.
    """
    wanted = tuple(MNIST_SPLITS[split] for split in splits or ("test",))
    return all(_is_whole(path) for path in mnist_files() if path.name.startswith(wanted))


def _is_whole(path: Path) -> bool:
    return path.is_file() and path.stat().st_size == MNIST_SIZES[path.name]


@lru_cache(maxsize=2)
def _mnist(folder: Path, train: bool, download: bool) -> LabelledImages:
    from torchvision.datasets import MNIST  # slow to import, and not needed to draw

    try:
        if download and not has_mnist(*MNIST_SPLITS):
            _fetch_mnist(folder)
        data = MNIST(str(folder), train=train, download=False)
    except (RuntimeError, OSError, ValueError, AssertionError) as error:  # torchvision's ways to say "not whole"
        raise DataMissing(_without_mnist(folder, download)) from error
    return LabelledImages(data.data.numpy().copy(), data.targets.numpy().astype(np.int64))


def _fetch_mnist(folder: Path) -> None:
    """Downloaded and unpacked in a folder of its own; each file then takes its place whole."""
    from torchvision.datasets import MNIST

    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    with HeldFolder(folder, "MNIST") as made:
        MNIST(str(made), train=True, download=True)
        raw = folder / "MNIST" / "raw"
        raw.mkdir(parents=True, exist_ok=True)
        for path in sorted((made / "MNIST" / "raw").iterdir()):
            path.replace(raw / path.name)


def _without_mnist(folder: Path, was_fetched: bool) -> str:
    """Why there is no MNIST, and the way out."""
    if was_fetched:
        return _(
            "MNIST could not be downloaded into {folder}: try again with an Internet connection, or copy the "
            "folder MNIST of another machine there.",
            folder=folder,
        )
    return _(
        "MNIST is not in {folder}: run “python -m cnnviz download mnist” or set {variable} to the folder that has it.",
        folder=folder,
        variable=VARIABLE,
    )


def mnist(split: str = "test", download: bool = False) -> LabelledImages:
    """MNIST's "train" (60,000) or "test" (10,000) images.

    Raises: DataMissing where they are not on this machine and `download` is not asked for.
    """
    if split not in MNIST_SPLITS:
        raise ValueError(_("split must be train or test, got {split!r}: choose one of these", split=split))
    return _mnist(data_folder(), split == "train", download)


def random_digit(seed: int, split: str = "test") -> tuple[NDArray[np.uint8], int, int]:
    """(image (28, 28), label, index) of one MNIST image, the same for the same seed."""
    digits = mnist(split)
    index = int(np.random.default_rng(seed).integers(len(digits)))
    return digits.images[index], int(digits.labels[index]), index


def sha256(path: Path) -> str:
    """The file's SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pen_drawings(path: Path | None = None) -> tuple[PenDrawing, ...]:
    """The drawings of a stroke file (`.json` or `.json.gz`; the data folder's digits where no path is given).

    The form: a list of `{"label", "source", "writer", "strokes": [[[x, y], ...], ...]}`.
    Raises: DataMissing for no file, DataBroken for another form; one sentence each.
    """
    path = path or data_folder() / STROKES_FILE
    if not path.is_file():
        raise DataMissing(
            _("there is no stroke file {path}: give its path, or set {variable}.", path=path, variable=VARIABLE)
        )
    records = _records(path)
    if not isinstance(records, list) or not 1 <= len(records) <= MAX_DRAWINGS:
        raise DataBroken(
            _("{path} must be a list of 1 to {most} drawings: see docs/training.md.", path=path, most=MAX_DRAWINGS)
        )
    return tuple(_written(record, number, path) for number, record in enumerate(records))


def _records(path: Path) -> Any:
    try:
        with path.open("rb") as plain, gzip.open(plain) if path.suffix == ".gz" else plain as file:  # type: ignore[attr-defined]
            text = file.read(MAX_STROKES_BYTES + 1)
        if len(text) > MAX_STROKES_BYTES:
            raise DataBroken(
                _("{path} must unpack to at most {most} MB: split it.", path=path, most=MAX_STROKES_BYTES // 10**6)
            )
        return json.loads(text)
    except (OSError, EOFError, zlib.error, json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataBroken(_("{path} cannot be read as (packed) JSON: is it whole?", path=path)) from error


def _written(record: Any, number: int, path: Path) -> PenDrawing:
    try:
        paths = tuple(tuple((x, y) for x, y in points) for points in record["strokes"] if points)
        written = PenDrawing(str(record["label"]), str(record["source"]), str(record["writer"]), paths)
        if not paths:
            raise ValueError(_("it has no strokes"))
        written.sketch()  # checks every number
    except (KeyError, TypeError, ValueError, OverflowError) as error:  # a whole number may be too large for a float
        raise DataBroken(
            _("drawing {number} of {path} is not of the right form: {error}", number=number, path=path, error=error)
        ) from error
    return written
