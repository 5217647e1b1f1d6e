"""One training step as a walk: forward, loss, backwards layer by layer, update (as a Streamlit element).

What it shows is decided here and in `packet`; stepping, hovering and the pictures of a sum happen in the browser.
"""

from __future__ import annotations

import streamlit as st

from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "training_step"
_mount = st.components.v2.component("cnnviz_motion", js=join_modules(_HERE), css=read_css(_HERE))


def mount_training_step(packet: bytes, *, key: str) -> None:
    """Show a `training_step_packet`. Where the walk stands is kept in the browser; nothing comes back."""
    _mount(key=key, data=packet, height="content")
