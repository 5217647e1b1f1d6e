"""The few rules that make every page wide, calm and heard, and its headings: one of the first level, others below."""

from pathlib import Path
from typing import Literal

import streamlit as st

from cnnviz.figures.theme import PALETTES, Palette
from cnnviz.ui.mount.kept_press import mount_kept_press

_CSS = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


def page_style() -> None:
    """Apply the rules to the page that is being drawn; menus and dialogs, which stand beside it, share its theme.

    From then on a press counts where it began, whatever the run moves meanwhile.
    """
    theme = "dark" if st.context.theme.type == "dark" else "light"
    st.html(f"<style>:root {{ color-scheme: {theme}; }}\n{_CSS}</style>")
    mount_kept_press()


def current_palette() -> Palette:
    """The colours of the theme in which this visitor sees the page."""
    return PALETTES["dark" if st.context.theme.type == "dark" else "light"]


def headline(words: str, width: Literal["stretch", "content"] = "stretch") -> None:
    """The page's one heading of the first level; a phone's screen reader hears it, the small screen does without."""
    with st.container(key="headline", width=width):
        st.markdown(f"# {words}")


def section(words: str, level: Literal[2, 3] = 2) -> None:
    """The heading of a part of the page, or of a part of a part."""
    st.markdown(f"{'#' * level} {words}")
