"""Which data somebody chose, as a value: plain JSON both ways, checked on construction.

Refuses to know: the pictures themselves (`loading` brings them).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from cnnviz.checks import check_number, check_record, check_truth, check_whole, check_word, require
from cnnviz.data.image_sets.records import ImageSetError
from cnnviz.i18n import _

MOST_PICTURES = 1_000_000
MOST_SEED = 2**31 - 1
LEAST_SHARE, MOST_SHARE = 0.01, 0.5
TOKEN = re.compile(r"[0-9a-f]{64}")
MARK = "mark-"  # how the mark of a token begins, which leads to no images


def upload_mark(token: str) -> str:
    """What stands for a token where others read it: who has the token knows it again, and nobody finds the token by it.

    >>> from cnnviz.data.image_sets.choice import upload_mark
    >>> upload_mark("0" * 64)[:13], len(upload_mark("0" * 64))
    ('mark-60e05bd1', 69)
    """
    return MARK + hashlib.sha256(token.encode()).hexdigest()


class SetKey(StrEnum):
    """The sets that there are.

    >>> from cnnviz.data.image_sets import SetKey
    >>> [key.value for key in SetKey]
    ['digits', 'mnist', 'birds', 'xo', 'xo_generated', 'own']
    """

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
    Raises: ImageSetError, one sentence.

    >>> from cnnviz.data.image_sets.choice import DataChoice
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
        object.__setattr__(self, "key", check_word(SetKey, "set", self.key, ImageSetError))
        self._check_numbers()
        check_truth("balanced", self.balanced, _("leave it out for false"), ImageSetError)
        self._check_upload()

    def _check_numbers(self) -> None:
        if self.limit is not None:
            check_whole("limit", self.limit, 1, MOST_PICTURES, _("leave it out to use all"), ImageSetError)
        way_out = _("0.1 keeps one image in ten")
        check_number("validation", self.validation, LEAST_SHARE, MOST_SHARE, way_out, ImageSetError)
        check_whole("seed", self.seed, 0, MOST_SEED, _("0 is a good one"), ImageSetError)

    def _check_upload(self) -> None:
        if self.key == SetKey.OWN:
            is_token = isinstance(self.upload, str) and TOKEN.fullmatch(self.upload) is not None
            require(
                is_token,
                "upload",
                _("the token of an upload"),
                self.upload,
                _("upload a zip of class folders"),
                ImageSetError,
            )
        else:
            way_out = _("choose your own images")
            require(self.upload is None, "upload", _("empty for this set"), self.upload, way_out, ImageSetError)

    def to_record(self) -> dict[str, Any]:
        """The choice as plain JSON data."""
        return asdict(self) | {"key": str(self.key)}

    @classmethod
    def from_record(cls, record: Any) -> DataChoice:
        """A choice from plain JSON data; what is left out has its usual value. Raises: ImageSetError."""
        known = {field.name for field in fields(cls)}
        return cls(**check_record("data", record, known, error=ImageSetError))
