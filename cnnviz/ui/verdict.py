"""The network's answer in words: a digit with its confidence, "no digit", or "nothing drawn"."""

from __future__ import annotations

import numpy as np

from cnnviz.checkpoints import Manifest
from cnnviz.drawing import Prepared
from cnnviz.figures.theme import percent
from cnnviz.messages import _
from cnnviz.reading import Reading, Status, read
from cnnviz.trace import Trace


def verdict(trace: Trace, prepared: Prepared, manifest: Manifest, truth: int | None = None) -> dict[str, str]:
    """The status and the three texts that the explorer shows beside the bars; `truth` is what was written, if known."""
    reading = read(trace.logits, prepared.has_ink, manifest.rule)
    answer, headline, detail = _words(reading, trace.probabilities)
    if truth is not None:
        detail = _("{detail} · written as {truth}", detail=detail, truth=truth)
    return {"status": reading.status.value, "answer": answer, "headline": headline, "detail": detail}


def _words(reading: Reading, probabilities: np.ndarray) -> tuple[str, str, str]:
    share, second = (percent(float(probabilities[place])) for place in (reading.top, reading.second))
    if reading.status is Status.BLANK:
        return "·", _("Nothing drawn yet"), _("Draw a digit. Without ink, only the biases speak.")
    if reading.status is Status.FOREIGN:
        return (
            "?",
            _("I see no digit here"),
            _("The best guess would be {top} with {share}", top=reading.top, share=share),
        )
    return (
        str(reading.top),
        _("It reads {top}, {share} sure", top=reading.top, share=share),
        _("Second best: {second}, {share}", second=reading.second, share=second),
    )
