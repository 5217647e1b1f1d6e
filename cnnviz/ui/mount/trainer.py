"""Training, watched: curves, kernels, maps, answers and mistakes of one run or two (as a Streamlit element).

The browser asks the short way how the runs are (`ui.train.answers`); the page only says which runs there are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnnviz.ui.mount.component_state import keep_state
from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "trainer"
_mount = st.components.v2.component("cnnviz_trainer", js=join_modules(_HERE), css=read_css(_HERE))


def mount_trainer(packet: bytes, *, key: str, on_inside: Callable[[Any], None]) -> None:
    """Show a packet (`trainer_packet`). Which runs the browser holds is read with `held(key)`.

    on_inside: called back with what "Look inside" was pressed for, {"token", "at", "index"}, unchecked.
    """

    def pressed() -> None:
        on_inside((st.session_state.get(key) or {}).get("inside"))

    _mount(key=key, data=packet, on_held_change=keep_state, on_inside_change=pressed, height="content")


def held(key: str) -> Any:
    """The runs as the browser reported them last, {"kept", "run", "aside", "stamp", "turns"}; None at first."""
    return (st.session_state.get(key) or {}).get("held")
