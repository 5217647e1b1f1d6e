"""The bench of the laboratory: picture, kernel, settings, result, the sum behind every cell (as a Streamlit element).

What it shows Python computes for every change (`ui.lab.answers`); the page hears of it when the hand rests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnnviz.ui.mount.component_state import keep_state, reported_of
from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "conv_lab"
_CSS = "".join(read_css(_HERE.parent / name) for name in ("kernel_editor", "walk", "conv_lab"))
_mount = st.components.v2.component("cnnviz_laboratory", js=join_modules(_HERE), css=_CSS)


def mount_conv_lab(packet: bytes, *, key: str, on_part: Callable[[str], None]) -> None:
    """Show a packet (`ui.lab.answers.lab_packet`). What the reader made is read with `made`.

    `on_part(part)` runs where an example leads to another part of the page.
    """

    def turned() -> None:
        part = (st.session_state.get(key) or {}).get("part")
        if isinstance(part, str):
            on_part(part)

    _mount(
        key=key,
        data=packet,
        on_made_change=keep_state,
        on_view_change=keep_state,
        on_part_change=turned,
        height="content",
    )


def made(key: str, token: int) -> dict[str, Any] | None:
    """The setup that the browser made last of what was laid down as `token`, a record, unchecked; None for none."""
    return reported_of(key, token).get("setup")


def chosen(key: str) -> Any:
    """Which tabs and switches the browser said last are chosen, unchecked; None before the first report."""
    return (st.session_state.get(key) or {}).get("view")
