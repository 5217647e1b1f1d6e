"""One of what there is, by its key: a drawing, a kernel, a picture, an example.

Refuses to know: what the things are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from cnnviz.checks import check_one_of


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


T = TypeVar("T", bound=_Keyed)


def find_by_key(things: Iterable[T], key: str, kind: str) -> T:
    """The one of `things` called `key`; `kind` is what they are called, in the reader's language.

    Raises: KeyError, one sentence with the known keys.

    >>> from cnnviz.data.choices import find_by_key
    >>> from cnnviz.core.kernels import PRESETS
    >>> find_by_key(PRESETS, "sobel", "kernel").title
    'Sobel'
    """
    known = {thing.key: thing for thing in things}
    return known[check_one_of(kind, key, known, KeyError)]
