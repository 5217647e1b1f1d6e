"""What a browser is shown of an edited network, with a key; and what it has already, by the key that it names.

So only what is new travels while a weight is dragged. Refuses to know: how a packet is laid out.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cnnviz.core.edits.comparison import Sides
from cnnviz.i18n import current_language
from cnnviz.ui.app.caches import Trained, traced
from cnnviz.web.edits.state import Surgery, checked_surgery, plain_surgery
from cnnviz.web.selection import Selection, checked_selection


@dataclass(frozen=True, eq=False)
class Look:
    """One image in a network before and after edits, and what is open of it: everything that decides the numbers."""

    network: str
    sides: Sides
    selection: Selection
    surgery: Surgery

    @cached_property
    def digest(self) -> str:
        """Which image it is."""
        return hashlib.blake2b(self.sides.before.image.tobytes(), digest_size=8).hexdigest()

    @cached_property
    def key(self) -> str:
        """A text that names it; `known` reads it."""
        surgery = plain_surgery(self.surgery)
        opened = [self.selection.layer, self.selection.channel]
        place = [self.network, current_language(), self.surgery.view]
        return _named(self.digest, [*place, surgery["done"], surgery["open"], *opened])

    def offers_the_same(self, other: Look) -> bool:
        """Whether the same operations are on offer, in the same words."""
        return self._offer == other._offer

    @property
    def _offer(self) -> tuple[Any, ...]:
        return self.selection.layer, self.selection.channel, self.surgery.is_open, len(self.surgery.edits.done)


def look_at(chosen: Trained, image: np.ndarray, selection: Selection, surgery: Surgery) -> Look:
    """What a reader sees of `image`; the selection as far as the network has it."""
    before = traced(chosen, image)
    selection = selection.within(before)
    surgery = surgery.at_depth(selection.depth)
    after = traced(chosen, image, surgery.edits) if surgery.edits else before
    return Look(chosen.recipe.key, Sides(before, after, surgery.view, chosen.sparse), selection, surgery)


@dataclass(frozen=True, eq=False)
class Known:
    """What a browser has: the `look` that it names, told of today's image; `is_same_image` where it shows that one."""

    look: Look
    key: str
    is_same_image: bool


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
    if look.key != _named(now.digest, said) or not _is_built_alike(look, now):
        return None
    return Known(look, key, digest == now.digest)


def _named(digest: str, parts: list[Any]) -> str:
    return json.dumps([digest, *parts])


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
