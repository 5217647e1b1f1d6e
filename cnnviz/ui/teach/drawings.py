"""The pad, two buttons that say what was drawn, and everything that was drawn so far.

Refuses to know: how drawings are kept (`collection`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import numpy as np
import streamlit as st

from cnnviz.data.strokes import Sketch, Stroke
from cnnviz.data.xo_drawings import CLASSES
from cnnviz.figures.theme import format_percent
from cnnviz.i18n import _
from cnnviz.models.decision import Prediction, PredictionStatus
from cnnviz.training.own_xo import LEAST_EACH, MOST, Drawings
from cnnviz.ui.app.buttons import Answer, answer_press, note_press
from cnnviz.ui.app.errors import show_errors
from cnnviz.ui.app.plain_text import show_info
from cnnviz.ui.mount.sample_bar import Offer, mount_sample_bar
from cnnviz.ui.mount.sketchpad import mount_sketchpad
from cnnviz.ui.teach import collection as collection
from cnnviz.ui.teach import own_network as own
from cnnviz.ui.teach.collection import CollectionAction
from cnnviz.ui.train.run_entry import RunError

SAID = "own_said"  # a press of one of the two buttons
CANNOT = (ValueError, RunError)  # why an act of the reader cannot be, in one sentence


@st.fragment  # a stroke does not draw the rest of the page again
@show_errors
def show_pad() -> None:
    """The pad, what it is said to be, and what the reader's network makes of it."""
    record = mount_sketchpad(key=collection.PAD, texts=_pad_texts())
    with st.container(horizontal=True):
        for label in CLASSES:
            words, look = _("It is an {label}", label=label), is_next(own.now() is own.TeachState.DRAW)
            note = partial(note_press, SAID, label)
            st.button(words, key=f"own_{label}", type=look, width="stretch", on_click=note)
    answer_press(SAID, Answer(partial(_add, record), CANNOT, about=str(len(record["strokes"])), say=_say))
    _show_answer(own.answer(record))


def _say(sentence: str) -> None:
    show_info(sentence, icon=":material/draw:")


def _add(record: dict[str, Any], label: str) -> None:
    """Raises: ValueError, one sentence."""
    if not any(not stroke.get("erases") for stroke in record["strokes"]):
        raise ValueError(_("The pad is empty: draw an {label} first.", label=label))
    attempt(lambda: collection.add(label, record))


def is_next(is_it: bool) -> Literal["primary", "secondary"]:
    """How a button looks: only what comes next stands out."""
    return "primary" if is_it else "secondary"


def _pad_texts() -> dict[str, str]:
    return {"label": _("Sketch pad: draw one X or one O"), "prompt": _("Draw an X or an O, then say below which")}


def attempt(act: Callable[[], None]) -> None:
    """An act of the reader; the page shows what came of it. Raises: one of `CANNOT`, with its one sentence."""
    act()
    st.rerun()


def _show_answer(reading: Prediction | None) -> None:
    """What the reader's network makes of what lies on the pad."""
    if reading is None or reading.status is PredictionStatus.BLANK:
        return
    if reading.status is PredictionStatus.SEVERAL:
        st.markdown("**" + _("More than one letter? It classifies one at a time.") + "**")
        return
    words = _(
        "Your network's prediction: {top} ({share})", top=CLASSES[reading.top], share=format_percent(reading.confidence)
    )
    st.markdown(f"**{words}**")
    st.caption(_("It was trained on X and O only, so it classifies everything as one of them."))


def show_collection() -> None:
    """What was drawn so far, letter by letter; more of it, less of it, and undo."""
    kept = own.drawings()
    counts = {label: sum(drawing.label == label for drawing in kept) for label in CLASSES}
    st.markdown(
        _("{x} X and {o} O; at least {least} of each, at most {most} in total.", x=counts["X"], o=counts["O"],
          least=LEAST_EACH, most=MOST)
    )  # fmt: skip
    for label in CLASSES:
        if counts[label]:
            _show_shelf(label, kept)
    if not kept:
        st.caption(_("Every drawing that you label appears here. Or have some drawn for you:"))
    with st.container(horizontal=True):
        st.button(
            _("Draw {n} for me", n=collection.SOME), icon=":material/gesture:", key="own_generate",
            on_click=collection.add_generated, disabled=len(kept) >= MOST,
            help=_("Generated strokes: shaky, slanted, thick and thin; different each time"),
        )  # fmt: skip
        is_empty = not kept and own.network() is None and own.running() is None
        st.button(
            _("Start over"), icon=":material/restart_alt:", key="own_over", on_click=collection.start_over,
            disabled=is_empty,
        )  # fmt: skip
        act = collection.last_act()
        st.button(
            _undo_words(act), icon=":material/undo:", key="own_undo", on_click=collection.undo, disabled=act is None
        )


def _undo_words(act: CollectionAction | None) -> str:
    """What the button undoes."""
    return {
        CollectionAction.ADDED: _("Return the last one to the pad"),
        CollectionAction.GENERATED: _("Remove the last ones"),
        CollectionAction.DELETED: _("Put it back"),
        CollectionAction.STARTED_OVER: _("Undo “Start over”"),
        None: _("Undo"),
    }[act]


def _show_shelf(label: str, kept: Drawings) -> None:
    """The drawings of one letter, each a button that deletes it."""
    offers = tuple(
        Offer(str(number), _("{label} number {n}: delete it", label=label, n=number + 1), frame_image(each.sketch))
        for number, each in enumerate(kept)
        if each.label == label
    )
    st.caption(_("Your {label}’s; press one to delete it", label=label))
    mount_sample_bar(
        offers, on_take=lambda key: collection.remove(int(key)), key=f"own_shelf_{label}", label=_("Delete a drawing")
    )


def frame_image(sketch: Sketch) -> Sketch:
    """The ink of `sketch` in the middle of the small picture that a shelf shows."""
    inks = [stroke for stroke in sketch.strokes if not stroke.erases]
    points = np.concatenate([np.array(stroke.points) for stroke in inks])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = 0.6 / max(float((high - low).max()), 0.05)
    middle = (low + high) / 2
    return Sketch(
        tuple(Stroke(tuple(map(tuple, ((np.array(s.points) - middle) * scale + 0.5).tolist()))) for s in inks)
    )
