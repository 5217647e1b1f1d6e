"""The first lesson: one picture, walked down from its pixels to a verdict (as a Streamlit element).

Every number comes from Python (`ui.lesson.answers`), past the run of the page, which hears of it when the hand rests.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz.ui.mount.keep_state import keep_state
from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "lesson"
_CSS = "".join(read_css(folder) for folder in (_HERE.parent / "kernel_editor", _HERE))
_mount = st.components.v2.component("cnnviz_lesson", js=join_modules(_HERE), css=_CSS)


def mount_lesson(packed: bytes, *, key: str) -> None:
    """Show a packet (`ui.lesson.answers.shown_lesson`). What the reader made is read with `made(key)`."""
    _mount(key=key, data=packed, on_made_change=keep_state, height="content")


def made(key: str) -> Any:
    """What the browser reported last: a lesson's record and the chapter, unchecked; None before the first report."""
    return (st.session_state.get(key) or {}).get("made")
