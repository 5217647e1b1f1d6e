"""What a browser is shown of an edited network, as a record with a key; and what it has already.

Refuses to know: how the numbers are computed, how a packet is laid out.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

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
        return image_digest(self.sides.before.image)

    @cached_property
    def key(self) -> str:
        """A text that names it, for the browser to say what it has."""
        return key_of_view(self.digest, self.network, self.selection, self.surgery)

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


def image_digest(image: np.ndarray) -> str:
    """Which image it is, (channels, rows, cols)."""
    return hashlib.blake2b(image.tobytes(), digest_size=8).hexdigest()


def key_of_view(digest: str, network: str, selection: Selection, surgery: EditsState) -> str:
    """A text that names what is shown of an image (`image_digest`) in a network, edited or not."""
    said = edits_state_to_json(surgery)
    place = [network, current_language(), surgery.view]
    return view_key(digest, [*place, said["done"], said["open"], selection.layer, selection.channel])


def view_key(digest: str, parts: list[Any]) -> str:
    """The key of a view: which image, and what is open of which network."""
    return json.dumps([digest, *parts])


def read_key(key: Any) -> list[Any] | None:
    """What a key says: digest, network, language, view, edits, whether the editor is open, layer, channel; else None.

    >>> from cnnviz.web.edits.view import read_key, view_key
    >>> read_key(view_key("00ff", ["mnist", "en", "after", "", False, "conv1", 3]))
    ['00ff', 'mnist', 'en', 'after', '', False, 'conv1', 3]
    >>> read_key("[1]") is None
    True
    """
    try:
        said = json.loads(key) if isinstance(key, str) else None
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, list) and len(said) == 8 else None


def has_same_numbers(key: str, other: str) -> bool:
    """Whether two keys name the same values: of one image, network and state of edits, told in one language.

    >>> from cnnviz.web.edits.view import has_same_numbers, read_key, view_key
    >>> whole, opened = (view_key("00ff", ["mnist", "en", "after", "", False, at, 0]) for at in (None, "conv1"))
    >>> has_same_numbers(whole, opened), has_same_numbers(whole, view_key("00fe", [*read_key(whole)[1:]]))
    (True, False)
    """
    one, two = read_key(key), read_key(other)
    return one is not None and two is not None and one[:5] == two[:5]
