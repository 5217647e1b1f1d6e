"""The first lesson: one picture, walked down from its pixels to a verdict (as a Streamlit element).

Every number comes from Python (`ui.lesson.answers`), past the run of the page, which hears of it when the hand rests.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz.ui.mount.component_state import keep_state, reported_of
from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "lesson"
_CSS = "".join(read_css(folder) for folder in (_HERE.parent / "kernel_editor", _HERE))
_mount = st.components.v2.component("cnnviz_lesson", js=join_modules(_HERE), css=_CSS)


def mount_lesson(packed: bytes, *, key: str) -> None:
    """Show a packet (`ui.lesson.answers.shown_lesson`). What the reader made is read with `made`."""
    _mount(key=key, data=packed, on_made_change=keep_state, height="content")


def made(key: str, token: int) -> dict[str, Any]:
    """What the browser made last of what was laid down as `token`: a lesson and more, unchecked, or nothing."""
    return reported_of(key, token)
