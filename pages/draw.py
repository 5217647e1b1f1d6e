"""Draw a digit and see the whole network: pad and steps on the left, the network on the right."""

import streamlit as st

from cnnviz.messages import _
from cnnviz.ui import workbench
from cnnviz.ui.caches import trained
from cnnviz.ui.components.explorer import explorer
from cnnviz.ui.components.stages import stages
from cnnviz.ui.kindness import kindly
from cnnviz.ui.sources import choose_source
from cnnviz.ui.style import page_style
from cnnviz.ui.verdict import verdict


@st.fragment
@kindly
def table() -> None:
    """The part that answers while the hand still draws."""
    left, right = st.columns([1, 3.4], gap="large")
    network = trained("mnist")
    with left:
        on_table = workbench.read_table()
        if on_table.problem:
            st.error(on_table.problem, icon=":material/error:")
        stages(on_table.prepared.stages, tuple(workbench.SWITCHES), key=workbench.STAGES)
        choose_source()
    with right:
        trace, view = workbench.look(on_table, network)
        explorer(
            trace,
            view.selection,
            classes=network.recipe.classes,
            verdict=verdict(trace, on_table.prepared, network.manifest),
            link=workbench.address(view),
            token=st.session_state.workbench["token"],
            key=workbench.EXPLORER,
        )


page_style()
with st.container(key="headline"):
    st.markdown("##### " + _("Draw a digit, and see every number behind the answer"))
workbench.open_table()
table()
