"""The large button of the page "Train live", and what is said at it: what hinders a start, what can be brought back.

One button always means the next thing that one wants: start, pause, go on. Refuses to know: how a setup is changed.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from cnnviz.data.datasets import DataBroken, DataMissing
from cnnviz.i18n import _
from cnnviz.models.builder import inspect_spec
from cnnviz.training import Job
from cnnviz.training.worker import RunState
from cnnviz.ui.app.plain_text import escape_markdown, show_error, show_warning
from cnnviz.ui.app.presses import uninterrupted
from cnnviz.ui.app.waiting import place_sentence, show_waiting, stop_waiting, wait_with
from cnnviz.ui.train.held import bring_back, find_run, has_place, last_run, start_run
from cnnviz.ui.train.parts import editor_trouble
from cnnviz.ui.train.run_entry import RunError, TrainingRunEntry
from cnnviz.ui.train.run_registry import PlacesTaken
from cnnviz.ui.train.session import setup, state, take
from cnnviz.ui.train.setup import TrainSetup, fit_setup, network_title, run_title, same_setup, setup_of
from cnnviz.web.trainer.images import validation_sample

WAITS = "train"  # what this page is called where one waits for a place
TROUBLES = (ValueError, DataMissing, DataBroken)  # one sentence each


def show_large_button() -> None:
    """Start, pause or go on, whichever comes next; where a run is at work, a smaller one begins another."""
    run = find_run("run")
    if run is None or not run.is_working:
        st.button(_("Start"), type="primary", icon=":material/play_arrow:", key="train_start", on_click=_wish,
                  args=("start",))  # fmt: skip
        return
    if run.history.status.state is RunState.PAUSED:
        st.button(_("Resume"), type="primary", icon=":material/play_arrow:", key="train_resume", on_click=_order,
                  args=("resume",))  # fmt: skip
    else:
        st.button(_("Pause"), type="primary", icon=":material/pause:", key="train_pause", on_click=_order,
                  args=("pause",))  # fmt: skip
    st.button(
        _("Restart"), icon=":material/restart_alt:", key="train_anew", on_click=_wish, args=("start",),
        help=_("With the settings set up now; the current run is stopped and put aside, and can be brought back"),
    )  # fmt: skip


def _wish(what: str) -> None:
    state()["wish"] = what


def wish_train_on() -> None:
    """The last run's network is to be trained on."""
    _wish("train_on")


def _order(word: str) -> None:
    """Tell the present run; the browser looks at once whether it obeys."""
    kept, run = state(), find_run("run")
    if run is None:
        return
    try:
        run.do(word)
    except RunError as error:
        kept["trouble"] = str(error)
    kept["orders"] += 1


def answer_wish() -> None:
    """Do what was asked for, now that the setup is known; what hinders is said here, at the button."""
    hindrance = what_hinders(setup())
    with uninterrupted():  # a wish is granted whole
        wish, trouble = state().pop("wish", None), state().pop("trouble", None)
        if wish == "start" and hindrance and hindrance.is_passing:
            state()["wish"] = wish  # what was typed last is on its way: the next run of the page starts
        elif wish == "start" and hindrance:
            stop_waiting(WAITS)
            trouble = _("Not started. {sentence}", sentence=hindrance.sentence)
        elif wish:
            trouble = _try(wish)
    if wish and not trouble and not (hindrance and hindrance.is_passing):
        st.rerun()
    if trouble:
        show_error(trouble)
    elif hindrance and not hindrance.is_passing:
        show_warning(_("This cannot be started yet. {sentence}", sentence=hindrance.sentence), icon=":material/block:")
    show_waiting(WAITS, place_sentence(), has_place, _wish)
    _show_held()


def _try(wish: str) -> str:
    """Start, or train on; the sentence why not, or nothing. Where all places are taken, the wish waits for one."""
    stop_waiting(WAITS)
    try:
        if wish == "start":
            now = setup()
            job = job_of(now)
            start_run(job, run_title(job, network_title(now)))
        else:
            _train_on()
    except PlacesTaken:
        wait_with(WAITS, wish)
        return ""
    except TROUBLES as error:
        return str(error)
    state().update(open=None, said="")
    return ""


def job_of(chosen: TrainSetup) -> Job:
    """What is set up, fitted to its pictures. Raises: one of `TROUBLES`."""
    pictures = validation_sample(chosen.data, chosen.config.scaling).pictures
    return fit_setup(chosen, pictures.shape, pictures.classes)


def _train_on() -> None:
    """The network of the last run is trained on, with the settings of now; that run is stopped first."""
    run = last_run()
    if run is None or not run.history.moments:
        raise RunError(_("Nothing of this run is recorded yet: wait a moment."))
    weights = run.history.weights_at(run.history.moments[-1])
    job = replace(run.job, config=setup().config)
    start_run(job, _("{title}, trained on", title=run_title(job, job.blueprint.title)), weights)


class Hindrance:
    """Why what is set up cannot be started: one sentence. is_passing: it is only being typed just now."""

    def __init__(self, sentence: str, *, is_passing: bool = False) -> None:
        self.sentence, self.is_passing = sentence, is_passing


def what_hinders(now: TrainSetup) -> Hindrance | None:
    """What stands on the page and is not what would be trained: a number out of its bounds, layers that do not fit."""
    trouble = editor_trouble()
    if trouble is not None and trouble.get("is_pending"):
        return Hindrance("", is_passing=True)
    if trouble is not None and trouble.get("sentence"):
        return Hindrance(str(trouble["sentence"]))
    odd = state()["odd_settings"] or state()["odd_data"]
    if odd:
        return Hindrance(odd)
    found = inspect_spec(now.blueprint)
    return Hindrance(found.problem.sentence) if found.problem else None


def _show_held() -> None:
    """What is put aside, and the settings of the run on the page where they are others than those above."""
    aside, run = find_run("aside"), find_run("run")
    if aside is not None:
        _offer(
            _("Put aside: {title}, step {step}.", title=aside.title, step=aside.history.status.step),
            _("Bring it back"), "train_back", bring_back,
        )  # fmt: skip
    if run is not None and not same_setup(setup(), setup_of(run.job)):
        _offer(
            _("The run below has other settings than those set up here: {title}.", title=run.title),
            _("Use that run's settings"), "train_take", _take_over, run,
        )  # fmt: skip


def _offer(text: str, label: str, key: str, then: object, *what: object) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(escape_markdown(text), width="content")
        st.button(label, key=key, on_click=then, args=what, type="tertiary", icon=":material/undo:")  # type: ignore[arg-type]


def _take_over(run: TrainingRunEntry) -> None:
    take(setup_of(run.job), afresh=True)
