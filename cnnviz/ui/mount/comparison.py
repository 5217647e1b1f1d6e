"""Two traces side by side (as a Streamlit element): mounts the component; what it shows is decided in its packet."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz.ui.mount.component_state import keep_state
from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "comparison"
_PARTS = (_HERE.parent / "explorer", _HERE)
_mount = st.components.v2.component("cnnviz_comparison", js=join_modules(_HERE), css="".join(map(read_css, _PARTS)))


def mount_comparison(packet: bytes, *, key: str) -> None:
    """Show a `comparison_packet`. What the reader opens is read with `opened_map(key)`, before the next mount."""
    _mount(key=key, data=packet, on_selection_change=keep_state, height="content")


def opened_map(key: str) -> Any:
    """What the browser reported last of the comparison `key`, unchecked; None before the first report."""
    return (st.session_state.get(key) or {}).get("selection")
