"""Small pictures kept on this machine under a token, for another process to find; the oldest make room.

A token is the SHA-256 of what the pictures were made from: nobody finds another's pictures without having them.
The folder is CNNVIZ_CACHE where that is set, else the user's own cache.
Refuses to know: zips, who asks.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np

from cnnviz.data.array_files import check_array_length
from cnnviz.data.datasets import DataMissing
from cnnviz.data.image_sets.choice import TOKEN
from cnnviz.data.image_sets.folders import SetPart
from cnnviz.data.image_sets.pools import DecodingReport, ImagePool, Pictures
from cnnviz.data.image_sets.records import MOST_CLASSES, ImageSetError
from cnnviz.data.zip_safety import DAMAGE, read_zip_end
from cnnviz.i18n import _
from cnnviz.machine.limits import IMAGES_MB
from cnnviz.machine.resources import user_cache
from cnnviz.machine.whole_files import sweep, writing

VARIABLE = "CNNVIZ_CACHE"
FORM = b"cnnviz image set 3\n"  # changes when pictures are decoded otherwise
MAX_KEPT = IMAGES_MB.value * 1_000_000  # bytes, all sets together
ZIP_END = 100_000  # bytes of a zip in which its end stands
NOT_NOW = (errno.EMFILE, errno.ENFILE, errno.EACCES, errno.EPERM, errno.EIO, errno.ENOMEM)  # the file is there
MOST_BYTES, MOST_ARRAYS = 100_000_000, 16  # of one set: 20,000 images of 3×32×32, and what is said of them


def cache_folder() -> Path:
    """Where sets are kept; it need not exist."""
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE])
    return user_cache() / "imagesets"


def content_token(data: bytes) -> str:
    """The token of what `data` are decoded to."""
    return hashlib.sha256(FORM + data).hexdigest()


def _path(token: str) -> Path:
    if not TOKEN.fullmatch(token):
        raise ImageSetError(_("upload must be the token of an upload, got {got}: upload again.", got=repr(token)[:40]))
    return cache_folder() / f"{token}.npz"


def is_stored(token: str) -> bool:
    """Whether the set is there, as a file: what waits for a writer, or leads elsewhere, is none."""
    try:
        return stat.S_ISREG(_path(token).lstat().st_mode)
    except OSError:
        return False


def store_pool(token: str, pool: ImagePool) -> None:
    """Write a pool, whole or not at all, and remove the longest unused ones above the bound.

    Raises: DataMissing where the folder cannot be written to.
    """
    path = _path(token)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with writing(path, mode=0o600) as file:
            np.savez(file, allow_pickle=False, **_arrays(pool))  # type: ignore[arg-type]
    except OSError as error:
        raise DataMissing(
            _("images cannot be kept in {folder}: make room there, or set {variable} to another folder.",
              folder=path.parent, variable=VARIABLE)
        ) from error  # fmt: skip
    _make_room(path)


def sweep_store() -> int:
    """Remove what was being written here when a process was killed; how many files."""
    return sweep(cache_folder())


def _arrays(pool: ImagePool) -> dict[str, np.ndarray]:
    arrays = {
        "classes": np.array(pool.classes),
        "report": np.array(json.dumps(pool.report and pool.report.to_record())),
    }
    if pool.copies is not None:
        arrays["copies"] = pool.copies
    for part, pictures in zip(SetPart, (pool.training, pool.validation, pool.test), strict=True):
        if pictures is not None:
            arrays |= {f"{part}_images": pictures[0], f"{part}_labels": pictures[1]}
    return arrays


def _make_room(newest: Path) -> None:
    """Keep the newest, and of the others the latest used ones that fit beside it."""
    total = 0
    for _used, size, path in sorted(_known(newest.parent), key=lambda each: (each[2] != newest, -each[0])):
        total += size
        if total > MAX_KEPT and path != newest:
            with suppress(OSError):  # another server's, or it is being read: the next writer tries again
                path.unlink(missing_ok=True)


def _known(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """When each set was used last, its bytes, its file; what another process has just removed is left out."""
    for path in folder.glob("*.npz"):
        with suppress(FileNotFoundError):
            found = path.lstat()
            yield found.st_mtime, found.st_size, path


def fetch_pool(token: str) -> ImagePool:
    """The pool kept under a token. Raises: DataMissing where it is no longer there, damaged, or not to be read now."""
    path = _path(token)
    if not is_stored(token):
        raise _gone()
    try:
        with path.open("rb") as file:
            _check_sizes(file)
            with np.load(file, allow_pickle=False) as arrays:
                pool = _pool(arrays)
    except (OSError, ValueError, KeyError, EOFError, TypeError, RecursionError, *DAMAGE) as error:
        if isinstance(error, OSError) and error.errno in NOT_NOW:
            raise DataMissing(
                _("these images cannot be read in {folder} now ({reason}): try again.", folder=path.parent,
                  reason=error.strerror)
            ) from error  # fmt: skip
        raise _gone() from error
    with suppress(OSError):  # a folder that is read-only has them all the same
        os.utime(path)  # used last now
    return pool


def _gone() -> DataMissing:
    return DataMissing(_("these images are no longer kept on this machine: upload them again."))


def _check_sizes(file: BinaryIO) -> None:
    """We pack nothing, and no set is larger than one may be. Raises: ValueError for a file that somebody else wrote."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - ZIP_END))
    end = read_zip_end(file.read())
    if size > MOST_BYTES or end is None or end.entries > MOST_ARRAYS:
        raise ValueError(file.name)
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        is_ours = all(entry.compress_type == zipfile.ZIP_STORED for entry in entries)
        if not is_ours or sum(entry.file_size for entry in entries) > MOST_BYTES:
            raise ValueError(file.name)
        for entry in entries:
            with archive.open(entry) as array:
                check_array_length(array, entry.file_size)
    file.seek(0)


def _pool(arrays: np.lib.npyio.NpzFile) -> ImagePool:
    def pictures(part: SetPart) -> Pictures | None:
        name = f"{part}_images"
        return (arrays[name], arrays[f"{part}_labels"]) if name in arrays else None

    training, record = pictures(SetPart.TRAINING), json.loads(str(arrays["report"]))
    if training is None:
        raise KeyError(SetPart.TRAINING)
    made = ImagePool(
        tuple(str(name) for name in arrays["classes"]), training, pictures(SetPart.VALIDATION), pictures(SetPart.TEST),
        report=record and DecodingReport.from_record(record), copies=arrays.get("copies"),
    )  # fmt: skip
    _check_pool(made)
    return made


def _check_pool(pool: ImagePool) -> None:
    """Every image has a label, and every label a class. Raises: ValueError for a damaged pool."""
    parts = [part for part in (pool.training, pool.validation, pool.test) if part is not None]
    is_whole = (
        2 <= len(pool.classes) <= MOST_CLASSES
        and len({images.shape[1:] for images, _labels in parts}) == 1
        and all(_fits(images, labels, len(pool.classes)) for images, labels in parts)
        and (pool.copies is None or (pool.copies.shape == pool.training[1].shape and pool.copies.dtype.kind in "iu"))
    )
    if not is_whole:
        raise ValueError("the images, labels and classes of a set must fit together")


def _fits(images: np.ndarray, labels: np.ndarray, classes: int) -> bool:
    is_right = images.ndim == 4 and images.dtype == np.uint8 and labels.dtype == np.int64
    return (
        is_right
        and labels.shape == (len(images),)
        and bool(len(labels))
        and 0 <= labels.min() <= labels.max() < classes
    )
