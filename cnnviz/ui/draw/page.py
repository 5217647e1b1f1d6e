"""The table of a Draw page on the screen: pad, steps and shelf on the left, the network on the right."""

from __future__ import annotations

import streamlit as st

from cnnviz.ui.app.browser_store import restore_stored, store_state
from cnnviz.ui.app.errors import show_errors
from cnnviz.ui.app.plain_text import show_error
from cnnviz.ui.draw.draw_state import DrawPageState
from cnnviz.ui.draw.inputs import choose_source
from cnnviz.ui.draw.picture import show_likely, show_picture
from cnnviz.ui.mount.explorer import mount_explorer
from cnnviz.ui.mount.preprocessing import mount_preprocessing
from cnnviz.ui.why.panel import show_why


@st.fragment
@show_errors
def show_draw_page(bench: DrawPageState, hint: str = "") -> None:
    """The part that answers to pad, steps, shelf and explorer, without the rest of the page.

    `hint` stands below the shelf: what its buttons and the explorer's do.
    """
    restore_stored(bench.keepsake)
    left, right = st.container(key="table").columns([1, 3.4], gap="large")
    with left:
        on_table = bench.read()
        if on_table.problem:
            show_error(on_table.problem)
    shown = bench.look(on_table)
    with left:
        if bench.recipe.reads_drawings or not on_table.prepared.stages:
            mount_preprocessing(shown.steps, key=bench.stages)
        else:
            show_picture(on_table.prepared)
        choose_source(bench)
        if not bench.recipe.reads_drawings:
            show_likely(shown.probabilities, bench.recipe)
        if hint:
            st.caption(hint)
    with right:
        mount_explorer(shown.explorer, key=bench.explorer)
    show_why(bench.network, bench.edits, on_table.prepared.image, shown.probabilities, key=f"why{bench.suffix}")
    store_state(bench.keepsake)
