"""Draw a digit and see the whole network: pad and steps on the left, the network on the right."""

import streamlit as st

from cnnviz.i18n import _
from cnnviz.ui.app.style import headline, page_style
from cnnviz.ui.comparison.choose_comparison import choose_comparison
from cnnviz.ui.comparison.comparison_state import ComparisonState
from cnnviz.ui.draw.chosen_network import NetworkChoice, facts_of
from cnnviz.ui.draw.draw_state import DIGITS
from cnnviz.ui.draw.page import show_draw_page

page_style()
choice = NetworkChoice(DIGITS)
table = choice.open()
with st.container(horizontal=True, vertical_alignment="center", gap="small", key="greeting"):
    headline(_("Draw a digit, and see every number behind the answer"), width="content")
    first_lesson = _("New here? Begin with the first lesson")
    st.page_link("pages/x_or_o.py", label=f":primary[{first_lesson}]", icon=":material/school:", width="content")
    choice.choose()
    choose_comparison(ComparisonState(table))
show_draw_page(table, facts_of(table), beside=choice.beside)
