"""The network's input, pixel by pixel under the hand (as a Streamlit element)."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz.ui.mount.component_state import keep_state, reported_of
from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "pixel_editor"
_mount = st.components.v2.component("cnnviz_pixels", js=join_modules(_HERE), css=read_css(_HERE))


def mount_pixel_editor(packet: bytes, *, key: str) -> None:
    """Show a `pixels_packet`. What was set is read with `reported_pixels`, before the next mount."""
    _mount(key=key, data=packet, on_pixels_change=keep_state, height="content")


def reported_pixels(key: str, token: str) -> dict[str, Any]:
    """What the browser made last of what was laid down as `token`, unchecked: `cells`, or nothing."""
    return reported_of(key, token, "pixels")
