"""Where all places of the machine are taken: a page says so, and begins by itself as soon as one is free.

Who waits holds nothing: a tab that is closed waits no more. Refuses to know: what is begun, and how.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnnviz.i18n import _
from cnnviz.ui.app.plain_text import show_warning

LOOK_S = 2.0  # between two questions whether a place is free
SESSION = "cnnviz.waiting"  # in the session: who waits, by name, and with what wish


def wait_with(name: str, wish: Any) -> None:
    """The wish (plain values) is tried again when a place is free. name: of the part of a page that waits."""
    _waits()[name] = wish


def stop_waiting(name: str) -> None:
    """Nothing is begun by itself."""
    _waits().pop(name, None)


def wish_of(name: str) -> Any:
    """What is waited with; None where nobody waits."""
    return _waits().get(name)


def place_sentence() -> str:
    """What there is to say to whoever waits for a place to train at."""
    return _("All places for training are taken on this machine. Your run starts by itself as soon as one is free.")


def show_waiting(name: str, said: str, has_place: Callable[[], bool], begin: Callable[[Any], None]) -> None:
    """What one waits for, and the way out; nothing where nobody waits.

    has_place: whether something could begin just now. begin: gets the wish then; afterwards the page runs anew, as if
    its button had just been pressed.
    """
    if wish_of(name) is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{name}_waiting"):
        show_warning(said, icon=":material/hourglass:")
        st.button(_("Do not wait"), key=f"{name}_no_wait", on_click=stop_waiting, args=(name,), icon=":material/close:")
    st.fragment(_look, run_every=LOOK_S)(name, has_place, begin)


def _look(name: str, has_place: Callable[[], bool], begin: Callable[[Any], None]) -> None:
    if wish_of(name) is not None and has_place():
        begin(_waits().pop(name))
        st.rerun()


def _waits() -> dict[str, Any]:
    kept: dict[str, Any] = st.session_state.setdefault(SESSION, {})
    return kept
