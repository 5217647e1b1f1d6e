"""The bytes of requests: how many are held, and for how long somebody may take to send them.

Two bounds on memory that others fill: no question is larger than one may be, and all that are under way together are
not larger than the server has room for. And one on time: who stops sending in the middle is not waited for.
Refuses to know: what the bytes say.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from starlette.requests import Request
from starlette.types import Message, Receive

from cnnviz.i18n import _

PAUSE_S = 20.0  # between two parts of a body
PATIENCE_S, LEAST_RATE = 60.0, 2_000  # after so many seconds it must have come with so many bytes a second


class BodyError(Exception):
    """A body that is not taken; its text is one sentence, `status` the answer's."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


class BodyLimits:
    """Reads the bodies of questions, none larger than `most`, all under way not larger than `most_held` bytes."""

    def __init__(self, most: int, most_held: int) -> None:
        self._most, self._most_held, self.held = most, most_held, 0

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """The body, held until the end of the block. Raises: BodyError; ClientDisconnect."""
        parts, size = list[bytes](), 0
        try:
            async for part in request.stream():
                size += len(part)
                self.held += len(part)
                if size > self._most:
                    raise BodyError(_("question is too large"), 413)
                if self.held > self._most_held:
                    raise BodyError(_("Too many questions wait: ask again later."), 503)
                parts.append(part)
            yield b"".join(parts)
        finally:
            self.held -= size


class PatientReceive:
    """`receive` of a request that gives up on a sender who pauses in the middle of a body, or only lets it drip."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_whole, self._bytes, self._begun = False, 0, anyio.current_time()
        self.is_late = False

    async def __call__(self) -> Message:
        """The next message; that the sender has gone, where it is not waited for any more."""
        if self._is_whole:
            return await self._receive()
        message: Message | None = None
        with anyio.move_on_after(PAUSE_S):
            message = await self._receive()
        if message is None or self._drips():
            self.is_late = True
            return {"type": "http.disconnect"}
        self._bytes += len(message.get("body", b""))
        self._is_whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    def _drips(self) -> bool:
        seconds = anyio.current_time() - self._begun
        return seconds > PATIENCE_S and self._bytes < seconds * LEAST_RATE
