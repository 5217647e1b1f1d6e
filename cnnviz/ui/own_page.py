"""The page on which the reader teaches a network of their own to tell X from O: its parts, from top to bottom.

Refuses to know: how a session keeps what was made (`own_network`), how a network learns.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import streamlit as st

from cnnviz.checkpoints import CheckpointError
from cnnviz.figures.learning import learning_curves
from cnnviz.figures.strips import strip
from cnnviz.figures.theme import percent
from cnnviz.messages import _
from cnnviz.reading import Reading, Status
from cnnviz.strokes import Sketch, Stroke
from cnnviz.ui import own_network as own
from cnnviz.ui.components.shelf import Offer, shelf
from cnnviz.ui.components.sketchpad import sketchpad
from cnnviz.ui.kindness import kindly
from cnnviz.ui.own_results import as_image, palette, show_kernels
from cnnviz.ui.runs import Run, RunError
from cnnviz.xo.drawings import CLASSES
from cnnviz.xo.own import LEAST_EACH, MOST, TooFew, looks

POLL_S = 0.4
LOOKED_AT, VERSIONS, LARGER = 4, 8, 2
STRENGTHS = (0.0, 0.5, 1.0, 1.5, 2.0)


def show_drawings() -> None:
    """The pad, two buttons that say what was drawn, and everything that was drawn so far."""
    left, right = st.columns([1, 2.2], gap="large")
    with left:
        _show_pad()
    with right:
        _show_collection()


@st.fragment  # a stroke does not draw the rest of the page again
@kindly
def _show_pad() -> None:
    record = sketchpad(key=own.PAD, texts=_pad_texts())
    said = None
    with st.container(horizontal=True):
        for label in CLASSES:
            if st.button(
                _("It is an {label}", label=label), key=f"own_{label}", type=_next(not own.is_enough()), width="stretch"
            ):
                said = label
    if said is not None and not any(not stroke.get("erases") for stroke in record["strokes"]):
        st.info(_("The pad is empty: draw an {label} first.", label=said), icon=":material/draw:")
    elif said is not None:
        _try(lambda: own.add(said, record))
    _show_answer(own.answer(record))


def _next(is_next: bool) -> Literal["primary", "secondary"]:
    """How a button looks: only what comes next stands out."""
    return "primary" if is_next else "secondary"


def _pad_texts() -> dict[str, str]:
    return {"label": _("Sketch pad: draw one X or one O"), "prompt": _("Draw an X or an O, then say below which")}


def _try(act) -> None:  # type: ignore[no-untyped-def]
    """An act of the reader; what cannot be is said in its one sentence, else the page shows what came of it."""
    try:
        act()
    except (ValueError, RunError) as error:
        st.error(str(error), icon=":material/error:")
        return
    st.rerun()


def _show_answer(reading: Reading | None) -> None:
    """What the reader's network makes of what lies on the pad."""
    if reading is None or reading.status is Status.BLANK:
        return
    st.markdown(
        "**"
        + _("Your network reads {top}, {share} sure", top=CLASSES[reading.top], share=percent(reading.confidence))
        + "**"
    )
    st.caption(_("It was never shown anything but X and O, so it takes everything for one of them."))


def _show_collection() -> None:
    kept = own.drawings()
    counts = {label: sum(drawing.label == label for drawing in kept) for label in CLASSES}
    st.markdown(
        _("{x} X and {o} O; {least} of each at least, {most} in all at most.", x=counts["X"], o=counts["O"],
          least=LEAST_EACH, most=MOST)
    )  # fmt: skip
    for label in CLASSES:
        if counts[label]:
            offers = tuple(
                Offer(str(number), _("{label} number {n}: delete it", label=label, n=number + 1), framed(each.sketch))
                for number, each in enumerate(kept)
                if each.label == label
            )
            st.caption(_("Your {label}’s; click one to delete it", label=label))
            shelf(offers, on_take=lambda key: own.remove(int(key)), key=f"own_shelf_{label}",
                  label=_("Delete a drawing"))  # fmt: skip
    if not kept:
        st.caption(_("Every drawing that you name appears here. Not in the mood to draw? Have some drawn:"))
    with st.container(horizontal=True):
        st.button(
            _("Draw {n} for me", n=own.SOME), icon=":material/gesture:", key="own_generate",
            on_click=own.add_generated, disabled=len(kept) >= MOST,
            help=_("Generated strokes: shaky, slanted, thick and thin; other ones at each click"),
        )  # fmt: skip
        st.button(_("Start over"), icon=":material/restart_alt:", key="own_over", on_click=own.start_over)


def framed(sketch: Sketch) -> Sketch:
    """The ink of `sketch` in the middle of the small picture that a shelf shows."""
    inks = [stroke for stroke in sketch.strokes if not stroke.erases]
    points = np.concatenate([np.array(stroke.points) for stroke in inks])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = 0.6 / max(float((high - low).max()), 0.05)
    middle = (low + high) / 2
    return Sketch(
        tuple(Stroke(tuple(map(tuple, ((np.array(s.points) - middle) * scale + 0.5).tolist()))) for s in inks)
    )


def choose_changes() -> None:
    """How strongly drawings are changed, and what that looks like."""
    kept, drawings = own.state(), own.drawings()
    kept["strength"] = st.select_slider(
        _("Change the drawings at each look"), STRENGTHS, kept["strength"], width=320, key="own_strength",
        format_func=lambda share: _("off") if not share else f"{share:.0%}",
        help=_("Augmentation: the network never sees quite the same drawing twice, so a few do for many."),
    )  # fmt: skip
    if not drawings:
        st.caption(_("Draw something first: here you will see what becomes of it."))
        return
    shown = _some_of_each(drawings)
    pictures = looks(np.stack([each.image for each in shown]), kept["strength"], VERSIONS, seed=len(drawings))
    larger = np.kron(pictures, np.ones((1, 1, LARGER, LARGER), np.uint8))
    st.html(as_image(strip(larger, columns=1 + VERSIONS, palette=palette()), _("Drawings and changed versions")))
    st.caption(_("On the left a drawing as it is; beside it, what the network might see instead."))


def _some_of_each(drawings: own.Drawings) -> list[own.Drawing]:
    """The latest of each letter, in turn."""
    groups = [[each for each in reversed(drawings) if each.label == label][: LOOKED_AT // 2] for label in CLASSES]
    return [each for group in groups for each in group]


def show_training() -> None:
    """The button that starts it, or the run that is going on."""
    run = own.running()
    if run is not None:
        _watch(run)
        return
    kept = own.state()
    if kept.get("problem"):
        st.error(kept.pop("problem"), icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wants = st.button(
            _("Train"), type=_next(own.network() is None), icon=":material/play_arrow:", key="own_train",
            disabled=not own.is_enough(),
        )  # fmt: skip
        kept["seed"] = int(
            st.number_input(
                _("Seed"), 0, 9999, kept["seed"], key="own_seed", width=130,
                help=_("It decides the first weights, the order, the changes and which drawings are held out. "
                       "The same drawings and the same seed give the same network."),
            )
        )  # fmt: skip
    try:
        away = len(own.lesson().parts()[1])
        st.caption(_("{n} of your {all} drawings are held out: it never learns from them, they are the test.",
                     n=away, all=len(own.drawings())))  # fmt: skip
    except TooFew as few:
        st.caption(str(few))
    if wants:
        _try(own.teach)


def _watch(run: Run) -> None:
    is_over, status = own.follow(run), run.history.status
    if is_over:
        st.rerun(scope="app")
    evaluations = run.history.evaluations
    words = _("Getting ready …") if not status.step else _("Step {step} of {all}", step=status.step, all=status.length)
    if evaluations:
        last = evaluations[-1].validation
        words += " · " + _("reads {right} of {n} held out", right=round(last.accuracy * last.n), n=last.n)
    st.progress(min(1.0, status.step / max(status.length, 1)), words)
    if status.step:
        st.plotly_chart(learning_curves(*own.curves(run), max(status.length, 1), palette()), key="own_curves")
    if run.history.moments:
        show_kernels(_("conv1 now"), run.history.weights_at(run.history.moments[-1])["conv1.weight"], palette())


def show_files() -> None:
    """Save the network, or bring one along."""
    network = own.state()["network"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.download_button(
            _("Save the network"), network or b"", "my-x-or-o.safetensors", "application/octet-stream",
            icon=":material/download:", disabled=network is None, key="own_save", on_click="ignore",
        )  # fmt: skip
        with st.popover(_("Load a network"), icon=":material/upload:"):
            _load()


def _load() -> None:
    file = st.file_uploader(_("A .safetensors file that was saved on this page"), type=["safetensors"], key="own_file",
                            max_upload_size=64)  # fmt: skip
    if file is None or file.file_id == own.state().get("uploaded"):
        return
    own.state()["uploaded"] = file.file_id
    try:
        own.bring(file.getvalue(), file.name)
    except CheckpointError as error:  # what was there stays there
        st.error(str(error), icon=":material/error:")
        return
    st.rerun()
