"""The language of the document, told to the browser (as a Streamlit element)."""

from __future__ import annotations

import streamlit as st

from cnnviz.web.assets import COMPONENTS, join_modules

_mount = st.components.v2.component("cnnviz_language", js=join_modules(COMPONENTS / "document_language"))


def mount_document_language(language: str) -> None:
    """Mark the document as written in `language`, a code such as "de"."""
    _mount(key="document_language", data={"language": language}, height="content")
