"""The page "Train live" in a session: what is set up, which runs the reader holds, what is shown of them.

Refuses to know: how a run is asked (`training_answers`), what a setup means (`training_setup`).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz.augmentation import Augmentation
from cnnviz.blueprints import Blueprint
from cnnviz.datasets import DataBroken, DataMissing
from cnnviz.imagesets import DataChoice
from cnnviz.messages import _, current_language
from cnnviz.training import TrainConfig
from cnnviz.ui import live, workbench
from cnnviz.ui.components.trainer import held, trainer, trainer_packet
from cnnviz.ui.runs import RUNS
from cnnviz.ui.training_pictures import exhibits
from cnnviz.ui.training_settings import choose_settings
from cnnviz.ui.training_setup import (
    OWN,
    Setup,
    data_title,
    fitted,
    network_title,
    offered,
    run_title,
    settings_title,
    usual,
    with_network,
)

TRAINER, SESSION = "trainer", "training"
START = "digits_small"
PARTS = ("network", "data", "settings")


def open_bench() -> None:
    """At the first run of a session: the setup that a newcomer can start at once; and a worker that is ready."""
    RUNS.warm()
    if SESSION not in st.session_state:
        st.session_state[SESSION] = {
            "setup": _plain(usual(START)), "version": 1, "open": None, "kept": None, "run": None, "stamp": 1,
        }  # fmt: skip


def _state() -> dict[str, Any]:
    kept: dict[str, Any] = st.session_state[SESSION]
    return kept


def _plain(setup: Setup) -> dict[str, Any]:
    """The setup as plain values: what a session keeps must outlive a change of our classes."""
    return {
        "network": setup.network, "blueprint": setup.blueprint.to_record(), "data": setup.data.to_record(),
        "config": setup.config.to_record(),
        "augmentation": setup.augmentation and setup.augmentation.to_record(),
    }  # fmt: skip


def setup() -> Setup:
    """What is set up now."""
    record = _state()["setup"]
    augmentation = record["augmentation"]
    return Setup(
        record["network"], Blueprint.from_record(record["blueprint"]), DataChoice.from_record(record["data"]),
        TrainConfig.from_record(record["config"]), augmentation and Augmentation.from_record(augmentation),
    )  # fmt: skip


def take(changed: Setup, *, afresh: bool = False) -> None:
    """Another setup; `afresh` where widgets are to begin from it, too."""
    state = _state()
    state["setup"] = _plain(changed)
    state["version"] += afresh


def show_setup() -> None:
    """What is trained, on what, how: a button each that opens it, and the large one that starts."""
    now, state = setup(), _state()
    titles = {
        "network": _("Network: {title}", title=network_title(now)),
        "data": _("Pictures: {title}", title=data_title(now.data)),
        "settings": _("Settings: {title}", title=settings_title(now.config)),
    }
    icons = {"network": ":material/account_tree:", "data": ":material/imagesmode:", "settings": ":material/tune:"}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="train_setup"):
        st.button(_("Start"), type="primary", icon=":material/play_arrow:", key="train_start", on_click=_wish_start)
        for part in PARTS:
            is_open = state["open"] == part
            st.button(
                titles[part], key=f"train_open_{part}", icon=icons[part], on_click=_turn, args=(part,),
                type="secondary" if is_open else "tertiary",
            )  # fmt: skip
    if state["open"]:
        with st.container(border=True, key="train_part"):
            {"network": _choose_network, "data": _choose_data, "settings": _choose_settings}[state["open"]]()
    if state.pop("wishes_start", False):
        _start()


def _turn(part: str) -> None:
    state = _state()
    state["open"] = None if state["open"] == part else part


def _wish_start() -> None:
    _state()["wishes_start"] = True


def _choose_network() -> None:
    now, version = setup(), _state()["version"]
    keys = [*offered(), OWN]
    key = st.selectbox(
        _("Network"), keys, keys.index(now.network), format_func=_network_name, key=f"train_network_{version}",
        width=320, help=_("Each comes with the pictures and the settings that belong to it; both can be changed."),
    )  # fmt: skip
    if key != now.network:
        take(with_network(now, key), afresh=True)
        st.rerun(scope="fragment")


def _network_name(key: str) -> str:
    return _("My own: edit the layers") if key == OWN else usual(key).blueprint.title


def _choose_data() -> None:
    pass


def _choose_settings() -> None:
    now = setup()
    changed = choose_settings(now.config, f"train_{_state()['version']}")
    if changed != now.config:
        take(Setup(now.network, now.blueprint, now.data, changed, now.augmentation))
        st.rerun(scope="fragment")


def _start() -> None:
    """Begin the run that is set up; the one before is forgotten, unless the reader keeps it."""
    now, state = setup(), _state()
    try:
        pictures = exhibits(now.data, now.config.scaling).pictures
        job = fitted(now, pictures.shape, pictures.classes)
        token = RUNS.start(job, run_title(job, network_title(now)))
    except (ValueError, DataMissing, DataBroken) as error:  # one sentence each
        st.error(str(error), icon=":material/error:")
        return
    RUNS.drop(state["run"])
    state.update(run=token, stamp=state["stamp"] + 1, open=None)
    st.rerun(scope="fragment")


def follow() -> None:
    """Take over what the browser says of the runs: kept, thrown away, found again after a reload."""
    reported, state = held(TRAINER), _state()
    if not isinstance(reported, dict) or reported.get("stamp") != state["stamp"]:
        return
    for name in ("kept", "run"):
        token = reported.get(name)
        if token is None or RUNS.find(token) is not None:
            state[name] = token


def show_runs() -> None:
    """The runs, or what one will see."""
    state = _state()
    table = workbench.left_table()
    packet = trainer_packet(
        table.prepared.image if table else None,
        kept=state["kept"], run=state["run"], stamp=state["stamp"], url=_address(), language=current_language(),
    )  # fmt: skip
    trainer(packet, key=TRAINER)


def _address() -> str:
    """Where the browser asks."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return (f"/{base}" if base else "") + live.TRAINING_PATH
