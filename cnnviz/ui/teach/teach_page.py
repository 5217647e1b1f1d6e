"""The page on which the reader teaches a network of their own to tell X from O: steps, changes, training, files.

Refuses to know: how a session keeps what was made (`own_network`), how a network learns, the pad (`drawings`).
"""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from cnnviz.data.augment_images import Augmentation
from cnnviz.data.xo_drawings import CLASSES
from cnnviz.figures.image_strips import image_strip
from cnnviz.figures.loss_curves import learning_curves
from cnnviz.i18n import _
from cnnviz.models.checkpoints import CheckpointError
from cnnviz.training.own_xo import LEAST_EACH, TooFewDrawings, augmented_examples, own_xo_augmentation
from cnnviz.ui.app.buttons import press_button
from cnnviz.ui.app.plain_text import escape_markdown, show_error
from cnnviz.ui.app.presses import uninterrupted
from cnnviz.ui.app.style import current_palette, section
from cnnviz.ui.app.turning_pages import turn_to
from cnnviz.ui.app.uploaded import take_file
from cnnviz.ui.app.waiting import place_sentence, show_waiting, stop_waiting
from cnnviz.ui.app.whole_numbers import whole_number
from cnnviz.ui.mount.sketchpad import drawn
from cnnviz.ui.teach import own_network as own
from cnnviz.ui.teach.collection import PAD, SOME
from cnnviz.ui.teach.drawings import CANNOT, attempt, is_next
from cnnviz.ui.teach.own_network import TeachState
from cnnviz.ui.teach.results import as_image, show_kernels
from cnnviz.ui.train.run_entry import TrainingRunEntry
from cnnviz.ui.your_network import your_network

POLL_S = 0.4
LOOKED_AT, VERSIONS, LARGER = 4, 8, 2
MOST_SEED = 9_999


def heading(step: int) -> None:
    """The heading of step 1 to 4: what comes next stands out, what cannot be done yet is faint."""
    now, words = own.now(), _steps()[step - 1]
    is_under_way = now in (TeachState.WAIT, TeachState.WAIT_FOR_PLACE)
    is_possible = (True, bool(own.drawings()), own.is_enough() or is_under_way, own.network() is not None)
    next_step = {TeachState.DRAW: 1, TeachState.TRY: 4}.get(now, 3)
    shown = words if is_possible[step - 1] else f":gray[{words}]"
    section(f":primary[{words}]" if step == next_step else shown)


def _steps() -> tuple[str, str, str, str]:
    return (
        _("1. Draw some X and some O"),
        _("2. Augment your drawings"),
        _("3. Train"),
        _("4. Try it, and see what it learned"),
    )


def say_next() -> None:
    """One sentence: what to do next."""
    counts = [sum(drawing.label == label for drawing in own.drawings()) for label in CLASSES]
    missing = [max(0, LEAST_EACH - count) for count in counts]
    words = {
        TeachState.DRAW: _(
            "Next: draw an X or an O and press the button that says which; {x} more X and {o} more O are "
            "needed. Or take “Draw {n} for me”.", x=missing[0], o=missing[1], n=SOME,
        ),
        TeachState.TRAIN: _(
            "Next: press “Train”. More drawings would make it better still, and step 2 makes many out of a few."
        ),
        TeachState.WAIT_FOR_PLACE: place_sentence(),
        TeachState.WAIT: _("Training takes a few seconds."),
        TeachState.TRY: _("Next: draw something on the pad. Your network's prediction appears below it."),
        TeachState.TRAIN_AGAIN: _(
            "Something has changed since it was trained: press “Train” again to teach it that too."
        ),
    }[own.now()]  # fmt: skip
    with st.container(key="own_next", border=True):
        st.markdown(f":material/arrow_forward: **{words}**")


def choose_changes() -> None:
    """How strongly drawings are changed, and what that looks like."""
    kept, drawings = own.state(), own.drawings()
    levels = {0.0: _("off"), 0.5: _("weak"), 1.0: _("usual"), 1.5: _("strong"), 2.0: _("very strong")}
    kept["strength"] = st.select_slider(
        _("How strongly each drawing is varied"), list(levels), kept["strength"], width=320, key="own_strength",
        format_func=lambda strength: levels[strength], disabled=not drawings,
        help=_("Augmentation: each drawing is varied a little every time, so that a few can stand for many."),
    )  # fmt: skip
    if not drawings:
        st.caption(_("Draw something first: its variations will appear here."))
        return
    shown = _some_of_each(drawings)
    pictures = augmented_examples(
        np.stack([each.image for each in shown]), kept["strength"], VERSIONS, seed=len(drawings)
    )
    larger = np.kron(pictures, np.ones((1, 1, LARGER, LARGER), np.uint8))
    st.html(
        as_image(
            image_strip(larger, columns=1 + VERSIONS, palette=current_palette()), _("Drawings and their variations")
        )
    )
    st.caption(
        _("On the left an unchanged drawing; beside it, variations that the network may get instead.")
        + " "
        + told_change(own_xo_augmentation(kept["strength"]))
    )


def told_change(how: Augmentation | None) -> str:
    """How far a drawing may be changed, in numbers."""
    if how is None:
        return _("Switched off: the network gets each drawing unchanged, every time.")
    return _(
        "Each time it is rotated by up to {turn}°, shifted by up to {shift} pixels, made up to {size} % "
        "larger or smaller, and slightly distorted, slanted and drawn thicker or thinner.",
        turn=f"{how.turn:g}", shift=f"{how.shift:g}", size=f"{100 * how.size:g}",
    )  # fmt: skip


def _some_of_each(drawings: own.Drawings) -> list[own.XoDrawing]:
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
    if kept.pop("wish", None):  # it has waited for a place
        _begin()
    if kept.get("problem"):
        show_error(kept.pop("problem"))
    with st.container(horizontal=True):
        look = is_next(own.now() in (TeachState.TRAIN, TeachState.TRAIN_AGAIN))
        button = st.container(width="content")
        with st.popover(_("Seed"), icon=":material/casino:"):
            kept["seed"] = _chosen_seed(kept["seed"])
    if not own.is_enough():
        stop_waiting(own.WAITS)
    can_begin = own.is_enough() and _is_seed(st.session_state.get("own_seed", kept["seed"]))
    with button:
        press_button(
            _("Train"), partial(attempt, own.teach), refusals=CANNOT, key="own_train", type=look, width=180,
            icon=":material/play_arrow:",
            disabled=not can_begin,
        )  # fmt: skip
    show_waiting(
        own.WAITS, place_sentence(), lambda: can_begin and own.has_place(), lambda wish: kept.update(wish=wish)
    )
    try:
        away = len(own.lesson().parts()[1])
        st.caption(_("{n} of your {all} drawings are held out: it never trains on them, they are the test.",
                     n=away, all=len(own.drawings())))  # fmt: skip
    except TooFewDrawings as few:
        st.caption(escape_markdown(few))


def _begin() -> None:
    """As if the button had been pressed; what hinders is said at its place."""
    try:
        with uninterrupted():
            own.teach()
    except CANNOT as error:
        own.state()["problem"] = str(error)
    else:
        st.rerun(scope="app")


def _chosen_seed(seed: int) -> int:
    st.caption(
        _("It decides the initial weights, the order, the variations and which drawings are held out. The same "
          "drawings and the same seed give the same network.")
    )  # fmt: skip
    odd: list[str] = []
    chosen = whole_number(_("Seed"), 0, MOST_SEED, seed, odd, key="own_seed", width=130)
    for sentence in odd:
        show_error(sentence)
    return chosen


def _is_seed(typed: int | None) -> bool:
    return typed is not None and 0 <= typed <= MOST_SEED


def _watch(run: TrainingRunEntry) -> None:
    is_over, status = own.follow(run), run.history.status
    if is_over:
        st.rerun(scope="app")
    evaluations = run.history.evaluations
    words = _("Getting ready …") if not status.step else _("Step {step} of {all}", step=status.step, all=status.length)
    if evaluations:
        last = evaluations[-1].validation
        words += " · " + _("{right} of {n} held-out drawings correct", right=round(last.accuracy * last.n), n=last.n)
    st.progress(min(1.0, status.step / max(status.length, 1)), words)
    if status.step:
        st.plotly_chart(learning_curves(*own.curves(run), max(status.length, 1), current_palette()), key="own_curves")
    if run.history.moments:
        show_kernels(_("conv1 now"), run.history.weights_at(run.history.moments[-1])["conv1.weight"], current_palette())


def offer_look_inside() -> None:
    """The way into the network that was taught, with the drawing that lies on the pad."""
    network = own.state()["network"]

    def look() -> None:
        your_network.lay(network or b"", _("The network that you taught"), strokes=drawn(PAD)["strokes"])
        turn_to(your_network.PAGE)

    press_button(
        _("Look inside your network: every number"), look, key="own_look", icon=":material/search:", type="tertiary",
        disabled=network is None,
    )  # fmt: skip


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
        st.button(
            _("Back to the previous network"), icon=":material/undo:", key="own_swap", on_click=own.swap,
            disabled=not own.can_swap(),
            help=_("The one before you trained again or loaded another. The current one is kept: press once more."),
        )  # fmt: skip


def _load() -> None:
    file = st.file_uploader(_("A .safetensors file that was saved on this page"), type=["safetensors"], key="own_file",
                            max_upload_size=64)  # fmt: skip
    if take_file(file, "own_network", lambda found: own.bring(found.getvalue(), found.name), (CheckpointError,)):
        st.rerun()  # else what was there stays there
