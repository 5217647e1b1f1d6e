"""The network's answer in words: a class with its confidence, "none of them", or "nothing drawn"."""

from __future__ import annotations

import numpy as np

from cnnviz.core.layer_trace import Trace
from cnnviz.data.rasterize import PreparedImage
from cnnviz.figures.theme import format_percent
from cnnviz.i18n import _
from cnnviz.models.decision import DecisionRule, Prediction, PredictionStatus, predict
from cnnviz.models.zoo import Recipe
from cnnviz.ui.app.rejection_text import rejection_text


def prediction_text(
    trace: Trace, prepared: PreparedImage, rule: DecisionRule, recipe: Recipe, truth: int | None = None
) -> dict[str, str]:
    """The status and the three texts that the explorer shows beside the bars; `truth` is what was written, if known."""
    if trace.stopped:
        why = _("The network stopped before its last layer.")
        return {"status": PredictionStatus.BLANK.value, "answer": "·", "headline": _("No prediction"), "detail": why}
    reading, classes = predict(trace.logits, prepared.has_ink, rule, prepared.is_several), recipe.classes
    answer, headline, detail = _words(reading, trace.probabilities, recipe, rule)
    if truth is not None:
        detail = _("{detail} · true class: {truth}", detail=detail, truth=classes[truth])
    return {"status": reading.status.value, "answer": answer, "headline": headline, "detail": detail}


def _words(reading: Prediction, probabilities: np.ndarray, recipe: Recipe, rule: DecisionRule) -> tuple[str, str, str]:
    share, second = (format_percent(float(probabilities[place])) for place in (reading.top, reading.second))
    words = recipe.subject.words
    if reading.status is PredictionStatus.BLANK:
        return "·", words.empty, words.blank
    top = recipe.classes[reading.top]
    if reading.status is PredictionStatus.SEVERAL:
        one = _(
            "Parts of the ink stand apart; it classifies one at a time. Best guess for all of it: {top} ({share})",
            top=top, share=share,
        )  # fmt: skip
        return "?", words.several, one
    if reading.status is PredictionStatus.FOREIGN:
        why = rejection_text(reading, rule)
        return "?", words.foreign, _("Best guess: {top} ({share}). {why}", top=top, share=share, why=why)
    return (
        top,
        _("Prediction: {top} ({share})", top=top, share=share),
        _("Second best: {second} ({share})", second=recipe.classes[reading.second], share=second),
    )
