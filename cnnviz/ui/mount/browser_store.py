"""A keeper: one text of a visitor's, kept in their browser over reloads and new servers (as a Streamlit element)."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz.ui.mount.component_state import keep_state
from cnnviz.web.assets import COMPONENTS, join_modules

_HERE = COMPONENTS / "browser_store"
_mount = st.components.v2.component("cnnviz_keeper", js=join_modules(_HERE))


def mount_browser_store(data: dict[str, Any], *, key: str) -> None:
    """Mount it: `data` asks what is kept ("asks") and says what to keep ("mark", "text")."""
    _mount(key=key, data=data, on_found_change=keep_state, on_lacks_change=keep_state, height="content")


def stored_text(key: str) -> Any:
    """What the browser said it had kept, unchecked: a session and a text; None before it answers."""
    return (st.session_state.get(key) or {}).get("found")


def is_missing(key: str) -> Any:
    """The text that the browser misses, unchecked: a session and a mark; None where it misses none."""
    return (st.session_state.get(key) or {}).get("lacks")
