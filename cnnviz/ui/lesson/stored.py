"""What a browser keeps of the first lesson: the picture, the chapter, and what was answered."""

from __future__ import annotations

from typing import Any

from cnnviz.lesson import lesson_from_link, lesson_to_json
from cnnviz.lesson.records import chapter_of, view_of
from cnnviz.ui.app.browser_store import StoredState
from cnnviz.ui.lesson import lesson_state


def _write() -> dict[str, Any] | None:
    state = lesson_state.lesson_state()
    first = {
        "lesson": lesson_to_json(lesson_from_link({})), lesson_state.CHAPTER: chapter_of(None),
        lesson_state.VIEW: view_of(None), "answers": {},
    }  # fmt: skip
    return None if state == first else state


def _restore(written: Any) -> None:
    """Raises: ValueError for what is not of `_write`; nothing has changed then."""
    if not lesson_state.restore_lesson_state(written):
        raise ValueError("not a lesson")


KEEPSAKE = StoredState("lesson", _write, _restore)
