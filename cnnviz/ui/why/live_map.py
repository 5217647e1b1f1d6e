"""The map of "Why this answer?" for a drawing that changes under the hand. No session, no widget: a pure function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cnnviz.attribution import Question, Settings
from cnnviz.checks import is_whole, quoted
from cnnviz.core.edits import Edits
from cnnviz.i18n import _
from cnnviz.ui.app.caches import TrainedNetwork, edited_network, trained_network
from cnnviz.ui.app.turns import go_on
from cnnviz.ui.draw.cells import parse_network
from cnnviz.ui.draw.view_answers import parse_drawing, parse_surgery
from cnnviz.ui.why.map_packet import map_packet
from cnnviz.ui.why.why_answers import Asked, explained, is_small, offered_methods, scores_of


def answer_map(question: Mapping[str, Any]) -> bytes:
    """The packet of the map that "why" asks for, of the image and for the network of a question to the explorer.

    Raises: ValueError, one sentence, for a question that is not one, or a network too large to be asked on the way.
    """
    network = parse_network(question)
    image = parse_drawing(question, network).prepared.image
    surgery = parse_surgery(question, network)
    chosen = edited_network(trained_network(network), surgery.in_force if surgery else Edits())
    if not is_small(chosen):
        raise ValueError(_("network must be a small one to be asked while the hand moves: wait for the page"))
    go_on()
    asked = _parse_asked(question.get("why"), chosen, image)
    return map_packet(chosen.recipe.classes, image, explained(chosen, image, asked))


def _parse_asked(why: Any, chosen: TrainedNetwork, image: np.ndarray) -> Asked:
    if not isinstance(why, dict) or why.get("method") not in offered_methods():
        raise ValueError(_("why must name a method, got {got}", got=quoted(why)))
    target, against, layer = why.get("target"), why.get("against"), why.get("layer")
    numbers = {name: why.get(name) for name in ("window", "stride")}
    if not all(one is None or is_whole(one) for one in (target, against, *numbers.values())):
        raise ValueError(_("class, window and stride must be whole numbers, got {got}", got=quoted(why)))
    if layer is not None and not isinstance(layer, str):
        raise ValueError(_("layer must be the name of one, got {got}", got=quoted(layer)))
    target = int(scores_of(chosen, image).argmax()) if target is None else target
    return Asked(
        why["method"], Question(target, None if against == target else against), Settings(**numbers, layer=layer)
    )
