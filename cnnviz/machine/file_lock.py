"""Locks on open files: the system takes them back with their process, however that ends, SIGKILL included."""

from __future__ import annotations

import os
from typing import IO, Any


def lock_file(file: IO[Any] | int) -> None:
    """Hold a file, or what a handle stands for, until it is closed.

    Raises: OSError, at once, where another process holds it.

    >>> from tempfile import TemporaryFile
    >>> from cnnviz.machine.file_lock import lock_file
    >>> with TemporaryFile() as file:
    ...     lock_file(file)
    """
    if os.name == "nt":
        import msvcrt

        handle = file if isinstance(file, int) else file.fileno()
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
