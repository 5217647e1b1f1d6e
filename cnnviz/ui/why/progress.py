"""A bar that says how far a long computation is, on the page, while it goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from cnnviz.attribution.records import Progress
from cnnviz.figures.theme import format_percent
from cnnviz.i18n import _

QUIET_S = 0.4  # what is done by then needs no bar
BETWEEN_S = 0.1  # between two states of it: each goes to the browser


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Gives the function to be told how much is done, from 0 to 1; the bar goes when the block ends."""
    slot, begun = st.empty(), time.monotonic()
    last = begun + QUIET_S - BETWEEN_S

    def show(done: float) -> None:
        nonlocal last
        if time.monotonic() - last >= BETWEEN_S:
            last = time.monotonic()
            slot.progress(done, _("Running the network: {percent}", percent=format_percent(done, 0)))

    try:
        yield show
    finally:
        slot.empty()
