"""Which data somebody chose, as a value: plain JSON both ways, checked on construction.

Refuses to know: the pictures themselves (`loading` brings them).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from cnnviz.imagesets.records import SetError
from cnnviz.messages import _

MOST_PICTURES = 1_000_000
MOST_SEED = 2**31 - 1
LEAST_SHARE, MOST_SHARE = 0.01, 0.5
TOKEN = re.compile(r"[0-9a-f]{64}")


class SetKey(StrEnum):
    """The sets that there are."""

    DIGITS = "digits"
    MNIST = "mnist"
    BIRDS = "birds"
    XO = "xo"
    XO_GENERATED = "xo_generated"
    OWN = "own"


@dataclass(frozen=True)
class DataChoice:
    """A set, and which part of it is for training.

    key: one of `SetKey`. limit: at most so many training pictures, all classes alike as far as they go (None: all).
    validation: share of the pictures kept out of training, class by class (a set with a validation part of its own
    uses that). seed: decides which. balanced: as many training pictures of each class as of the rarest.
    upload: the token of one's own pictures, for the key "own" only.
    Raises: SetError, one sentence.

    >>> from cnnviz.imagesets.choice import DataChoice
    >>> DataChoice.from_record(DataChoice("digits", limit=100).to_record()) == DataChoice("digits", limit=100)
    True
    """

    key: str = SetKey.DIGITS
    limit: int | None = None
    validation: float = 0.1
    seed: int = 0
    balanced: bool = False
    upload: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", _checked_key(self.key))
        self._check_numbers()
        _demand(
            isinstance(self.balanced, bool), "balanced", _("true or false"), self.balanced, _("leave it out for false")
        )
        self._check_upload()

    def _check_numbers(self) -> None:
        _demand(
            self.limit is None or (_is_whole(self.limit) and 1 <= self.limit <= MOST_PICTURES),
            "limit", _("a whole number from 1 to {most}", most=MOST_PICTURES), self.limit, _("leave it out to use all"),
        )  # fmt: skip
        is_share = isinstance(self.validation, int | float) and not isinstance(self.validation, bool)
        _demand(
            is_share and LEAST_SHARE <= self.validation <= MOST_SHARE,
            "validation", f"{LEAST_SHARE} – {MOST_SHARE}", self.validation, _("0.1 keeps one picture in ten"),
        )  # fmt: skip
        _demand(
            _is_whole(self.seed) and 0 <= self.seed <= MOST_SEED,
            "seed", _("a whole number from 0 to {most}", most=MOST_SEED), self.seed, _("0 is a good one"),
        )  # fmt: skip

    def _check_upload(self) -> None:
        if self.key == SetKey.OWN:
            is_token = isinstance(self.upload, str) and TOKEN.fullmatch(self.upload) is not None
            _demand(is_token, "upload", _("the token of an upload"), self.upload, _("upload a zip of class folders"))
        else:
            _demand(self.upload is None, "upload", _("empty for this set"), self.upload, _("choose your own pictures"))

    def to_record(self) -> dict[str, Any]:
        """The choice as plain JSON data."""
        return asdict(self) | {"key": str(self.key)}

    @classmethod
    def from_record(cls, record: Any) -> DataChoice:
        """A choice from plain JSON data; what is left out has its usual value. Raises: SetError."""
        known = {field.name for field in fields(cls)}
        if not isinstance(record, Mapping) or not set(record) <= known:
            raise SetError(
                _("data must be an object with {names}: leave everything else out", names=", ".join(sorted(known)))
            )
        return cls(**record)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _checked_key(key: Any) -> SetKey:
    known = [str(each) for each in SetKey]
    _demand(isinstance(key, str) and key in known, "set", ", ".join(known), key, _("choose one of these"))
    return SetKey(key)


def _demand(holds: bool, parameter: str, rule: str, got: object, way_out: str) -> None:
    if not holds:
        raise SetError(
            _(
                "{parameter} must be {rule}, got {got}: {way_out}",
                parameter=parameter,
                rule=rule,
                got=repr(got)[:40],
                way_out=way_out,
            )
        )
