"""Lesson 4 of the page "Experiments": XOR, with and without a non-linearity; two linear layers are one.

Refuses to know: how it is trained (`experiments.xor`), processes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from cnnviz.data.image_sets import SetKey
from cnnviz.experiments.registry import ExperimentKind, ExperimentSettings, Record, few_job
from cnnviz.experiments.xor import FROM, GUESSING, LABELS, POINTS, TO
from cnnviz.figures.experiments import RIGHT, WRONG, ChartLine, answers_map, lines_over_steps
from cnnviz.figures.rounding import decimals_that_hold
from cnnviz.figures.theme import MINUS, PALETTES, format_number
from cnnviz.i18n import _
from cnnviz.models.builder import Activation, LayerKind
from cnnviz.ui.app.style import section
from cnnviz.ui.experiments.choices import SEED, UNITS, Choices
from cnnviz.ui.experiments.links import offer_training
from cnnviz.ui.experiments.page import ExperimentPage, lesson_title
from cnnviz.ui.train.setup import OWN, TrainSetup

HIDDEN = (2, 4, 8)  # units
MOST_SEED = 9_999
DIGITS = 4


def _function_name(key: str) -> str:
    names = {
        Activation.NONE: _("no activation"),
        Activation.RELU: _("with ReLU"),
        Activation.TANH: _("with tanh"),
    }
    return names[Activation(key)]


def _words() -> None:
    st.markdown(
        _("**Give the network two numbers**, each 0 or 1: are they different? Four points, two layers.")
        + "\n\n"
        + _("**Press the button and look at the maps**: with a non-linearity (ReLU, tanh) between the layers the "
            "diamonds and the circles are separated. Without one there is at most a straight line, and no "
            "straight line can separate them.")
        + "\n\n"
        + _("**Read the numbers below**: two layers with nothing between are one layer, W = W₂·W₁. A deep network "
            "without non-linearities is no deeper than one layer.")
    )  # fmt: skip


def _choose(choices: Choices) -> ExperimentSettings:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        units = choices.one(UNITS, _("Hidden units"), HIDDEN, 4)
        seed = choices.whole(
            SEED, _("Seed"), 0, MOST_SEED, 1, width=120, help=_("Another seed gives other initial weights.")
        )
    return ExperimentSettings(choices.kind, units=units, seed=seed)


def _show(records: list[Record], _wish: ExperimentSettings | None) -> None:
    if not records:
        st.table({_("first number"): [0, 0, 1, 1], _("second number"): [0, 1, 0, 1],
                  _("different?"): [_("same ○"), _("different ◆"), _("different ◆"), _("same ○")]})  # fmt: skip
        st.caption(_("The whole training set. Training takes about a second, once the process has started."))
        return
    palette = PALETTES[st.context.theme.type or "light"]
    for column, record in zip(st.columns(3), records, strict=False):
        with column:
            title = f"**{_function_name(record['function'])}**  \n{_right(record)}"
            st.markdown(title)
            figure = answers_map(np.array(record["map"]), (FROM, TO), POINTS, LABELS, palette)
            st.plotly_chart(figure, key=f"xor_{record['function']}", config={"displayModeBar": False})
    st.caption(
        _("Colour: the network's probability of “different” (full colour: 1). The line: 50 %. ○ same, ◆ different.")
    )
    _losses(records)
    bare = next((record for record in records if record["weight"] is not None), None)
    if bare is not None:
        _show_one_layer(bare)


def _right(record: Record) -> str:
    right, answered = record["right"], record["answered"]
    if right == 4:
        return _("4 of 4 right")
    if answered == 0:
        return _("50 : 50 at all four points: no answer")
    said = _("{n} of 4 right", n=right)
    if answered < 4:
        said += " · " + _("50 : 50 at {n} of them: no answer", n=4 - answered)
    if record["function"] == Activation.NONE:
        return said + " · " + _("a straight line never gets 4")
    return said + " · " + _("an unlucky start: try another seed")


def _losses(records: list[Record]) -> None:
    lines = [
        ChartLine(_function_name(record["function"]), range(len(record["losses"])), record["losses"], colour)
        for record, colour in zip(records, (WRONG, RIGHT, "#228833"), strict=False)
    ]
    figure = lines_over_steps(lines, _("loss"), level=(GUESSING, _("guessing: log 2 = {x}", x=format_number(GUESSING))))
    st.plotly_chart(figure, key="xor_loss", config={"displayModeBar": False})


def written_sum(bare: Record) -> str:
    """The first entry of W = W₂·W₁, written out so that the shown sum holds."""
    first, second = np.array(bare["layers"][0]), np.array(bare["layers"][2])
    terms = (second[0] * first[:, 0]).tolist()
    total = float(bare["weight"][0][0])
    found = decimals_that_hold(terms, total, DIGITS)
    digits, sign = (found, "=") if found else ((DIGITS, DIGITS), "≈")
    added = " + ".join(
        format_number(term, digits[0]) if term >= 0 else f"({format_number(term, digits[0])})" for term in terms
    )
    return f"{added} {sign} {format_number(total, digits[1])}"


def point_rows(bare: Record) -> list[tuple[str, float, float]]:
    """For each point: the score of "different" from both layers one after the other, and from the one layer W, b."""
    weight, bias = np.array(bare["weight"]), np.array(bare["bias"])
    return [
        (f"{point[0]:g}, {point[1]:g}", float(stacked[1]), float(weight[1] @ point + bias[1]))
        for point, stacked in zip(POINTS, bare["scores"], strict=True)
    ]


def _matrix(name: str, values: list[list[float]]) -> str:
    rows = r" \\ ".join(" & ".join(format_number(value, 3).replace(MINUS, "-") for value in row) for row in values)
    return rf"{name} = \begin{{bmatrix}} {rows} \end{{bmatrix}}"


def _show_one_layer(bare: Record) -> None:
    section(_("No activation: two layers are one"), 3)
    first, _bias, second, _more = bare["layers"]
    with st.container(horizontal=True, gap="medium"):
        for name, values in (("W_2", second), ("W_1", first), ("W = W_2 W_1", bare["weight"])):
            st.latex(_matrix(name, values), width="content")
    st.markdown(_("The upper left entry of W, term by term: {sum}", sum=written_sum(bare)))
    head = "| " + " | ".join((_("point"), _("score of “different” by both layers"), _("by W and b alone"))) + " |"
    rows = [f"| {name} | {format_number(two)} | {format_number(one)} |" for name, two, one in point_rows(bare)]
    table = "\n".join([head, "|---|---|---|", *rows])
    st.markdown(table)
    apart = max(abs(two - one) for _name, two, one in point_rows(bare))
    st.caption(_("Largest difference: {apart}. What is left is the rounding of 32-bit numbers.", apart=f"{apart:.1e}"))


def _leave(_wish: ExperimentSettings) -> None:
    job = few_job(SetKey.DIGITS)
    parts = tuple(
        replace(part, function=Activation.NONE) if part.kind is LayerKind.ACTIVATION else part
        for part in job.blueprint.parts
    )
    config = replace(job.config, steps=None, epochs=12, batch=32)
    setup = TrainSetup(OWN, replace(job.blueprint, parts=parts), job.data, config)
    offer_training(setup, _("Train a digit network without ReLU live"))
    st.caption(
        _("It still classifies most digits, for max pooling is non-linear too: a non-linearity need not be a ReLU.")
    )


LESSON = ExperimentPage(
    lambda: lesson_title(ExperimentKind.XOR), lambda: _("Learn XOR three ways"), _words, _choose, _show, _leave
)  # fmt: skip
