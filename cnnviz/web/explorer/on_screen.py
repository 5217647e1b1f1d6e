"""What a browser says that it shows, so that a run of the page sends only what is new.

Refuses to know: what a packet holds (`packet`), and how a view is computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cnnviz.web.edits.view import has_same_numbers, read_key
from cnnviz.web.selection import Selection, selection_from_json

LONGEST_MARK, LONGEST_KEY = 64, 20_000


@dataclass(frozen=True)
class OnScreen:
    """What is on the screen of one browser.

    mark: by which the browser knows these very numbers again; a packet that builds upon them says it. key: of the view
    (`key_of_view`). selection: what is open and folded.
    """

    mark: str
    key: str
    selection: Selection

    def shows_numbers_of(self, key: str) -> bool:
        """Whether it is of the image, network and edits of the view that `key` names."""
        return has_same_numbers(self.key, key)

    def is_just(self, key: str, selection: Selection) -> bool:
        """Whether it is that view, and nothing of it is missing."""
        return (self.key, self.selection) == (key, selection)


def on_screen_from_json(plain: Any) -> OnScreen | None:
    """What a browser sent of its screen; None where it shows nothing yet, and for anything odd.

    >>> from cnnviz.web.explorer.on_screen import on_screen_from_json
    >>> on_screen_from_json({"mark": "a:1", "key": "[]", "selection": {}}) is None
    True
    """
    if not isinstance(plain, dict):
        return None
    mark, key, selection = (plain.get(name) for name in ("mark", "key", "selection"))
    if not (isinstance(mark, str) and len(mark) <= LONGEST_MARK and isinstance(key, str) and len(key) <= LONGEST_KEY):
        return None
    if not isinstance(selection, dict) or read_key(key) is None:
        return None
    return OnScreen(mark, key, selection_from_json(selection))
