"""What a visitor made is kept in their browser: it is there again after a reload, and after the server came back.

A page says what is worth keeping (`StoredState`), asks for it at the start of its run (`restore_stored`) and hands it
over at the end (`store_state`). Nothing is kept on the server. Refuses to know: what a keepsake holds, how a browser
stores it.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import streamlit as st

from cnnviz.ui.app.presses import uninterrupted
from cnnviz.ui.mount.browser_store import is_missing, mount_browser_store, stored_text

_LOG = logging.getLogger(__name__)
MOST_CHARACTERS = 24_000_000  # of a keepsake; more is not worth the way to the browser and back
UNUSABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
SENDS = 2  # runs of the page in which a new text travels: the browser may skip one that is overtaken


@dataclass(frozen=True)
class StoredState:
    """Something of the visitor's. `name`: in the browser's storage.

    write: gives it as JSON values, None where there is nothing of the visitor's own. restore: takes back what `write`
    gave; raises ValueError, KeyError or TypeError for anything else, and changes nothing then.
    """

    name: str
    write: Callable[[], Any]
    restore: Callable[[Any], None]

    @property
    def key(self) -> str:
        """Of its component."""
        return f"keeper_{self.name}"


def restore_stored(keepsake: StoredState) -> None:
    """Take over what the browser had kept; once a session, as soon as the browser has answered.

    A browser that has kept nothing does not answer: that would be another run of the page, for nothing.

    What the visitor has made meanwhile comes first, and so does what a link says; but where the page was loaded again,
    the address may be older than what was kept.
    """
    memory, said = _memory(keepsake), stored_text(keepsake.key)
    if memory["is_answered"] or not isinstance(said, dict) or said.get("session") != memory["session"]:
        return
    with uninterrupted():  # the browser answers once
        memory["is_answered"] = True
        _take_over(keepsake, said, memory["first"])


def _take_over(keepsake: StoredState, said: dict[str, Any], first: str | None) -> None:
    text, now = said.get("text"), _text(keepsake)
    is_wanted = _mark(now) == first and (now == "" or said.get("is_reload") is True)
    if not is_wanted or not isinstance(text, str) or not 0 < len(text) <= MOST_CHARACTERS:
        return
    try:
        keepsake.restore(json.loads(text))
    except UNUSABLE as error:  # of an older version, or no text of ours
        _LOG.info("what a browser kept as %s cannot be used: %s", keepsake.name, error)


def skip_stored(keepsake: StoredState) -> None:
    """From now on what this session has comes first: what the browser had kept before is not taken over."""
    _memory(keepsake)["is_answered"] = True


def store_state(keepsake: StoredState) -> None:
    """Ask the browser what it has kept, and give it what there is now. Mounts a component without anything to see.

    As long as it has not answered, it keeps that only where it had nothing.
    """
    memory, text = _memory(keepsake), _text(keepsake)
    mark, asks = _mark(text), not memory["is_answered"]
    memory["first"] = memory["first"] or mark
    travels = len(text) <= MOST_CHARACTERS and _is_news(keepsake, memory, mark)
    data = {"name": keepsake.name, "session": memory["session"], "asks": asks, "mark": mark}
    data["text"] = text if travels else None
    mount_browser_store(data, key=keepsake.key)


def _text(keepsake: StoredState) -> str:
    """What is worth keeping now, as text; empty where nothing is."""
    value = keepsake.write()
    return "" if value is None else json.dumps(value, separators=(",", ":"))


def _is_news(keepsake: StoredState, memory: dict[str, Any], mark: str) -> bool:
    """Whether the text goes along: it is new, or the browser says that it has missed it."""
    missing = is_missing(keepsake.key) or {}
    is_missed = missing != memory["missed"] and missing.get("session") == memory["session"]
    if mark != memory["mark"] or is_missed:
        memory.update(mark=mark, sends=SENDS, missed=missing)
    memory["sends"] -= 1
    return bool(memory["sends"] >= 0)


def _memory(keepsake: StoredState) -> dict[str, Any]:
    """What this session knows of it: plain values only."""
    fresh = {"session": token_hex(8), "is_answered": False, "first": None, "mark": None, "missed": {}, "sends": 0}
    memory: dict[str, Any] = st.session_state.setdefault(f"cnnviz.keeping.{keepsake.name}", fresh)
    return memory


def _mark(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
