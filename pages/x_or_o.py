"""Is it an X or an O? The first lesson: one picture, walked down from its pixels to a verdict."""

import streamlit as st

from cnnviz.i18n import _
from cnnviz.ui.app.browser_store import bring_back, keep
from cnnviz.ui.app.errors import kindly
from cnnviz.ui.app.style import headline, page_style
from cnnviz.ui.lesson import lesson_state
from cnnviz.ui.lesson.stored import KEEPSAKE


@st.fragment
@kindly
def walk_down() -> None:
    """The part that answers to the hand, without the rest of the page."""
    bring_back(KEEPSAKE)
    lesson_state.show_lesson()
    keep(KEEPSAKE)


page_style()
headline(_("Is it an X or an O? The first lesson, from pixels to a verdict"))
walk_down()
