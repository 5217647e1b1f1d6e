"""The one way in which files are written: whole or not at all, whatever is killed when, and however full the disk is.

What is written lies beside its place until it is whole and on the disk, then it takes that place in one step. Until
then its writer holds it by a lock of the system; so what a killed writer left behind is told from what another process
is writing just now, without any clock, and is swept away.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from cnnviz.processes import lock_file

PART = ".part"  # how the names of files end that are being written


def replace_file(path: Path, data: bytes) -> None:
    """Write `data` to `path`: a reader sees an old or a new file, never half of one. Raises: OSError; nothing is left.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from cnnviz.whole_files import replace_file
    >>> with TemporaryDirectory() as folder:
    ...     replace_file(Path(folder, "numbers"), b"123")
    ...     Path(folder, "numbers").read_bytes(), len(list(Path(folder).iterdir()))
    (b'123', 1)
    """
    with writing(path) as file:
        file.write(data)


@contextmanager
def writing(path: Path, mode: int = 0o644) -> Iterator[IO[bytes]]:
    """A file that takes the place `path` at the end of the block, if all went well.

    mode: who may read it. Raises: OSError where the disk is full, say; then `path` is as it was and nothing is left.
    """
    file = _begin(path)
    part = Path(file.name)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if os.name != "nt":  # there an open file cannot be moved
                _put(part, path, mode)
        if os.name == "nt":
            _put(part, path, mode)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def _put(part: Path, path: Path, mode: int) -> None:
    part.chmod(mode)
    part.replace(path)
    _flush_folder(path.parent)


def _begin(path: Path) -> IO[bytes]:
    """A file beside `path`, held by us; another one where somebody swept it in the moment before."""
    while True:
        file: Any = tempfile.NamedTemporaryFile(  # noqa: SIM115 (its caller closes it)
            dir=path.parent, prefix=f".{path.name}.", suffix=PART, delete=False
        )
        if _is_held(file) and Path(file.name).exists():
            return file  # type: ignore[no-any-return]
        file.close()


def _is_held(file: IO[bytes]) -> bool:
    """Whether it is ours as long as it is open; not where a sweeper has it, which removes it.

    On Windows an open file cannot be removed anyway, and a lock would keep us from writing.
    """
    if os.name == "nt":
        return True
    try:
        lock_file(file)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: nobody sweeps there either
        return True
    return True


def _flush_folder(folder: Path) -> None:
    """The new name on the disk as well; not every system can."""
    if os.name == "nt":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep(folder: Path) -> int:
    """Remove from `folder` what writers that are gone have left; how many. What is being written stays.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from cnnviz.whole_files import sweep, writing
    >>> with TemporaryDirectory() as folder:
    ...     Path(folder, ".numbers.x.part").write_bytes(b"12") > 0  # of a writer that was killed
    ...     with writing(Path(folder, "numbers")):
    ...         sweep(Path(folder))
    True
    1
    """
    removed = 0
    for path in _leftovers(folder):
        with suppress(OSError):  # in use, or another sweeper was first, or it is not ours to remove
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                with path.open("rb") as file:
                    _demand_free(file)
                    path.unlink()
            removed += 1
    return removed


def _leftovers(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.name.endswith(PART)]
    except OSError:  # not there, not to be read
        return []


def _demand_free(file: IO[bytes]) -> None:
    """Raises: OSError where a writer holds it."""
    if os.name != "nt":
        lock_file(file)
