"""Teach a network of one's own to tell X from O: draw some, watch it learn, see what it can do."""

import streamlit as st

from cnnviz.messages import _
from cnnviz.ui import own_network, own_page
from cnnviz.ui.kindness import kindly
from cnnviz.ui.own_results import show_results
from cnnviz.ui.style import page_style


@kindly
def page() -> None:
    """From drawings to a network, in four steps."""
    st.markdown("###### " + _("1. Draw some X and some O"))
    own_page.show_drawings()
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("###### " + _("2. Make many of a few"))
        own_page.choose_changes()
    with right:
        st.markdown("###### " + _("3. Train"))
        every = own_page.POLL_S if own_network.running() else None
        st.fragment(kindly(own_page.show_training), run_every=every)()
    st.markdown("###### " + _("4. See what it learned, and draw something for it"))
    show_results()
    own_page.show_files()


page_style()
with st.container(key="headline"):
    st.markdown("##### " + _("Teach a network of your own: is it an X or an O?"))
own_network.warm()
page()
