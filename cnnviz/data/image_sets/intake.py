"""A zip or a folder of one's own → a token under which its pictures are kept; known ones are not decoded again.

Refuses to know: how pictures are read (`from_files`), where they are kept (`store`).
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
    """(token, pool) of a zip of class folders: the token, 64 hexadecimal digits, is the same for the same bytes.

    Then `load_images(DataChoice("own", upload=token))` has the pictures.
    data: the zip's bytes, 100 MB at most. watch: called with the files read and the files in all.
    Raises: ImageSetError, one sentence, for a zip that cannot be used; DataMissing where nothing can be kept.

    >>> import os
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> from cnnviz.data.image_sets import take_zip, zip_files
    >>> files = [(f"{name}/{ink}.pgm", f"P5 1 1 255 {ink}".encode()) for name, ink in ("XA", "XB", "OC", "OD")]
    >>> with TemporaryDirectory() as cache, patch.dict(os.environ, CNNVIZ_CACHE=cache):
    ...     token, pool = take_zip(zip_files(files))
    >>> pool.classes, pool.training[0].shape, len(token)
    (('O', 'X'), (4, 1, 28, 28), 64)
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

    >>> from cnnviz.data.image_sets import zip_files
    >>> files = [("X/1.png", b"one"), ("O/1.png", b"other")]
    >>> zip_files(files) == zip_files(reversed(files))
    True
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), data)
    return packed.getvalue()


def take_path(path: Path, watch: Watch = no_progress) -> tuple[str, ImagePool]:
    """(token, pool) of a zip or a folder on this machine, for the command line. Raises: as `take_zip`, and OSError.

    >>> import os
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> from cnnviz.data.image_sets import take_path, zip_files
    >>> files = [(f"{name}/{ink}.pgm", f"P5 1 1 255 {ink}".encode()) for name, ink in ("XA", "XB", "OC", "OD")]
    >>> with TemporaryDirectory() as folder, patch.dict(os.environ, CNNVIZ_CACHE=folder):
    ...     path = Path(folder, "letters.zip")
    ...     path.write_bytes(zip_files(files)) > 0
    ...     take_path(path)[1].classes
    True
    ('O', 'X')
    """
    if path.is_dir():
        return take_folder(path, watch)
    with path.open("rb") as file:
        return take_zip(file.read(MAX_ZIP_BYTES + 1), watch)


def take_folder(path: Path, watch: Watch = no_progress) -> tuple[str, ImagePool]:
    """(token, pool) of a folder of class folders on this machine, for the command line. Raises: as `take_zip`.

    >>> from pathlib import Path
    >>> from cnnviz.data.image_sets import take_folder
    >>> take_folder(Path("nowhere"))
    Traceback (most recent call last):
    cnnviz.data.image_sets.records.ImageSetError: there is no folder nowhere: give the one that holds the class folders.
    """
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
