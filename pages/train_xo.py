"""Teach a network of one's own to tell X from O: draw some, watch it learn, see what it can do."""

import streamlit as st

from cnnviz.i18n import _
from cnnviz.ui.app.browser_store import restore_stored, store_state
from cnnviz.ui.app.errors import show_errors
from cnnviz.ui.app.style import headline, page_style
from cnnviz.ui.teach import drawings, own_network, teach_page
from cnnviz.ui.teach.results import show_results
from cnnviz.ui.teach.stored import KEEPSAKE


@show_errors
def page() -> None:
    """From drawings to a network, in four steps."""
    restore_stored(KEEPSAKE)
    what_next = st.container()
    left, right = st.container(key="table").columns([1, 2.4], gap="large")
    with left:
        teach_page.heading(1)
        drawings.show_pad()
    with right:
        drawings.show_collection()
        two, three = st.columns(2, gap="large")
    with two:
        teach_page.heading(2)
        teach_page.choose_changes()
    with three:
        teach_page.heading(3)
        every = teach_page.POLL_S if own_network.running() else None
        st.fragment(show_errors(teach_page.show_training), run_every=every)()
    teach_page.heading(4)
    show_results()
    teach_page.show_files()
    with what_next:  # said last, for what was chosen just now counts
        teach_page.say_next()
    store_state(KEEPSAKE)


page_style()
headline(_("Teach a network of your own: is it an X or an O?"))
own_network.warm()
page()
with st.container(horizontal=True):
    teach_page.offer_look_inside()
    st.page_link("pages/draw_xo.py", label=_("Look into the one that came with the app"), icon=":material/close:")
    st.page_link("pages/train.py", label=_("Train on more, and choose everything"), icon=":material/model_training:")
