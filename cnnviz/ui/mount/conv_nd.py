"""Convolution along one axis and three in numbers (as a Streamlit element).

What it shows Python computes for every change (`ui.lab.nd_answers`); the page hears of it when the hand rests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "conv_nd"
_mount = st.components.v2.component("cnnviz_conv_nd", js=join_modules(_HERE), css=read_css(_HERE))


def mount_conv_nd(packet: bytes, *, key: str, on_made: Callable[[Any], None]) -> None:
    """Show a packet (`ui.lab.nd_answers.nd_packet`); `on_made(record)` runs when the hand rests, unchecked."""

    def rested() -> None:
        on_made((st.session_state.get(key) or {}).get("made"))

    _mount(key=key, data=packet, on_made_change=rested, height="content")
