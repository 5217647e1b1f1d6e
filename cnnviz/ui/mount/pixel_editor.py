"""The network's input, pixel by pixel under the hand (as a Streamlit element)."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz.ui.mount.keep_state import keep_state
from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "pixel_editor"
_mount = st.components.v2.component("cnnviz_pixels", js=join_modules(_HERE), css=read_css(_HERE))


def mount_pixel_editor(packet: bytes, *, key: str) -> None:
    """Show a `pixels_packet`. What was set is read with `reported_pixels(key)`, before the next mount."""
    _mount(key=key, data=packet, on_pixels_change=keep_state, height="content")


def reported_pixels(key: str) -> dict[str, Any]:
    """What the browser reported last, unchecked: `token` and `cells`; nothing before the first report."""
    said = (st.session_state.get(key) or {}).get("pixels")
    return said if isinstance(said, dict) else {}
