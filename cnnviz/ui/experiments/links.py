"""From an experiment to the page "Train live" with everything set up, and from there to the experiments.

Refuses to know: what an experiment shows, how a training runs.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from cnnviz.experiments.registry import ExperimentKind
from cnnviz.i18n import _
from cnnviz.ui.app.buttons import press_button
from cnnviz.ui.app.turning_pages import turn_to
from cnnviz.ui.train.session import open_session, take
from cnnviz.ui.train.setup import TrainSetup

TRAIN, EXPERIMENTS = "pages/train.py", "pages/experiments.py"


def offer_training(setup: TrainSetup, label: str) -> None:
    """A button that sets a training up on the page "Train live", and opens it."""
    press_button(
        label, partial(_set_up, setup), key="to_training", icon=":material/model_training:", type="tertiary"
    )  # fmt: skip


def _set_up(setup: TrainSetup) -> None:
    open_session()
    take(setup, afresh=True)
    turn_to(TRAIN)


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
            press_button(
                title, partial(turn_to, EXPERIMENTS, {"lesson": kind.value}), key=f"to_{kind.value}", type="tertiary",
                icon=":material/science:",
            )  # fmt: skip
