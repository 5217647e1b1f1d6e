"""From other pages to small examples, and from a small example to the page that goes on from there.

Refuses to know: what an example shows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from cnnviz.i18n import _
from cnnviz.small_examples.examples import find_small_example
from cnnviz.ui.app.buttons import press_button
from cnnviz.ui.app.turning_pages import turn_to
from cnnviz.ui.lab.lab_state import lay_down_example

SMALL_EXAMPLES_PAGE = "pages/small_examples.py"
LABORATORY, EXPERIMENTS, TRAIN, STEP = (
    f"pages/{name}.py" for name in ("laboratory", "experiments", "train", "one_step")
)
Further = tuple[Callable[[], str], str, dict[str, str]]  # label, page, query
FURTHER: dict[str, tuple[Further, ...]] = {
    "conv1d": (
        (lambda: _("Every setting and every cell: 1-D in the laboratory"), LABORATORY, {"part": "nd"}),
        (lambda: _("In two dimensions: the laboratory"), LABORATORY, {"example": "cross-correlation"}),
    ),
    "conv3d": ((lambda: _("Every setting and every cell: 3-D in the laboratory"), LABORATORY, {"part": "nd"}),),
    "stride-or-pooling": (
        (lambda: _("Uneven strides in the laboratory"), LABORATORY, {"example": "strides-3-2"}),
        (lambda: _("Max pooling in the laboratory"), LABORATORY, {"example": "max-pooling"}),
    ),
    "odd-kernels": ((lambda: _("An even kernel with “same” in the laboratory"), LABORATORY, {"example": "even-same"}),),
    "more-channels": ((lambda: _("16 kernels in the laboratory"), LABORATORY, {"example": "sixteen-kernels-padded"}),),
    "why-padding": ((lambda: _("Output sizes in the laboratory"), LABORATORY, {"example": "size-keep-3"}),),
    "zero-grad": ((lambda: _("One training step, number by number"), STEP, {}),),
    "mini-batch": ((lambda: _("Measure batch sizes on this machine"), EXPERIMENTS, {"lesson": "batch"}),),
    "mistake-fourier": ((lambda: _("Three ways to compute, in the laboratory"), LABORATORY, {"part": "ways"}),),
    "mistake-sum": ((lambda: _("This window in the laboratory"), LABORATORY, {"example": "three-channels"}),),
    "mistake-bias": ((lambda: _("A bias in the laboratory"), LABORATORY, {"example": "cross-correlation"}),),
    "l2-penalty": (
        (lambda: _("Train with an L2 penalty: Train live"), TRAIN, {"network": "birds_wide", "l2": "0.001"}),
        (lambda: _("What helps against overfitting, on this machine"), EXPERIMENTS, {"lesson": "overfitting"}),
    ),
    "mistake-last-batch": ((lambda: _("Loss per step and per epoch: Train live"), TRAIN, {}),),
}  # fmt: skip


def offer_further(key: str) -> None:
    """Where one goes on from this example."""
    for number, (label, page, query) in enumerate(FURTHER.get(key, ())):
        _offer(label(), page, query, key=f"small_further_{number}")
    if key.startswith("mistake-"):
        _offer(_("One more: softmax before nll_loss"), EXPERIMENTS, {"lesson": "softmax"}, key="small_softmax")


def _offer(label: str, page: str, query: dict[str, str], *, key: str) -> None:
    press_button(label, partial(_go_on, page, query), key=key, icon=":material/arrow_forward:", type="tertiary")


def _go_on(page: str, query: dict[str, str]) -> None:
    if page == LABORATORY and "example" in query:
        lay_down_example(query["example"])
    turn_to(page, query)


def offer_small_examples(*keys: str) -> None:
    """A row of buttons, one for each of these examples, for the foot of another page."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="to_small_examples"):
        st.markdown(_("Small examples:"), width="content")
        for key in keys:
            label = find_small_example(key).describe()
            press_button(
                label, partial(turn_to, SMALL_EXAMPLES_PAGE, {"example": key}), key=f"to_{key}", type="tertiary",
                icon=":material/calculate:",
            )  # fmt: skip
