"""Pictures of numbers under one cursor (as a Streamlit element): hovering happens in the browser, nothing returns."""

from __future__ import annotations

import streamlit as st

from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "attribution"
_mount = st.components.v2.component("cnnviz_why", js=join_modules(_HERE), css=read_css(_HERE))


def mount_attribution(packet: bytes, *, key: str) -> None:
    """Show a `pictures_packet`, or an `attribution_packet`."""
    _mount(key=key, data=packet, height="content")
