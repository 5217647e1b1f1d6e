"""Four short experiments, each run when asked for: what do batch size, regularisers, the loss, a bend do?"""

import streamlit as st

from cnnviz.experiments.registry import ExperimentKind
from cnnviz.i18n import _
from cnnviz.ui.app.errors import show_errors
from cnnviz.ui.app.style import headline, page_style
from cnnviz.ui.experiments import batch_size, overfitting, page, softmax, xor

LESSONS = {
    ExperimentKind.BATCH: batch_size.LESSON,
    ExperimentKind.OVERFITTING: overfitting.LESSON,
    ExperimentKind.SOFTMAX: softmax.LESSON,
    ExperimentKind.XOR: xor.LESSON,
}

page_style()
headline(_("Four experiments: run each here, then read what it means"))
kind = page.choose_lesson()


@show_errors
def lesson() -> None:
    """The part that asks what is new, without the rest of the page."""
    page.show_lesson(kind, LESSONS[kind])


st.fragment(lesson, run_every=page.poll_every(kind))()
