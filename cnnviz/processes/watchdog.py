"""The child's side: it ends with its input, or when nobody has asked for long, so that none outlives whoever asks.

Refuses to know: what the process does.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from typing import NoReturn

UNWATCHED = 75  # exit code of a process that nobody asks any more
MISTAKE = 1  # exit code of one that could not go on listening
LOOK_S = 0.5
NICE = 5


def make_room() -> None:
    """Let whoever clicks come first: a lower priority for this process, from now on; nothing where a system has none.

    >>> from unittest.mock import patch
    >>> from cnnviz.processes import make_room
    >>> with patch("os.nice", create=True) as nice:  # not for the process that tries this
    ...     make_room()
    >>> nice.call_args.args
    (5,)
    """
    if hasattr(os, "nice"):
        os.nice(NICE)


def leave(code: int) -> NoReturn:
    """End the process here and now, whatever its other threads do."""
    sys.stderr.flush()
    os._exit(code)


class Watchdog(threading.Thread):
    """Listens to the input: whatever comes is a look, its end is the end of the process.

    patience_s: without a look for so many seconds the process ends; None: whoever made it decides, by `silent_s`.
    It listens once it is started (`start()`), as a thread of its own.

    >>> from cnnviz.processes import Watchdog
    >>> watchdog = Watchdog(patience_s=20)
    >>> watchdog.heard()
    >>> watchdog.silent_s < 20
    True
    """

    told: tuple[type[Exception], ...] = (OSError,)  # errors of which the sentence is enough

    def __init__(self, patience_s: float | None = None) -> None:
        super().__init__(name="listener", daemon=True)
        self._patience_s, self._heard = patience_s, time.monotonic()

    @property
    def silent_s(self) -> float:
        """How long nobody has asked."""
        return time.monotonic() - self._heard

    def heard(self) -> None:
        """Somebody looks."""
        self._heard = time.monotonic()

    def listen(self) -> None:
        """Hear until the input ends; each byte is a look."""
        while os.read(0, 4096):
            self.heard()

    def run(self) -> None:
        """Until the other side has gone: then there is nothing left to do for this process, nor after a mistake."""
        if self._patience_s is not None:
            threading.Thread(target=self._wait, args=(self._patience_s,), name="patience", daemon=True).start()
        code = MISTAKE
        try:
            self.listen()
            code = 0
        except BrokenPipeError:  # gone in the middle of an answer
            code = 0
        except Exception as error:
            if isinstance(error, self.told):
                print(error, file=sys.stderr)
            else:
                traceback.print_exc()
        finally:
            leave(code)

    def _wait(self, patience_s: float) -> None:
        while self.silent_s <= patience_s:
            time.sleep(LOOK_S)
        leave(UNWATCHED)
