"""Why convolutions, in a session and in the link: the picture, kernel and shift that the reader left."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

import streamlit as st

from cnnviz.conv_lab.images import DRAWING, LabImage, find_image
from cnnviz.conv_lab.to_json import image_to_json
from cnnviz.core.kernels import PRESETS
from cnnviz.figures.theme import PALETTES
from cnnviz.i18n import _, current_language
from cnnviz.ui.app.route_paths import LABORATORY, address_of
from cnnviz.ui.lab import lab_state
from cnnviz.ui.lab.shift_answers import FURTHEST, Shift, shift_packet
from cnnviz.ui.mount.shift_demo import mount_shift_demo
from cnnviz.web.shift_demo.texts import shifting_texts

PICTURES = ("face", "bars", "checkerboard", "spot")
KEY, LEFT = "why_shift", "why_left"  # the component, and what was left there
LINK_NAME = "why"  # in the page's address, written by the browser: face.vertical.-3.2.wraps
START = {"picture": DRAWING, "kernel": "vertical", "right": 3, "down": 2, "wraps": False}


def show_shift_demo() -> None:
    """The part of the page: shift, compare, count."""
    drawing = LabImage(DRAWING, lab_state.drawing(), lambda: _("the drawing, 28×28"))
    packet = shift_packet(
        _left(drawing), url=address_of(LABORATORY), language=current_language(), texts=shifting_texts(),
        furthest=FURTHEST, palettes={name: asdict(palette) for name, palette in PALETTES.items()},
        brought={DRAWING: image_to_json(drawing)}, start=START,
        pictures=[[picture.key, picture.title] for picture in (drawing, *map(find_image, PICTURES))],
        kernels=[[preset.key, preset.title] for preset in PRESETS],
    )  # fmt: skip
    mount_shift_demo(packet, key=KEY, on_made=_leave)


def _left(drawing: LabImage) -> Shift:
    """What the reader left, else the start."""
    if LEFT not in st.session_state:
        st.session_state[LEFT] = from_link(st.query_params.get(LINK_NAME, ""))
    record = START | st.session_state[LEFT]
    key = record["picture"]
    picture = drawing if key == DRAWING else find_image(key)
    return Shift(picture, record["kernel"], record["right"], record["down"], record["wraps"])


def _leave(record: Any) -> None:
    """Keep what the browser reports; nobody's browser but ours says anything else."""
    if _is_kept(record):
        st.session_state[LEFT] = {name: record[name] for name in START}


def from_link(text: str) -> dict[str, Any]:
    """The record that a link holds; an empty one for anything else.

    >>> from cnnviz.ui.lab.shift_demo import from_link
    >>> from_link("face.sobel.-3.2")
    {'picture': 'face', 'kernel': 'sobel', 'right': -3, 'down': 2, 'wraps': False}
    >>> from_link("anything else")
    {}
    """
    found = re.fullmatch(r"([\w-]+)\.([\w-]+)\.(-?\d)\.(-?\d)(\.wraps)?", text, re.ASCII)
    if found is None:
        return {}
    picture, kernel, right, down, wraps = found.groups()
    record = {"picture": picture, "kernel": kernel, "right": int(right), "down": int(down), "wraps": wraps is not None}
    return record if _is_kept(record) else {}


def _is_kept(record: Any) -> bool:
    if not isinstance(record, dict) or any(type(record.get(name)) is not type(START[name]) for name in START):
        return False
    is_near = max(abs(record["right"]), abs(record["down"])) <= FURTHEST
    is_known = record["picture"] in (DRAWING, *PICTURES) and record["kernel"] in {preset.key for preset in PRESETS}
    return is_near and is_known
