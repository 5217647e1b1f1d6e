"""Which network takes the step on the page of one training step: ours, a visitor's, or an architecture; and its images.

Refuses to know: how a step is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import streamlit as st

from cnnviz.checks import require
from cnnviz.core.training_step import TrainingStepError
from cnnviz.i18n import _
from cnnviz.models.builder import preset, preset_keys
from cnnviz.models.importers.sources import name_of, usual_source, with_settings
from cnnviz.models.zoo import network_keys
from cnnviz.ui.app.caches import TrainedNetwork, recipe_of, trained_network
from cnnviz.ui.app.plain_text import show_error, show_warning
from cnnviz.ui.comparison.comparison_state import REFUSALS, NetworkFile
from cnnviz.ui.comparison.linked_comparison import network_of_link
from cnnviz.ui.comparison.networks_beside import known_networks
from cnnviz.ui.draw.draw_state import DIGITS, LETTERS, DrawPageState, tables_for
from cnnviz.ui.your_network import opened, your_network
from cnnviz.ui.your_network.linked_reading import reading_to_link

NETWORK = "mnist"
CHOICE = "step_network"  # the widget
KEPT = "one_step_network"  # in the session: what was chosen here, and what a link brought
UNTRAINED = "untrained "  # before the name of an architecture, in the list
MOST_NUMBERS = 8_000_000  # of weights with all that a step knows of them, and of values: what a browser can be sent
MOST_LAYERS, MOST_CLASSES = 30, 40  # what can be seen side by side, and one above the other


def choose_network() -> str | None:
    """The key of the network that takes the step; None, and why, for one that cannot."""
    kept = _kept()
    offers = _offers(kept)
    if CHOICE not in st.session_state:
        st.session_state[CHOICE] = kept["choice"] if kept["choice"] in offers else NETWORK
    choice = st.selectbox(
        _("Network"), list(offers), format_func=lambda one: offers.get(one, ""), key=CHOICE, width=210,
        on_change=_forget_truth,
        help=_("Networks that you look into on the page “Your network” are offered here too."),
    )  # fmt: skip
    kept["choice"] = choice
    if kept["missing"]:
        show_warning(kept["missing"], icon=":material/link_off:")
    try:
        key = _opened(str(choice), kept)
        check_size(trained_network(key))
    except (*REFUSALS, TrainingStepError) as error:
        show_error(error)
        return None
    return key


def _forget_truth() -> None:
    """The classes are those of another network."""
    _kept()["missing"] = ""
    st.session_state["truth"] = "auto"


def _kept() -> dict[str, Any]:
    """Plain values. files: by their keys, what a link brought. At first what the page's address says is laid down."""
    if KEPT not in st.session_state:
        st.session_state[KEPT] = {"choice": NETWORK, "files": {}, "missing": ""}
        _follow_link(st.session_state[KEPT], st.query_params.to_dict())
    kept: dict[str, Any] = st.session_state[KEPT]
    return kept


def _follow_link(kept: dict[str, Any], query: Mapping[str, str]) -> None:
    try:
        found = network_of_link(query)
    except REFUSALS as error:
        kept["missing"] = str(error)
        return
    if found is not None:
        kept["choice"] = found.key
        kept["files"][found.key] = vars(found)


def _offers(kept: dict[str, Any]) -> dict[str, str]:
    """What can be chosen, with its title."""
    found = {one: recipe_of(one).title for one in network_keys()}
    found |= {one.key: one.title for one in (*known_networks(), *_files(kept).values()) if not _is_stopped(one)}
    return found | {UNTRAINED + name: _("{name}, untrained", name=name_of(name)) for name in preset_keys()}


def _files(kept: dict[str, Any]) -> dict[str, NetworkFile]:
    return {key: NetworkFile(**one) for key, one in kept["files"].items()}


def _is_stopped(network: NetworkFile) -> bool:
    try:
        return bool(trained_network(network.open()).stopped)
    except REFUSALS:
        return True


def _opened(choice: str, kept: dict[str, Any]) -> str:
    """Raises: one of `REFUSALS`."""
    if choice.startswith(UNTRAINED):
        name = choice.removeprefix(UNTRAINED)
        return opened.put_source(with_settings(usual_source(name), classes=preset(name).classes))
    found = next((one for one in (*known_networks(), *_files(kept).values()) if one.key == choice), None)
    return choice if found is None else found.open()


def check_size(chosen: TrainedNetwork) -> None:
    """Raises: TrainingStepError for a network of which a step cannot be seen: too many layers, classes or numbers."""
    nodes, way_out = chosen.graph.nodes, _("choose a smaller one")
    layers, classes = len(chosen.graph.layers), len(chosen.recipe.classes)
    require(layers <= MOST_LAYERS, _("layers"), _("at most {most} on this page", most=MOST_LAYERS), layers, way_out,
            TrainingStepError)  # fmt: skip
    require(classes <= MOST_CLASSES, _("classes"), _("at most {most} on this page", most=MOST_CLASSES), classes,
            way_out, TrainingStepError)  # fmt: skip
    weights = sum(node.parameters for node in nodes)
    values = sum(prod(shape) for node in nodes for shape in node.shapes if shape)
    count = 5 * weights + 2 * values  # before, gradient, step, after and velocity; value and gradient
    require(
        count <= MOST_NUMBERS, _("network"), _("of at most {most} numbers in a step", most=f"{MOST_NUMBERS:,}"),
        f"{count:,}", way_out, TrainingStepError,
    )  # fmt: skip


def table_of(network: str) -> DrawPageState:
    """The table whose image it learns from: that of the page where the network is looked into."""
    of_pages = {one.network: one for first in (DIGITS, LETTERS) for one in tables_for(first)}
    table = of_pages.get(network) or your_network.bench(network)
    table.open({})
    return table


def network_to_link(network: str) -> dict[str, str]:
    """What the link says of the network; nothing of the usual one."""
    return {} if network == NETWORK else {"network": network} | reading_to_link(network)
