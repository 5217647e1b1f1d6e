"""Presses that count where they began, on all of the page (as a Streamlit element)."""

from __future__ import annotations

import streamlit as st

from cnnviz.web.assets import COMPONENTS, join_modules

KEY = "kept_press"
_mount = st.components.v2.component("cnnviz_kept_press", js=join_modules(COMPONENTS / "kept_press"))


def mount_kept_press() -> None:
    """Watch over the visitor's presses from now on; it takes no place."""
    _mount(key=KEY, data={}, height="content")
