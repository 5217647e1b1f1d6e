"""One POST to the short way without a server, and what comes back."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from starlette.applications import Starlette
from starlette.types import ASGIApp

from cnnviz.ui.app import routes
from tests.own_loop import play

Headers = tuple[tuple[bytes, bytes], ...]
JSON: Headers = ((b"content-type", b"application/json"),)


class Answer(NamedTuple):
    """What a browser would be sent."""

    status: int
    headers: dict[str, str]
    body: bytes


def posted(
    path: str, body: bytes, headers: Headers = JSON, client: tuple[str, int] | None = None, app: ASGIApp | None = None
) -> Answer:
    """POST `body` to `path` of the app's routes, or of another ASGI app around them."""
    sent: list[dict[str, Any]] = []

    async def call() -> None:
        parts = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if not parts:
                await asyncio.Event().wait()  # a browser that stays until it has its answer
            return parts.pop()

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b"",
                 "client": client}  # fmt: skip
        await (app or Starlette(routes=routes.routes()))(scope, receive, send)

    play(call())
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent))
