"""The table of a Draw page on the screen: pad, steps and shelf on the left, the network on the right."""

from __future__ import annotations

import streamlit as st

from cnnviz.ui.app.browser_store import bring_back, keep
from cnnviz.ui.app.errors import kindly
from cnnviz.ui.app.plain_text import show_error
from cnnviz.ui.draw.draw_state import Workbench
from cnnviz.ui.draw.inputs import choose_source
from cnnviz.ui.mount.explorer import explorer
from cnnviz.ui.mount.preprocessing import stages


@st.fragment
@kindly
def show_table(bench: Workbench, hint: str = "") -> None:
    """The part that answers to pad, steps, shelf and explorer, without the rest of the page.

    `hint` stands below the shelf: what its buttons and the explorer's do.
    """
    bring_back(bench.keepsake)
    left, right = st.container(key="table").columns([1, 3.4], gap="large")
    with left:
        on_table = bench.read()
        if on_table.problem:
            show_error(on_table.problem)
    shown = bench.look(on_table)
    with left:
        stages(shown.steps, key=bench.stages)
        choose_source(bench)
        if hint:
            st.caption(hint)
    with right:
        explorer(shown.explorer, key=bench.explorer)
    keep(bench.keepsake)
