"""How a network from outside is read: the names of its classes, and the scaling of its images."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz.i18n import _
from cnnviz.models.importers.architectures import find_architecture
from cnnviz.models.importers.source_settings import read_classes, read_scaling
from cnnviz.models.importers.sources import NetworkSource
from cnnviz.ui.app.buttons import press_button
from cnnviz.ui.app.caches import recipe_of
from cnnviz.ui.app.plain_text import show_error
from cnnviz.ui.app.uploaded import take_file
from cnnviz.ui.your_network import your_network
from cnnviz.ui.your_network.open_network import REFUSALS

IMAGENET = "resnet18"  # whose preparation and class names most of torchvision's networks share
NONE, TORCHVISION, OWN = "none", "torchvision", "own"


def change_reading(source: NetworkSource) -> None:
    """The two settings; a change opens the same file anew and keeps image, place and edits."""
    _name_classes(source)
    _scale(source)


def _name_classes(source: NetworkSource) -> None:
    file = st.file_uploader(
        _("Class names: a text file with one in each line, or JSON"), type=["txt", "json", "csv"],
        key="your_network_classes", max_upload_size=4,
    )  # fmt: skip
    if take_file(file, "your_network_classes", _take_classes, REFUSALS):
        st.rerun()
    published = find_architecture(IMAGENET).categories
    count = len(recipe_of(str(your_network.state()["key"])).classes)
    if count == len(published) and source.classes != published:
        st.button(_("Use ImageNet’s names"), on_click=your_network.change_source, kwargs={"classes": published})


def _take_classes(file: Any) -> None:
    """Raises: ImportedNetworkError."""
    your_network.change_source(classes=read_classes(file.getvalue()))


def _scale(source: NetworkSource) -> None:
    usual = find_architecture(source.architecture or IMAGENET) if _is_coloured() else None
    ways = {NONE: _("as they are, from 0 to 1"), OWN: _("(x − mean) / std, own numbers")}
    if usual is not None:
        ways = {NONE: ways[NONE], TORCHVISION: _("(x − mean) / std, torchvision’s numbers"), OWN: ways[OWN]}
    now = _way_of(source, usual)
    way = st.radio(
        _("The network gets the images"), list(ways), index=list(ways).index(now), format_func=ways.__getitem__,
        key=f"your_network_scaling_{your_network.state()['key']}",
    )  # fmt: skip
    try:
        if way == OWN:
            _own_numbers(source)
        elif way != now:
            chosen = usual if way == TORCHVISION else None
            your_network.change_source(mean=chosen.mean if chosen else (), std=chosen.std if chosen else ())
            st.rerun()
    except REFUSALS as error:
        show_error(error)


def _is_coloured() -> bool:
    return recipe_of(str(your_network.state()["key"])).input_shape[0] == 3


def _way_of(source: NetworkSource, usual: Any) -> str:
    if not source.mean and not source.std:
        return NONE
    return TORCHVISION if usual is not None and (source.mean, source.std) == (usual.mean, usual.std) else OWN


def _own_numbers(source: NetworkSource) -> None:
    key = your_network.state()["key"]
    mean, std = (
        st.text_input(
            label,
            ", ".join(f"{one:g}" for one in numbers),
            placeholder=_("such as 0.5, 0.5, 0.5"),
            key=f"your_network_{name}_{key}",
        )
        for name, label, numbers in (("mean", _("Mean"), source.mean), ("std", _("Standard deviation"), source.std))
    )

    def apply() -> None:
        your_network.change_source(mean=read_scaling("mean", mean), std=read_scaling("std", std))
        st.rerun()

    press_button(_("Apply"), apply, key=f"your_network_apply_{key}", refusals=REFUSALS, about=f"{mean}; {std}")
