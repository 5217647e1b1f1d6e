"""The Draw page's table: what lies on it, and what the reader looks at, kept in the session as plain values.

Three things can lie there: strokes on the pad, an image of the MNIST test set, an uploaded picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.datasets import DataMissing, mnist
from cnnviz.drawing import Prepared, Stage
from cnnviz.messages import _, current_language
from cnnviz.pictures import PictureError, from_picture
from cnnviz.samples import find_sample
from cnnviz.strokes import Sketch
from cnnviz.ui import live
from cnnviz.ui.caches import trained
from cnnviz.ui.components.explorer import chosen, reported_surgery
from cnnviz.ui.components.sketchpad import drawn, place, sketchpad, stamp
from cnnviz.ui.components.stages import switched_off
from cnnviz.ui.links import LINK_NAMES, read_link
from cnnviz.ui.selection import checked_selection, plain_selection
from cnnviz.ui.show import Shown, preparation, prepare_sketch, show
from cnnviz.ui.surgery import Surgery, acted, checked_surgery, plain_surgery

PAD, STAGES, EXPLORER = "pad", "stages", "explorer"
START = "three"
TEST_IMAGES = 10_000
_EMPTY: dict[str, Any] = {"strokes": []}


@dataclass(frozen=True, eq=False)
class Table:
    """What lies on the table in this run, ready for the network."""

    prepared: Prepared
    sketch: Sketch | None = None
    digit: int | None = None
    truth: int | None = None  # what was written, where that is known
    problem: str = ""  # one sentence, where something on the table could not be used


def open_table() -> None:
    """At the first run of a session: lay down what the link says, or a sample."""
    if "workbench" in st.session_state:
        return
    view = read_link(st.query_params.to_dict())
    linked = plain_selection(view.selection)
    st.session_state.workbench = {
        "digit": view.digit, "upload": None, "linked": linked, "token": 1, "network": view.network, "off": view.off,
        "surgery": plain_surgery(Surgery(view.edits)),
    }  # fmt: skip
    if view.sketch is not None:
        place(PAD, view.sketch.to_record())
    elif view.digit is None or view.digit >= TEST_IMAGES:
        lay_sample(START)


def lay_sample(key: str) -> None:
    """Put one of our own drawings on the pad."""
    _clear_others()
    place(PAD, find_sample(key).sketch.to_record())


def lay_digit(index: int) -> None:
    """Put image `index` of the MNIST test set on the table."""
    place(PAD, _EMPTY)
    _clear_others(digit=index)


def lay_upload(data: bytes) -> None:
    """Put an uploaded picture on the table."""
    place(PAD, _EMPTY)
    _clear_others(upload=data)


def _clear_others(digit: int | None = None, upload: bytes | None = None) -> None:
    st.session_state.workbench |= {"digit": digit, "upload": upload}


def read_table() -> Table:
    """Mount the pad and read what lies on the table now."""
    return _read(sketchpad(key=PAD))


def left_table() -> Table | None:
    """What was left on the table, for another page; None where the reader has laid nothing usable on it yet."""
    if "workbench" not in st.session_state or _is_untouched():
        return None
    table = _read(drawn(PAD))
    return table if table.prepared.has_ink and not table.problem else None


def _is_untouched() -> bool:
    """Whether still the drawing lies there that a session starts with."""
    return bool(drawn(PAD)["strokes"] == find_sample(START).sketch.to_record()["strokes"])


def _read(record: dict[str, Any]) -> Table:
    state, off = st.session_state.workbench, _off()
    has_ink = any(not stroke.get("erases") for stroke in record["strokes"])
    if has_ink or (state["digit"] is None and state["upload"] is None):
        _clear_others()
        return _sketch_table(record, off)
    if state["upload"] is not None:
        return _upload_table(state["upload"], off)
    return _digit_table(state["digit"])


def _off() -> frozenset[str]:
    """The steps that are switched off: by the reader, else by the link."""
    state = st.session_state.workbench
    reported = switched_off(STAGES)
    state["off"] = state["off"] if reported is None else reported
    return state["off"]


def _sketch_table(record: dict[str, Any], off: frozenset[str]) -> Table:
    try:
        sketch = Sketch.from_record(record)
    except ValueError as error:
        return _empty_table(str(error))
    return Table(prepare_sketch(sketch, off), sketch)


def _upload_table(data: bytes, off: frozenset[str]) -> Table:
    try:
        prepared = _prepared_upload(data, off)
    except PictureError as error:
        return _empty_table(str(error))
    if prepared.has_ink:
        return Table(prepared)
    return Table(prepared, problem=_("No ink stands out in this picture: take one of a dark digit on light paper"))


@lru_cache(maxsize=4)
def _prepared_upload(data: bytes, off: frozenset[str]) -> Prepared:
    """Decoded once, not at every click on a map."""
    return from_picture(data, preparation(off))


def _empty_table(problem: str = "") -> Table:
    return Table(prepare_sketch(Sketch(())), problem=problem)


def _digit_table(index: int) -> Table:
    try:
        found = mnist("test")
    except DataMissing as error:
        return _empty_table(str(error))
    ink = found.images[index]
    note = _("Image {index} of the MNIST test set: it is prepared already.", index=index)
    image = (ink.astype(np.float32) / np.float32(255))[None]
    return Table(
        Prepared(image, (Stage("mnist", _("MNIST {index}", index=index), note, ink),), has_ink=True), digit=index,
        truth=int(found.labels[index]),
    )  # fmt: skip


def look(table: Table) -> Shown:
    """What the network makes of the table, as the reader looks at it."""
    state = st.session_state.workbench
    reported = chosen(EXPLORER)
    selection = checked_selection(reported if isinstance(reported, dict) else state["linked"])
    surgery = _surgery()
    others = {name: value for name, value in st.query_params.to_dict().items() if name not in LINK_NAMES}
    shown = show(
        table.prepared, selection, sketch=table.sketch, digit=table.digit, truth=table.truth, off=_off(),
        network=state["network"], others=others, surgery=surgery,
        token=state["token"], pad=stamp(PAD), live=_live(others, table.truth), is_sketch=table.sketch is not None,
    )  # fmt: skip
    state["linked"] = plain_selection(shown.selection)  # what a visit to another page comes back to
    return shown


def _surgery() -> Surgery:
    """How this reader has edited the network: what the browser reported last, else what link or session say."""
    state, anatomy = st.session_state.workbench, trained(st.session_state.workbench["network"]).anatomy
    held, reported = checked_surgery(state["surgery"], anatomy), reported_surgery(EXPLORER)
    told = checked_surgery(reported, anatomy)
    if told.version <= held.version:
        return held
    surgery = acted(told, reported.get("acts"), anatomy)  # acts only where there is no short way
    state["surgery"] = plain_surgery(surgery)  # what a visit to another page comes back to
    return surgery


def _live(others: dict[str, str], truth: int | None) -> dict[str, Any]:
    """Where the browser asks while the hand draws, and what it says beside the ink."""
    base = st.get_option("server.baseUrlPath").strip("/")
    say: dict[str, Any] = {"off": sorted(_off()), "language": current_language(), "others": others}
    say["truth"] = truth
    say["network"] = st.session_state.workbench["network"]
    above = f"/{base}" if base else ""
    paths = {
        "url": live.PATH,
        "cell_url": live.CELL_PATH,
        "field_url": live.FIELD_PATH,
        "accuracy_url": live.ACCURACY_PATH,
    }
    return {name: above + path for name, path in paths.items()} | {"say": say}
