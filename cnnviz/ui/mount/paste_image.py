"""In a dialog with a field for a file: an image that is pasted is taken like a chosen one (as a Streamlit element)."""

from __future__ import annotations

import streamlit as st

from cnnviz.i18n import _
from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "paste_image"
_mount = st.components.v2.component("cnnviz_paste", js=join_modules(_HERE), css=read_css(_HERE))


def mount_paste_image(*, key: str) -> None:
    """One line that says so; what is pasted comes out of the `st.file_uploader` of the same dialog."""
    _mount(key=key, data={"hint": _("Or paste an image: Ctrl+V, on a Mac ⌘V.")}, height="content")
