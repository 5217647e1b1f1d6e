"""What the first question of a process would have to wait for is loaded beforehand, once the first page stands."""

from __future__ import annotations

import importlib
from contextlib import suppress
from threading import Timer

LATER_S = 12  # the first page needs the processor more
NEEDED = ("torch._dynamo", "captum.attr", "scipy.stats")  # PyTorch loads its compiler to record a first network


def load_ahead(later_s: float = LATER_S) -> Timer:
    """Load them in a moment, beside what else goes on; who asks before that waits as long as without it.

    >>> from cnnviz.ui.app.load_ahead import load_ahead
    >>> load_ahead(later_s=0).join()
    """
    timer = Timer(later_s, _load)
    timer.daemon = True
    timer.start()
    return timer


def _load() -> None:
    for name in NEEDED:
        with suppress(ImportError):  # whoever needs it says so
            importlib.import_module(name)
