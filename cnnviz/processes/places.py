"""How much may be at work on a machine at once, however many servers of ours run there.

Several servers behind a proxy share the processor, and none knows what the others do. So each place is a small file,
and who works holds it by a lock of the system: when a process ends, killed or not, its places are free.
Refuses to know: what is done at a place.
"""

from __future__ import annotations

import logging
import os
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from cnnviz.machine.file_lock import lock_file
from cnnviz.processes.child import start_thread

FOLDER = "CNNVIZ_PLACES"  # names, in the environment, the folder of the places
_LOG = logging.getLogger(__name__)


def places_folder() -> Path:
    """Where places are held: a folder of this user's in the machine's temporary one, unless `CNNVIZ_PLACES` names one.

    A memory of its own for each server (a container's `/tmp`) would keep them apart: name a shared folder there.
    """
    if named := os.environ.get(FOLDER):
        return Path(named)
    user = str(os.getuid()) if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir()) / f"cnnviz-places-{user}"


class Place:
    """One place that is held, until `release` or until nobody has it any more; may be released twice.

    >>> from cnnviz.processes import Place
    >>> place = Place(None)  # of a server that bounds itself
    >>> place.release()
    """

    def __init__(self, file: IO[Any] | None) -> None:
        self._file = file

    def release(self) -> None:
        """It is free for the next one, of whatever server."""
        if self._file is not None:
            self._file.close()

    def release_after(self, wait: Callable[[], object]) -> None:
        """Free once `wait` returns, which waits for the end of a process, say.

        Raises: OSError where the machine has no room for a thread; then it is still held.
        """
        if self._file is not None:
            start_thread(self._release_after, wait, name="place")

    @contextmanager
    def released_on_failure(self) -> Iterator[None]:
        """Around what is begun at it: where that fails, however it does, the place is free."""
        try:
            yield
        except BaseException:
            self.release()
            raise

    def _release_after(self, wait: Callable[[], object]) -> None:
        wait()
        self.release()


class MachinePlaces:
    """`most` places of a kind on this machine, for all servers that use the same folder.

    folder: None for `places_folder()`, asked when it is needed. Where nothing can be written, servers do not know of
    each other, and each bounds only itself.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from cnnviz.processes import MachinePlaces
    >>> with TemporaryDirectory() as folder:
    ...     here, there = (MachinePlaces("training", 1, Path(folder)) for _server in range(2))
    ...     place = here.take()
    ...     print(there.take(), there.taken)
    ...     place.release()
    ...     print(there.taken)
    None 1
    0
    """

    def __init__(self, kind: str, most: int, folder: Path | None = None) -> None:
        self.kind, self.most, self._folder, self._lock = kind, most, folder, threading.Lock()

    def take(self) -> Place | None:
        """A place; None where all are taken."""
        with self._lock:
            for number in (*range(self.most), *range(self.most)):  # twice: who counts holds each for a moment
                try:
                    file = self._open(number)
                except OSError as error:
                    _LOG.warning("places cannot be shared with other servers (%s): this one bounds itself", error)
                    return Place(None)
                if _is_held(file):
                    return Place(file)
                file.close()
        return None

    @property
    def taken(self) -> int:
        """How many of them are held now, by whichever server."""
        with self._lock:
            return sum(self._is_taken(number) for number in range(self.most))

    @property
    def has_free(self) -> bool:
        """Whether one could be taken now."""
        return self.taken < self.most

    def _is_taken(self, number: int) -> bool:
        with suppress(OSError), self._open(number) as file:
            return not _is_held(file)
        return False

    def _open(self, number: int) -> IO[Any]:
        folder = self._folder or places_folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._folder is None and not os.environ.get(FOLDER):
            _demand_own(folder)
        return (folder / f"{self.kind}-{number}").open("ab")


def _demand_own(folder: Path) -> None:
    """Everybody may make a folder of any name in the machine's temporary one, with links in it to our files.

    Raises: OSError for a folder that is not this user's, or that others may write to.
    """
    if not hasattr(os, "getuid"):  # on Windows the temporary folder is the user's own
        return
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise OSError(f"{folder} is not a folder of this user alone")


def _is_held(file: IO[Any]) -> bool:
    """Whether it is ours now."""
    try:
        lock_file(file)
    except OSError:
        return False
    return True
