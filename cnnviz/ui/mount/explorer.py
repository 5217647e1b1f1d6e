"""The explorer: a whole network on one screen, opened map by map (as a Streamlit element).

Mounts the component and keeps what the reader looks at in the session. What it shows is decided
here and in `packet`; hovering, moving and colouring happen in the browser.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz.ui.mount.component_state import keep_state
from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "explorer"
_PARTS = [_HERE, *(_HERE.parent / name for name in ("walk", "kernel_editor", "edits"))]
_mount = st.components.v2.component("cnnviz_explorer", js=join_modules(_HERE), css="".join(map(read_css, _PARTS)))


def mount_explorer(packet: bytes, *, key: str) -> None:
    """Show an `explorer_packet`. What the reader chooses is read with `chosen(key)`, before the next mount."""
    _mount(key=key, data=packet, on_selection_change=keep_state, on_surgery_change=keep_state, height="content")


def chosen(key: str) -> Any:
    """What the browser reported last for the explorer `key`, unchecked; None before the first report."""
    return (st.session_state.get(key) or {}).get("selection")


def reported_surgery(key: str) -> Any:
    """What the browser reported last of the reader's surgery, unchecked; None before the first report."""
    return (st.session_state.get(key) or {}).get("surgery")
