"""Small pictures kept on this machine under a token, for another process to find; the oldest make room.

A token is the SHA-256 of what the pictures were made from: nobody finds another's pictures without having them.
The folder is CNNVIZ_CACHE where that is set, else the user's own cache.
Refuses to know: zips, who asks.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from cnnviz.data.datasets import DataMissing
from cnnviz.data.image_sets.choice import TOKEN
from cnnviz.data.image_sets.folders import SetPart
from cnnviz.data.image_sets.pools import DecodingReport, ImagePool, Pictures
from cnnviz.data.image_sets.records import ImageSetError
from cnnviz.i18n import _
from cnnviz.resources import user_cache

VARIABLE = "CNNVIZ_CACHE"
FORM = b"cnnviz image set 3\n"  # changes when pictures are decoded otherwise
MAX_KEPT = 1_000_000_000  # bytes, all sets together


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
    """Whether the set is there."""
    return _path(token).is_file()


def store_pool(token: str, pool: ImagePool) -> None:
    """Write a pool, whole or not at all, and remove the longest unused ones above the bound.

    Raises: DataMissing where the folder cannot be written to.
    """
    path = _path(token)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            try:
                np.savez(file, allow_pickle=False, **_arrays(pool))  # type: ignore[arg-type]
            except BaseException:
                os.unlink(file.name)
                raise
        os.replace(file.name, path)
    except OSError as error:
        raise DataMissing(
            _("images cannot be kept in {folder}: make room there, or set {variable} to another folder.",
              folder=path.parent, variable=VARIABLE)
        ) from error  # fmt: skip
    _make_room(path)


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
            path.unlink(missing_ok=True)


def _known(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """When each set was used last, its bytes, its file; what another process has just removed is left out."""
    for path in folder.glob("*.npz"):
        with suppress(FileNotFoundError):
            found = path.stat()
            yield found.st_mtime, found.st_size, path


def fetch_pool(token: str) -> ImagePool:
    """The pool kept under a token. Raises: DataMissing where it is no longer there, or damaged."""
    path = _path(token)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            pool = _pool(arrays)
        os.utime(path)  # used last now
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise DataMissing(_("these images are no longer kept on this machine: upload them again.")) from error
    return pool


def _pool(arrays: np.lib.npyio.NpzFile) -> ImagePool:
    def pictures(part: SetPart) -> Pictures | None:
        name = f"{part}_images"
        return (arrays[name], arrays[f"{part}_labels"]) if name in arrays else None

    training, record = pictures(SetPart.TRAINING), json.loads(str(arrays["report"]))
    if training is None:
        raise KeyError(SetPart.TRAINING)
    return ImagePool(
        tuple(str(name) for name in arrays["classes"]), training, pictures(SetPart.VALIDATION), pictures(SetPart.TEST),
        report=record and DecodingReport.from_record(record), copies=arrays.get("copies"),
    )  # fmt: skip
