"""A cache that is bounded in number and in bytes: what was asked for longest ago goes first. For many threads."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class BoundedCache(Generic[V]):
    """What is kept by its key. One value alone may be larger than the bound in bytes: it is what is looked at.

    >>> from cnnviz.machine.bounded_cache import BoundedCache
    >>> cache = BoundedCache(most=2, most_bytes=10)
    >>> for name in "abc":
    ...     cache.put(name, name.upper(), 4)
    >>> cache.get("a"), cache.get("c")
    (None, 'C')
    """

    def __init__(self, most: int, most_bytes: float = math.inf) -> None:
        self.most, self.most_bytes = most, most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        """What is kept under `key`; None for what is not."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: V, size: int = 0) -> None:
        """Keep `value`, of `size` bytes."""
        with self._lock:
            self._kept[key] = (value, size)
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and (len(self._kept) > self.most or self._size() > self.most_bytes):
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()

    def __len__(self) -> int:
        return len(self._kept)

    def _size(self) -> int:
        return sum(size for _value, size in self._kept.values())
