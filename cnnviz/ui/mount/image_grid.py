"""Pictures in an even grid, each a button that lays it on a table further up the page (as a Streamlit element).

One small component instead of a dozen native pictures, captions and buttons: even, and cheap in a run of the page.
Refuses to know: what the pictures show, what taking one does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from cnnviz.web.assets import COMPONENTS, join_modules, read_css

_HERE = COMPONENTS / "image_grid"
_mount = st.components.v2.component("cnnviz_gallery", js=join_modules(_HERE), css=read_css(_HERE))


@dataclass(frozen=True)
class GridImage:
    """One picture: its key, its address (`figures.image_strips.png_data_url`), and the words below it."""

    key: str
    address: str
    words: str


def mount_image_grid(
    exhibits: Sequence[GridImage], *, on_take: Callable[[str], None], act: str, leads_to: str, key: str
) -> None:
    """Show `exhibits`; `on_take(key)` runs before the rerun that a click causes.

    `act`: what a click does, in two or three words. `leads_to`: the key of the container where it is seen, which is
    brought in sight.
    In a page: `mount_image_grid(shown, on_take=print, act=_("Look inside"), leads_to="table", key="hardest")`.
    """
    known = {exhibit.key for exhibit in exhibits}

    def taken() -> None:
        choice = (st.session_state.get(key) or {}).get("take")
        if isinstance(choice, str) and choice in known:
            on_take(choice)

    data = {"act": act, "leads_to": leads_to, "exhibits": [vars(exhibit) for exhibit in exhibits]}
    _mount(key=key, data=data, on_take_change=taken, height="content")
