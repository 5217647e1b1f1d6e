"""What is chosen on the laboratory's bench beside its setup: tabs and switches, as plain values, and in a link.

Refuses to know: what the choices do (the component does), sessions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnviz.conv_lab.examples import LabChapter
from cnnviz.conv_lab.images import MOST_CHANNELS

View = dict[str, Any]
MOST_SEED = 99_999
PLAIN: View = {"map": 0, "channel": 0, "chapter": "", "seed": 0, "every": True}
_MOST = {"map": MOST_CHANNELS - 1, "channel": MOST_CHANNELS - 1, "seed": MOST_SEED}


def view_of(said: Any) -> View:
    """The choices that a link or the browser names; what is none is as at the start.

    >>> from cnnviz.ui.lab.view import PLAIN, view_of
    >>> view_of({"map": "2", "every": "no"}) == PLAIN | {"map": 2, "every": False}
    True
    """
    said = said if isinstance(said, Mapping) else {}
    numbers = {name: _number(said.get(name), most) for name, most in _MOST.items()}
    chapter = said.get("chapter")
    is_chapter = isinstance(chapter, str) and chapter in tuple(LabChapter)
    every = said.get("every") not in (False, "no")
    return PLAIN | numbers | {"chapter": chapter if is_chapter else "", "every": every}


def _number(value: Any, most: int) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= most else 0
