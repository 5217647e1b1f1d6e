"""The panel "How far can one push?": what becomes of the answer while the image is moved, turned, blurred and so on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnnviz.attribution.pushes import Push, PushedAnswers, push_image, reach_of
from cnnviz.core.edits import Edits
from cnnviz.figures.pushes import pushed_chart, shifts_chart
from cnnviz.figures.theme import format_percent
from cnnviz.i18n import _
from cnnviz.models.decision import softmax
from cnnviz.ui.app.caches import TrainedNetwork, edited_network, trained_network
from cnnviz.ui.app.page_images import show_page_image
from cnnviz.ui.app.plain_text import escape_markdown
from cnnviz.ui.app.style import current_palette
from cnnviz.ui.why.panel_choices import PanelChoices
from cnnviz.ui.why.why_answers import is_small, pushed, scores_of, shifted

LARGEST_PICTURE = 240  # pixels on the page
HOTTEST = 5.0
MOST_COLUMNS = 20  # classes in the table: those that are likeliest anywhere


def show_push(network: str, edits: Edits, image: np.ndarray, choices: PanelChoices, *, key: str) -> None:
    """An expander; nothing is computed while it is closed. `image`: (channels, rows, cols) as the network reads it."""
    box = choices.panel("push", _("How far can one push?"), ":material/swipe:", f"{key}_push_box")
    if not box.open:
        return
    with box:
        _show(edited_network(trained_network(network), edits), image, choices, key)


def _show(chosen: TrainedNetwork, image: np.ndarray, choices: PanelChoices, key: str) -> None:
    asked = _ask(image, choices, key)
    with st.spinner(_("Running the network …"), show_time=True):
        answers = pushed(chosen, image, asked.push)
    left, right = st.columns([1, 2.2], gap="large")
    with left:
        _show_pushed(chosen, image, asked)
    with right:
        _show_curves(chosen, answers, asked, key)
    if is_small(chosen):
        _show_shifts(chosen, image, asked.temperature, key)


@dataclass(frozen=True)
class Asked:
    """What the reader chose: what is done to the image, how much of it, and the temperature of softmax."""

    push: Push
    amount: float
    temperature: float


def _ask(image: np.ndarray, choices: PanelChoices, key: str) -> Asked:
    labels = _labels()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        push = choices.choose(
            st.selectbox,
            _("Push the image"),
            list(Push),
            Push.RIGHT,
            "push_by",
            f"{key}_push",
            format_func=labels.__getitem__,
            width=190,
        )
        amount = _ask_amount(push, image, choices, key)
        temperature = choices.slider(
            _("Temperature"),
            0.5,
            HOTTEST,
            1.0,
            "push_temperature",
            f"{key}_temperature",
            step=0.1,
            width=220,
            help=_(
                "Scores are divided by it before softmax. Above 1 all answers are less sure; the order of the "
                "classes stays."
            ),
        )
    return Asked(push, amount, temperature)


def _ask_amount(push: Push, image: np.ndarray, choices: PanelChoices, key: str) -> float:
    reach = reach_of(push, (image.shape[1], image.shape[2]))
    return choices.slider(
        _("Amount ({unit})", unit=_units()[push]),
        reach.low,
        reach.high,
        reach.start,
        "push_amount",
        f"{key}_{push}",
        only_for=("push_by", push),
        width=320,
    )


def _show_pushed(chosen: TrainedNetwork, image: np.ndarray, asked: Asked) -> None:
    """The image pushed by what the slider says, and the answer to this very image."""
    made = push_image(image, asked.push, asked.amount)
    words = _("what the network gets")
    show_page_image(_as_picture(made, image), words, LARGEST_PICTURE, words)
    probabilities = softmax(scores_of(chosen, made)[None] / asked.temperature)[0]
    best = int(probabilities.argmax())
    st.markdown(
        _("At {amount} {unit}: **{name}** ({probability}).", amount=f"{asked.amount:.2f}", unit=_units()[asked.push],
          name=escape_markdown(chosen.recipe.classes[best]), probability=format_percent(float(probabilities[best])))
    )  # fmt: skip


def _show_curves(chosen: TrainedNetwork, answers: PushedAnswers, asked: Asked, key: str) -> None:
    """The probabilities over the whole reach, as a chart and as a table."""
    classes, unit = chosen.recipe.classes, _units()[asked.push]
    probabilities = answers.probabilities(asked.temperature)
    chart = pushed_chart(answers.amounts, probabilities, classes, asked.amount, unit, current_palette())
    st.plotly_chart(chart, key=f"{key}_push_chart", config={"displayModeBar": False})
    with st.popover(_("As a table"), icon=":material/table:"):
        likeliest = np.argsort(-probabilities.max(axis=0), kind="stable")[:MOST_COLUMNS]
        table = {unit: answers.amounts} | {classes[at]: probabilities[:, at] for at in sorted(likeliest)}
        st.dataframe(table, hide_index=True, key=f"{key}_push_table")


def _show_shifts(chosen: TrainedNetwork, image: np.ndarray, temperature: float, key: str) -> None:
    """The probability of the answer to the image for each shift of it, as a map."""
    usual = int(scores_of(chosen, image).argmax())
    name = chosen.recipe.classes[usual]
    st.markdown(_("The probability of {name} for each shift of the image", name=escape_markdown(name)))
    chart = shifts_chart(shifted(chosen, image, usual, temperature), name, current_palette())
    st.plotly_chart(chart, width="content", key=f"{key}_shifts", config={"displayModeBar": False})


def _labels() -> dict[Push, str]:
    return {
        Push.RIGHT: _("move right"), Push.DOWN: _("move down"), Push.TURN: _("turn"), Push.SCALE: _("scale"),
        Push.THICKEN: _("thicken"), Push.BLUR: _("blur"), Push.NOISE: _("add noise"), Push.HIDE: _("hide a corner"),
    }  # fmt: skip


def _units() -> dict[Push, str]:
    pixels = _("pixels")
    return {
        Push.RIGHT: pixels, Push.DOWN: pixels, Push.TURN: _("degrees"), Push.SCALE: _("times"),
        Push.THICKEN: pixels, Push.BLUR: _("standard deviation in pixels"), Push.NOISE: _("standard deviation"),
        Push.HIDE: pixels,
    }  # fmt: skip


def _as_picture(pushed_one: np.ndarray, image: np.ndarray) -> np.ndarray:
    """(rows, cols) or (rows, cols, 3) as bytes, from the lowest to the highest value of the image itself, enlarged."""
    low, high = float(image.min()), float(image.max())
    scaled = np.clip((pushed_one - low) / max(high - low, 1e-6), 0, 1)
    pixels = (255 * (scaled if len(image) == 3 else scaled.mean(axis=0, keepdims=True))).round().astype(np.uint8)
    times = max(1, LARGEST_PICTURE // max(pixels.shape[1:]))
    shown: np.ndarray = pixels.repeat(times, axis=1).repeat(times, axis=2).transpose(1, 2, 0)
    return shown[:, :, 0] if shown.shape[2] == 1 else shown
