"""A question of the first lesson, answered: a lesson in, what PyTorch makes of it out. No session: a pure function.

A run of the page and the short way (`routes`) answer alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnviz.i18n import _
from cnnviz.lesson import Lesson, lesson_from_json, run_lesson
from cnnviz.ui.app.caches import configure_threads
from cnnviz.web.lesson.packet import pack


def answer_lesson(question: Mapping[str, Any]) -> bytes:
    """The packet for a question, whose "lesson" is a record.

    Raises: ValueError, one sentence, for a question that is not one.
    """
    record = question.get("lesson")
    if not isinstance(record, dict):
        raise ValueError(_("lesson must be a record, got something else"))
    return shown_lesson(lesson_from_json(record))


def shown_lesson(lesson: Lesson, **rest: Any) -> bytes:
    """The packet of `lesson`; `rest` joins its header."""
    configure_threads()
    return pack(run_lesson(lesson), rest)
