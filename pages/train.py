"""Train a network in front of the reader: choose, start, watch, scrub through time, compare."""

import streamlit as st

from cnnviz.i18n import _
from cnnviz.ui.app.errors import show_errors
from cnnviz.ui.app.style import headline, page_style
from cnnviz.ui.experiments.links import offer_experiments
from cnnviz.ui.small_examples.links import offer_small_examples
from cnnviz.ui.train import page as training
from cnnviz.ui.train.look_inside import look_inside


@st.fragment
@show_errors
def bench() -> None:
    """The part that answers to the widgets, without the rest of the page."""
    training.follow_runs()
    training.show_setup()
    training.show_runs(look_inside)
    training.show_files()


page_style()
headline(_("Train a network, and watch it learn"))
training.open_bench()
bench()
offer_experiments()
offer_small_examples(
    "zero-grad", "accuracy", "mini-batch", "printed", "l2-penalty", "first-picture", "mistake-last-batch"
)
