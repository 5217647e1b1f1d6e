"""The one way in which files are written: whole or not at all, whatever is killed when, and however full the disk is.

What is written lies beside its place until it is whole and on the disk, then it takes that place in one step. Until
then its writer holds it by a lock of the system; so what a killed writer left behind is told from what another process
is writing just now, without any clock, and is swept away. Folders for the time of a process are held and swept alike.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from cnnviz.machine.file_lock import lock_file

PART = ".cnnviz-part"  # how names end of what is not finished: ours alone (a browser's downloads end with .part)


def replace_file(path: Path, data: bytes) -> None:
    """Write `data` to `path`: a reader sees an old or a new file, never half of one. Raises: OSError; nothing is left.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from cnnviz.machine.whole_files import replace_file
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


class HeldFolder:
    """A new folder at `path` in `parent`, of this user alone, until `remove` or the end of a `with` block.

    Where its process is killed before that, `sweep` removes it; on Windows nothing does.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from cnnviz.machine.whole_files import HeldFolder, sweep
    >>> with TemporaryDirectory() as parent, HeldFolder(Path(parent), "download") as folder:
    ...     folder.is_dir(), sweep(Path(parent))
    (True, 0)
    """

    def __init__(self, parent: Path, name: str) -> None:
        while True:
            self.path = Path(tempfile.mkdtemp(dir=parent, prefix=f".{name}.", suffix=PART))  # 0700
            self._handle = _open_folder(self.path)
            if self._handle is None or (_is_held(self._handle) and self.path.exists()):
                return
            os.close(self._handle)  # somebody swept it in the moment before

    def __enter__(self) -> Path:
        return self.path

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _place: TracebackType | None
    ) -> None:
        self.remove()

    def remove(self) -> None:
        """With all that is in it; may be called twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _open_folder(path: Path) -> int | None:
    """A handle that can be locked; None on Windows, which has none for folders. Raises: OSError for no folder."""
    return None if os.name == "nt" else os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)


def _is_held(file: IO[bytes] | int) -> bool:
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
    >>> from cnnviz.machine.whole_files import sweep, writing
    >>> with TemporaryDirectory() as folder:
    ...     Path(folder, ".numbers.x.cnnviz-part").write_bytes(b"12") > 0  # of a writer that was killed
    ...     with writing(Path(folder, "numbers")):
    ...         sweep(Path(folder))
    True
    1
    """
    removed = 0
    for path in _leftovers(folder):
        with suppress(OSError):  # in use, or another sweeper was first, or it is not ours to remove
            _remove_free(path)
            removed += 1
    return removed


def _leftovers(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.name.endswith(PART)]
    except OSError:  # not there, not to be read
        return []


def _remove_free(path: Path) -> None:
    """Raises: OSError where its writer holds it, or it cannot be removed."""
    if path.is_dir() and not path.is_symlink():
        _remove_free_folder(path)
        return
    if os.name == "nt":  # what is open cannot be removed there, by its writer or by us
        path.unlink()
        return
    with path.open("rb") as file:
        lock_file(file)
        path.unlink()


def _remove_free_folder(path: Path) -> None:
    handle = _open_folder(path)
    if handle is None:
        raise OSError("nothing says whether somebody is at it")
    try:
        lock_file(handle)
        shutil.rmtree(path)
    finally:
        os.close(handle)
