"""The Draw page's table: what lies on it, what the network makes of it, and what the reader looks at.

Three things can lie there: strokes on the pad, an image of the MNIST test set, an uploaded picture.
The session holds plain values only; everything else is computed from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.datasets import DataMissing, mnist
from cnnviz.drawing import Preparation, Prepared, Stage, prepare
from cnnviz.messages import _
from cnnviz.pictures import PictureError, from_picture
from cnnviz.ranges import Scope
from cnnviz.samples import find_sample
from cnnviz.strokes import Sketch
from cnnviz.trace import Trace
from cnnviz.ui.caches import Trained
from cnnviz.ui.components.explorer import chosen
from cnnviz.ui.components.sketchpad import place, sketchpad
from cnnviz.ui.components.stages import switched_off
from cnnviz.ui.links import LINK_NAMES, View, link, read_link
from cnnviz.ui.selection import Selection

PAD, STAGES, EXPLORER = "pad", "stages", "explorer"
START = "three"
SWITCHES = {"cropped": "crops", "fitted": "fits", "smoothed": "smooths", "centred": "centres"}
_EMPTY: dict[str, Any] = {"strokes": []}


@dataclass(frozen=True, eq=False)
class Table:
    """What lies on the table in this run, ready for the network."""

    prepared: Prepared
    view: View
    problem: str = ""  # one sentence, where something on the table could not be used


def open_table() -> None:
    """At the first run of a session: lay down what the link says, or a sample."""
    if "workbench" in st.session_state:
        return
    view = read_link(st.query_params.to_dict())
    st.session_state.workbench = {"digit": view.digit, "upload": None, "linked": _plain(view.selection), "token": 1}
    if view.sketch is not None:
        place(PAD, view.sketch.to_record())
    elif view.digit is None:
        lay_sample(START)


def lay_sample(key: str) -> None:
    """Put one of our own drawings on the pad."""
    _clear_others()
    place(PAD, find_sample(key).sketch.to_record())


def lay_digit(index: int) -> None:
    """Put image `index` of the MNIST test set on the table."""
    place(PAD, _EMPTY)
    _clear_others(digit=index)


def lay_upload(data: bytes | None) -> None:
    """Put an uploaded picture on the table; None takes it away."""
    if data is None and st.session_state.workbench["upload"] is None:
        return
    place(PAD, _EMPTY)
    _clear_others(upload=data)


def _clear_others(digit: int | None = None, upload: bytes | None = None) -> None:
    st.session_state.workbench |= {"digit": digit, "upload": upload}


def read_table() -> Table:
    """Mount the pad and read what lies on the table now."""
    state = st.session_state.workbench
    record = sketchpad(key=PAD)
    off = switched_off(STAGES)
    preparation = Preparation(**{field: step not in off for step, field in SWITCHES.items()})
    if record["strokes"] or (state["digit"] is None and state["upload"] is None):
        _clear_others()
        return _sketch_table(record, preparation)
    if state["upload"] is not None:
        return _upload_table(state["upload"], preparation)
    return _digit_table(state["digit"])


def _sketch_table(record: dict[str, Any], preparation: Preparation) -> Table:
    try:
        sketch = Sketch.from_record(record)
    except ValueError as error:
        return _empty_table(str(error))
    return Table(prepare(sketch, preparation), View(_selection(), sketch))


def _upload_table(data: bytes, preparation: Preparation) -> Table:
    try:
        return Table(from_picture(data, preparation), View(_selection()))
    except PictureError as error:
        return _empty_table(str(error))


def _empty_table(problem: str = "") -> Table:
    return Table(prepare(Sketch(())), View(_selection()), problem)


def _digit_table(index: int) -> Table:
    images = _test_images()
    if images is None or index >= len(images):
        _clear_others()
        return _empty_table()
    ink = images[index]
    note = _("Image {index} of the MNIST test set: it is prepared already.", index=index)
    stage = Stage("mnist", _("MNIST"), note, ink)
    image = (ink.astype(np.float32) / np.float32(255))[None]
    return Table(Prepared(image, (stage,), has_ink=True), View(_selection(), digit=index))


def _test_images() -> np.ndarray | None:
    try:
        return mnist("test").images
    except DataMissing:
        return None


def look(table: Table, network: Trained) -> tuple[Trace, View]:
    """Run the network on the table, and say what the reader sees of it."""
    trace = network.tracer(table.prepared.image)
    selection = table.view.selection.within(trace)
    st.session_state.workbench["linked"] = _plain(selection)  # what a visit to another page comes back to
    return trace, View(selection, table.view.sketch, table.view.digit)


def address(view: View) -> str:
    """The link to `view`; what a link says beside it (the language, say) is kept."""
    others = {name: value for name, value in st.query_params.to_dict().items() if name not in LINK_NAMES}
    return link(view, others)


def _selection() -> Selection:
    """What the browser reported last, else what the link said."""
    reported = chosen(EXPLORER)
    return _checked(reported if isinstance(reported, dict) else st.session_state.workbench["linked"])


def _checked(plain: dict[str, Any]) -> Selection:
    """A selection from what a browser sent: anything odd is taken as nothing."""
    layer, scope = plain.get("layer"), plain.get("scope")
    row, col = (_count(plain.get(name)) for name in ("row", "col"))
    return Selection(
        layer=layer if isinstance(layer, str) else None,
        channel=_count(plain.get("channel")) or 0,
        row=None if col is None else row,
        col=None if row is None else col,
        scope=Scope(scope) if scope in tuple(Scope) else Scope.LAYER,
    )


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _plain(selection: Selection) -> dict[str, Any]:
    return {
        "layer": selection.layer, "channel": selection.channel, "row": selection.row, "col": selection.col,
        "scope": selection.scope.value,
    }  # fmt: skip
