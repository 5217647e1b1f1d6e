"""A lesson as plain values, for the browser, the session and the link, and back.

A picture is 81 bits and the features 27 bits in hexadecimal, row by row, 1 for ink; votes are whole hundredths.
Refuses to know: pages; what is no lesson is refused in one sentence, or (a link) falls back without a word.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np

from cnnviz.i18n import _
from cnnviz.lesson.network import FEATURES, VOTES
from cnnviz.lesson.pictures import PRESETS, SIDE
from cnnviz.lesson.run import LEAST_SHARP, MOST_SHARP, MOST_VOTE, Lesson, LessonError

LINK_NAMES = ("picture", "features", "votes", "sharpness")
CHAPTERS = 8
# What is looked at, beside the lesson itself: the layer of chapter 5, the feature, the layer of chapter 6. Of each the
# first is taken where nothing is said.
VIEW_CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "pooling": ("pool", "mean"),
    "feature": ("0", "1", "2"),
    "map": ("conv2", "conv1", "relu1", "relu2", "pool1", "conv3", "relu3", "pool2"),
})  # fmt: skip
_HUNDRED = 100
_VOTES_TEXT = re.compile(r"-?\d{1,4}(?:\.-?\d{1,4}){23}")


def to_bits(values: np.ndarray) -> str:
    """±1 as hexadecimal text, the last digit filled up with 0.

    >>> import numpy as np
    >>> from cnnviz.lesson.records import to_bits
    >>> to_bits(np.array([1, -1, 1, 1, -1]))
    'b0'
    """
    bits = "".join("1" if value > 0 else "0" for value in values.flat)
    bits += "0" * (-len(bits) % 4)
    return f"{int(bits, 2):0{len(bits) // 4}x}"


def from_bits(text: Any, shape: tuple[int, ...], name: str) -> np.ndarray:
    """The array of ±1 that `to_bits` wrote. Raises: LessonError for other text."""
    count = math.prod(shape)
    length = -(-count // 4)
    if not isinstance(text, str) or not re.fullmatch(rf"[0-9a-f]{{{length}}}", text):
        got = repr(text)[:40]
        raise LessonError(_("{name} must be {length} hexadecimal digits, got {got}", name=name, length=length, got=got))
    bits = f"{int(text, 16):0{4 * length}b}"[:count]
    return np.array([1 if bit == "1" else -1 for bit in bits], dtype=np.float32).reshape(shape)


def lesson_to_json(lesson: Lesson) -> dict[str, Any]:
    """A lesson as JSON holds it: picture and features in hexadecimal digits, votes in hundredths, the sharpness.

    >>> from cnnviz.lesson import Lesson, lesson_to_json
    >>> record = lesson_to_json(Lesson())
    >>> record["features"], record["votes"][:2], record["sharpness"]
    ('88d54a8', [30, 100], 5.5)
    """
    return {
        "picture": to_bits(lesson.picture),
        "features": to_bits(lesson.features),
        "votes": _hundredths(lesson.votes),
        "sharpness": lesson.sharpness,
    }


def lesson_from_json(record: Mapping[str, Any]) -> Lesson:
    """The lesson that a record holds; what it does not say is as in the unchanged lesson.

    Raises: LessonError, one sentence, for what is no lesson.

    >>> from cnnviz.lesson import lesson_from_json
    >>> lesson_from_json({"sharpness": 2}).sharpness
    2.0
    """
    plain = _plain()
    told = {name: record.get(name, plain[name]) for name in plain}
    return Lesson(
        picture=from_bits(told["picture"], (SIDE, SIDE), _("picture")),
        features=from_bits(told["features"], FEATURES.shape, _("features")),
        votes=_votes(told["votes"]),
        sharpness=_sharpness(told["sharpness"]),
    )


@lru_cache(maxsize=1)
def _plain() -> Mapping[str, Any]:
    """The record of the unchanged lesson."""
    return MappingProxyType(lesson_to_json(Lesson()))


@lru_cache(maxsize=1)
def _keys() -> Mapping[str, str]:
    """The ready-made pictures by their bits."""
    return MappingProxyType({to_bits(preset.values): preset.key for preset in PRESETS})


def _hundredths(votes: np.ndarray) -> list[int]:
    return [round(float(vote) * _HUNDRED) for vote in votes.flat]


def _votes(value: Any) -> np.ndarray:
    most = round(MOST_VOTE * _HUNDRED)
    is_list = isinstance(value, list) and len(value) == VOTES.size
    if not is_list or not all(type(vote) is int and abs(vote) <= most for vote in value):
        raise LessonError(
            _("votes must be {count} whole hundredths between −{most} and {most}, got {got}",
              count=VOTES.size, most=most, got=repr(value)[:40])
        )  # fmt: skip
    return (np.array(value, dtype=np.float32) / np.float32(_HUNDRED)).reshape(VOTES.shape)


def _sharpness(value: Any) -> float:
    if type(value) not in (int, float) or not LEAST_SHARP <= value <= MOST_SHARP:
        raise LessonError(
            _("sharpness must lie between {least} and {most}, got {got}",
              least=LEAST_SHARP, most=MOST_SHARP, got=repr(value)[:40])
        )  # fmt: skip
    return float(value)


def lesson_to_link(lesson: Lesson) -> dict[str, str]:
    """What a link says of `lesson`: only what differs from the unchanged one; a ready-made picture by its key.

    Returns: texts by the names of `LINK_NAMES`.

    >>> from cnnviz.lesson import Lesson, find_lesson_image, lesson_to_link
    >>> lesson_to_link(Lesson(find_lesson_image("o").values, sharpness=2))
    {'picture': 'o', 'sharpness': '2'}
    """
    record, plain = lesson_to_json(lesson), _plain()
    texts = {
        "picture": _keys().get(record["picture"], record["picture"]),
        "features": record["features"],
        "votes": ".".join(map(str, record["votes"])),
        "sharpness": f"{lesson.sharpness:g}",
    }
    return {name: texts[name] for name in LINK_NAMES if record[name] != plain[name]}


def lesson_from_link(query: Mapping[str, str]) -> Lesson:
    """The lesson that a link holds; each part that makes no sense is as in the unchanged lesson.

    >>> from cnnviz.lesson import lesson_from_link
    >>> lesson_from_link({"picture": "o", "sharpness": "much"}).sharpness
    5.5
    """
    asked = {name: _parsed(name, query[name]) for name in LINK_NAMES if name in query}
    record: dict[str, Any] = {}
    for name, value in asked.items():
        try:
            lesson_from_json({name: value})
        except LessonError:
            continue
        record[name] = value
    return lesson_from_json(record)


def _parsed(name: str, text: str) -> Any:
    """A part of a link as the record holds it, unchecked; None for what it cannot be."""
    if name == "picture":
        return next((to_bits(preset.values) for preset in PRESETS if preset.key == text), text)
    if name == "votes":
        return [int(vote) for vote in text.split(".")] if _VOTES_TEXT.fullmatch(text) else None
    if name == "sharpness":
        return float(text) if re.fullmatch(r"\d{1,2}(\.\d{1,3})?", text) else None
    return text


def chapter_of(text: Any) -> int:
    """The chapter that a link or the browser names, 1 to 8; the first for anything else."""
    known = {str(chapter): chapter for chapter in range(1, CHAPTERS + 1)}
    return known.get(str(text), 1)


def view_of(said: Any) -> dict[str, str]:
    """What a link or the browser says is looked at; what is no choice is as at the start.

    >>> from cnnviz.lesson.records import view_of
    >>> view_of({"pooling": "mean", "map": "none"})
    {'pooling': 'mean', 'feature': '0', 'map': 'conv2'}
    """
    told = said if isinstance(said, Mapping) else {}
    found = {name: told.get(name) for name in VIEW_CHOICES}
    return {name: str(found[name]) if found[name] in each else each[0] for name, each in VIEW_CHOICES.items()}
