"""Teach a network of one's own to tell X from O: draw some, watch it learn, see what it can do."""

import streamlit as st

from cnnviz.i18n import _
from cnnviz.ui import own_drawings, own_network, own_page
from cnnviz.ui.keeping import bring_back, keep
from cnnviz.ui.kindness import kindly
from cnnviz.ui.own_keepsake import KEEPSAKE
from cnnviz.ui.own_results import show_results
from cnnviz.ui.style import headline, page_style


@kindly
def page() -> None:
    """From drawings to a network, in four steps."""
    bring_back(KEEPSAKE)
    what_next = st.container()
    left, right = st.container(key="table").columns([1, 2.4], gap="large")
    with left:
        own_page.heading(1)
        own_drawings.show_pad()
    with right:
        own_drawings.show_collection()
        two, three = st.columns(2, gap="large")
    with two:
        own_page.heading(2)
        own_page.choose_changes()
    with three:
        own_page.heading(3)
        every = own_page.POLL_S if own_network.running() else None
        st.fragment(kindly(own_page.show_training), run_every=every)()
    own_page.heading(4)
    show_results()
    own_page.show_files()
    with what_next:  # said last, for what was chosen just now counts
        own_page.say_next()
    keep(KEEPSAKE)


page_style()
headline(_("Teach a network of your own: is it an X or an O?"))
own_network.warm()
page()
with st.container(horizontal=True):
    own_page.offer_look_inside()
    st.page_link("pages/draw_xo.py", label=_("Look into the one that came with the app"), icon=":material/close:")
    st.page_link("pages/train.py", label=_("Train on more, and choose everything"), icon=":material/model_training:")
