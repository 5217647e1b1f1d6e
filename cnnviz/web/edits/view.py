"""What a browser is shown of an edited network, as a record with a key; and what it has already.

Refuses to know: how the numbers are computed, how a packet is laid out.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cnnviz.core.edits.comparison import TracePair
from cnnviz.i18n import current_language
from cnnviz.web.edits.state import EditsState, edits_state_to_json
from cnnviz.web.selection import Selection


@dataclass(frozen=True, eq=False)
class ViewState:
    """One image in a network before and after edits, and what is open of it: everything that decides the numbers.

    opening: the lines of Python that open a network from outside, "" for one of ours.
    """

    network: str
    sides: TracePair
    selection: Selection
    surgery: EditsState
    opening: str = ""

    @cached_property
    def digest(self) -> str:
        """Which image it is."""
        return hashlib.blake2b(self.sides.before.image.tobytes(), digest_size=8).hexdigest()

    @cached_property
    def key(self) -> str:
        """A text that names it, for the browser to say what it has."""
        surgery = edits_state_to_json(self.surgery)
        opened = [self.selection.layer, self.selection.channel]
        place = [self.network, current_language(), self.surgery.view]
        return view_key(self.digest, [*place, surgery["done"], surgery["open"], *opened])

    def offers_the_same(self, other: ViewState) -> bool:
        """Whether the same operations are on offer, in the same words."""
        return self._offer == other._offer

    @property
    def _offer(self) -> tuple[Any, ...]:
        return self.selection.layer, self.selection.channel, self.surgery.is_open, len(self.surgery.edits.done)


@dataclass(frozen=True, eq=False)
class DeltaBase:
    """What a browser has: the `look` that it names, told of today's image; `is_same_image` where it shows that one."""

    look: ViewState
    key: str
    is_same_image: bool


def view_key(digest: str, parts: list[Any]) -> str:
    """The key of a view: which image, and what is open of which network."""
    return json.dumps([digest, *parts])
