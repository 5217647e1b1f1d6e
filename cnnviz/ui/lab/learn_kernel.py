"""Learn the kernel: a hidden kernel is found from picture and result alone, step by step.

A run is computed once and kept; the page only goes to and fro in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import streamlit as st

from cnnviz.conv_lab.images import DRAWING, find_image
from cnnviz.conv_lab.images import LabImage as Source
from cnnviz.conv_lab.learning import LearningConfig, LearningRun, largest_rate, make_target
from cnnviz.core.kernels import PRESETS, find_preset
from cnnviz.figures.conv_lab import loss_curve, weight_paths
from cnnviz.figures.map_images import map_image
from cnnviz.figures.theme import Palette, format_number
from cnnviz.i18n import _
from cnnviz.ui.app.buttons import press_button
from cnnviz.ui.app.page_images import show_page_image
from cnnviz.ui.app.plain_text import show_error, show_warning
from cnnviz.ui.app.style import current_palette
from cnnviz.ui.app.whole_numbers import whole_number
from cnnviz.ui.lab import lab_state

PICTURES = ("edge", "bars", "face", "gradient", "sixteen")
RATES = (0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
MOST = 200  # steps
MOST_SEED = 999
EVERY_S = 0.3
WIDE = 150  # pixels of a picture
FARTHEST = 1e6  # that a weight is painted
STEP, PLAYS = "learn_step", "learn_plays"
KEPT, LINK_NAME = "learn_kept", "learn"  # in the session, in a link
CHOICES = ("learn_picture", "learn_kernel", "learn_rate", "learn_seed")  # the widgets
START = ("edge", "difference", 0.03, 0)


@dataclass(frozen=True)
class LearnRequest:
    """What is to be learned: keys of picture and hidden kernel, learning rate, seed."""

    picture: str
    preset: str
    rate: float
    seed: int


@dataclass(frozen=True, eq=False)
class LearnedKernel:
    """A whole run: kernels (steps + 1, rows, cols), losses after each step, and what was hidden."""

    kernels: np.ndarray
    losses: tuple[float, ...]
    hidden: np.ndarray
    picture: np.ndarray
    target: np.ndarray
    largest_rate: float


def learned_kernel(question: LearnRequest) -> LearnedKernel:
    """The run for a question; the drawing on the table is one of the pictures."""
    values = lab_state.drawing() if question.picture == DRAWING else find_image(question.picture).values
    return _run(question, values.tobytes(), values.shape)


@lru_cache(maxsize=16)
def _run(question: LearnRequest, data: bytes, shape: tuple[int, ...]) -> LearnedKernel:
    picture = Source(question.picture, np.frombuffer(data, np.float32).reshape(shape))
    preset = find_preset(question.preset)
    hidden = preset.fitted(*preset.natural)
    target = make_target(picture, hidden)
    run = LearningRun(LearningConfig(picture, target, preset.natural, question.rate, question.seed))
    run.advance(MOST)
    kernels = np.stack([kernel[0] for kernel in run.kernels])
    limit = largest_rate(picture, preset.natural)
    return LearnedKernel(kernels, tuple(run.losses), hidden, picture.values[0], target[0], limit)


def show_learning() -> None:
    """The part of the page: question, controls, pictures, curves."""
    question = _ask()
    found = learned_kernel(question)
    if st.session_state.get("learn_question") != question:
        st.session_state.update({"learn_question": question, STEP: 0, PLAYS: False})
    st.caption(
        _("It does not know the hidden kernel: it starts at random, and each step moves every weight a little "
          "against the gradient of the loss. On this image training diverges from a learning rate of {limit} "
          "on.",
          limit=f"{found.largest_rate:.2g}")
    )  # fmt: skip
    st.fragment(_played, run_every=EVERY_S if st.session_state[PLAYS] else None)(found)


def _ask() -> LearnRequest:
    """What the reader (or the link) chose; it stays while another part of the page is open."""
    kept = st.session_state.setdefault(KEPT, from_link(st.query_params.get(LINK_NAME, "")))
    for name, value in zip(CHOICES, kept, strict=True):
        st.session_state.setdefault(name, value)
    question = _chosen(kept[-1])
    st.session_state[KEPT] = (question.picture, question.preset, question.rate, question.seed)
    _write_link(question)
    return question


def _write_link(question: LearnRequest) -> None:
    text = to_link(question)
    if not text:
        st.query_params.pop(LINK_NAME, None)
    elif st.query_params.get(LINK_NAME) != text:
        st.query_params[LINK_NAME] = text


def to_link(question: LearnRequest) -> str:
    """The question in words that are the same in every language; empty for the one at the start.

    >>> from cnnviz.ui.lab.learn_kernel import LearnRequest, to_link
    >>> to_link(LearnRequest("face", "sobel", 0.1, 3))
    'face~sobel~0.1~3'
    """
    is_start = question == LearnRequest(*START)
    return (
        "" if is_start else "~".join((question.picture, question.preset, rate_text(question.rate), str(question.seed)))
    )


def from_link(text: str) -> tuple[str, str, float, int]:
    """The choices that a link holds: picture, hidden kernel, rate, seed; those of the start for anything else."""
    parts = text.split("~")
    rates = {rate_text(rate): rate for rate in RATES}
    if len(parts) != len(START):
        return START
    picture, preset, rate, seed = parts
    is_known = picture in (*PICTURES, DRAWING) and preset in {each.key for each in PRESETS} and rate in rates
    is_seed = seed.isascii() and seed.isdigit() and len(seed) <= 3
    return (picture, preset, rates[rate], int(seed)) if is_known and is_seed else START


def _chosen(seed_before: int) -> LearnRequest:
    odd: list[str] = []
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        picture = st.selectbox(
            _("Image"), [*PICTURES, DRAWING], format_func=_picture_name, key="learn_picture", width=220
        )
        preset = st.selectbox(
            _("Hidden kernel"), [preset.key for preset in PRESETS], format_func=lambda key: find_preset(key).title,
            key="learn_kernel", width=220,
        )  # fmt: skip
        rate = st.select_slider(_("Learning rate"), RATES, format_func=rate_text, key="learn_rate", width=260)
        seed = whole_number(_("Seed"), 0, MOST_SEED, seed_before, odd, is_laid=True, key="learn_seed", width=110)
    for sentence in odd:
        show_error(sentence)
    return LearnRequest(picture, preset, rate, seed)


def rate_text(rate: float) -> str:
    """A learning rate without an exponent: 0.00001."""
    return f"{rate:.5f}".rstrip("0").rstrip(".")


def _picture_name(key: str) -> str:
    return _("the drawing, 28×28") if key == DRAWING else find_image(key).title


def _played(found: LearnedKernel) -> None:
    """One view of the run; while it plays, the next one is a step further."""
    state, last = st.session_state, len(found.losses) - 1
    if state[PLAYS]:
        state[STEP] = min(state[STEP] + 1, last)
        if state[STEP] == last:
            state[PLAYS] = False
            st.rerun()
    _controls(last)
    step = min(state[STEP], last)
    palette = current_palette()
    _told(found, step)
    pictures, curves = st.columns([1, 2], gap="large")
    with pictures:
        _kernels(found, step, palette)
    with curves:
        st.plotly_chart(loss_curve(found.losses, step, palette), key="learn_loss")
        paths = found.kernels.reshape(len(found.kernels), -1)
        st.plotly_chart(weight_paths(paths.tolist(), found.hidden.ravel().tolist(), step, palette), key="learn_paths")


def _controls(last: int) -> None:
    state = st.session_state
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        label = _("Pause") if state[PLAYS] else _("Play")
        press_button(label, partial(_play_or_pause, last), key="learn_play", type="primary")
        st.button(_("One step back"), on_click=_go, args=(-1, last), disabled=state[STEP] == 0, key="learn_back")
        st.button(_("One step"), on_click=_go, args=(1, last), disabled=state[STEP] >= last, key="learn_one")
        st.button(_("Ten steps"), on_click=_go, args=(10, last), disabled=state[STEP] >= last, key="learn_ten")
        st.button(_("Back to the start"), on_click=_go, args=(-last, last), key="learn_start")


def _play_or_pause(last: int) -> None:
    state = st.session_state
    state[PLAYS] = not state[PLAYS]
    state[STEP] = 0 if state[STEP] >= last else state[STEP]
    st.rerun()  # all of the page: how often this part runs is said there


def _go(by: int, last: int) -> None:
    state = st.session_state
    state.update({PLAYS: False, STEP: min(max(0, state[STEP] + by), last)})


def _told(found: LearnedKernel, step: int) -> None:
    """The step in words and numbers; the losses of every second step up to it, as the lesson prints them."""
    loss = found.losses[step]
    if not np.isfinite(loss):
        show_warning(_("Step {step}: the loss diverged. Take a smaller learning rate.", step=step))
        return
    distance = float(np.abs(found.kernels[step] - found.hidden).max())
    st.markdown(
        _("**Step {step}**: loss {loss}; the weights differ from the hidden ones by at most {distance}.",
          step=step, loss=format_number(loss, 3), distance=format_number(distance, 3))
    )  # fmt: skip
    seen = ", ".join(f"{at}: {format_number(found.losses[at], 3)}" for at in range(max(0, step - 10), step + 1, 2))
    st.caption(_("Loss after every second step: {seen}", seen=seen))


def _kernels(found: LearnedKernel, step: int, palette: Palette) -> None:
    """What was given; what was found, and what it gives; what was hidden."""
    kernel, hidden = _finite(found.kernels[step]), found.hidden
    reach = max(float(np.abs(hidden).max()), float(np.abs(kernel).max()))
    spread = float(np.abs(found.target).max()) or 1.0

    def shown(values: np.ndarray) -> np.ndarray:
        return map_image(values, palette.activations, -spread, spread)

    def weights(values: np.ndarray) -> np.ndarray:
        return map_image(values, palette.weights, -reach, reach)

    _row(
        (map_image(found.picture, palette.inputs, *_span(found.picture)), _("image")),
        (shown(found.target), _("target")),
    )
    _row(
        (weights(kernel), _("found: {numbers}", numbers=_rows(found.kernels[step]))),
        (shown(given_now(found, step)), _("its result")),
    )
    _row((weights(hidden), _("hidden: {numbers}", numbers=_rows(hidden))))


def _row(*pictures: tuple[np.ndarray, str]) -> None:
    """Side by side, on a phone too."""
    with st.container(horizontal=True, gap="small"):
        for pixels, caption in pictures:
            show_page_image(pixels, caption, WIDE, caption)


def given_now(found: LearnedKernel, step: int) -> np.ndarray:
    """The map that the kernel after `step` steps makes of the picture, (rows, cols)."""
    return make_target(Source("learned", found.picture[None]), _finite(found.kernels[step]))[0]


def _finite(kernel: np.ndarray) -> np.ndarray:
    """A kernel that can be painted: one that has left every bound stands at the end of the scale."""
    return np.clip(np.nan_to_num(kernel), -FARTHEST, FARTHEST)


def _span(values: np.ndarray) -> tuple[float, float]:
    return min(0.0, float(values.min())), max(1.0, float(values.max()))


def _rows(kernel: np.ndarray) -> str:
    """A kernel in one line: rows by semicolons."""
    return "; ".join("  ".join(format_number(float(value), 3) for value in row) for row in kernel)
