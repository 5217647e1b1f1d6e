"""The page "Train live" in a session: what is set up, which runs the reader holds, what is shown of them.

Refuses to know: how a run is asked (`training_answers`), what a setup means (`training_setup`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.augmentation import Augmentation
from cnnviz.blueprints import Blueprint
from cnnviz.datasets import DataBroken, DataMissing
from cnnviz.imagesets import DataChoice, SetKey, load
from cnnviz.messages import _, current_language
from cnnviz.strokes import Sketch
from cnnviz.training import Job, TrainConfig
from cnnviz.ui import live, workbench
from cnnviz.ui.blueprints import edit_blueprint, put_blueprint
from cnnviz.ui.caches import settle_threads
from cnnviz.ui.components.sketchpad import drawn, sketchpad
from cnnviz.ui.components.trainer import held, trainer, trainer_packet
from cnnviz.ui.imageset_changes import choose_augmentation
from cnnviz.ui.imagesets import choose_data
from cnnviz.ui.runs import RUNS
from cnnviz.ui.show import prepare_sketch
from cnnviz.ui.training_code import as_it_went, training_code
from cnnviz.ui.training_files import loaded_network
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

TRAINER, SESSION, PAD = "trainer", "training", "train_pad"
START = "digits_small"
PARTS = ("network", "data", "settings")
TROUBLES = (ValueError, DataMissing, DataBroken)  # one sentence each


def open_bench() -> None:
    """At the first run of a session: the setup that a newcomer can start at once; and a worker that is ready."""
    settle_threads()
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
        changed = with_network(now, key)
        take(changed, afresh=True)
        if key == OWN:
            put_blueprint("train_blueprint", changed.blueprint)
        st.rerun()

    if key == OWN:
        own = edit_blueprint("train_blueprint", now.blueprint)
        if own != now.blueprint:
            take(replace(now, blueprint=own))
            st.rerun()


def _network_name(key: str) -> str:
    return _("My own: edit the layers") if key == OWN else usual(key).blueprint.title


def _choose_data() -> None:
    now = setup()
    key = f"train_{_state()['version']}"
    choice = choose_data(key, now.data)
    changes = choose_augmentation(key, choice, now.augmentation)
    if (choice, changes) != (now.data, now.augmentation):
        take(replace(now, data=choice, augmentation=changes))
        st.rerun()


def _choose_settings() -> None:
    now = setup()
    changed = choose_settings(now.config, f"train_{_state()['version']}")
    if changed != now.config:
        take(replace(now, config=changed))
        st.rerun()


def _start() -> None:
    """Begin the run that is set up; the one before is forgotten, unless the reader keeps it."""
    now = setup()
    try:
        job = _job(now)
        token = RUNS.start(job, run_title(job, network_title(now)))
    except TROUBLES as error:
        st.error(str(error), icon=":material/error:")
        return
    _hold(token)


def _job(chosen: Setup) -> Job:
    """What is set up, fitted to its pictures. Raises: one of `TROUBLES`."""
    pictures = exhibits(chosen.data, chosen.config.scaling).pictures
    return fitted(chosen, pictures.shape, pictures.classes)


def show_files() -> None:
    """Below the runs: the code of the training that is set up or was started last, and a file to bring along."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _offer_pad()
        with_code = st.toggle(_("This training as PyTorch code"), key="train_code")
        with st.popover(_("Load a saved network"), icon=":material/upload:"):
            _load()
    if with_code:
        _show_code()


def _offer_pad() -> None:
    """A pad of this page's own: what is drawn is read by the network as it learns."""
    with st.popover(_("Draw for it"), icon=":material/draw:", on_change="rerun", key="train_draw") as paper:
        if paper.open:
            st.caption(_("The network reads your drawing at every moment of its training."))
            sketchpad(key=PAD)


def _show_code() -> None:
    run = RUNS.find(_state()["run"])
    try:
        job = as_it_went(run.job, run.history) if run else _job(setup())
        st.code(training_code(job, load(job.data)), language="python", height=480)
    except TROUBLES as error:
        st.error(str(error), icon=":material/error:")


def _load() -> None:
    """A file that was saved here before becomes a run that can be looked at, and kept beside another."""
    file = st.file_uploader(
        _("A .safetensors file that was saved on this page"), type=["safetensors"], key="train_upload",
        max_upload_size=64,
    )  # fmt: skip
    if file is None or file.file_id == _state().get("uploaded"):
        return
    _state()["uploaded"] = file.file_id
    try:
        with st.spinner(_("Reading the file")):
            token = RUNS.put(*loaded_network(file.getvalue()))
    except TROUBLES as error:  # what is on the page stays there
        st.error(str(error), icon=":material/error:")
        return
    _hold(token)


def _hold(token: str) -> None:
    """Another run in the place of the last one, which is forgotten."""
    state = _state()
    RUNS.drop(state["run"])
    state.update(run=token, stamp=state["stamp"] + 1, open=None)
    st.rerun()


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
    packet = trainer_packet(
        _drawing(),
        kept=state["kept"], run=state["run"], stamp=state["stamp"], url=_address(), language=current_language(),
    )  # fmt: skip
    trainer(packet, key=TRAINER)


def _drawing() -> np.ndarray | None:
    """What the reader drew here, or left on the table of a page to draw on; None where there is nothing."""
    strokes = drawn(PAD)["strokes"]
    if any(not stroke.get("erases") for stroke in strokes):
        return prepare_sketch(Sketch.from_record({"strokes": strokes})).image
    run = RUNS.find(_state()["run"])
    reads_letters = run is not None and run.job.data.key in (SetKey.XO, SetKey.XO_GENERATED)
    table = (workbench.LETTERS if reads_letters else workbench.DIGITS).left()
    return table.prepared.image if table else None


def _address() -> str:
    """Where the browser asks."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return (f"/{base}" if base else "") + live.TRAINING_PATH
