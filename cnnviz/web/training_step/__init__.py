"""One training step as a walk: forward, loss, backwards layer by layer, update."""

from __future__ import annotations

from cnnviz.core.training_step import StepTrace
from cnnviz.web.training_step.packet import pack


def training_step_packet(shown: StepTrace, classes: tuple[str, ...]) -> bytes:
    """All that the walk shows of `shown`; `classes` are the names of its scores."""
    return pack(shown, classes)
