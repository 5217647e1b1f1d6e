"""Birds and airplanes, 32×32 in colour: a zip of class folders in the data folder, else CIFAR-10's two classes.

CIFAR-10 is 170 MB; `fetch_cifar` downloads it when somebody asks for it. torchvision unpacks it, and opens its files
only when their checksums are the published ones.
Source: A. Krizhevsky, *Learning Multiple Layers of Features from Tiny Images*, 2009.
Refuses to know: choices, pages.
"""

from __future__ import annotations

import hashlib
import urllib.request
from pathlib import Path

import numpy as np

from cnnviz.data.datasets import VARIABLE, DataBroken, DataMissing, data_folder
from cnnviz.data.image_sets.from_files import Watch, no_progress
from cnnviz.data.image_sets.intake import take_zip
from cnnviz.data.image_sets.pools import ImagePool, Pictures
from cnnviz.data.image_sets.records import ImageSetError
from cnnviz.i18n import _
from cnnviz.machine.whole_files import sweep, writing

ZIP = "birds_airplanes.zip"
CIFAR_FOLDER = "cifar-10-batches-py"
CLASSES = {0: "airplane", 2: "bird"}  # their numbers in CIFAR-10
PIECE = 1 << 18  # bytes
MAX_DOWNLOAD = 400_000_000
PATIENCE = 30  # seconds without a byte


def has_birds() -> bool:
    """Whether the zip or CIFAR-10 lies in the data folder."""
    return _zip().is_file() or (data_folder() / CIFAR_FOLDER).is_dir()


def _zip() -> Path:
    return data_folder() / ZIP


def birds_pool(watch: Watch = no_progress) -> ImagePool:
    """10,000 pictures for training and 2,000 for validation. Raises: DataMissing, DataBroken."""
    return _from_zip(_zip(), watch) if _zip().is_file() else _from_cifar()


def _from_zip(path: Path, watch: Watch) -> ImagePool:
    """The zip's pictures; decoded once, then kept."""
    try:
        return take_zip(path.read_bytes(), watch)[1]
    except ImageSetError as error:
        raise DataBroken(f"{path}: {error}") from error


def _from_cifar() -> ImagePool:
    from torchvision.datasets import CIFAR10  # slow to import

    try:
        parts = [CIFAR10(str(data_folder()), train=train, download=False) for train in (True, False)]
    except (RuntimeError, OSError, ValueError, EOFError) as error:
        raise DataMissing(
            _("birds and airplanes are not in {folder}: run “python -m cnnviz download birds” once, with an "
              "Internet connection, or put {name} there, or set {variable} to the folder that has it.",
              folder=data_folder(), name=ZIP, variable=VARIABLE)
        ) from error  # fmt: skip
    training, validation = (_two_classes(part.data, np.array(part.targets)) for part in parts)
    return ImagePool(tuple(CLASSES.values()), training, validation)


def _two_classes(images: np.ndarray, targets: np.ndarray) -> Pictures:
    """CIFAR-10's (n, 32, 32, 3) of ten classes → (m, 3, 32, 32) of the two."""
    ours = np.isin(targets, list(CLASSES))
    labels = np.searchsorted(list(CLASSES), targets[ours]).astype(np.int64)
    return np.ascontiguousarray(images[ours].transpose(0, 3, 1, 2)), labels


def fetch_cifar(watch: Watch = no_progress) -> None:
    """Download CIFAR-10 into the data folder and unpack it. Nothing half done stays.

    watch: called with the bytes so far and the bytes in all.
    Raises: DataMissing where there is no network, or what came is not CIFAR-10.

    >>> import os
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> from cnnviz.data.image_sets import fetch_cifar
    >>> cut = patch("urllib.request.urlopen", side_effect=OSError("no network"))
    >>> with TemporaryDirectory() as folder, patch.dict(os.environ, CNNVIZ_DATA=folder), cut:
    ...     fetch_cifar()  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    cnnviz.data.datasets.DataMissing: CIFAR-10 cannot be downloaded (no network): try again with an...
    """
    from torchvision.datasets import CIFAR10

    folder = data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _download(CIFAR10.url, folder / CIFAR10.filename, CIFAR10.tgz_md5, watch)
        CIFAR10(str(folder), train=True, download=True)  # finds the file there, and unpacks it
    except (OSError, RuntimeError, ValueError, EOFError) as error:
        raise DataMissing(
            _("CIFAR-10 cannot be downloaded ({reason}): try again with an Internet connection, or put {name} into "
              "{folder}.",
              reason=str(error)[:80], name=ZIP, folder=folder)
        ) from error  # fmt: skip


def _download(address: str, target: Path, md5: str, watch: Watch) -> None:
    """`address` → `target`, whole and with the right checksum, or not at all."""
    digest = hashlib.md5(usedforsecurity=False)
    sweep(target.parent)
    with writing(target) as file, urllib.request.urlopen(address, timeout=PATIENCE) as answer:
        total = int(answer.headers.get("Content-Length") or 0)
        done = 0
        while piece := answer.read(PIECE):
            done += len(piece)
            if done > MAX_DOWNLOAD:
                raise OSError(_("it is too large"))
            digest.update(piece)
            file.write(piece)
            watch(done, max(total, done))
        if digest.hexdigest() != md5:
            raise OSError(_("its checksum is not the published one"))
