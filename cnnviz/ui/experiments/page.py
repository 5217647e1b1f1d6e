"""The page "Experiments" in a session: which lesson is open, what runs for it, its button and its progress.

Refuses to know: what a lesson says and shows (`experiments_batch` … `experiments_xor`), what an experiment does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.experiments.experiment_process import ATTEMPTS, Attempt, AttemptError
from cnnviz.experiments.registry import LessonKind, Record, Wish
from cnnviz.i18n import _
from cnnviz.training.worker import State
from cnnviz.ui.app.plain_text import show_error, show_warning
from cnnviz.ui.app.style import section
from cnnviz.ui.experiments.choices import Choices, clear_address

SESSION, CHOICE, LINK = "experiments", "experiment", "lesson"
POLL_S = 1.0


@dataclass(frozen=True)
class Lesson:
    """How a lesson is shown: `words` to read, `choose` its settings, `show` what was found, `leave` for training."""

    title: Callable[[], str]
    button: Callable[[], str]
    words: Callable[[], None]
    choose: Callable[[Choices], Wish]
    show: Callable[[list[Record], Wish | None], None]
    leave: Callable[[Wish], None]


def lesson_title(kind: LessonKind) -> str:
    """What the lesson is called where one chooses it."""
    return {
        LessonKind.BATCH: _("Batch size and speed"),
        LessonKind.OVERFITTING: _("Overfitting on purpose"),
        LessonKind.SOFTMAX: _("Softmax before nll_loss"),
        LessonKind.XOR: _("XOR without a non-linearity"),
    }[kind]


def _tokens() -> dict[str, Any]:
    kept: dict[str, Any] = st.session_state.setdefault(SESSION, {})
    return kept


def attempt_of(kind: LessonKind) -> Attempt | None:
    """The experiment that was run last for this lesson; None where there is none (any more)."""
    return ATTEMPTS.find(_tokens().get(kind.value))


def choose_lesson() -> LessonKind:
    """The one control at the top. The link names the lesson; without it the one that was open last is."""
    keys, kept = [kind.value for kind in LessonKind], _tokens()
    asked = st.query_params.get(LINK, kept.get("open"))
    if CHOICE not in st.session_state:
        st.session_state[CHOICE] = asked if asked in keys else keys[0]
    chosen = st.segmented_control(
        _("Experiment"), keys, required=True, key=CHOICE, format_func=lambda key: lesson_title(LessonKind(key)),
        label_visibility="collapsed",
    )  # fmt: skip
    kind = LessonKind(chosen or keys[0])
    if kept.get("open", kind.value) != kind.value:
        clear_address()
    kept["open"] = kind.value
    if st.query_params.get(LINK) != kind.value:
        st.query_params[LINK] = kind.value
    return kind


def poll_every(kind: LessonKind) -> float | None:
    """How often the lesson asks what is new, in seconds; None where nothing runs."""
    attempt = attempt_of(kind)
    return POLL_S if attempt is not None and attempt.is_working else None


def show_lesson(kind: LessonKind, lesson: Lesson) -> None:
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
        attempt = attempt_of(kind)
        lesson.show(attempt.records() if attempt else [], attempt.wish if attempt else None)
    with left:
        lesson.leave(wish)


def _end_others(kind: LessonKind) -> None:
    """One experiment at a time: the machine is shared."""
    for other in LessonKind:
        attempt = attempt_of(other) if other is not kind else None
        if attempt is not None:
            attempt.stop()


def _control(kind: LessonKind, lesson: Lesson, wish: Wish, *, is_sound: bool) -> None:
    attempt, state = attempt_of(kind), _tokens()
    was_working = state.get("working") == kind.value
    if attempt is not None and attempt.is_working:
        state["working"] = kind.value
        _progress(kind, attempt)
        return
    if was_working:  # it has just ended: the page need not ask any more
        state["working"] = None
        st.rerun(scope="app")
    label = lesson.button() if attempt is None else _("Run again")
    icon, key = ":material/play_arrow:", f"run_{kind.value}"
    if st.button(label, type="primary", icon=icon, key=key, disabled=not is_sound):
        _start(kind, wish)
    if attempt is not None:
        _say_end(attempt)


def _start(kind: LessonKind, wish: Wish) -> None:
    state = _tokens()
    try:
        token = ATTEMPTS.start(wish)
    except AttemptError as error:
        show_warning(error, icon=":material/hourglass:")
        return
    ATTEMPTS.drop(state.get(kind.value))
    state.update({kind.value: token, "working": kind.value})
    st.rerun(scope="app")


def _progress(kind: LessonKind, attempt: Attempt) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(_("Stop"), icon=":material/stop:", key=f"stop_{kind.value}"):
            attempt.stop()
        starting = attempt.state is State.STARTING
        words = _("A process of its own starts: a few seconds …") if starting else _("Running …")
        st.progress(min(1.0, attempt.share), words)


def _say_end(attempt: Attempt) -> None:
    if attempt.state is State.FAILED:
        show_error(attempt.sentence)
    elif attempt.state is State.STOPPED:
        st.caption(_("Stopped: what was found until then stays."))
