"""Convolution along one axis and three in a session and in the link: the numbers, settings and cell that were left."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

import streamlit as st

from cnnviz.figures.theme import PALETTES
from cnnviz.i18n import current_language
from cnnviz.ui.app.route_paths import LABORATORY, address_of
from cnnviz.ui.lab.nd_answers import START, examples, nd_packet, parse_nd
from cnnviz.ui.mount.conv_nd import mount_conv_nd
from cnnviz.web.conv_nd.texts import conv_nd_texts

KEY, LEFT = "nd", "nd_left"  # the component, and what was left there
LINK_NAME = "nd"  # in the page's address, written by the browser
_NUMBER = r"-?\d{1,3}(?:\.\d{1,9})?(?:e-\d{1,2})?"
_ARRAY = re.compile(rf"(\d{{1,2}}(?:x\d{{1,2}}){{0,3}})_({_NUMBER}(?:_{_NUMBER})*)", re.ASCII)
_WHOLE = re.compile(r"\d{1,2}(?:_\d{1,2}){0,2}", re.ASCII)


def show_nd() -> None:
    """The part of the page: an input, a kernel, a result, a cell."""
    if LEFT not in st.session_state:
        st.session_state[LEFT] = from_link(st.query_params.get(LINK_NAME, ""))
    packet = nd_packet(
        st.session_state[LEFT] or START, url=address_of(LABORATORY), language=current_language(),
        texts=conv_nd_texts(), examples=examples(),
        palettes={name: asdict(palette) for name, palette in PALETTES.items()},
    )  # fmt: skip
    mount_conv_nd(packet, key=KEY, on_made=_leave)


def _leave(record: Any) -> None:
    """Keep what the browser reports; nobody's browser but ours says anything else."""
    if isinstance(record, dict) and _is_possible(record):
        st.session_state[LEFT] = {name: record[name] for name in START}


def from_link(text: str) -> dict[str, Any]:
    """The record that a link holds; an empty one for anything else.

    >>> from cnnviz.ui.lab.nd import from_link
    >>> from_link("1x4_1_2_3_4~1x2_-1_0.5~0~1~0~1~2")["kernel"]
    {'shape': [1, 2], 'numbers': [-1, 0.5]}
    >>> from_link("anything else")
    {}
    """
    parts = text.split("~")
    arrays = [_ARRAY.fullmatch(part) for part in parts[:2]]
    settings = [_WHOLE.fullmatch(part) for part in parts[3:]]
    if len(parts) != len(START) or not all((*arrays, *settings)) or not re.fullmatch(_NUMBER, parts[2], re.ASCII):
        return {}
    record: dict[str, Any] = {
        name: {"shape": list(map(int, found[1].split("x"))), "numbers": list(map(_number, found[2].split("_")))}
        for name, found in zip(("input", "kernel"), arrays, strict=True) if found
    }  # fmt: skip
    names = ("stride", "padding", "dilation", "cell")
    record |= {name: [int(n) for n in part.split("_")] for name, part in zip(names, parts[3:], strict=True)}
    record["bias"] = _number(parts[2])
    return record if _is_possible(record) else {}


def _number(text: str) -> float:
    value = float(text)
    return int(value) if value.is_integer() else value


def _is_possible(record: dict[str, Any]) -> bool:
    try:
        parse_nd(record)
    except ValueError:
        return False
    return all(name in record for name in START)
