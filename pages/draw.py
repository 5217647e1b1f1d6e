"""Draw a digit and see the whole network: pad and steps on the left, the network on the right."""

import streamlit as st

from cnnviz.messages import _
from cnnviz.ui.components.explorer import explorer
from cnnviz.ui.components.stages import stages
from cnnviz.ui.kindness import kindly
from cnnviz.ui.sources import choose_source
from cnnviz.ui.style import page_style
from cnnviz.ui.workbench import DIGITS


@st.fragment
@kindly
def table() -> None:
    """The part that answers to pad, steps, shelf and explorer, without the rest of the page."""
    left, right = st.container(key="table").columns([1, 3.4], gap="large")
    with left:
        on_table = DIGITS.read()
        if on_table.problem:
            st.error(on_table.problem, icon=":material/error:")
    shown = DIGITS.look(on_table)
    with left:
        stages(shown.steps, key=DIGITS.stages)
        choose_source(DIGITS)
    with right:
        explorer(shown.explorer, key=DIGITS.explorer)


page_style()
with st.container(key="headline"):
    st.markdown("##### " + _("Draw a digit, and see every number behind the answer"))
DIGITS.open()
table()
