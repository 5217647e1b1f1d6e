"""The page "Experiments" in a session: which lesson is open, what runs for it, its button and its progress.

Refuses to know: what a lesson says and shows (`batch_size` … `xor`), what an experiment does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from cnnviz.experiments.experiment_process import (
    ATTEMPTS,
    ExperimentProcess,
    ExperimentProcessError,
    PlacesTaken,
)
from cnnviz.experiments.registry import ExperimentKind, ExperimentSettings, Record
from cnnviz.i18n import _
from cnnviz.training.worker import RunState
from cnnviz.ui.app.buttons import press_button
from cnnviz.ui.app.plain_text import show_error, show_warning
from cnnviz.ui.app.presses import uninterrupted
from cnnviz.ui.app.style import section
from cnnviz.ui.app.waiting import show_waiting, stop_waiting, wait_with, wish_of
from cnnviz.ui.experiments.choices import Choices, clear_address

SESSION, CHOICE, LINK = "experiments", "experiment", "lesson"
WAITS = "experiments"  # what this page is called where one waits for a place
POLL_S = 1.0


@dataclass(frozen=True)
class ExperimentPage:
    """How a lesson is shown: `words` to read, `choose` its settings, `show` what was found, `leave` for training."""

    title: Callable[[], str]
    button: Callable[[], str]
    words: Callable[[], None]
    choose: Callable[[Choices], ExperimentSettings]
    show: Callable[[list[Record], ExperimentSettings | None], None]
    leave: Callable[[ExperimentSettings], None]


def lesson_title(kind: ExperimentKind) -> str:
    """What the lesson is called where one chooses it."""
    return {
        ExperimentKind.BATCH: _("Batch size and speed"),
        ExperimentKind.OVERFITTING: _("Overfitting on purpose"),
        ExperimentKind.SOFTMAX: _("Softmax before nll_loss"),
        ExperimentKind.XOR: _("XOR without a non-linearity"),
    }[kind]


def _tokens() -> dict[str, Any]:
    kept: dict[str, Any] = st.session_state.setdefault(SESSION, {})
    return kept


def find_experiment_process(kind: ExperimentKind) -> ExperimentProcess | None:
    """The experiment that was run last for this lesson; None where there is none (any more)."""
    return ATTEMPTS.find(_tokens().get(kind.value))


def choose_lesson() -> ExperimentKind:
    """The one control at the top. The link names the lesson; without it the one that was open last is."""
    keys, kept = [kind.value for kind in ExperimentKind], _tokens()
    asked = st.query_params.get(LINK, kept.get("open"))
    if CHOICE not in st.session_state:
        st.session_state[CHOICE] = asked if asked in keys else keys[0]
    chosen = st.segmented_control(
        _("Experiment"), keys, required=True, key=CHOICE, format_func=lambda key: lesson_title(ExperimentKind(key)),
        label_visibility="collapsed",
    )  # fmt: skip
    kind = ExperimentKind(chosen or keys[0])
    if kept.get("open", kind.value) != kind.value:
        clear_address()
    kept["open"] = kind.value
    if st.query_params.get(LINK) != kind.value:
        st.query_params[LINK] = kind.value
    return kind


def poll_every(kind: ExperimentKind) -> float | None:
    """How often the lesson asks what is new, in seconds; None where nothing runs."""
    attempt = find_experiment_process(kind)
    return POLL_S if attempt is not None and attempt.is_working else None


def show_lesson(kind: ExperimentKind, lesson: ExperimentPage) -> None:
    """Words, settings and button on the left; what was found on the right."""
    _end_others(kind)
    left, right = st.columns([2, 3], gap="large")
    with left:
        section(lesson.title())
        lesson.words()
        choices = Choices(kind)
        wish = lesson.choose(choices)
        choices.tell()
        _control(kind, lesson, wish, is_sound=not choices.refused)
    with right:
        attempt = find_experiment_process(kind)
        lesson.show(attempt.records() if attempt else [], attempt.wish if attempt else None)
    with left:
        lesson.leave(wish)


def _end_others(kind: ExperimentKind) -> None:
    """One experiment at a time: the machine is shared."""
    for other in ExperimentKind:
        attempt = find_experiment_process(other) if other is not kind else None
        if attempt is not None:
            attempt.stop()
    if wish_of(WAITS) not in (None, kind.value):
        stop_waiting(WAITS)


def _control(kind: ExperimentKind, lesson: ExperimentPage, wish: ExperimentSettings, *, is_sound: bool) -> None:
    attempt, state = find_experiment_process(kind), _tokens()
    was_working = state.get("working") == kind.value
    if attempt is not None and attempt.is_working:
        state["working"] = kind.value
        _progress(kind, attempt)
        return
    if was_working:  # it has just ended: the page need not ask any more
        state["working"] = None
        st.rerun(scope="app")
    if state.pop("wish", None) == kind.value and is_sound:  # it has waited for a place
        _begin(kind, wish)
    label = lesson.button() if attempt is None else _("Run again")
    icon, key = ":material/play_arrow:", f"run_{kind.value}"
    press_button(
        label, partial(_start, kind, wish), key=key, refusals=(ExperimentProcessError,), say=_say_busy, type="primary",
        icon=icon, disabled=not is_sound,
    )  # fmt: skip
    _show_waiting(is_sound=is_sound)
    if attempt is not None:
        _say_end(attempt)


def _begin(kind: ExperimentKind, wish: ExperimentSettings) -> None:
    """As if the button had been pressed; what hinders is said here."""
    try:
        with uninterrupted():
            _start(kind, wish)
    except ExperimentProcessError as error:
        _say_busy(str(error))


def _start(kind: ExperimentKind, wish: ExperimentSettings) -> None:
    """Where all places are taken, it waits for one. Raises: ExperimentProcessError, one sentence."""
    stop_waiting(WAITS)
    try:
        state, token = _tokens(), ATTEMPTS.start(wish)
    except PlacesTaken:
        wait_with(WAITS, kind.value)
        return
    ATTEMPTS.drop(state.get(kind.value))
    state.update({kind.value: token, "working": kind.value})
    st.rerun(scope="app")


def _show_waiting(*, is_sound: bool) -> None:
    said = _("All places for experiments are taken on this machine. Your experiment starts by itself as soon as one is "
             "free.")  # fmt: skip
    show_waiting(WAITS, said, lambda: is_sound and ATTEMPTS.has_place, lambda kind: _tokens().update(wish=kind))


def _say_busy(sentence: str) -> None:
    show_warning(sentence, icon=":material/hourglass:")


def _progress(kind: ExperimentKind, attempt: ExperimentProcess) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        press_button(_("Stop"), attempt.stop, key=f"stop_{kind.value}", icon=":material/stop:")
        starting = attempt.state is RunState.STARTING
        words = _("A process of its own starts: a few seconds …") if starting else _("Running …")
        st.progress(min(1.0, attempt.share), words)


def _say_end(attempt: ExperimentProcess) -> None:
    if attempt.state is RunState.FAILED:
        show_error(attempt.sentence)
    elif attempt.state is RunState.STOPPED:
        st.caption(_("Stopped: the results so far stay."))
