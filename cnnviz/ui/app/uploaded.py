"""A file that somebody brings is taken once, and what is wrong with it is said for as long as it lies there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnnviz.ui.app.plain_text import show_error
from cnnviz.ui.app.presses import uninterrupted


def take_file(file: Any, name: str, take: Callable[[Any], None], refusals: tuple[type[Exception], ...]) -> bool:
    """Hand a file of `st.file_uploader` to `take` in the run in which it comes; whether it was taken in this run.

    Any run may follow at once (the browser's answer, a pen that rests): a refusal that is shown in one run only may
    never be seen. So its sentence comes again in every run, until the file is removed or another one comes.

    name: tells this place for files from others of the session.
    refusals: what `take` raises, with its one sentence, for a file that is none; nothing has changed then.
    """
    seen: dict[str, Any] = st.session_state.setdefault(f"uploaded_{name}", {})
    if file is None:
        seen.clear()
        return False
    if seen.get("file") != file.file_id:
        with uninterrupted():  # a file is noted and taken, or neither
            seen.update(file=file.file_id, problem=None)
            try:
                take(file)
            except refusals as error:
                seen["problem"] = str(error)
            else:
                return True
    if seen["problem"] is not None:
        show_error(seen["problem"])
    return False
