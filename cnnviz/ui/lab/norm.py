"""Batch normalisation and dropout in a session and in the link: the batch, mode and cell that the reader left."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import streamlit as st

from cnnviz.figures.theme import PALETTES
from cnnviz.i18n import current_language
from cnnviz.ui.app.route_paths import LABORATORY, address_of
from cnnviz.ui.lab.norm_answers import START, norm_packet, parse_norm
from cnnviz.ui.mount.normalisation import mount_normalisation
from cnnviz.web.normalisation.texts import normalisation_texts

KEY, LEFT = "norm", "norm_left"  # the component, and what was left there
LINK_NAME = "norm"  # in the page's address, written by the browser
_TEXTS, _WHOLE = ("example", "layer", "mode"), ("batch",)


def show_normalisation() -> None:
    """The part of the page: a small batch, a layer, a cell."""
    if LEFT not in st.session_state:
        st.session_state[LEFT] = from_link(st.query_params.get(LINK_NAME, ""))
    packet = norm_packet(
        START | st.session_state[LEFT], url=address_of(LABORATORY), language=current_language(),
        texts=normalisation_texts(), palettes={name: asdict(palette) for name, palette in PALETTES.items()},
    )  # fmt: skip
    mount_normalisation(packet, key=KEY, on_made=_leave)


def _leave(record: Any) -> None:
    """Keep what the browser reports; nobody's browser but ours says anything else."""
    if isinstance(record, dict) and _is_possible(record):
        st.session_state[LEFT] = {name: record[name] for name in START}


def from_link(text: str) -> dict[str, Any]:
    """The record that a link holds; an empty one for anything else.

    >>> from cnnviz.ui.lab.norm import from_link
    >>> from_link("two-images~batch_norm~eval~3~1~0.5~0.4~1~0~2~2")["cell"]
    [1, 0, 2, 2]
    >>> from_link("anything else")
    {}
    """
    parts = text.split("~")
    if len(parts) != len(START) + 3 or not all(_is_number(part) for part in parts[3:]):
        return {}
    numbers = [int(part) if part.lstrip("-").isdigit() else float(part) for part in parts[3:]]
    record: dict[str, Any] = dict(zip(_TEXTS, parts[:3], strict=True))
    record |= {"batch": numbers[0], "gamma": numbers[1], "beta": numbers[2], "p": numbers[3], "cell": numbers[4:]}
    return record if _is_possible(record) else {}


def _is_number(text: str) -> bool:
    return text.isascii() and len(text) <= 8 and text.lstrip("-").replace(".", "", 1).isdigit()


def _is_possible(record: dict[str, Any]) -> bool:
    try:
        parse_norm(record)
    except ValueError:
        return False
    return all(name in record for name in START)
