"""Four short experiments, each run when asked for: what do batch size, regularisers, the loss, a bend do?"""

import streamlit as st

from cnnviz.experiments.registry import LessonKind
from cnnviz.i18n import _
from cnnviz.ui import experiments, experiments_batch, experiments_overfitting, experiments_softmax, experiments_xor
from cnnviz.ui.kindness import kindly
from cnnviz.ui.style import headline, page_style

LESSONS = {
    LessonKind.BATCH: experiments_batch.LESSON,
    LessonKind.OVERFITTING: experiments_overfitting.LESSON,
    LessonKind.SOFTMAX: experiments_softmax.LESSON,
    LessonKind.XOR: experiments_xor.LESSON,
}

page_style()
headline(_("Four experiments: run each here, then read what it means"))
kind = experiments.choose_lesson()


@kindly
def lesson() -> None:
    """The part that asks what is new, without the rest of the page."""
    experiments.show_lesson(kind, LESSONS[kind])


st.fragment(lesson, run_every=experiments.poll_every(kind))()
