"""Is it an X or an O? The first lesson: one picture, walked down from its pixels to a verdict."""

import streamlit as st

from cnnviz.i18n import _
from cnnviz.ui import lesson
from cnnviz.ui.keeping import bring_back, keep
from cnnviz.ui.kindness import kindly
from cnnviz.ui.lesson_keepsake import KEEPSAKE
from cnnviz.ui.style import headline, page_style


@st.fragment
@kindly
def walk_down() -> None:
    """The part that answers to the hand, without the rest of the page."""
    bring_back(KEEPSAKE)
    lesson.show_lesson()
    keep(KEEPSAKE)


page_style()
headline(_("Is it an X or an O? The first lesson, from pixels to a verdict"))
walk_down()
