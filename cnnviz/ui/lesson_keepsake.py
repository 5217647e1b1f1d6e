"""What a browser keeps of the first lesson: the picture, the chapter, and what was answered."""

from __future__ import annotations

from typing import Any

from cnnviz.lesson import from_link, to_record
from cnnviz.lesson.records import chapter_of
from cnnviz.ui import lesson
from cnnviz.ui.keeping import Keepsake


def _write() -> dict[str, Any] | None:
    state = lesson.lesson_state()
    first = {"lesson": to_record(from_link({})), lesson.CHAPTER: chapter_of(None), "answers": {}}
    return None if state == first else state


def _restore(written: Any) -> None:
    """Raises: ValueError for what is not of `_write`; nothing has changed then."""
    if not lesson.restore_lesson_state(written):
        raise ValueError("not a lesson")


KEEPSAKE = Keepsake("lesson", _write, _restore)
