"""The first lesson in a session: what the reader made of it, kept as plain values, and the link that it came by.

Refuses to know: how a lesson is computed (`cnnviz.lesson`), how a question is answered (`lesson_answers`).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz.lesson import Lesson, LessonError, from_link, from_record, to_record
from cnnviz.lesson.records import chapter_of
from cnnviz.messages import current_language
from cnnviz.ui.addresses import LESSON, address_of
from cnnviz.ui.components.lesson import lasting, lesson, made
from cnnviz.ui.lesson_answers import shown

KEY, CHAPTER = "x_or_o", "chapter"  # in the session; the second also in a link
STATE = "lesson"


def show_lesson() -> None:
    """Mount the lesson where the reader left it, or where the link leads."""
    state = _state()
    packet = shown(
        from_record(state["lesson"]), **lasting(), chapter=state["chapter"], token=state["token"],
        url=address_of(LESSON), language=current_language(),
    )  # fmt: skip
    lesson(packet, key=KEY)


def _state() -> dict[str, Any]:
    """What the browser reported last; before that what the link says, junk being as good as nothing."""
    if STATE not in st.session_state:
        query = st.query_params.to_dict()
        st.session_state[STATE] = {
            "lesson": to_record(from_link(query)), "chapter": chapter_of(query.get(CHAPTER)), "token": 1,
        }  # fmt: skip
    state: dict[str, Any] = st.session_state[STATE]
    reported = made(KEY)
    if isinstance(reported, dict):
        state |= _checked(reported) or {}
    return state


def _checked(reported: dict[str, Any]) -> dict[str, Any] | None:
    """A report of the browser; None for what no browser of ours says."""
    try:
        record = reported.get("lesson")
        known: Lesson = from_record(record if isinstance(record, dict) else {})
    except LessonError:
        return None
    return {"lesson": to_record(known), "chapter": chapter_of(reported.get(CHAPTER))}
