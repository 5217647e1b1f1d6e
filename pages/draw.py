"""Draw a digit and see the whole network: pad and steps on the left, the network on the right."""

import streamlit as st

from cnnviz.messages import _
from cnnviz.ui.draw_table import show_table
from cnnviz.ui.style import page_style
from cnnviz.ui.workbench import DIGITS

page_style()
with st.container(key="headline"):
    st.markdown("##### " + _("Draw a digit, and see every number behind the answer"))
DIGITS.open()
show_table(DIGITS)
