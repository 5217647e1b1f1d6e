"""Requests over real sockets that are broken off, held back, hold half letters: one sentence, no trace, no memory."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from cnnviz.ui.app import question_bodies, route_paths, routes
from cnnviz.ui.app.request_guard import RequestGuard

PATIENCE = 30


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server of the short way, behind the guard, as the app has it."""
    app = Starlette(routes=routes.routes(), middleware=[Middleware(RequestGuard)])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive()
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(PATIENCE)


@contextmanager
def sending(port: int, path: str, length: int, *parts: bytes) -> Iterator[socket.socket]:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        for part in (head.encode(), *parts):
            connection.sendall(part)
        yield connection


def answer(connection: socket.socket) -> tuple[int, bytes]:
    """The status and the body of an answer, whose connection stays open or not."""
    file = connection.makefile("rb")
    status = int(file.readline().split()[1])
    length = 0
    while (line := file.readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return status, file.read(length)


def asked(port: int, path: str, body: bytes) -> tuple[int, bytes]:
    with sending(port, path, len(body), body) as connection:
        return answer(connection)


HALVES = {
    "escaped": rb'"\ud800"', "in bytes": b'"\xed\xa0\x80"', "capital": rb'"\uD800"', "turned": rb'"\udc00\ud800"',
    "as a key": rb'"a", "\udfff": 1, "x": 2',
}  # fmt: skip


@pytest.mark.parametrize("path", sorted(routes.ANSWERS))
@pytest.mark.parametrize("half", HALVES.values(), ids=list(HALVES))
def test_half_a_letter_is_refused_in_a_sentence(port: int, path: str, half: bytes, caplog: pytest.LogCaptureFixture):
    body = b'{"blueprint": {"title": %s}, "setup": {"operation": %s}, "layer": %s, "strokes": [%s]}' % ((half,) * 4)
    if half == HALVES["as a key"]:
        body = b'{"blueprint": %s}' % half
    assert asked(port, path, body) == (422, b"texts must be made of whole letters, got half of one: leave it out")
    assert "Traceback" not in caplog.text


def test_a_whole_letter_that_takes_two_halves_is_no_half(port: int):
    status, said = asked(port, route_paths.BLUEPRINT, json.dumps({"blueprint": "\U0001f600 \ud55c"}).encode())
    assert (status, said) == (422, b"blueprint must be an object, got str")


@pytest.mark.parametrize("depth", [400, 900, 990, 5_000, 200_000])
def test_json_that_is_nested_deeply_is_refused_in_a_sentence(port: int, depth: int, caplog: pytest.LogCaptureFixture):
    for path in routes.ANSWERS:
        for name in ("strokes", "blueprint", "setup", "lesson", "runs", "image", "layer"):
            body = b'{"%s": %s%s}' % (name.encode(), b"[" * depth, b"]" * depth)
            assert asked(port, path, body)[0] in (200, 422)
    assert "Traceback" not in caplog.text


def test_who_leaves_in_the_middle_leaves_no_trace(port: int, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG):
        for count in range(5):
            with sending(port, route_paths.LOOK, 1000, b" " * count):
                pass
        assert asked(port, route_paths.LOOK, b'{"strokes": []}')[0] == 200  # the server has seen them go by now
    assert "Traceback" not in caplog.text
    assert [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR] == []
    assert routes.BODIES.held == 0


def test_a_body_that_does_not_come_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(question_bodies, "PAUSE_S", 0.05)
    with sending(port, route_paths.LOOK, 1000, b"{") as connection:
        assert answer(connection)[0] == 408
        assert connection.recv(1) == b""  # and the connection is closed
    assert routes.BODIES.held == 0


def test_a_body_that_only_drips_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(question_bodies, "PATIENCE_S", 0.0)
    monkeypatch.setattr(question_bodies, "LEAST_RATE", 1e12)
    with sending(port, route_paths.LOOK, 1000, b"{") as connection:
        assert answer(connection)[0] == 408


def test_questions_that_wait_never_take_more_memory_than_there_is_room_for(port: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(routes.BODIES, "_most_held", 1_000)
    with sending(port, route_paths.LOOK, 2_000, b"x" * 900) as first:
        while routes.BODIES.held < 900:
            threading.Event().wait(0.001)
        assert asked(port, route_paths.LOOK, b"y" * 200) == (503, b"Too many questions wait: ask again later.")
        first.close()
    assert asked(port, route_paths.LOOK, b'{"strokes": []}')[0] == 200
