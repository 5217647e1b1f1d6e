"""A process that ends with its input, or when nobody has written to it for long: so none outlives whoever asks.

Refuses to know: what the process does.
"""

from __future__ import annotations

import os
import threading
import time

UNWATCHED = 75  # exit code of a process that nobody asks any more
LOOK_S = 0.5


class Listener(threading.Thread):
    """Hears whether somebody still looks: each byte on the input is a look, its end is the end."""

    def __init__(self, patience_s: float) -> None:
        super().__init__(name="listener", daemon=True)
        self._patience_s, self._heard = patience_s, time.monotonic()

    def run(self) -> None:
        """Until the other side has gone."""
        threading.Thread(target=self._watch, name="patience", daemon=True).start()
        while os.read(0, 4096):
            self._heard = time.monotonic()
        os._exit(0)

    def _watch(self) -> None:
        while time.monotonic() - self._heard <= self._patience_s:
            time.sleep(LOOK_S)
        os._exit(UNWATCHED)
