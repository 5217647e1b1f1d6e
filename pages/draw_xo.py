"""Draw an X or an O and see the whole network; below, how well it reads other people's, and which are hardest."""

import streamlit as st

from cnnviz.messages import _
from cnnviz.ui import xo_figures
from cnnviz.ui.draw_table import show_table
from cnnviz.ui.kindness import kindly
from cnnviz.ui.style import page_style
from cnnviz.ui.workbench import LETTERS


def gallery(hardest: tuple[xo_figures.ShownCase, ...]) -> None:
    """Each drawing as a picture, and a button that lays it on the table."""
    with st.container(horizontal=True, key="hardest"):
        for shown in hardest:
            with st.container(width=128):
                st.image(shown.picture, width=112)
                st.caption(shown.words)
                st.button(
                    _("Look inside"), key=f"hard_{shown.number}", on_click=LETTERS.lay_known, args=(shown.number,)
                )


@kindly
def published() -> None:
    """The figures of writers that training never saw, and every drawing that was not read."""
    st.markdown("###### " + _("How well does it read other people’s?"))
    with st.container(horizontal=True):
        for figure in xo_figures.headline():
            st.metric(figure.name, figure.text, help=figure.note, border=True, width=300)
    st.caption(xo_figures.made())
    st.markdown("###### " + _("The hardest drawings for it"))
    st.caption(xo_figures.about_hardest())
    st.caption(xo_figures.about_pictures())
    if found := xo_figures.hardest():
        gallery(found)
    else:
        st.dataframe(xo_figures.hardest_in_words(), hide_index=True, width="content", height="content")
    st.markdown("###### " + _("Ink that is neither"))
    st.markdown(xo_figures.about_other_ink())
    st.dataframe(xo_figures.other_ink(), hide_index=True, width="content")


page_style()
with st.container(key="headline"):
    st.markdown("##### " + _("Draw an X or an O, and see every number behind the answer"))
LETTERS.open()
show_table(LETTERS)
st.page_link("pages/train_xo.py", label=_("Teach a network of your own"), icon=":material/model_training:")
published()
