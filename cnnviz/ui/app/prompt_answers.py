"""Small answers leave at once.

Streamlit (1.67.0) gives asyncio a socket of its own, made without the name of its protocol, and asyncio (Python 3.11)
then leaves Nagle's algorithm on: the second part of an answer, its body after its head, waits until the browser has
confirmed the first, which browsers put off by 40 ms. Only answers large enough to fill packets did not wait.
"""

from __future__ import annotations

import asyncio.base_events
import socket

INTERNET = (socket.AF_INET, socket.AF_INET6)


def answer_at_once() -> None:
    """From now on no connection that asyncio takes in this process waits for more to send."""
    asyncio.base_events._set_nodelay = _send_at_once  # type: ignore[attr-defined]


def _send_at_once(taken: socket.socket) -> None:
    """In the place of asyncio's own, which asks for the protocol's name too; a stream of the internet is TCP."""
    if taken.family in INTERNET and taken.type == socket.SOCK_STREAM:
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
