"""Whose question is answered next: small ones never wait for large ones, and nobody waits for all of somebody else's.

A question waits in the lane of its size. In a lane visitors take turns, one question each; whoever leaves while waiting
is not answered, and work on an answer that nobody waits for any more ends at the next `go_on`.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TypeVar

import anyio
from anyio import to_thread
from starlette.requests import ClientDisconnect
from starlette.types import Receive

T = TypeVar("T")
SMALL_BYTES = 64_000  # a drawing of some 2,000 points, with all that is said beside it
MOST_WAITING = 512  # in a lane, of an address: a class behind one proxy has one
_THREADS = anyio.CapacityLimiter(64)  # the lanes let far fewer in


class TooMuchWaits(Exception):
    """A visitor asks faster than can be answered."""


class NobodyWaits(Exception):
    """Who asked has gone."""


class Lane:
    """Some questions at once, the others in turns: one of each visitor after the other."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: OrderedDict[str, deque[anyio.Event]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, visitor: str) -> AsyncIterator[None]:
        """Wait for a place, and give it to the next one after the block. Raises: TooMuchWaits."""
        await self._take(visitor)
        try:
            yield
        finally:
            self._pass_on()

    async def _take(self, visitor: str) -> None:
        if self._free > 0:
            self._free -= 1
            return
        mine = anyio.Event()
        queue = self._waiting.setdefault(visitor, deque())
        if len(queue) >= MOST_WAITING:
            raise TooMuchWaits
        queue.append(mine)
        try:
            await mine.wait()
        except BaseException:  # given up while it waited, or just as its turn came
            if mine.is_set():
                self._pass_on()
            else:
                self._forget(visitor, mine)
            raise

    def _forget(self, visitor: str, mine: anyio.Event) -> None:
        queue = self._waiting[visitor]
        queue.remove(mine)
        if not queue:
            del self._waiting[visitor]

    def _pass_on(self) -> None:
        if not self._waiting:
            self._free += 1
            return
        visitor, queue = self._waiting.popitem(last=False)
        following = queue.popleft()
        if queue:
            self._waiting[visitor] = queue  # behind all others
        following.set()


class Lanes:
    """Where questions wait: small ones in one lane, large ones, one at a time, in another; visitors share the cores."""

    def __init__(self, places: int | None = None) -> None:
        self._small, self._large = Lane(places or max(1, (os.cpu_count() or 2) // 2)), Lane(1)

    async def run(self, size: int, visitor: str, receive: Receive, work: Callable[[], T]) -> T:
        """What `work` gives, in a thread of its own, when its turn has come. size: bytes of the question.

        receive: of the request, whose body has been read; it tells when its sender goes.
        Raises: TooMuchWaits; ClientDisconnect where nobody waits any more; what `work` raises.
        """
        has_left, made = threading.Event(), list[T]()
        raised: list[Exception] = []  # handed on by hand: a task group would put it into another one
        async with anyio.create_task_group() as group:
            group.start_soon(_watch, receive, has_left, group.cancel_scope)
            try:
                async with (self._small if size <= SMALL_BYTES else self._large).turn(visitor):
                    made.append(await to_thread.run_sync(_work_for, has_left, work, limiter=_THREADS))
            except Exception as error:
                raised.append(error)
            group.cancel_scope.cancel()
        if has_left.is_set() or (not made and not raised):
            raise ClientDisconnect
        if raised:
            raise raised[0]
        return made[0]


async def _watch(receive: Receive, has_left: threading.Event, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    has_left.set()
    scope.cancel()


_HAS_LEFT: ContextVar[threading.Event | None] = ContextVar("cnnviz_has_left", default=None)


def _work_for(has_left: threading.Event, work: Callable[[], T]) -> T:
    _HAS_LEFT.set(has_left)  # of this thread's own copy
    go_on()
    return work()


def go_on() -> None:
    """Between two parts of long work. Raises: NobodyWaits, where nobody waits for the answer any more."""
    has_left = _HAS_LEFT.get()
    if has_left is not None and has_left.is_set():
        raise NobodyWaits
