"""One form of error, and of asking whether a value from outside is what it must be.

A refusal is one sentence: what must be how, what was received, and a way out. Each module says which class of error is
its own. Refuses to know: arrays, torch, pages.
"""

from __future__ import annotations

import math
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import Enum, StrEnum
from numbers import Number
from typing import Any, TypeGuard, TypeVar

from cnnviz.i18n import _

LONGEST = 40  # characters of what was received that stand in a sentence
LARGEST = sys.float_info.max  # JSON has whole numbers that are larger
MOST_THREADS = 1024  # of the CPU, for one process
MOST_KNOWN = 40  # of what there is that a sentence lists
W = TypeVar("W", bound=StrEnum)
E = TypeVar("E", bound=Exception)


def quoted(got: object) -> str:
    """What was received, as it may stand in a sentence: numbers and words of ours bare, not longer than need be.

    >>> from cnnviz.checks import quoted
    >>> quoted(0.5), quoted("a word"), quoted(list(range(100)))
    ('0.5', "'a word'", '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1…')
    """
    text = str(got) if isinstance(got, Number | Enum) else repr(got)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def refusal(parameter: str, rule: str, got: object, way_out: str, error: type[Exception] = ValueError) -> Exception:
    """The error that says what `parameter` must be, what it was, and what to do: to be raised.

    >>> from cnnviz.checks import refusal
    >>> str(refusal("rate", "above 0", -1, "0.001 is a good start"))
    'rate must be above 0, got -1: 0.001 is a good start'
    """
    return refusal_in_words(parameter, rule, quoted(got), way_out, error)


def refusal_in_words(parameter: str, rule: str, got: str, way_out: str, error: type[E]) -> E:
    """The same where `got` is in words of ours already, or a text that was made fit for a sentence: to be raised.

    >>> from cnnviz.checks import refusal_in_words
    >>> str(refusal_in_words("opset", "at most 26", "none", "export it again", ValueError))
    'opset must be at most 26, got none: export it again'
    """
    return error(_("{parameter} must be {rule}, got {got}: {way_out}", parameter=parameter, rule=rule, got=got,
                   way_out=way_out))  # fmt: skip


def require(
    holds: bool, parameter: str, rule: str, got: object, way_out: str, error: type[Exception] = ValueError
) -> None:
    """Raises: `error` with the sentence of `refusal`, where the rule does not hold.

    >>> from cnnviz.checks import require
    >>> require(3 > 0, "batch", "at least 1", 3, "64 is usual")
    """
    if not holds:
        raise refusal(parameter, rule, got, way_out, error)


def is_whole(value: object, least: float = -math.inf, most: float = math.inf) -> TypeGuard[int]:
    """Whether it is a whole number within its bounds, both included; True is an int to Python, never to a reader.

    >>> from cnnviz.checks import is_whole
    >>> is_whole(3, 0, 9), is_whole(3.0), is_whole(True), is_whole(10, 0, 9)
    (True, False, False, False)
    """
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def whole_argument(least: int, most: int) -> Callable[[str], int]:
    """The `type` of a command's argument that is a whole number from `least` to `most`.

    >>> from cnnviz.checks import whole_argument
    >>> whole_argument(1, 64)("8")
    8
    """

    def parse(text: str) -> int:
        try:
            number = int(text) if len(text) <= LONGEST else None
        except ValueError:
            number = None
        if not is_whole(number, least, most):
            rule = _("a whole number from {least} to {most}", least=least, most=most)
            raise ArgumentTypeError(_("must be {rule}, got {got}", rule=rule, got=quoted(text)))
        return number

    return parse


def is_number(value: object, least: float = -math.inf, most: float = math.inf) -> TypeGuard[float]:
    """Whether it is a finite number, whole or not, within its bounds, both included, and not too large for a float.

    >>> from cnnviz.checks import is_number
    >>> is_number(0.5, 0, 1), is_number(float("nan")), is_number(10**400), is_number(True), is_number("0.5")
    (True, False, False, False, False)
    """
    is_any = isinstance(value, int | float) and not isinstance(value, bool)
    return is_any and -LARGEST <= value <= LARGEST and least <= value <= most  # type: ignore[operator]


def is_truth(value: object) -> TypeGuard[bool]:
    """Whether it is True or False, and not something that only counts as one of them.

    >>> from cnnviz.checks import is_truth
    >>> is_truth(False), is_truth(0)
    (True, False)
    """
    return isinstance(value, bool)


def check_whole(
    parameter: str, value: object, least: int, most: int, way_out: str, error: type[Exception] = ValueError
) -> int:
    """`value`, a whole number from `least` to `most`. Raises: `error`.

    >>> from cnnviz.checks import check_whole
    >>> check_whole("seed", 3, 0, 99, "0 is as good as any")
    3
    """
    if not is_whole(value, least, most):
        raise refusal(parameter, _("a whole number from {least} to {most}", least=least, most=most), value, way_out,
                      error)  # fmt: skip
    return value


def check_number(
    parameter: str, value: object, least: float, most: float, way_out: str, error: type[Exception] = ValueError
) -> float:
    """`value`, a number from `least` to `most`. Raises: `error`.

    >>> from cnnviz.checks import check_number
    >>> check_number("dropout", 0.5, 0, 1, "0.5 is usual")
    0.5
    """
    if not is_number(value, least, most):
        raise refusal(parameter, _("a number from {least} to {most}", least=least, most=most), value, way_out, error)
    return value


def check_truth(parameter: str, value: object, way_out: str, error: type[Exception] = ValueError) -> bool:
    """`value`, True or False. Raises: `error`.

    >>> from cnnviz.checks import check_truth
    >>> check_truth("balanced", False, "leave it out for false")
    False
    """
    if not is_truth(value):
        raise refusal(parameter, _("true or false"), value, way_out, error)
    return value


def check_word(words: type[W], parameter: str, value: object, error: type[Exception] = ValueError) -> W:
    """The member of `words` that `value` names. Raises: `error`.

    >>> from enum import StrEnum
    >>> from cnnviz.checks import check_word
    >>> check_word(StrEnum("Side", "LEFT RIGHT"), "side", "left").value
    'left'
    """
    check_one_of(parameter, value, [str(word) for word in words], error)
    return words(str(value))


def check_one_of(parameter: str, value: Any, known: Collection[str], error: type[Exception] = ValueError) -> str:
    """`value`, one of the words in `known`. Raises: `error`, naming them all.

    >>> from cnnviz.checks import check_one_of
    >>> check_one_of("device", "cpu", ("auto", "cpu", "cuda"))
    'cpu'
    """
    if not isinstance(value, str) or value not in known:
        raise not_one_of(parameter, value, known, error)
    return value


def not_one_of(parameter: str, value: object, known: Iterable[str], error: type[Exception] = ValueError) -> Exception:
    """The error that names what there is, or the first of it: to be raised.

    >>> from cnnviz.checks import not_one_of
    >>> str(not_one_of("device", "tpu", ("auto", "cpu", "cuda")))
    "device must be one of auto, cpu, cuda, got 'tpu': choose one of these"
    """
    words = [str(word) for word in known]
    listed = ", ".join(words[:MOST_KNOWN]) + (" …" if len(words) > MOST_KNOWN else "")
    return refusal(parameter, _("one of {known}", known=listed), value, _("choose one of these"), error)


def check_record(
    parameter: str, value: object, known: Iterable[str], needed: Iterable[str] = (),
    error: type[Exception] = ValueError,
) -> Mapping[str, Any]:  # fmt: skip
    """`value`, a JSON object with the names in `needed` and no others than those in `known`. Raises: `error`.

    >>> from cnnviz.checks import check_record
    >>> check_record("job", {"seed": 1}, ("seed", "steps"))
    {'seed': 1}
    """
    names = sorted(known)
    if not isinstance(value, Mapping) or not set(needed) <= set(value) <= set(names):
        raise error(_("{parameter} must be a JSON object of {names}: leave everything else out",
                      parameter=parameter, names=", ".join(names)))  # fmt: skip
    return value


def check_shape(
    parameter: str, shape: tuple[int, ...], wanted: tuple[int, ...], way_out: str, error: type[Exception] = ValueError
) -> None:
    """Whether an array has the shape that is wanted. Raises: `error`.

    >>> from cnnviz.checks import check_shape
    >>> check_shape("image", (1, 28, 28), (1, 28, 28), "prepare it for this network")
    """
    if shape != wanted:
        raise error(_("{parameter} must be {rule}, got {got}: {way_out}", parameter=parameter, way_out=way_out,
                      rule=_("of shape {shape}", shape=sides(wanted)), got=sides(shape)))  # fmt: skip


def sides(shape: Iterable[int]) -> str:
    """A shape as people write it.

    >>> from cnnviz.checks import sides
    >>> sides((1, 28, 28))
    '1×28×28'
    """
    return "×".join(map(str, shape))
