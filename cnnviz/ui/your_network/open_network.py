"""The forms that open a network: a file of any kind, or an architecture with random weights."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import streamlit as st

from cnnviz.core.graph import GraphError
from cnnviz.i18n import _
from cnnviz.models.builder import preset_keys
from cnnviz.models.checkpoints import CheckpointError
from cnnviz.models.importers import ImportedNetworkError
from cnnviz.models.importers.architectures import find_architecture
from cnnviz.models.importers.network_files import READERS
from cnnviz.models.importers.sources import (
    LEAST_SIDE,
    MOST_SIDE,
    NetworkSource,
    known_architectures,
    name_of,
    open_source,
    usual_source,
    with_settings,
)
from cnnviz.models.importers.state_dict import ENDINGS as WEIGHTS
from cnnviz.models.importers.state_dict import read_weights
from cnnviz.ui.app.buttons import press_button
from cnnviz.ui.app.uploaded import take_file
from cnnviz.ui.your_network import your_network

MOST_MB = 200
REFUSALS = (CheckpointError, ImportedNetworkError, GraphError)
SAVED_HERE = ".safetensors"
FIRST = "resnet18"  # the architecture that is offered first


def open_file() -> None:
    """A file; weights need the architecture that they belong to."""
    endings = [ending.removeprefix(".") for ending in (*READERS, *WEIGHTS)]
    file = st.file_uploader(
        _("A network (.pt2 of torch.export, .onnx), weights (.safetensors, .pt, .pth), or a file saved on this site"),
        type=endings, key="your_network_file", max_upload_size=MOST_MB,
    )  # fmt: skip
    architecture = _choose_architecture_of_weights() if file is not None and _is_weights(file) else None

    def take(found: Any) -> None:
        _lay(found, architecture or "")

    if take_file(file, f"your_network_{architecture or ''}", take, REFUSALS):  # else what lies open stays open
        st.rerun()


def _is_weights(file: Any) -> bool:
    return PurePath(file.name).suffix.lower() in WEIGHTS


def _choose_architecture_of_weights() -> str | None:
    chosen: str | None = st.selectbox(
        _("The architecture that the weights belong to"), known_architectures(), index=None, format_func=name_of,
        placeholder=_("Choose an architecture"), key="your_network_weights_of",
    )  # fmt: skip
    return chosen


def _lay(file: Any, architecture: str) -> None:
    """Raises: one of `REFUSALS`."""
    content, name = file.getvalue(), file.name
    if name.lower().endswith(SAVED_HERE) and not architecture:
        _lay_saved(content, name)
    elif _is_weights(file) and architecture:
        source = with_settings(usual_source(architecture), name=name, content=content, classes=())
        your_network.lay_source(_with_known_classes(source))
    else:
        your_network.lay_source(NetworkSource(name, content))


def _lay_saved(content: bytes, name: str) -> None:
    try:
        your_network.lay(content, name[: -len(SAVED_HERE)])
    except CheckpointError as error:
        if _holds_weights(content, name):
            open_source(NetworkSource(name, content))  # which says what is missing
        raise error


def _holds_weights(content: bytes, name: str) -> bool:
    try:
        return bool(read_weights(content, name))
    except ImportedNetworkError:
        return False


def _with_known_classes(source: NetworkSource) -> NetworkSource:
    """With ImageNet's names, where the weights are for as many classes."""
    if source.architecture in preset_keys():
        return source
    named = with_settings(source, classes=find_architecture(source.architecture).categories)
    try:
        your_network.opened.put_source(named)
    except ImportedNetworkError:  # of another number of classes, or weights of another network: said when it is opened
        return source
    return named


def open_architecture() -> None:
    """One of torchvision's networks, or of our presets, with random weights."""
    name = st.selectbox(
        _("Architecture"), known_architectures(), index=known_architectures().index(FIRST), format_func=name_of,
        key="your_network_architecture",
    )  # fmt: skip
    side = None if name in preset_keys() else _choose_side(name)
    st.caption(_("Its weights are random, and so is its prediction. Nothing is downloaded."))

    def open_it() -> None:
        your_network.lay_source(with_settings(usual_source(name), side=side))
        st.rerun()

    press_button(
        _("Open it"), open_it, key="your_network_open_architecture", refusals=REFUSALS, about=f"{name}, {side}",
        type="primary",
    )  # fmt: skip


def _choose_side(name: str) -> int:
    usual = find_architecture(name).input_shape[1]
    label = _("Input size of {name}: rows and columns", name=name_of(name))
    side: int = st.number_input(
        label, LEAST_SIDE, MOST_SIDE, usual, key=f"your_network_side_{name}",
        help=_("{side} is what it was designed for. A smaller image opens faster.", side=usual),
    )  # fmt: skip
    return side
