"""Which language a visitor reads: what the link asks for, else the browser's, else English."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit as st

from cnnviz.i18n import LOCALE_DIR, use_language
from cnnviz.ui.mount.document_language import mount_document_language

ENGLISH = "en"


def languages() -> tuple[str, ...]:
    """The codes of the languages that have a catalogue; English is the source and always there."""
    return _translated(LOCALE_DIR)


@lru_cache(maxsize=4)
def _translated(folder: Path) -> tuple[str, ...]:
    """Looked for once: who asks while drawing would wait for the disk."""
    found = {path.parents[1].name for path in folder.glob("*/LC_MESSAGES/cnnviz.mo")}
    return (ENGLISH, *sorted(found - {ENGLISH}))


def tell_browser(language: str) -> None:
    """Mark the document as written in `language`, for screen readers and translators; Streamlit's own says English."""
    if language != ENGLISH:
        mount_document_language(language)


def speak() -> str:
    """Choose the language of this run, and return its code."""
    wishes = [st.query_params.get("lang", ""), (st.context.locale or "").split("-")[0]]
    language = next((wish for wish in wishes if wish in languages()), ENGLISH)
    use_language(language)
    return language
