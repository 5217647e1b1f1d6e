"""What a browser is shown of an edited network, with a key; and what it has already, by the key that it names.

So only what is new travels while a weight is dragged. Refuses to know: how a packet is laid out.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from cnnviz.core.edits.comparison import Sides
from cnnviz.ui.app.caches import Trained, traced
from cnnviz.web.edits.state import Surgery, checked_surgery
from cnnviz.web.edits.view import Known, Look, view_key
from cnnviz.web.selection import Selection, checked_selection


def look_at(chosen: Trained, image: np.ndarray, selection: Selection, surgery: Surgery) -> Look:
    """What a reader sees of `image`; the selection as far as the network has it."""
    before = traced(chosen, image)
    selection = selection.within(before)
    surgery = surgery.at_depth(selection.depth)
    after = traced(chosen, image, surgery.edits) if surgery.edits else before
    return Look(chosen.recipe.key, Sides(before, after, surgery.view, chosen.sparse), selection, surgery)


def known(key: Any, now: Look, chosen: Trained) -> Known | None:
    """What a browser that names `key` has, where packets of `now` can count on it; else None.

    It must be of the same network, language and view, and its layers built alike.
    `known(look.key, look, chosen).is_same_image` is True.
    """
    said = _read(key)
    if said is None:
        return None
    digest, *said = said
    _network, _language, view, done, is_open, layer, channel = said
    surgery = checked_surgery({"view": view, "done": done, "open": is_open}, chosen.anatomy)
    look = look_at(chosen, now.sides.before.image, checked_selection({"layer": layer, "channel": channel}), surgery)
    if look.key != view_key(now.digest, said) or not _is_built_alike(look, now):
        return None
    return Known(look, key, digest == now.digest)


def _read(key: Any) -> list[Any] | None:
    try:
        said = json.loads(key) if isinstance(key, str) else None
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, list) and len(said) == 8 else None


def _is_built_alike(one: Look, other: Look) -> bool:
    """Whether packets of both describe the same layers in the same way."""
    mine, theirs = ([layer.spec for layer in look.sides.seen.layers] for look in (one, other))
    return mine == theirs and one.surgery.view is other.surgery.view
