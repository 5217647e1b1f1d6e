"""Draw an X or an O and see the whole network; below, how well it reads other people's, and which are hardest."""

import streamlit as st

from cnnviz.i18n import _
from cnnviz.ui.about.checkpoint_facts import show_checkpoint_facts
from cnnviz.ui.app.errors import show_errors
from cnnviz.ui.app.style import headline, page_style, section
from cnnviz.ui.comparison.choose_comparison import choose_comparison
from cnnviz.ui.comparison.comparison_state import ComparisonState
from cnnviz.ui.draw import xo_figures
from cnnviz.ui.draw.draw_state import LETTERS
from cnnviz.ui.draw.page import show_draw_page
from cnnviz.ui.mount.image_grid import mount_image_grid


def in_figures() -> None:
    """What it reads of writers that training never saw, in three numbers."""
    with st.container(horizontal=True):
        for figure in xo_figures.xo_headline():
            st.metric(figure.name, figure.text, help=figure.note, border=True, width=300)


def the_hardest() -> None:
    """Every drawing that was not read, and the least sure ones: as pictures to look into, else in words."""
    st.markdown(xo_figures.about_hardest())
    st.caption(xo_figures.about_pictures())
    if found := xo_figures.hardest_strips():
        mount_image_grid(
            found,
            on_take=lambda key: LETTERS.lay_known(int(key)),
            act=_("Look inside"),
            leads_to="table",
            key="hardest",
        )
    else:
        st.dataframe(xo_figures.describe_hardest(), hide_index=True, width="content", height="content")


def look_inside(key: str) -> None:
    """Lay the hard drawing of that number on the table."""
    LETTERS.lay_known(int(key))


def neither() -> None:
    """How much ink of other kinds it turns away."""
    st.markdown(xo_figures.about_other_ink())
    st.dataframe(xo_figures.rejected_other_ink(), hide_index=True, width="content")


@show_errors
def published() -> None:
    """What is known of the network that was drawn for: one thing at a time."""
    section(_("Accuracy"))
    parts = {
        _("In numbers"): in_figures,
        _("The hardest drawings"): the_hardest,
        _("Neither X nor O"): neither,
        _("How it was made"): lambda: show_checkpoint_facts(xo_figures.xo_manifest()),
    }
    for tab, show in zip(st.tabs(list(parts)), parts.values(), strict=True):
        with tab:
            show()


page_style()
LETTERS.open()
with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="greeting"):
    headline(_("Draw an X or an O, and see every number behind the answer"), width="content")
    choose_comparison(ComparisonState(LETTERS))
show_draw_page(LETTERS, xo_figures.about_buttons())
st.page_link("pages/train_xo.py", label=_("Teach a network of your own"), icon=":material/model_training:")
published()
