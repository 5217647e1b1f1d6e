"""The answers of several networks to one drawing, side by side (as a Streamlit element)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "answers"
_mount = st.components.v2.component("cnnviz_answers", js=join_modules(_HERE), css=read_css(_HERE))


def mount_answers(answers: Mapping[str, Any], stamp: Mapping[str, Any], *, key: str) -> None:
    """Show the answers of `compute_answers`; `stamp`: which drawing they are of, as the browser counts."""
    _mount(key=key, data={"answers": dict(answers), "stamp": dict(stamp)}, height="content")
