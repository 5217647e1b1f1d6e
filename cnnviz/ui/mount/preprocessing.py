"""The way from ink to input as a row of small pictures, each step with a switch (as a Streamlit element)."""

from __future__ import annotations

import streamlit as st

from cnnviz.ui.mount.component_state import keep_state
from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "preprocessing"
_mount = st.components.v2.component("cnnviz_stages", js=join_modules(_HERE), css=read_css(_HERE))


def mount_preprocessing(packet: bytes, *, key: str) -> None:
    """Show the steps of a `steps_packet` from left to right.

    Which ones the reader has switched off is read with `switched_off(key)`, before the next mount.
    """
    _mount(key=key, data=packet, on_off_change=keep_state, height="content")


def switched_off(key: str) -> frozenset[str] | None:
    """The keys of the steps that the reader has switched off in the row `key`; None before the first switch."""
    reported = (st.session_state.get(key) or {}).get("off")
    return frozenset(name for name in reported if isinstance(name, str)) if isinstance(reported, list) else None
