"""Lesson 3 of the page "Experiments": softmax before nll_loss, a published mistake, shown and explained.

Refuses to know: how it is trained (`experiments.softmax_mistake`), processes.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import streamlit as st

from cnnviz.experiments.registry import ExperimentKind, ExperimentSettings, Record, softmax_job
from cnnviz.experiments.softmax_mistake import RIGHT, WRONG, gradient_pull, score_gradients
from cnnviz.figures import experiments as charts
from cnnviz.figures.experiments import ChartLine, lines_over_steps, pull_chart
from cnnviz.figures.theme import format_number, format_percent
from cnnviz.i18n import _
from cnnviz.training import LossKind
from cnnviz.ui.app.style import section
from cnnviz.ui.experiments.choices import Choices
from cnnviz.ui.experiments.links import offer_training
from cnnviz.ui.experiments.page import ExperimentPage, lesson_title
from cnnviz.ui.train.setup import TrainSetup

CODE = """# right
F.nll_loss(F.log_softmax(scores, dim=1), truth)
# the mistake
F.nll_loss(F.softmax(scores, dim=1), truth)"""
SHARES = (0.01, 0.1, 0.5, 0.9)  # of the true class, in the table


def _words() -> None:
    st.code(CODE, language="python", wrap_lines=True)
    st.markdown(
        _("**Spot the difference**: nll_loss expects logarithms of probabilities. Given probabilities, the loss is −p: "
          "never below −1, so even the worst error costs little.")
        + "\n\n"
        + _("**Look at the gradient** of the loss for the score of the true class: its size, 1 − p, is largest "
            "where the network is wrong. The mistake multiplies it by p, so it hardly learns from its worst "
            "errors.")
        + "\n\n"
        + _("**Press the button** and watch the same network, same initial weights, same batches, learn both "
            "ways.")
    )  # fmt: skip


def _choose(choices: Choices) -> ExperimentSettings:
    return ExperimentSettings(choices.kind, pictures=choices.pictures())


@lru_cache(maxsize=1)
def gradient_rows() -> tuple[tuple[float, float, float], ...]:
    """(p, pull of the right loss, pull of the mistaken one) for two classes, from PyTorch's own gradients."""
    found = []
    for share in SHARES:
        right, wrong = score_gradients(np.log(np.array([share, 1 - share])), 0)
        found.append((share, -float(right[0]), -float(wrong[0])))
    return tuple(found)


def _show(records: list[Record], _wish: ExperimentSettings | None) -> None:
    if records:
        _curves(records)
    section(_("Why: the size of each loss's gradient for the true class’s score"), 3)
    shares = np.linspace(0, 1, 101)
    st.plotly_chart(pull_chart(shares, *gradient_pull(shares)), key="softmax_pulls", config={"displayModeBar": False})
    head = f"| {_('the true class has p =')} | {' | '.join(f'{share:g}' for share in SHARES)} |\n|---|" + "---|" * 4
    rows = [
        f"| {name} | " + " | ".join(format_number(row[place], 4) for row in gradient_rows()) + " |"
        for place, name in ((1, _("right: 1 − p")), (2, _("mistake: p · (1 − p)")))
    ]
    table = "\n".join([head, *rows])
    st.markdown(table)
    st.caption(_("The table is PyTorch's own gradient of both losses (autograd), for two classes."))


def _curves(records: list[Record]) -> None:
    ways = ((RIGHT, _("log-softmax: right"), charts.RIGHT), (WRONG, _("softmax: the mistake"), charts.WRONG))

    def lines(value: str) -> list[ChartLine]:
        found = []
        for way, name, colour in ways:
            own = [record for record in records if record["way"] == way]
            found.append(ChartLine(name, [each["step"] for each in own], [each[value] for each in own], colour))
        return found

    st.markdown(describe_losses(records))
    reading = lines_over_steps(lines("accuracy"), _("accuracy, unseen images"), is_share=True)
    st.plotly_chart(reading, key="softmax_accuracy", config={"displayModeBar": False})
    section(_("Norm of the gradient of all weights, batch by batch"), 3)
    lengths = lines_over_steps(lines("gradient"), _("norm of the gradient"), is_log=True)
    st.plotly_chart(lengths, key="softmax_gradient", config={"displayModeBar": False})


def describe_losses(records: list[Record]) -> str:
    """Where both stand now, by the same yardsticks, and how short the first gradient was."""
    right, wrong = ([record for record in records if record["way"] == way] for way in (RIGHT, WRONG))
    if not wrong:
        return ""
    return _(
        "**After {step} steps** the accuracy is {right} trained correctly and {wrong} with the mistake; the "
        "cross-entropy is {cost} against {high}. At the first step the mistaken gradient is smaller by a "
        "factor of {times}: with ten classes p is about a tenth.",
        step=wrong[-1]["step"], right=format_percent(right[-1]["accuracy"]),
        wrong=format_percent(wrong[-1]["accuracy"]),
        cost=format_number(right[-1]["cross_entropy"], 3), high=format_number(wrong[-1]["cross_entropy"], 3),
        times=f"{right[0]['gradient'] / wrong[0]['gradient']:.1f}",
    )  # fmt: skip


def _leave(wish: ExperimentSettings) -> None:
    job = softmax_job(wish.pictures)
    config = replace(job.config, loss=LossKind.SOFTMAX_NLL)
    offer_training(TrainSetup("small_b5", job.blueprint, job.data, config), _("Train it live with the mistake"))


LESSON = ExperimentPage(
    lambda: lesson_title(ExperimentKind.SOFTMAX), lambda: _("Train both ways"), _words, _choose, _show, _leave
)  # fmt: skip
