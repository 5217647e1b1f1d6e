"""Is it an X or an O? The first lesson: one picture, walked down from its pixels to a verdict."""

import streamlit as st

from cnnviz.i18n import _
from cnnviz.ui.app.browser_store import restore_stored, store_state
from cnnviz.ui.app.errors import show_errors
from cnnviz.ui.app.style import headline, page_style
from cnnviz.ui.lesson import lesson_state
from cnnviz.ui.lesson.stored import KEEPSAKE


@st.fragment
@show_errors
def walk_down() -> None:
    """The part that answers to the hand, without the rest of the page."""
    restore_stored(KEEPSAKE)
    lesson_state.show_lesson()
    store_state(KEEPSAKE)


page_style()
headline(_("Is it an X or an O? The first lesson, from pixels to a prediction"))
walk_down()
