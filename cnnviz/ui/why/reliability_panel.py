"""The panel "Is the probability right?": how often the network is right where it is as sure as of this drawing."""

from __future__ import annotations

import numpy as np
import streamlit as st

from cnnviz.core.edits import Edits
from cnnviz.data.datasets import DataBroken, DataMissing
from cnnviz.data.image_sets import DataChoice
from cnnviz.evaluation.metrics import Reliability, bin_of, reliability
from cnnviz.figures.reliability import reliability_chart
from cnnviz.figures.theme import format_percent
from cnnviz.i18n import _
from cnnviz.models.decision import softmax
from cnnviz.ui.app.caches import TrainedNetwork, edited_network, trained_network
from cnnviz.ui.app.plain_text import escape_markdown, show_info, show_warning
from cnnviz.ui.app.style import current_palette
from cnnviz.ui.why.panel_choices import PanelChoices
from cnnviz.ui.why.reliability_answers import LabelledScores, scores_of_test_images
from cnnviz.ui.why.why_answers import scores_of

COLDEST, HOTTEST = 0.2, 5.0


def show_reliability(
    network: str, edits: Edits, image: np.ndarray, own: DataChoice | None, choices: PanelChoices, *, key: str
) -> None:
    """An expander; nothing is computed while it is closed. `image`: (channels, rows, cols) as the network reads it.

    own: the visitor's own pictures, where the network was trained on these.
    """
    box = choices.panel("right", _("Is the probability right?"), ":material/balance:", f"{key}_reliability_box")
    if not box.open:
        return
    with box:
        try:
            _show(edited_network(trained_network(network), edits), image, own, choices, f"{key}_reliability")
        except (DataMissing, DataBroken) as error:
            show_warning(error)


def _show(chosen: TrainedNetwork, image: np.ndarray, own: DataChoice | None, choices: PanelChoices, key: str) -> None:
    with st.spinner(_("Running the network …"), show_time=True):
        tested = scores_of_test_images(chosen, own)
    if tested is None:
        show_info(_("There are no images with known classes for this network here, so nothing can be counted."))
        return
    temperature = choices.slider(
        _("Temperature"),
        COLDEST,
        HOTTEST,
        1.0,
        "right_temperature",
        f"{key}_temperature",
        step=0.1,
        width=320,
        help=_(
            "Scores are divided by it before softmax. Above 1 all answers are less sure; the order of the classes "
            "stays."
        ),
    )
    found = reliability(tested.scores, tested.labels, temperature)
    probabilities = softmax(scores_of(chosen, image)[None] / temperature)[0]
    left, right = st.columns([1.6, 1], gap="large")
    with left:
        palette = current_palette()
        chart = reliability_chart(found, float(probabilities.max()), palette)
        st.plotly_chart(chart, key=f"{key}_chart", config={"displayModeBar": False})
    with right:
        st.markdown(_in_words(chosen, tested, found, probabilities))
        _show_table(found, key)


def _in_words(chosen: TrainedNetwork, tested: LabelledScores, found: Reliability, probabilities: np.ndarray) -> str:
    top = int(probabilities.argmax())
    sure, at = float(probabilities[top]), int(bin_of(float(probabilities[top])))
    name = escape_markdown(chosen.recipe.classes[top])
    drawing = _("Of what lies on the table it says **{name}** with {probability}.", name=name,
                probability=format_percent(sure))  # fmt: skip
    low, high = (format_percent(float(edge)) for edge in found.edges[at : at + 2])
    alike = _("None of {images} has a probability from {low} to {high}.", images=tested.title, low=low, high=high)
    if found.counts[at]:
        alike = _(
            "Of {images}, {count} have a probability from {low} to {high}; {accuracy} of these are classified "
            "correctly.",
            images=tested.title, count=f"{found.counts[at]:,}", low=low, high=high,
            accuracy=format_percent(float(found.accuracy[at])),
        )  # fmt: skip
    error = _(
        "Expected calibration error: **{error}**. By so much probability and accuracy are apart in a bar, the mean "
        "over all images: 0 is honest.",
        error=format_percent(found.calibration_error, 2),
    )
    return "\n\n".join([drawing, alike, error, _few(found)])


def _few(found: Reliability) -> str:
    few = int(((found.counts > 0) & (found.counts < 10)).sum())
    return _("Bars of few images say little: {count} of {bars} have fewer than ten.", count=few,
             bars=int((found.counts > 0).sum()))  # fmt: skip


def _show_table(found: Reliability, key: str) -> None:
    bins = np.flatnonzero(found.counts)
    with st.popover(_("As a table"), icon=":material/table:"):
        st.dataframe(
            {
                _("from"): found.edges[bins], _("to"): found.edges[bins + 1], _("images"): found.counts[bins],
                _("mean probability"): found.confidence[bins], _("accuracy"): found.accuracy[bins],
            },
            hide_index=True, key=f"{key}_table",
        )  # fmt: skip
