"""From an experiment to the page "Train live" with everything set up, and from there to the experiments.

Refuses to know: what an experiment shows, how a training runs.
"""

from __future__ import annotations

import streamlit as st

from cnnviz.experiments.registry import ExperimentKind
from cnnviz.i18n import _
from cnnviz.ui.train.session import open_session, take
from cnnviz.ui.train.setup import TrainSetup

TRAIN, EXPERIMENTS = "pages/train.py", "pages/experiments.py"


def offer_training(setup: TrainSetup, label: str) -> None:
    """A button that sets a training up on the page "Train live", and opens it."""
    if st.button(label, icon=":material/model_training:", type="tertiary", key="to_training"):
        open_session()
        take(setup, afresh=True)
        st.switch_page(TRAIN)


def offer_experiments() -> None:
    """A row of buttons, one for each experiment, for the foot of the page "Train live"."""
    titles = {
        ExperimentKind.BATCH: _("Which batch size is fastest here?"),
        ExperimentKind.OVERFITTING: _("Overfit on purpose"),
        ExperimentKind.SOFTMAX: _("A famous mistake with softmax"),
        ExperimentKind.XOR: _("Why ReLU at all?"),
    }
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="train_experiments"):
        st.markdown(_("Experiments:"), width="content")
        for kind, title in titles.items():
            if st.button(title, type="tertiary", icon=":material/science:", key=f"to_{kind.value}"):
                st.switch_page(EXPERIMENTS, query_params={"lesson": kind.value})
