"""One edit of a network as a value: what is done to which layer, with a short text form for a link.

The text is `operation.fields.layer`, all of it safe in an address: `zero.3.0.conv1`, `shuffle.7.conv2`, `linear.relu1`,
`linear.relu%232` for a second call of "relu".
Numbers travel as the bytes of float32, so that who opens a link gets the very same kernel.
Refuses to know: which layers a network has (`editable`), and how an edit is carried out (`edited_model`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np

from cnnviz.checks import check_whole, check_word, quoted, refusal
from cnnviz.core.layer_paths import LONGEST_PATH, is_path, path_from_text, path_to_text
from cnnviz.i18n import _

MOST_NUMBERS = 441  # a kernel of 21×21
LARGEST = 1000.0  # beyond it a few layers reach the end of float32
MOST_CHANNELS = 100_000
MOST_SEEDS = 1_000_000
_PRESET = re.compile(r"[a-z0-9-]{1,40}")


class EditError(ValueError):
    """An edit that is not one, or that does not fit the network; its text is one sentence.

    >>> from cnnviz.core.edits import read_edit
    >>> read_edit("zero.conv1")
    Traceback (most recent call last):
    cnnviz.core.edits.edit.EditError: edit must read like zero.3.0.conv1, got 'zero.conv1': copy the whole link
    """


class EditKind(StrEnum):
    """What an edit does.

    >>> from cnnviz.core.edits import EditKind
    >>> [kind.value for kind in EditKind][:4]
    ['set', 'preset', 'zero', 'negate']
    """

    SET = "set"  # a kernel becomes these numbers
    PRESET = "preset"  # a kernel becomes a known one
    ZERO = "zero"
    NEGATE = "negate"
    RANDOM = "random"  # a kernel as before any training
    BIAS = "bias"
    OFF = "off"  # a feature map or unit: its weights and its bias become 0
    LINEAR = "linear"  # an activation is taken out
    AVERAGE = "average"  # a max pooling takes the mean instead
    SHUFFLE = "shuffle"  # the kernels of a layer change places
    REDRAW = "redraw"  # a layer as before any training


FIELDS: dict[EditKind, tuple[str, ...]] = {
    EditKind.SET: ("out", "into", "numbers"),
    EditKind.PRESET: ("out", "into", "preset"),
    EditKind.ZERO: ("out", "into"),
    EditKind.NEGATE: ("out", "into"),
    EditKind.RANDOM: ("out", "into", "seed"),
    EditKind.BIAS: ("out", "numbers"),
    EditKind.OFF: ("out",),
    EditKind.LINEAR: (),
    EditKind.AVERAGE: (),
    EditKind.SHUFFLE: ("seed",),
    EditKind.REDRAW: ("seed",),
}
ON_KERNELS = frozenset(op for op, fields in FIELDS.items() if "into" in fields)


@dataclass(frozen=True)
class Edit:
    """One edit. `out` is the output map or unit, `into` the input channel (within its group), both from 0.

    `numbers` are a kernel row by row, or one bias, rounded to float32. Only the fields of `FIELDS[op]` are set.
    Raises: EditError, one sentence, for fields that are missing, odd or too many.

    >>> from cnnviz.core.edits.edit import Edit, EditKind
    >>> Edit(EditKind.ZERO, "conv1", out=3, into=0).text
    'zero.3.0.conv1'
    """

    op: EditKind
    layer: str
    out: int | None = None
    into: int | None = None
    numbers: tuple[float, ...] = ()
    preset: str = ""
    seed: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "op", check_word(EditKind, "edit", self.op, EditError))
        if not is_path(self.layer):
            raise refusal(
                "layer", _("a name of 1 to {most} printable letters and signs", most=LONGEST_PATH), self.layer,
                _("name one"), EditError,
            )  # fmt: skip
        for name, check in _CHECKS.items():
            object.__setattr__(self, name, check(getattr(self, name)) if name in self.fields else self._absent(name))

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of what this edit needs beside its layer."""
        return FIELDS[self.op]

    @property
    def target(self) -> tuple[object, ...]:
        """What it is about: two edits of one target by numbers are one movement of the hand."""
        return self.op, self.layer, self.out, self.into

    @cached_property
    def text(self) -> str:
        """The edit as text, safe in an address; `read_edit` reads it."""
        return ".".join(
            [self.op.value, *(_written(getattr(self, name)) for name in self.fields), path_to_text(self.layer)]
        )

    def _absent(self, name: str) -> Any:
        value = getattr(self, name)
        if value not in (None, (), ""):
            raise EditError(
                _("{name} must be left out of the edit {op!r}, got {value}: drop it", name=name, op=self.op.value,
                  value=quoted(value))
            )  # fmt: skip
        return value


def read_edit(text: str) -> Edit:
    """The edit that `text` stands for.

    Raises: EditError, one sentence, for a text that no edit has.

    >>> from cnnviz.core.edits.edit import Edit, EditKind, read_edit
    >>> read_edit("off.3.conv1") == Edit(EditKind.OFF, "conv1", out=3)
    True
    """
    name, _dot, rest = text.partition(".")
    if name not in tuple(EditKind):
        raise _no_edit(text)
    fields = FIELDS[EditKind(name)]
    *parts, layer = rest.split(".", len(fields))
    if len(parts) != len(fields):
        raise _no_edit(text)
    values = {field: _READ[field](part) for field, part in zip(fields, parts, strict=True)}
    try:
        return Edit(EditKind(name), path_from_text(layer), **values)
    except EditError:
        raise
    except ValueError as error:
        raise _no_edit(text) from error


def _no_edit(text: str) -> EditError:
    return EditError(_("edit must read like zero.3.0.conv1, got {text!r}: copy the whole link", text=text[:60]))


def _channel(value: Any) -> int:
    return _whole(value, _("channel"), MOST_CHANNELS)


def _seed(value: Any) -> int:
    return _whole(value, _("seed"), MOST_SEEDS)


def _whole(value: Any, name: str, most: int) -> int:
    return check_whole(name, value, 0, most - 1, _("choose another"), EditError)


def _numbers(values: Any) -> tuple[float, ...]:
    try:
        given = np.asarray(values)
    except ValueError:  # rows of different lengths
        given = np.empty(0, object)
    if given.dtype.kind not in "iuf":  # texts, true and false, and whole numbers beyond all floats are none
        raise refusal("numbers", _("numbers in a row"), values, _("give a kernel"), EditError)
    if given.ndim != 1 or not 0 < given.size <= MOST_NUMBERS:
        raise EditError(
            _("numbers must be 1 to {most} in a row, got shape {shape}: flatten the kernel row by row",
              most=MOST_NUMBERS, shape=given.shape)
        )  # fmt: skip
    given = given.astype(np.float64)
    wrong = given[~(np.abs(given) <= LARGEST)]  # NaN is wrong too
    if wrong.size:
        raise EditError(
            _("weights must be from −{most} to {most}, got {value}: choose a smaller one",
              most=f"{LARGEST:g}", value=wrong[0])
        )  # fmt: skip
    return tuple(given.astype(np.float32).tolist())


def _preset(value: Any) -> str:
    if not isinstance(value, str) or not _PRESET.fullmatch(value):
        raise refusal("preset", _("the name of a kernel"), value, _("choose one"), EditError)
    return value


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "out": _channel,
    "into": _channel,
    "numbers": _numbers,
    "preset": _preset,
    "seed": _seed,
}


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return base64.urlsafe_b64encode(np.array(value, "<f4").tobytes()).decode().rstrip("=")
    return str(value)


def _read_whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise _no_edit(text)
    return int(text)


def _read_numbers(text: str) -> tuple[float, ...]:
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _no_edit(text) from error
    if len(data) % 4 or len(data) > 4 * MOST_NUMBERS:
        raise _no_edit(text)
    return tuple(np.frombuffer(data, "<f4").tolist())


_READ: dict[str, Callable[[str], Any]] = {
    "out": _read_whole,
    "into": _read_whole,
    "numbers": _read_numbers,
    "preset": str,
    "seed": _read_whole,
}
