"""A zip or a folder of one's own → a token under which its pictures are kept; known ones are not decoded again.

Refuses to know: how pictures are read (`own`), where they are kept (`store`).
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

from cnnviz.data.datasets import DataMissing
from cnnviz.data.image_sets import store
from cnnviz.data.image_sets.archive import MAX_ZIP_BYTES
from cnnviz.data.image_sets.from_files import ImageFolder, Watch, no_progress, pool_from_files, pool_from_zip
from cnnviz.data.image_sets.pools import ImagePool


def take_zip(data: bytes, watch: Watch = no_progress) -> tuple[str, ImagePool]:
    """(token, pool) of a zip of class folders. Raises: SetError, one sentence; DataMissing where nothing can be kept.

    Then `load(DataChoice("own", upload=token))` has the pictures.
    """
    token = store.content_token(data)
    kept = _kept(token)
    if kept is not None:
        return token, kept
    pool = pool_from_zip(data, watch)
    store.store_pool(token, pool)
    return token, pool


def zip_files(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A folder that came from outside, (path below it, bytes) each, as a zip: judged like any other by `take_zip`.

    The same files give the same bytes, in whatever order they came.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), data)
    return packed.getvalue()


def take_path(path: Path, watch: Watch = no_progress) -> tuple[str, ImagePool]:
    """(token, pool) of a zip or a folder on this machine, for the command line. Raises: as `take_zip`, and OSError."""
    if path.is_dir():
        return take_folder(path, watch)
    with path.open("rb") as file:
        return take_zip(file.read(MAX_ZIP_BYTES + 1), watch)


def take_folder(path: Path, watch: Watch = no_progress) -> tuple[str, ImagePool]:
    """(token, pool) of a folder of class folders on this machine, for the command line. Raises: as `take_zip`."""
    files = ImageFolder(path)
    digest = hashlib.sha256()
    for name in files.names:
        digest.update(f"{name}\0{hashlib.sha256(files.read(name)).hexdigest()}\0".encode())
    token = store.content_token(digest.digest())
    kept = _kept(token)
    if kept is None:
        kept = pool_from_files(files, watch)
        store.store_pool(token, kept)
    return token, kept


def _kept(token: str) -> ImagePool | None:
    """What is kept whole; a damaged file is as good as none, and made anew."""
    try:
        return store.fetch_pool(token) if store.is_stored(token) else None
    except DataMissing:
        return None
