"""Lesson 1 of the page "Experiments": batch size and speed, measured on this machine.

Refuses to know: how it is measured (`experiments.batch_size`), processes.
"""

from __future__ import annotations

import streamlit as st

from cnnviz.experiments.registry import ExperimentKind, ExperimentSettings, Record, batch_job
from cnnviz.figures.theme import format_percent
from cnnviz.figures.training import accuracy_by_updates, epoch_times
from cnnviz.i18n import _
from cnnviz.ui.app.style import section
from cnnviz.ui.experiments.choices import SECONDS, Choices
from cnnviz.ui.experiments.links import offer_training
from cnnviz.ui.experiments.page import ExperimentPage, lesson_title
from cnnviz.ui.train.setup import TrainSetup

DURATIONS = (10, 20, 60)  # seconds


def _words() -> None:
    st.markdown(
        _("**Press the button**: this machine trains the same network with batches of 1, 2, 5 … 500 images, "
          "each for the same time.")
        + "\n\n"
        + _("**Look at the upper chart** from left to right: a batch is one matrix product that runs in parallel, so a "
            "larger one makes an epoch shorter, until the cores are busy and it stops paying.")
        + "\n\n"
        + _("**Then look at the lower chart**: after as many updates a larger batch is ahead, but it has seen "
            "many more images. All lines took the same time: see which ends highest; it is usually one in the "
            "middle.")
    )  # fmt: skip


def _choose(choices: Choices) -> ExperimentSettings:
    pictures = choices.pictures()
    seconds = choices.one(
        SECONDS, _("Measure for"), DURATIONS, 20,
        format_func=lambda n: _("{n} s", n=n), help=_("In total, training alone: start and evaluation come on top."),
    )  # fmt: skip
    return ExperimentSettings(choices.kind, pictures=pictures, seconds=float(seconds))


def latest_timings(records: list[Record]) -> dict[int, Record]:
    """The last record of each batch size, in their order."""
    return {record["batch"]: record for record in records}


def _show(records: list[Record], _wish: ExperimentSettings | None) -> None:
    if not records:
        st.info(_("Here comes how long an epoch takes with each batch size on **this** machine. For comparison: a book "
                  "reports 166 s with batches of 1, and 17 s with batches of 10, for 50,000 images."),
                icon=":material/timer:")  # fmt: skip
        return
    last = latest_timings(records)
    section(_("An epoch on this machine ({n} images)", n=f"{records[0]['of']:,}"), 3)
    times = epoch_times(list(last), [record["epoch_seconds"] for record in last.values()])
    st.plotly_chart(times.update_layout(height=300), key="batch_times", config={"displayModeBar": False})
    section(_("Accuracy by number of updates"), 3)
    found: dict[int, list[tuple[int, float]]] = {batch: [] for batch in last}
    for record in records:
        found[record["batch"]].append((record["updates"], record["accuracy"]))
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    lines = accuracy_by_updates(found).update_layout(height=360, legend=legend)
    st.plotly_chart(lines, key="batch_accuracy", config={"displayModeBar": False})
    st.markdown(describe_timings(last))


def describe_timings(last: dict[int, Record]) -> str:
    """What was measured, in a sentence or two. Epochs of small batches are scaled up from a part of one."""
    one, ten = last.get(1), last.get(10)
    if one is None or ten is None:
        return _("The first two sizes are being measured …")
    fastest = min(last.values(), key=lambda record: record["epoch_seconds"])
    return _(
        "**Measured here:** {one} s per epoch with batches of 1, {ten} s with batches of 10: {times} times "
        "as fast (the book: 9.8 times). The fastest so far is {batch}: {pace} images per second, and "
        "{updates} updates per epoch. Its accuracy after {done} updates: {share}. Times are extrapolated "
        "from the images trained on in the measured time.",
        one=f"{one['epoch_seconds']:.1f}", ten=f"{ten['epoch_seconds']:.1f}",
        times=f"{one['epoch_seconds'] / ten['epoch_seconds']:.1f}", batch=fastest["batch"],
        pace=f"{fastest['images_a_second']:,.0f}", updates=f"{fastest['updates_an_epoch']:,}",
        done=f"{fastest['updates']:,}", share=format_percent(fastest["accuracy"]),
    )  # fmt: skip


def _leave(wish: ExperimentSettings) -> None:
    job = batch_job(wish.pictures)
    offer_training(TrainSetup("mnist_b1", job.blueprint, job.data, job.config), _("Train this network live"))


LESSON = ExperimentPage(
    lambda: lesson_title(ExperimentKind.BATCH), lambda: _("Measure this machine"), _words, _choose, _show, _leave
)  # fmt: skip
