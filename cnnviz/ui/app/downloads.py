"""A set of pictures that is missed here is offered here: a button that says how large it is, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from cnnviz.data.datasets import MNIST_SPLITS, DataMissing, mnist
from cnnviz.data.image_sets import SetKey, fetch_cifar, set_title
from cnnviz.i18n import _
from cnnviz.ui.app.buttons import press_button

SIZES = {SetKey.MNIST: 12, SetKey.BIRDS: 170}  # MB that travel: packed


def offer_download(key: SetKey, button: str, then: Callable[[], None]) -> None:
    """A button that fetches a set which can be fetched, `then` does what is next; what went wrong is said at it."""
    if key not in SIZES:
        return
    words = _("Download {title}, {size} MB", title=set_title(key), size=SIZES[key])
    press_button(
        words, partial(_fetch, key), key=button, refusals=(DataMissing,), is_long=True, then=then,
        icon=":material/download:",
    )  # fmt: skip


def _fetch(key: SetKey) -> None:
    """Raises: DataMissing, one sentence."""
    if key is SetKey.BIRDS:
        bar = st.progress(0.0, _("Downloading …"))
        fetch_cifar(progress_on(bar, _("{done} of {total} bytes")))
    else:
        with st.spinner(_("Downloading …"), show_time=True):
            for split in MNIST_SPLITS:
                mnist(split, download=True)


def progress_on(bar: Any, words: str) -> Callable[[int, int], None]:
    """Progress on a bar, in whole percents."""
    shown = [-1]

    def watch(done: int, total: int) -> None:
        percent = 100 * done // max(total, 1)
        if percent != shown[0]:
            shown[0] = percent
            bar.progress(min(percent, 100), words.format(done=f"{done:,}", total=f"{total:,}"))

    return watch
