"""The editor of a network's layers: a list that one changes, with what follows from it (as a Streamlit element).

What it shows Python computes for every change (`ui.train.network_answers`); the page hears of it when the hand rests.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz.ui.mount.component_state import keep_state, reported_of
from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "network_editor"
_mount = st.components.v2.component("cnnviz_blueprint_editor", js=join_modules(_HERE), css=read_css(_HERE))


def mount_network_editor(packet: dict[str, Any], *, key: str) -> None:
    """Show a packet (`ui.train.network_answers.packet`). What the reader made is read with `made`."""
    _mount(key=key, data=packet, on_made_change=keep_state, on_trouble_change=keep_state, height="content")


def made(key: str, token: int) -> Any:
    """The network that the browser made last of what was laid down as `token`, a record, unchecked; None for none."""
    return reported_of(key, token).get("record")


def trouble(key: str) -> Any:
    """What stands there and is not in `made` (yet): {"is_pending", "sentence"}, unchecked; None where all is well."""
    return (st.session_state.get(key) or {}).get("trouble")
