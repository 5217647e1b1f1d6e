"""Draw a digit and see the whole network: pad and steps on the left, the network on the right."""

import streamlit as st

from cnnviz.messages import _
from cnnviz.ui import workbench
from cnnviz.ui.components.explorer import explorer
from cnnviz.ui.components.stages import stages
from cnnviz.ui.kindness import kindly
from cnnviz.ui.sources import choose_source
from cnnviz.ui.style import page_style


@st.fragment
@kindly
def table() -> None:
    """The part that answers to pad, steps, shelf and explorer, without the rest of the page."""
    left, right = st.container(key="table").columns([1, 3.4], gap="large")
    with left:
        on_table = workbench.read_table()
        if on_table.problem:
            st.error(on_table.problem, icon=":material/error:")
    shown = workbench.look(on_table)
    with left:
        stages(shown.steps, key=workbench.STAGES)
        choose_source()
    with right:
        explorer(shown.explorer, key=workbench.EXPLORER)


page_style()
with st.container(key="headline"):
    st.markdown("##### " + _("Draw a digit, and see every number behind the answer"))
workbench.open_table()
table()
