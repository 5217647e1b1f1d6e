"""A map as the browser gets it, from a run of the page and past it: the pictures, and the sum in words beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cnnviz.attribution import Attribution
from cnnviz.figures.theme import format_number
from cnnviz.i18n import _
from cnnviz.ui.app.route_paths import WHY, address_of
from cnnviz.ui.why.why_answers import QUICK, Asked
from cnnviz.web.attribution import attribution_packet


def map_packet(
    classes: tuple[str, ...], image: np.ndarray, made: Attribution, live: Mapping[str, Any] | None = None
) -> bytes:
    """All that is shown of a map of `image` (channels, rows, cols). live: as `live_way` gives it."""
    return attribution_packet(image, made, sum_in_words(classes, made), live)


def live_way(asked: Asked, is_answer: bool, pad: Mapping[str, Any]) -> dict[str, Any]:
    """How the browser asks for the map while the drawing changes.

    is_answer: whether the class with the highest score is asked about, whichever that will be. pad: which drawing the
    map is of now.
    """
    question, settings = asked.question, asked.settings.given
    why = {"method": asked.method, "target": None if is_answer else question.target, "against": question.against}
    return {"url": address_of(WHY), "why": why | settings, "follows": asked.method in QUICK, "pad": dict(pad)}


def sum_in_words(classes: tuple[str, ...], made: Attribution) -> str:
    """The score, that of an empty image, and what the map adds up to."""
    question = made.question
    name = classes[question.target]
    if question.against is not None:
        name = _("{name} minus {other}", name=name, other=classes[question.against])
    said = _(
        "Score of {name}: {output}; of an image of zeros: {baseline}; difference {difference}. "
        "The map adds up to {total}, {error} off.",
        name=name, output=format_number(made.output), baseline=format_number(made.baseline_output),
        difference=format_number(made.difference), total=format_number(made.total),
        error=format_number(made.completeness_error),
    )  # fmt: skip
    return said if made.promises_sum else said + " " + _("This method does not promise that sum.")
