"""Which requests are answered at all: those that call this server by a name of its own, and come from its own pages.

A browser sends a request for whatever page it shows, so a page of another site, or of another program on this machine,
can ask a server on this machine too. No page can choose two of the headers, and both are looked at for pages, files,
`/cnnviz/…` and the WebSocket alike:

- Host, the name by which the server was asked. A site whose name somebody lets point to this machine for a moment
  ("DNS rebinding") is told by it: an address in numbers, and our own names, nobody else can let point anywhere.
- Origin, the site of the page that asks. It must be that very name and port.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from cnnviz.checks import quoted
from cnnviz.i18n import _
from cnnviz.ui.app.question_bodies import PatientReceive
from cnnviz.ui.app.security_headers import allowed_origins, security_headers

LOOPBACK = ("localhost", "127.0.0.1", "::1")
PLAIN = re.compile(r"[\w.\-:\[\]]+", re.ASCII)  # what names, addresses and ports are made of
_LOG = logging.getLogger(__name__)


class RequestGuard:
    """Stands before everything that the server serves; refuses in one sentence that says what to set."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here; the answers of all that is behind get our headers."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        problem = problem_of(headers)
        if problem is None:
            host = headers["host"]
            await self._serve(_as_own(scope, host), receive, _Answer(send, host))
            return
        _LOG.warning("refused: %s", problem)
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        else:
            await PlainTextResponse(problem, status_code=403)(scope, receive, _Answer(send, LOOPBACK[0]))

    async def _serve(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        """Who leaves in the middle, or stops sending, is no error of ours."""
        patient = PatientReceive(receive) if scope["type"] == "http" else None
        try:
            await self.app(scope, patient or receive, answer)
        except ClientDisconnect:
            if patient is not None and patient.is_late and not answer.has_begun:
                late = PlainTextResponse(_("The request did not come whole in time."), 408, {"Connection": "close"})
                await late(scope, receive, answer)


class _Answer:
    """`send` of one request, with our headers; one that is there already stays."""

    def __init__(self, send: Send, host: str) -> None:
        self._send, self._host, self.has_begun = send, host, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            has = {name.lower() for name, _value in message.get("headers", ())}
            ours = [(name, value) for name, value in security_headers(self._host) if name not in has]
            message = {**message, "headers": [*message.get("headers", ()), *ours]}
        await self._send(message)


def problem_of(headers: Headers) -> str | None:
    """Why a request is refused, in a sentence; None for one that is welcome."""
    host, origin = headers.get("host"), headers.get("origin")
    if not is_own_host(host):
        return _(
            "This server does not answer to the name {host}. Where it is its name, say so: --server.allowedHosts=NAME",
            host=quoted(host),
        )
    if origin is not None and not is_own_origin(origin, str(host)):
        return _(
            "This server does not answer pages of {origin}. Where they are to use it, say so: "
            "--server.corsAllowedOrigins=ORIGIN",
            origin=quoted(origin),
        )
    return None


def _as_own(scope: Scope, host: str) -> Scope:
    """The request for a WebSocket as Streamlit is told of it: its page is one of ours.

    Of any other origin Streamlit (1.67.0) asks a server in the internet for this machine's address there, and all
    visitors wait meanwhile.
    """
    if scope["type"] != "websocket":
        return scope
    scheme = {"ws": "http", "wss": "https"}.get(scope.get("scheme", "ws"), "http")
    own = (b"origin", f"{scheme}://{host}".encode("latin-1"))
    return {
        **scope,
        "headers": [own if name.lower() == b"origin" else (name, value) for name, value in scope["headers"]],
    }


def is_own_host(host: str | None) -> bool:
    """Whether a Host header is a name of this server, with or without a port.

    `server.allowedHosts` says which names there are, for the WebSocket as for all else; this machine's own stay.
    Without it: addresses in numbers, `browser.serverAddress`, and for a server that others reach the machine's name.
    """
    name = _name_in(host)
    if name is None:
        return False
    if name in LOOPBACK:
        return True
    allowed = [pattern.strip().lower().rstrip(".") for pattern in config.get_option("server.allowedHosts")]
    if allowed:
        return _fits(name, allowed)
    return _is_address(name) or name in _own_names()


def _name_in(host: str | None) -> str | None:
    """The name in a Host header, in small letters; None where there is none, or more than a name and a port."""
    if host is None or not PLAIN.fullmatch(host):
        return None
    try:
        parts = urlsplit(f"//{host}")
        _port = parts.port  # raises for what is no number
    except ValueError:
        return None
    return parts.hostname.rstrip(".") if parts.hostname else None


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(
        pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:])) for pattern in patterns
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _own_names() -> set[str]:
    """What this server is called: what somebody has set, and where other machines reach it the machine's own name."""
    address = str(config.get_option("server.address") or "0.0.0.0").lower()
    names = {str(config.get_option("browser.serverAddress")).lower()} if _is_set("browser.serverAddress") else set()
    return names | {address} | (set() if address in LOOPBACK else _machine_names())


def _is_set(option: str) -> bool:
    return bool(config.is_manually_set(option))


@lru_cache(maxsize=1)
def _machine_names() -> set[str]:
    name = socket.gethostname().lower().rstrip(".")
    return {name, f"{name.split('.')[0]}.local"}


def is_own_origin(origin: str, host: str) -> bool:
    """Whether an Origin header is the site that `host` names, or one that somebody has set as welcome."""
    if not config.get_option("server.enableCORS"):
        return True  # somebody has switched it off
    return origin.lower() in allowed_origins() or _site_of(origin) == host.lower()


def _site_of(origin: str) -> str | None:
    """The name and port in an Origin header, in small letters; None where it has no such form."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:  # half an address in numbers, letters that would be read as others
        return None
