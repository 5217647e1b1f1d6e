"""Where all places for training are taken: the page says so, and starts by itself as soon as one is free.

Who waits holds nothing: a tab that is closed waits no more. Refuses to know: what is started, and how.
"""

from __future__ import annotations

import streamlit as st

from cnnviz.i18n import _
from cnnviz.ui.app.plain_text import show_warning
from cnnviz.ui.train.held import has_place
from cnnviz.ui.train.session import state

LOOK_S = 2.0  # between two questions whether a place is free
WAITS = "waits"  # in the session: the wish that waits


def wait_with(wish: str) -> None:
    """The wish is tried again when a place is free."""
    state()[WAITS] = wish


def stop_waiting() -> None:
    """Nothing is started by itself."""
    state().pop(WAITS, None)


def show_waiting() -> None:
    """What one waits for, and the way out; nothing where nobody waits."""
    if WAITS not in state():
        return
    said = _("All places for training are taken on this machine. Your run starts by itself as soon as one is free.")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="train_waiting"):
        show_warning(said, icon=":material/hourglass:")
        st.button(_("Do not wait"), key="train_no_wait", on_click=stop_waiting, icon=":material/close:")
    st.fragment(_look, run_every=LOOK_S)()


def _look() -> None:
    """Once a place is free, the wish is there again as if the button had just been pressed."""
    if WAITS in state() and has_place():
        state()["wish"] = state().pop(WAITS)
        st.rerun()
