"""The panel "Why this answer?": one score, one map, and beside it what speaks for and against the map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.attribution import (
    Attribution,
    AttributionError,
    Question,
    Settings,
    describe_method,
    describe_trust,
    methods,
)
from cnnviz.attribution.records import Trust
from cnnviz.core.edits import Edits
from cnnviz.figures.attribution import curves_chart, parts_chart
from cnnviz.figures.theme import format_number
from cnnviz.i18n import _
from cnnviz.ui.app.caches import TrainedNetwork, edited_network, trained_network
from cnnviz.ui.app.plain_text import show_success, show_warning
from cnnviz.ui.app.style import current_palette
from cnnviz.ui.mount.attribution import mount_attribution
from cnnviz.ui.why.map_packet import live_way, map_packet
from cnnviz.ui.why.panel_choices import PanelChoices
from cnnviz.ui.why.progress import show_progress
from cnnviz.ui.why.why_answers import Asked, checked, explained, is_small, offered_layers, offered_methods, parts_of
from cnnviz.web.selection import Selection

STRONGEST = 20  # pixels in the table
USUAL = -1  # no class: the answer itself, or no other one


@dataclass(frozen=True)
class Where:
    """Where the panel stands: what is open in the explorer above it, and which drawing lies on the pad."""

    selection: Selection
    pad: Mapping[str, Any]


def show_why(
    network: str, edits: Edits, image: np.ndarray, probabilities: np.ndarray, where: Where, choices: PanelChoices, *,
    key: str,
) -> None:  # fmt: skip
    """An expander; nothing is computed while it is closed. `image`: (channels, rows, cols) as the network reads it.

    probabilities: (classes,), those that the page shows; the most likely class is explained first.
    """
    box = choices.panel("why", _("Why this answer?"), ":material/quiz:", f"{key}_box")
    if not box.open:
        return
    with box:
        try:
            chosen = edited_network(trained_network(network), edits)
            _show(chosen, image, probabilities, where, choices, key)
        except AttributionError as error:
            show_warning(str(error))


def _show(
    chosen: TrainedNetwork, image: np.ndarray, probabilities: np.ndarray, where: Where, choices: PanelChoices, key: str
) -> None:
    st.caption(
        _(
            "Which pixels does the answer come from? Orange pixels raise the score of the class, blue ones lower it. "
            "Point at one to read its number; then see under “Can it be trusted?” whether to believe the map."
        )
    )
    asked, is_answer = _ask(chosen, probabilities, where.selection, choices, key)
    left, right = st.columns([1.5, 1], gap="large")
    with left:
        st.caption(describe_method(asked.method))
        with show_progress() as tell:
            made = explained(chosen, image, asked, tell)
        live = live_way(asked, is_answer, where.pad) if is_small(chosen) else None
        mount_attribution(map_packet(chosen.recipe.classes, image, made, live), key=f"{key}_map")
        _show_table(made, key)
        _show_parts(chosen, image, asked.question, choices, key)
    with right:
        st.markdown(f"**{_('Can it be trusted?')}**")
        _show_checks(chosen, image, asked, key)


def _show_checks(chosen: TrainedNetwork, image: np.ndarray, asked: Asked, key: str) -> None:
    """At once where they are quick; of a large network when the reader wants them."""
    slot = st.empty()
    with slot:
        is_wanted = is_small(chosen) or st.toggle(
            _("Check this map: some hundred runs of the network"), key=f"{key}_checks"
        )
    if not is_wanted:
        return
    with show_progress() as tell:
        made = checked(chosen, image, asked, tell)
    if made.trust is not None:
        _show_trust(made, made.trust, key)


def _ask(
    chosen: TrainedNetwork, probabilities: np.ndarray, selection: Selection, choices: PanelChoices, key: str
) -> tuple[Asked, bool]:
    """What is to be explained, and how; and whether it is the answer, whichever class that is."""
    classes = chosen.recipe.classes
    order = [int(at) for at in np.argsort(-probabilities, kind="stable")]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        target = choices.choose(
            st.selectbox,
            _("Why"),
            [USUAL, *order],
            USUAL,
            "why_class",
            f"{key}_class",
            width=170,
            format_func=lambda at: _("the answer: {name}", name=classes[order[0]]) if at == USUAL else classes[at],
        )
        explained_class = order[0] if target == USUAL else target
        others = [USUAL, *(at for at in order if at != explained_class)]
        against = choices.choose(
            st.selectbox,
            _("rather than"),
            others,
            USUAL,
            "why_against",
            f"{key}_against",
            width=150,
            format_func=lambda at: _("nothing else") if at == USUAL else classes[at],
        )
        method = choices.choose(
            st.segmented_control,
            _("Method"),
            offered_methods(),
            "ig",
            "why_method",
            f"{key}_method",
            required=True,
            format_func=lambda name: methods()[name].label,
        )
        settings = _settings(method, chosen, selection, choices, key)
    return Asked(method, Question(explained_class, None if against == USUAL else against), settings), target == USUAL


def _settings(method: str, chosen: TrainedNetwork, selection: Selection, choices: PanelChoices, key: str) -> Settings:
    if method == "grad_cam":
        return _ask_layer(chosen, selection, choices, key)
    return _ask_window(chosen, choices, key) if method == "occlusion" else Settings()


def _ask_layer(chosen: TrainedNetwork, selection: Selection, choices: PanelChoices, key: str) -> Settings:
    """The layer that is open in the explorer, where it has maps; else the last that has any."""
    layers = offered_layers(chosen)
    if not layers:
        return Settings()
    layer = choices.choose(
        st.selectbox,
        _("Layer"),
        layers,
        selection.layer if selection.layer in layers else layers[0],
        "why_layer",
        f"{key}_layer_{selection.layer}",
        only_for=("why_method", "grad_cam"),
        width=170,
        help=_("Or click a map in the network above: Grad-CAM is then of its layer."),
    )
    return Settings(layer=layer)


def _ask_window(chosen: TrainedNetwork, choices: PanelChoices, key: str) -> Settings:
    sides = chosen.recipe.input_shape[1:]
    window = choices.number_input(
        _("Window (pixels)"),
        1,
        min(sides),
        max(1, min(sides) // 7),
        "why_window",
        f"{key}_window",
        only_for=("why_method", "occlusion"),
        width=130,
    )
    stride = choices.number_input(
        _("Stride"),
        1,
        window,
        max(1, window // 2),
        "why_stride",
        f"{key}_stride_{window}",
        only_for=("why_window", window),
        width=110,
    )
    return Settings(window=window, stride=stride)


def _show_trust(made: Attribution, trust: Trust, key: str) -> None:
    for sentence in describe_trust(trust):
        (show_warning if trust.doubts else show_success)(sentence)
    st.plotly_chart(
        curves_chart(trust.curves, current_palette()), key=f"{key}_curves", config={"displayModeBar": False}
    )
    last = trust.shuffled[-1].similarity if trust.shuffled else 0.0
    st.markdown(
        _("In the order of the map the score changes sooner than by chance by {gain}; chance varies by {spread}.",
          gain=format_number(trust.curves.gain), spread=format_number(trust.curves.spread))
        + "  \n"
        + _("Likeness to the map of the network with all weights shuffled: {similarity} (1 is the same).",
            similarity=format_number(last))
    )  # fmt: skip
    st.caption(_("The same checks of two maps that know nothing of the network:"))
    for name, control in made.controls.items():
        what = _("a random map") if name == "random" else _("an edge detector")
        st.caption(f"{what}: {' '.join(describe_trust(control))}")


def _show_parts(chosen: TrainedNetwork, image: np.ndarray, question: Question, choices: PanelChoices, key: str) -> None:
    """Which maps of a layer carried the answer."""
    layers = offered_layers(chosen)
    if not layers:
        return
    label = _("Which maps carried the answer, of")
    layer = choices.choose(st.selectbox, label, layers, layers[0], "why_parts", f"{key}_parts", width=260)
    made = parts_of(chosen, image, layer, question)
    st.plotly_chart(parts_chart(made, current_palette()), key=f"{key}_parts_chart", config={"displayModeBar": False})
    numbers = {"maps": format_number(float(made.by_map.sum())), "rest": format_number(made.rest),
               "output": format_number(made.output), "error": format_number(made.error)}  # fmt: skip
    if made.is_weighted_sum:
        in_words = _(
            "Only a weighted sum follows this layer, so the score is the sum of these parts: "
            "{maps} + {rest} = {output}.",
            **numbers,
        )
    else:
        in_words = _(
            "More than a weighted sum follows this layer: each part is the value of its cells times the slope of the "
            "score there. They add up to {maps} + {rest}, the score is {output}, {error} off.",
            **numbers,
        )
    st.caption(in_words)


def _show_table(made: Attribution, key: str) -> None:
    by_pixel = made.by_pixel
    order = np.argsort(-np.abs(by_pixel), axis=None)[:STRONGEST]
    rows, cols = np.unravel_index(order, by_pixel.shape)
    with st.popover(_("As a table"), icon=":material/table:"):
        st.dataframe(
            {_("row"): rows, _("column"): cols, _("map"): by_pixel[rows, cols]}, hide_index=True, key=f"{key}_table"
        )
