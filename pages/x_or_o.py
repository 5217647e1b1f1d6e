"""Is it an X or an O? The first lesson: one picture, walked down from its pixels to a verdict."""

import streamlit as st

from cnnviz.messages import _
from cnnviz.ui import lesson
from cnnviz.ui.kindness import kindly
from cnnviz.ui.style import page_style


@st.fragment
@kindly
def walk_down() -> None:
    """The part that answers to the hand, without the rest of the page."""
    lesson.show_lesson()


page_style()
with st.container(key="headline"):
    st.markdown("##### " + _("Is it an X or an O? The first lesson, from pixels to a verdict"))
walk_down()
