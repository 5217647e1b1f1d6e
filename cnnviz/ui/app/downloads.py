"""A set of pictures that is missed here is offered here: a button that says how large it is, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnnviz.data.datasets import mnist
from cnnviz.data.image_sets import SetKey, fetch_cifar, set_title
from cnnviz.i18n import _

SIZES = {SetKey.MNIST: 12, SetKey.BIRDS: 170}  # MB that travel: packed
MNIST_SPLITS = ("train", "test")


def offer_download(key: SetKey, button: str) -> bool:
    """A button that fetches a set which can be fetched; whether it has just been fetched.

    Raises: DataMissing, one sentence, where that does not succeed.
    """
    if key not in SIZES:
        return False
    words = _("Download {title}, {size} MB", title=set_title(key), size=SIZES[key])
    if not st.button(words, icon=":material/download:", key=button):
        return False
    if key is SetKey.BIRDS:
        bar = st.progress(0.0, _("Downloading …"))
        fetch_cifar(progress_on(bar, _("{done} of {total} bytes")))
    else:
        with st.spinner(_("Downloading …"), show_time=True):
            for split in MNIST_SPLITS:
                mnist(split, download=True)
    return True


def progress_on(bar: Any, words: str) -> Callable[[int, int], None]:
    """Progress on a bar, in whole percents."""
    shown = [-1]

    def watch(done: int, total: int) -> None:
        percent = 100 * done // max(total, 1)
        if percent != shown[0]:
            shown[0] = percent
            bar.progress(min(percent, 100), words.format(done=f"{done:,}", total=f"{total:,}"))

    return watch
