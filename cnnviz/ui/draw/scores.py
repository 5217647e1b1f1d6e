"""A question about how well an edited network reads, answered a part of the images at a time. No session."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cnnviz.checks import is_whole, quoted
from cnnviz.core.edits import Edits
from cnnviz.data.datasets import DataBroken, DataMissing
from cnnviz.data.held_out_images import IMAGES
from cnnviz.evaluation.edited_accuracy import AccuracyScore, advance_edited_accuracy, describe_score
from cnnviz.i18n import _
from cnnviz.ui.app.caches import edited_network, trained_network
from cnnviz.ui.draw.cells import parse_edits, parse_network


def answer_scores(question: Mapping[str, Any]) -> bytes:
    """How well the edited network reads, some images further, in JSON. Raises: ValueError."""
    return json.dumps(continue_scores(question)).encode()


def continue_scores(question: Mapping[str, Any]) -> dict[str, Any]:
    """The score so far and one part more: "done", "before", "after", "total", "words"; or a "problem" in a sentence.

    Raises: ValueError for counts that no score has.
    """
    network = parse_network(question)
    measured_on = trained_network(network).recipe.subject.exam
    if measured_on is None:
        return {"problem": _("Accuracy is measured for networks that classify digits, or X and O: open one")}
    try:
        asked = measured_on(IMAGES)
    except (DataMissing, DataBroken) as error:
        return {"problem": str(error)}
    counts = {name: question.get(name, 0) for name in ("done", "before", "after")}
    if not all(is_whole(count) for count in counts.values()):
        raise ValueError(
            _("score must be three whole numbers, got {counts}: start again", counts=quoted(list(counts.values())))
        )
    edits = Edits(parse_edits(question, network).edits.done)
    chosen = trained_network(network)
    score = advance_edited_accuracy(
        AccuracyScore(len(asked.shown), **counts), chosen.model, edited_network(chosen, edits).model, asked
    )
    plain = {"done": score.done, "before": score.before, "after": score.after, "total": score.total}
    return plain | {"is_complete": score.is_complete, "words": describe_score(score, asked)}
