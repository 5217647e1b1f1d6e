"""Lesson 2 of the page "Experiments": overfitting on purpose, and what helps against it.

Refuses to know: how it is trained (`experiments.overfitting`), processes.
"""

from __future__ import annotations

import math
from functools import lru_cache

import streamlit as st

from cnnviz.data.image_sets import SetKey
from cnnviz.experiments.overfitting import MORE, OverfittingTrial, overfitting_trials
from cnnviz.experiments.registry import ExperimentKind, ExperimentSettings, Record, few_job
from cnnviz.figures.experiments import RIGHT, WRONG, ChartLine, gap_chart, lines_over_steps
from cnnviz.figures.theme import format_percent
from cnnviz.i18n import _
from cnnviz.ui.experiments.choices import FEW, Choices
from cnnviz.ui.experiments.links import offer_training
from cnnviz.ui.experiments.page import ExperimentPage, lesson_title
from cnnviz.ui.train.setup import OWN, TrainSetup

PICTURES = (50, 100, 300)  # to learn from
BARE = "bare"


@lru_cache(maxsize=8)
def _trials(pictures: SetKey, few: int) -> dict[str, OverfittingTrial]:
    return {trial.key: trial for trial in overfitting_trials(few_job(pictures), few)}


def _words() -> None:
    st.markdown(
        _("**Press the button**: a network gets so few images that it memorises them; then it starts again, "
          "each time with one method that is meant to reduce overfitting.")
        + "\n\n"
        + _("**Look at the upper chart**: a bar reaches from the accuracy on images that it never saw to the "
            "accuracy on its training images. The longer the bar, the more was memorised.")
        + "\n\n"
        + _("**Then compare the curves**: where the dotted loss keeps falling and the solid one rises, the "
            "network still learns, but only about its training images.")
    )  # fmt: skip


def _choose(choices: Choices) -> ExperimentSettings:
    pictures = choices.pictures()
    few = choices.one(
        FEW, _("Training images"), PICTURES, 100,
        help=_("The last trial gets {times} times as many.", times=MORE),
    )  # fmt: skip
    return ExperimentSettings(choices.kind, pictures=pictures, few=few)


def _show(records: list[Record], wish: ExperimentSettings | None) -> None:
    if not records or wish is None:
        st.info(_("Here come seven trainings of the same network, same start, same number of steps: without "
                  "regularisation, then with an L2 penalty, weight decay, dropout, batch normalisation, augmented "
                  "images, and simply more images."), icon=":material/exercise:")  # fmt: skip
        return
    known = _trials(wish.pictures, wish.few)
    last = {record["key"]: record for record in records}
    names = [known[key].title for key in last]
    seen, unseen = ([record[part]["accuracy"] for record in last.values()] for part in ("training", "validation"))
    st.plotly_chart(gap_chart(names, seen, unseen), key="overfitting_gaps", config={"displayModeBar": False})
    st.markdown(describe_overfitting(last))
    others = [key for key in last if key != BARE]
    if others:
        _curves(records, known, others)
    else:
        _loss(records, {BARE: known[BARE].title})


def _curves(records: list[Record], known: dict[str, OverfittingTrial], others: list[str]) -> None:
    chosen = st.selectbox(
        _("Compare “no regularisation” with"), others, key="overfitting_other", width=320,
        format_func=lambda key: known[key].title,
    )  # fmt: skip
    _loss(records, {BARE: known[BARE].title, chosen: known[chosen].title})


def _loss(records: list[Record], names: dict[str, str]) -> None:
    lines = []
    for (key, name), colour in zip(names.items(), (WRONG, RIGHT), strict=False):
        own = [record for record in records if record["key"] == key]
        steps = [record["step"] for record in own]
        for part, words in (("validation", _("{name}: unseen images")), ("training", _("{name}: training images"))):
            losses = [record[part]["loss"] for record in own]
            lines.append(ChartLine(words.format(name=name), steps, losses, colour, part == "training"))
    figure = lines_over_steps(lines, _("loss")).update_layout(margin_t=80)
    st.plotly_chart(figure.update_layout(height=340), key="overfitting_loss", config={"displayModeBar": False})


def describe_overfitting(last: dict[str, Record]) -> str:
    """What came out for the bare network, and how much of a difference is chance."""
    bare = last[BARE]
    seen, unseen = bare["training"], bare["validation"]
    chance = math.sqrt(unseen["accuracy"] * (1 - unseen["accuracy"]) / unseen["n"])
    return _(
        "**Without regularisation** the network classifies {seen} of its training images correctly and "
        "{unseen} of {n} others. One start, {n} images: differences below about {chance} may be chance.",
        seen=format_percent(seen["accuracy"]), unseen=format_percent(unseen["accuracy"]), n=unseen["n"],
        chance=format_percent(2 * max(chance, 0.5 / unseen["n"])),
    )  # fmt: skip


def _leave(wish: ExperimentSettings) -> None:
    job = _trials(wish.pictures, wish.few)[BARE].job
    setup = TrainSetup(OWN, job.blueprint, job.data, job.config)
    offer_training(setup, _("Overfit it live, add a regulariser yourself"))


LESSON = ExperimentPage(
    lambda: lesson_title(ExperimentKind.OVERFITTING), lambda: _("Let it overfit"), _words, _choose, _show, _leave
)  # fmt: skip
