"""What is under way in this server, by tokens that nobody can guess, and never too much of it.

Refuses to know: what is kept, sessions, pages.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

LASTS_S = 1800.0  # without a question


class Kept(Protocol):
    """Something under way: whether it works, and when somebody last asked for it."""

    seen: float

    @property
    def is_working(self) -> bool:
        """Whether a process is at it."""
        ...


T = TypeVar("T", bound=Kept)


class Registry(Generic[T]):
    """At most `most` things, each known by its token; `lock` guards them, and whoever starts one.

    release: ends what a thing does, once it is forgotten. most_working: how many of them may be at work at once.
    clock: gives seconds that only rise.

    >>> from types import SimpleNamespace
    >>> from cnnviz.processes import Registry
    >>> registry = Registry(release=lambda thing: None, most=4, most_working=1)
    >>> token = registry.add(lambda token: SimpleNamespace(seen=0.0, is_working=True))
    >>> registry.is_full, registry.find("guessed") is None
    (True, True)
    >>> registry.drop(token)
    >>> len(registry)
    0
    """

    def __init__(
        self, release: Callable[[T], None], most: int, most_working: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most, self.most_working = most, most_working
        self._release, self._clock = release, clock
        self._kept: OrderedDict[str, T] = OrderedDict()
        self.lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def values(self) -> list[T]:
        """All that is kept, first the one that nobody has looked at for longest."""
        with self.lock:
            return list(self._kept.values())

    @property
    def working(self) -> int:
        """How many are at work."""
        return sum(each.is_working for each in self.values)

    @property
    def is_full(self) -> bool:
        """Whether all places for work are taken."""
        return self.working >= self.most_working

    def add(self, make: Callable[[str], T]) -> str:
        """Keep what `make` makes of a new token; the token.

        Where there are too many, the one that nobody has looked at for longest goes, first of those at rest.
        """
        with self.lock:
            token = secrets.token_urlsafe(24)
            self._kept[token] = made = make(token)
            made.seen = self._clock()
            while len(self._kept) > self.most:
                others = [each for each in self._kept if each != token]
                self.drop(min(others, key=lambda each: self._kept[each].is_working))
            return token

    def find(self, token: object) -> T | None:
        """What is kept under a token; None where there is nothing (any more)."""
        with self.lock:
            found = self._kept.get(token) if isinstance(token, str) else None
            if found is not None:
                found.seen = self._clock()
                self._kept.move_to_end(str(token))
            return found

    def drop(self, token: object) -> None:
        """Forget it, and end what it does."""
        with self.lock:
            found = self._kept.pop(token, None) if isinstance(token, str) else None
        if found is not None:
            self._release(found)  # outside the lock: it may wait for another thread

    def forget_old(self) -> None:
        """Drop what nobody has asked for in a long time."""
        with self.lock:
            now = self._clock()
            for token in [token for token, each in self._kept.items() if now - each.seen > LASTS_S]:
                self.drop(token)

    def close(self) -> None:
        """Drop all."""
        for token in list(self._kept):
            self.drop(token)
