"""The first lesson in a session: what the reader made of it, kept as plain values, and the link that it came by.

Refuses to know: how a lesson is computed (`cnnviz.lesson`), how a question is answered (`answers`).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnnviz.i18n import current_language
from cnnviz.lesson import Lesson, LessonError, lesson_from_json, lesson_from_link, lesson_to_json
from cnnviz.lesson.records import chapter_of, view_of
from cnnviz.ui.app.route_paths import LESSON, address_of
from cnnviz.ui.lesson.answers import shown_lesson
from cnnviz.ui.mount.lesson import made, mount_lesson
from cnnviz.web.lesson import lasting

KEY, CHAPTER, VIEW = "x_or_o", "chapter", "view"  # in the session; the second also in a link
STATE = "lesson"
LONGEST = 200  # characters of an answer


def show_lesson() -> None:
    """Mount the lesson where the reader left it, or where the link leads."""
    state = _state()
    packet = shown_lesson(
        lesson_from_json(state["lesson"]), **lasting(), chapter=state["chapter"], view=state["view"],
        answers=state["answers"], token=state["token"], url=address_of(LESSON), language=current_language(),
    )  # fmt: skip
    mount_lesson(packet, key=KEY)


def _state() -> dict[str, Any]:
    """What the browser reported last; before that what the link says, junk being as good as nothing."""
    if STATE not in st.session_state:
        query = st.query_params.to_dict()
        st.session_state[STATE] = {
            "lesson": lesson_to_json(lesson_from_link(query)), "chapter": chapter_of(query.get(CHAPTER)),
            VIEW: view_of(query), "answers": {}, "token": 1,
        }  # fmt: skip
    state: dict[str, Any] = st.session_state[STATE]
    if reported := made(KEY, state["token"]):
        state |= _checked(reported) or {}
    return state


def lesson_state() -> dict[str, Any] | None:
    """What the reader made, where they are and what they answered, as plain JSON; None before the first visit."""
    if STATE not in st.session_state:
        return None
    state = _state()
    return {name: state[name] for name in ("lesson", CHAPTER, VIEW, "answers")}


def restore_lesson_state(kept: Any) -> bool:
    """Lay down what `lesson_state` gave, before the lesson is mounted; whether it was that. Junk changes nothing."""
    checked = _checked(kept) if isinstance(kept, dict) else None
    if checked is None:
        return False
    token = st.session_state[STATE]["token"] + 1 if STATE in st.session_state else 1
    st.session_state[STATE] = checked | {"token": token}
    return True


def _checked(reported: dict[str, Any]) -> dict[str, Any] | None:
    """A report of the browser; None for what no browser of ours says."""
    try:
        known: Lesson = lesson_from_json(reported["lesson"])
    except (LessonError, LookupError, AttributeError):  # no lesson, none at all, no record
        return None
    chapter, answers = chapter_of(reported.get(CHAPTER)), _answers(reported.get("answers"))
    view = view_of(reported.get(VIEW))
    return {"lesson": lesson_to_json(known), CHAPTER: chapter, VIEW: view, "answers": answers}


def _answers(reported: Any) -> dict[str, dict[str, str | None]]:
    """The answers that were given, by chapter: what was chosen, of which question; what is none is left out."""
    given = reported.items() if isinstance(reported, dict) else ()
    return {
        str(chapter): {"choice": one.get("choice"), "of": one["of"]}
        for chapter, one in given
        if str(chapter_of(chapter)) == str(chapter) and isinstance(one, dict) and _is_short(one.get("of"))
        and (one.get("choice") is None or _is_short(one["choice"]))
    }  # fmt: skip


def _is_short(text: Any) -> bool:
    return isinstance(text, str) and len(text) <= LONGEST
