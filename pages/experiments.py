"""Four short experiments, each run when asked for: what do batch size, regularisers, the loss, a bend do?"""

import streamlit as st

from cnnviz.experiments.registry import LessonKind
from cnnviz.i18n import _
from cnnviz.ui.app.errors import kindly
from cnnviz.ui.app.style import headline, page_style
from cnnviz.ui.experiments import batch_size, overfitting, page, softmax, xor

LESSONS = {
    LessonKind.BATCH: batch_size.LESSON,
    LessonKind.OVERFITTING: overfitting.LESSON,
    LessonKind.SOFTMAX: softmax.LESSON,
    LessonKind.XOR: xor.LESSON,
}

page_style()
headline(_("Four experiments: run each here, then read what it means"))
kind = page.choose_lesson()


@kindly
def lesson() -> None:
    """The part that asks what is new, without the rest of the page."""
    page.show_lesson(kind, LESSONS[kind])


st.fragment(lesson, run_every=page.poll_every(kind))()
