"""What a component reports as a state: heard when the page runs the next time, and of what lay there then."""

from __future__ import annotations

from typing import Any

import streamlit as st


def keep_state() -> None:
    """Does nothing: a component's state exists in Python only where a callback is registered for it."""


def reported_of(key: str, token: int | str, name: str = "made") -> dict[str, Any]:
    """What the component `key` reported last as `name`, unchecked, if it was made of what was laid down as `token`.

    Whatever was made of something that lay there before is overtaken: then, and before the first report, `{}`.
    """
    said = (st.session_state.get(key) or {}).get(name)
    return said if isinstance(said, dict) and said.get("token") == token else {}
