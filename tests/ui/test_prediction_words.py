"""What stands beside the bars before anything lies on the table: it asks for what this very network reads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cnnviz.core.trace import Tracer
from cnnviz.data.rasterize import PreparedImage
from cnnviz.models.decision import DecisionRule, RejectBy, predict
from cnnviz.models.zoo import find_recipe
from cnnviz.ui.app.prediction_text import prediction_text
from cnnviz.ui.app.rejection_text import rejection_text, rule_text
from cnnviz.web.explorer.texts import explorer_texts

DIGITS, LETTERS = find_recipe("mnist"), find_recipe("xo")
SHOES = replace(DIGITS, key="shoes", classes=tuple(f"shoe {place}" for place in range(10)))


@pytest.mark.parametrize(
    ("recipe", "headline", "asks"),
    [
        (DIGITS, "Nothing drawn yet", "Draw a digit."),
        (LETTERS, "Nothing drawn yet", "Draw an X or an O."),
        (SHOES, "Nothing drawn yet", "Draw something."),  # drawings are read, classes have other names
    ],
)
def test_a_network_that_reads_drawings_asks_for_one(recipe, headline: str, asks: str):
    said = words_for(recipe)
    assert said["headline"] == headline
    assert said["detail"].startswith(asks)


def test_a_network_that_reads_pictures_asks_for_a_picture():
    said = words_for(replace(SHOES, input_shape=(3, 28, 28)))
    assert said["headline"] == "No image yet"
    assert said["detail"].startswith("Choose an image.")


def words_for(recipe) -> dict[str, str]:
    image = np.zeros((1, 28, 28), np.float32)
    trace = Tracer(find_recipe("xo" if recipe is LETTERS else "mnist").build())(image)
    return prediction_text(trace, PreparedImage(image, (), has_ink=False, is_several=False), DecisionRule(), recipe)


@pytest.mark.parametrize(("channels", "says"), [(1, "1 is full ink"), (3, "channel by channel")])
def test_the_hint_on_the_input_is_true_of_drawings_and_of_pictures_in_colour(channels: int, says: str):
    from torch import nn

    image = np.zeros((channels, 8, 8), np.float32)
    trace = Tracer(nn.Sequential(nn.Conv2d(channels, 2, 3), nn.Flatten(), nn.Linear(72, 2)))(image)
    assert says in explorer_texts(trace)["layers"][0]["hint"]


BY_PROBABILITY, BY_DIVERGENCE = DecisionRule(0.61), DecisionRule(4.2, RejectBy.UNIFORM)


def test_each_rule_is_said_as_what_it_is():
    assert "highest probability is at least 61 %" in rule_text(BY_PROBABILITY, 10)
    said = rule_text(BY_DIVERGENCE, 10)
    assert "divergence from the uniform distribution, the mean of ln((1/10) / p), is at least 4.20" in said
    assert "highest" not in said


def test_why_ink_is_rejected_is_said_in_the_figures_of_the_rule():
    reading = predict(np.log([0.5, 0.3, 0.2]), has_ink=True, rule=BY_DIVERGENCE)
    divergence = -(np.log(0.5) + np.log(0.3) + np.log(0.2)) / 3 - np.log(3)  # 0.0702
    assert 0.07 <= divergence < 0.08
    assert rejection_text(reading, BY_DIVERGENCE) == "Divergence from uniform: 0.07, at least 4.20 needed."
    assert rejection_text(reading, BY_PROBABILITY) == "A class needs at least 61 %."


def test_a_score_just_below_the_threshold_never_looks_like_enough():
    near = np.array([5.98, 0.0])
    reading = predict(near, has_ink=True)
    score = float(BY_DIVERGENCE.score(reading.probabilities))
    rule = DecisionRule(round(score, 2), RejectBy.UNIFORM)
    assert score < rule.threshold  # rounded up, so it would look like the threshold itself
    assert f"uniform: {rule.threshold - 0.01:.2f}, at least {rule.threshold:.2f}" in rejection_text(reading, rule)
