"""The few rules that make every page wide and calm."""

from pathlib import Path

import streamlit as st

_CSS = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


def page_style() -> None:
    """Apply the rules to the page that is being drawn."""
    st.html(f"<style>{_CSS}</style>")
