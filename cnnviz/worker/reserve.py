"""One worker started ahead: loading PyTorch takes seconds, and nobody wants to wait for it at the press of a button.

Refuses to know: who takes a worker, and how many there may be.
"""

from __future__ import annotations

import threading

from cnnviz.worker.worker import Worker


class Reserve:
    """Keeps one worker warm. Example: `reserve = Reserve()`; `worker = reserve.taken()`; `reserve.close()`."""

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads
        self._lock = threading.Lock()
        self._spare: Worker | None = None

    def warm(self) -> None:
        """Start the spare one, where there is none."""
        with self._lock:
            if self._spare is None or not self._spare.is_alive:
                self._spare = Worker(self._threads)

    def taken(self) -> Worker:
        """The warm worker, for the caller to close; another one is not started before `warm` is called again."""
        with self._lock:
            spare, self._spare = self._spare, None
        return spare if spare is not None and spare.is_alive else Worker(self._threads)

    def close(self) -> None:
        """End the spare one."""
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None:
            spare.close()
