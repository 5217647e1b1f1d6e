"""What a session keeps of the page "Train live": the setup and the tokens of the runs, as plain values.

Refuses to know: widgets, runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from cnnviz.data.augment_images import Augmentation
from cnnviz.data.image_sets import DataChoice
from cnnviz.models.builder import NetworkSpec
from cnnviz.training import TrainConfig
from cnnviz.ui.train.links import read_setup
from cnnviz.ui.train.setup import OWN, TrainSetup

SESSION = "training"
PAD = "train_pad"  # the pad of the page


def open_session(link: Mapping[str, str] | None = None) -> None:
    """At the first run of a session: the setup that `link` asks for, or one that a newcomer can start at once."""
    if SESSION in st.session_state:
        return
    linked = read_setup(link or {})
    st.session_state[SESSION] = {
        "setup": plain(linked.setup), "version": 1, "open": "network" if linked.setup.network == OWN else None,
        "said": linked.sentence, "kept": None, "run": None, "aside": None, "stamp": 1, "orders": 0, "own": None,
        "odd_settings": "", "odd_data": "", "pictures": None,
    }  # fmt: skip


def state() -> dict[str, Any]:
    """What this session keeps, to be read and changed in place."""
    kept: dict[str, Any] = st.session_state[SESSION]
    return kept


def plain(setup: TrainSetup) -> dict[str, Any]:
    """The setup as plain values: what a session keeps must outlive a change of our classes."""
    return {
        "network": setup.network, "blueprint": setup.blueprint.to_record(), "data": setup.data.to_record(),
        "config": setup.config.to_record(),
        "augmentation": plain_augmentation(setup.augmentation),
    }  # fmt: skip


def plain_augmentation(how: Augmentation | None) -> dict[str, Any] | None:
    """As plain values; None for no change at all."""
    return None if how is None else how.to_record()


def setup() -> TrainSetup:
    """What is set up now."""
    record = state()["setup"]
    augmentation = record["augmentation"]
    return TrainSetup(
        record["network"], NetworkSpec.from_record(record["blueprint"]), DataChoice.from_record(record["data"]),
        TrainConfig.from_record(record["config"]), augmentation and Augmentation.from_record(augmentation),
    )  # fmt: skip


def own_blueprint() -> NetworkSpec | None:
    """The layers of one's own that another network took the place of; None where there are none."""
    record = state()["own"]
    return record and NetworkSpec.from_record(record)


def take(changed: TrainSetup, *, afresh: bool = False) -> None:
    """Another setup; `afresh` where widgets are to begin from it, too. Layers of one's own are remembered."""
    kept, before = state(), setup()
    if before.network == OWN and changed.network != OWN:
        kept["own"] = before.blueprint.to_record()
    kept["setup"], kept["said"] = plain(changed), ""
    kept["version"] += afresh
