"""The last line of every page, and what the server forgets when a visitor asks for it."""

from __future__ import annotations

import streamlit as st

from cnnviz.ui.mount.footer import mount_footer

FORGOTTEN = "cnnviz.forgotten"


def show_footer(*, has_link: bool) -> None:
    """Mount the footer; the browser begins a session anew after it has asked to forget."""
    mount_footer(has_link=has_link, is_forgotten=bool(st.session_state.get(FORGOTTEN)), on_forget=_forget)


def _forget() -> None:
    """Drop this visitor's runs and what the session holds."""
    from cnnviz.ui.teach import own_network  # imported here: every page has this line, few have runs
    from cnnviz.ui.train import session  # imported here: every page has this line, few have runs
    from cnnviz.ui.train.run_registry import RUNS

    tokens = [
        (st.session_state.get(module.SESSION) or {}).get(name)
        for module in (own_network, session)
        for name in ("run", "kept")
    ]
    for token in tokens:
        RUNS.drop(token)
    for name in list(st.session_state):
        del st.session_state[name]
    st.session_state[FORGOTTEN] = True
