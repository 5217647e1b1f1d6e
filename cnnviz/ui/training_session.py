"""What a session keeps of the page "Train live": the setup and the tokens of the runs, as plain values.

Refuses to know: widgets, runs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from cnnviz.augmentation import Augmentation
from cnnviz.blueprints import Blueprint
from cnnviz.imagesets import DataChoice
from cnnviz.training import TrainConfig
from cnnviz.ui.blueprint_answers import linked
from cnnviz.ui.training_setup import OWN, Setup, usual, with_network

SESSION = "training"
START = "digits_small"


def open_session() -> None:
    """At the first run of a session: the setup that a newcomer can start at once, with the layers that a link names."""
    if SESSION in st.session_state:
        return
    chosen = _linked(usual(START))
    st.session_state[SESSION] = {
        "setup": plain(chosen), "version": 1, "open": "network" if chosen.network == OWN else None,
        "kept": None, "run": None, "stamp": 1,
    }  # fmt: skip


def _linked(chosen: Setup) -> Setup:
    """The layers that the link names as the reader's own network; `chosen` where it names none."""
    blueprint = linked(st.query_params.to_dict(), chosen.blueprint)
    return chosen if blueprint == chosen.blueprint else replace(with_network(chosen, OWN), blueprint=blueprint)


def state() -> dict[str, Any]:
    """What this session keeps, to be read and changed in place."""
    kept: dict[str, Any] = st.session_state[SESSION]
    return kept


def plain(setup: Setup) -> dict[str, Any]:
    """The setup as plain values: what a session keeps must outlive a change of our classes."""
    return {
        "network": setup.network, "blueprint": setup.blueprint.to_record(), "data": setup.data.to_record(),
        "config": setup.config.to_record(),
        "augmentation": setup.augmentation and setup.augmentation.to_record(),
    }  # fmt: skip


def setup() -> Setup:
    """What is set up now."""
    record = state()["setup"]
    augmentation = record["augmentation"]
    return Setup(
        record["network"], Blueprint.from_record(record["blueprint"]), DataChoice.from_record(record["data"]),
        TrainConfig.from_record(record["config"]), augmentation and Augmentation.from_record(augmentation),
    )  # fmt: skip


def take(changed: Setup, *, afresh: bool = False) -> None:
    """Another setup; `afresh` where widgets are to begin from it, too."""
    kept = state()
    kept["setup"] = plain(changed)
    kept["version"] += afresh
