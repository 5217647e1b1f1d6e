"""What a browser is shown of an edited network, with a key; and what it has already, by the key that it names.

So only what is new travels while a weight is dragged. Refuses to know: how a packet is laid out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnviz.core.edits.comparison import TracePair
from cnnviz.ui.app.caches import TrainedNetwork, cached_trace
from cnnviz.web.edits.state import EditsState, edits_state_from_json
from cnnviz.web.edits.view import DeltaBase, ViewState, read_key, view_key
from cnnviz.web.selection import Selection, selection_from_json


def compute_view(chosen: TrainedNetwork, image: np.ndarray, selection: Selection, surgery: EditsState) -> ViewState:
    """What a reader sees of `image`; the selection as far as the network has it."""
    before = cached_trace(chosen, image)
    selection = selection.within(before)
    surgery = surgery.at_depth(selection.depth)
    after = cached_trace(chosen, image, surgery.edits) if surgery.edits else before
    pair = TracePair(before, after, surgery.view, chosen.sparse)
    return ViewState(chosen.recipe.key, pair, selection, surgery, chosen.opening)


def find_delta_base(key: Any, now: ViewState, chosen: TrainedNetwork) -> DeltaBase | None:
    """What a browser that names `key` has, where packets of `now` can count on it; else None.

    It must be of the same network, language and view, and its layers built alike.
    `find_delta_base(look.key, look, chosen).is_same_image` is True.
    """
    said = read_key(key)
    if said is None:
        return None
    digest, *said = said
    _network, _language, view, done, is_open, layer, channel = said
    surgery = edits_state_from_json({"view": view, "done": done, "open": is_open}, chosen.anatomy)
    look = compute_view(
        chosen, now.sides.before.image, selection_from_json({"layer": layer, "channel": channel}), surgery
    )
    if look.key != view_key(now.digest, said) or not _is_built_alike(look, now):
        return None
    return DeltaBase(look, key, digest == now.digest)


def _is_built_alike(one: ViewState, other: ViewState) -> bool:
    """Whether packets of both describe the same layers in the same way."""
    mine, theirs = ([layer.spec for layer in look.sides.seen.layers] for look in (one, other))
    return mine == theirs and one.surgery.view is other.surgery.view
