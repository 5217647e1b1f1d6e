"""The inputs of a small example as text: numbers in rows, a whole number, a word; typed by a reader or in a link.

Refuses to know: what an input is for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cnnviz.checks import not_one_of, refusal_in_words
from cnnviz.i18n import _

Text = Callable[[], str]  # called when shown, so that it speaks the reader's language
Value = Any  # as its field's kind says: list[list[float]], list[float], int, float or str
MOST_CELLS = 40  # numbers along a side
LARGEST = 1e6


class ExampleError(ValueError):
    """An input that cannot be; its text is one sentence."""


class FieldKind(StrEnum):
    """What is typed into a field."""

    MATRIX = "matrix"
    VECTOR = "vector"
    WHOLE = "whole"
    REAL = "real"
    WORD = "word"


@dataclass(frozen=True, eq=False)
class ExampleField:
    """One input: `name` is the parameter of the example's function, `usual` its value at first.

    least, most: bounds of every number in it. words: what can be chosen, for a word only.
    """

    name: str
    describe: Text
    kind: FieldKind
    usual: Value
    least: float = -LARGEST
    most: float = LARGEST
    is_whole: bool = False  # whether its numbers must be whole
    words: tuple[str, ...] = ()
    word_titles: Mapping[str, Text] = field(default_factory=dict)  # what a word is called, where it is no word of code

    @property
    def label(self) -> str:
        """What stands above it, in the reader's language."""
        return self.describe()

    def title_of(self, word: str) -> str:
        """What one of the words is called, in the reader's language."""
        return self.word_titles[word]() if word in self.word_titles else word


def whole_field(name: str, describe: Text, usual: int, least: int, most: int) -> ExampleField:
    """The field of one whole number.

    >>> from cnnviz.small_examples.fields import whole_field
    >>> whole_field("side", lambda: "Side", 32, 1, 128).is_whole
    True
    """
    return ExampleField(name, describe, FieldKind.WHOLE, usual, least, most, is_whole=True)


def format_field(field: ExampleField, value: Value) -> str:
    """The text for `value`: numbers side by side, rows one below the other.

    >>> from cnnviz.small_examples.fields import ExampleField, FieldKind, format_field
    >>> format_field(ExampleField("x", lambda: "x", FieldKind.MATRIX, [[1]]), [[1, 2.5], [3, 4]])
    '1 2.5\\n3 4'
    """
    if field.kind is FieldKind.MATRIX:
        return "\n".join(" ".join(map(_number_text, row)) for row in value)
    if field.kind is FieldKind.VECTOR:
        return " ".join(map(_number_text, value))
    return _number_text(value) if isinstance(value, float) else str(value)


def _number_text(value: float) -> str:
    return f"{value:.10g}"


def parse_field(field: ExampleField, text: str) -> Value:
    """What `text` says. Raises: ExampleError, one sentence.

    >>> from cnnviz.small_examples.fields import ExampleField, FieldKind, parse_field
    >>> parse_field(ExampleField("x", lambda: "x", FieldKind.MATRIX, [[1]]), "1, 2.5 / 3 -4")
    [[1, 2.5], [3, -4]]
    """
    if field.kind is FieldKind.WORD:
        if text not in field.words:
            raise not_one_of(field.label, text, field.words, ExampleError)
        return text
    if field.kind is FieldKind.MATRIX:
        return _parse_matrix(field, text)
    numbers = _parse_row(field, text)
    if field.kind is FieldKind.VECTOR:
        return numbers
    if len(numbers) != 1:
        raise _refused(field, _("one number"), text)
    return numbers[0]


def _parse_matrix(field: ExampleField, text: str) -> list[list[float]]:
    rows = [_parse_row(field, line) for line in re.split(r"[\n/;]", text.strip().strip("/;")) if line.strip()]
    if not rows or len({len(row) for row in rows}) != 1:
        raise _refused(field, _("rows of equal length"), text)
    if len(rows) > MOST_CELLS:
        raise _refused(field, _("at most {most} rows", most=MOST_CELLS), str(len(rows)))
    return rows


def _parse_row(field: ExampleField, text: str) -> list[float]:
    words = text.replace("−", "-").replace(",", " ").split()
    if not 0 < len(words) <= MOST_CELLS:
        raise _refused(field, _("1 to {most} numbers", most=MOST_CELLS), text)
    return [_parse_number(field, word) for word in words]


def _parse_number(field: ExampleField, word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    is_kind = math.isfinite(value) and (value.is_integer() or not field.is_whole)
    if not is_kind or not field.least <= value <= field.most:
        bounds = {"least": f"{field.least:.10g}", "most": f"{field.most:.10g}"}
        rule = _("whole numbers from {least} to {most}", **bounds) if field.is_whole else _(
            "numbers from {least} to {most}", **bounds)  # fmt: skip
        raise _refused(field, rule, word)
    return int(value) if value.is_integer() else value


def _refused(field: ExampleField, rule: str, got: str) -> ExampleError:
    line = " ".join(got.split())
    shortened = line if len(line) <= MOST_CELLS else f"{line[:MOST_CELLS]}…"
    return refusal_in_words(field.label, rule, f"“{shortened}”", _("write numbers with spaces between"), ExampleError)
