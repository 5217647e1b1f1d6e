"""The answers of several networks to one image: of the one that is open, and of those that stand beside it.

Refuses to know: sessions, widgets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnviz.core.layer_trace import Trace
from cnnviz.data.rasterize import PreparedImage
from cnnviz.i18n import _
from cnnviz.ui.app.caches import TrainedNetwork, cached_trace, trained_network
from cnnviz.ui.app.prediction_text import prediction_text
from cnnviz.web.answers import answer_header, answers_texts
from cnnviz.web.edits.state import EditsState, edits_state_from_json


def parse_beside(said: Any, network: str) -> dict[str, EditsState]:
    """Of what a question says of networks beside `network` those that tell the same apart, with their edits."""
    others = [key for key in trained_network(network).recipe.subject.networks if key != network]
    known = said if isinstance(said, Mapping) else {}
    return {key: edits_state_from_json(known[key], trained_network(key).anatomy) for key in others if key in known}


def compute_answers(
    chosen: TrainedNetwork,
    trace: Trace,
    is_edited: bool,
    beside: Mapping[str, EditsState],
    prepared: PreparedImage,
    truth: int | None = None,
) -> dict[str, Any]:
    """The answers as they travel, in the order of the subject; `trace` is that of `chosen`, which is open."""
    recipe = chosen.recipe
    found = {recipe.key: _answer(chosen, trace, is_edited, prepared, truth)}
    for key, surgery in beside.items():
        other = trained_network(key)
        of_other = cached_trace(other, prepared.image, surgery.in_force)
        found[key] = _answer(other, of_other, bool(surgery.in_force), prepared, truth)
    networks = [found[key] for key in recipe.subject.networks if key in found]
    return {"networks": networks, "classes": recipe.classes, "opened": recipe.key, "texts": answers_texts()}


def _answer(
    network: TrainedNetwork, trace: Trace, is_edited: bool, prepared: PreparedImage, truth: int | None
) -> dict[str, Any]:
    recipe = network.recipe
    title = _("{name} network", name=recipe.subject.words.networks[recipe.key])
    verdict = prediction_text(trace, prepared, network.manifest.rule, recipe, truth)
    said = _("{title}, with your edits", title=title) if is_edited else title
    return answer_header(recipe.key, said, verdict, trace.probabilities.tolist())
