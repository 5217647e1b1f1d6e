"""The network's answer in words: a class with its confidence, "none of them", or "nothing drawn"."""

from __future__ import annotations

import numpy as np

from cnnviz.checkpoints import Manifest
from cnnviz.drawing import Prepared
from cnnviz.figures.theme import percent
from cnnviz.messages import _
from cnnviz.networks import find_recipe
from cnnviz.reading import Reading, Status, read
from cnnviz.trace import Trace


def verdict(trace: Trace, prepared: Prepared, manifest: Manifest, truth: int | None = None) -> dict[str, str]:
    """The status and the three texts that the explorer shows beside the bars; `truth` is what was written, if known."""
    reading = read(trace.logits, prepared.has_ink, manifest.rule)
    classes = find_recipe(manifest.network).classes
    answer, headline, detail = _words(reading, trace.probabilities, classes, manifest.network)
    if truth is not None:
        detail = _("{detail} · written as {truth}", detail=detail, truth=classes[truth])
    return {"status": reading.status.value, "answer": answer, "headline": headline, "detail": detail}


def _words(reading: Reading, probabilities: np.ndarray, classes: tuple[str, ...], network: str) -> tuple[str, str, str]:
    share, second = (percent(float(probabilities[place])) for place in (reading.top, reading.second))
    nothing, foreign = _names(network)
    if reading.status is Status.BLANK:
        return "·", _("Nothing drawn yet"), nothing
    top = classes[reading.top]
    if reading.status is Status.FOREIGN:
        return "?", foreign, _("The best guess would be {top} with {share}", top=top, share=share)
    return (
        top,
        _("It reads {top}, {share} sure", top=top, share=share),
        _("Second best: {second}, {share}", second=classes[reading.second], share=second),
    )


def _names(network: str) -> tuple[str, str]:
    """What is asked for where nothing is drawn, and what is said of ink of no class."""
    if network == "xo":
        return _("Draw an X or an O. Without ink, only the biases speak."), _("Neither an X nor an O")
    return _("Draw a digit. Without ink, only the biases speak."), _("I see no digit here")
