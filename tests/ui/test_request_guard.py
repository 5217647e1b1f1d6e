"""Who may ask the server: its own names, its own pages. Everything else is refused before anything is done for it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from posting import JSON, Answer, Headers, posted
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from streamlit import config, net_util
from streamlit.web.server.starlette.starlette_websocket import _is_origin_allowed

from cnnviz.ui.app import route_paths, routes
from cnnviz.ui.app.request_guard import RequestGuard, is_own_host, is_own_origin
from cnnviz.ui.app.security_headers import content_policy, inline_scripts
from tests.own_loop import play

USUAL = {
    "server.address": "localhost", "server.allowedHosts": [], "server.corsAllowedOrigins": [],
    "server.enableCORS": True, "browser.serverAddress": "localhost",
}  # fmt: skip
HERE = "localhost:8501"


@pytest.fixture(autouse=True)
def options(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What Streamlit was told; a test changes it."""
    told = dict(USUAL)
    real = config.get_option
    monkeypatch.setattr(config, "get_option", lambda name: told[name] if name in told else real(name))
    monkeypatch.setattr(config, "is_manually_set", lambda name: name in told and told[name] != USUAL.get(name))
    monkeypatch.setattr("cnnviz.ui.app.request_guard._machine_names", lambda: {"desk", "desk.local"})
    return told


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8501", "LOCALHOST:1", "127.0.0.1:8501", "[::1]:8501", "192.168.1.5:8501", "localhost."],
)
def test_it_answers_to_its_own_names_and_to_addresses(host: str):
    assert is_own_host(host)


@pytest.mark.parametrize(
    "host",
    [
        None, "", "evil.example", "evil.example:8501", "localhost.evil.example", "desk", "127.0.0.1.evil.example",
        "localhost@evil.example", "evil.example/localhost", "localhost:port", "localhost:99999", "localhost;x", "a b",
        "[::1", "localhost\r\nx: y", "evil.example#localhost",
    ],
)  # fmt: skip
def test_a_name_that_anybody_can_let_point_here_is_refused(host: str | None):
    assert not is_own_host(host)


def test_a_shared_server_answers_to_the_machines_name(options: dict[str, Any]):
    options["server.address"] = "0.0.0.0"
    assert [is_own_host(name) for name in ("desk:8501", "Desk.local", "evil.example")] == [True, True, False]


def test_a_server_behind_a_proxy_answers_to_the_names_that_it_was_given(options: dict[str, Any]):
    options["server.allowedHosts"] = ["app.example", "*.school.example"]
    names = (
        "app.example",
        "app.example:443",
        "a.school.example",
        "school.example",
        "192.168.1.5",
        "evil.example",
        HERE,
    )
    assert [is_own_host(name) for name in names] == [True, True, True, False, False, False, True]


def test_the_address_that_the_browser_is_told_is_a_name_too(options: dict[str, Any]):
    options["browser.serverAddress"] = "app.example"
    assert is_own_host("app.example")
    assert not is_own_host("evil.example")


@pytest.mark.parametrize(
    ("origin", "host", "is_own"),
    [
        ("http://localhost:8501", HERE, True), ("https://app.example", "app.example", True),
        ("http://localhost:9999", HERE, False), ("http://127.0.0.1:8501", HERE, False), ("null", HERE, False),
        ("http://evil.example", HERE, False), ("file://", HERE, False), ("", HERE, False),
        ("http://localhost:8501.evil.example", HERE, False), ("http://[x", HERE, False),
        ("http://a\u2100b", HERE, False),
        ("http://[::1]:8501", "[::1]:8501", True),
    ],
)  # fmt: skip
def test_a_page_of_another_site_or_another_local_program_is_refused(origin: str, host: str, is_own: bool):
    assert is_own_origin(origin, host) is is_own


def test_a_site_that_was_named_is_welcome(options: dict[str, Any]):
    options["server.corsAllowedOrigins"] = ["https://lms.example/"]
    assert is_own_origin("https://lms.example", HERE)
    assert not is_own_origin("http://lms.example", HERE)


def guarded(path: str, body: bytes, *rest: tuple[bytes, bytes]) -> Answer:
    return posted(path, body, (*JSON, *rest), app=RequestGuard(Starlette(routes=routes.routes())))


@pytest.mark.parametrize("path", sorted(routes.ANSWERS))
@pytest.mark.parametrize(
    "told", [(b"host", b"evil.example"), (b"origin", b"http://localhost:9999")], ids=["another host", "another site"]
)
def test_no_question_is_answered_to_others(path: str, told: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(routes, "answer_to", lambda *_asked: pytest.fail("it was answered"))
    rest = [told] if told[0] == b"host" else [told, (b"host", HERE.encode())]
    assert guarded(path, b"{}", *rest).status == 403


def test_a_question_of_ones_own_page_is_answered():
    own = ((b"host", HERE.encode()), (b"origin", f"http://{HERE}".encode()))
    answer = guarded(route_paths.LOOK, b'{"strokes": []}', *own)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", [HERE.encode(), b"evil.example"])
def test_every_answer_says_what_a_browser_may_do_with_it(host: bytes):
    told = guarded(route_paths.LOOK, b"{}", (b"host", host)).headers
    assert told["x-content-type-options"] == "nosniff"
    assert told["referrer-policy"] == "no-referrer"
    assert told["x-frame-options"] == "SAMEORIGIN"
    assert "default-src 'none'" in told["content-security-policy"]


def test_the_policy_lets_no_text_run_and_nothing_be_fetched_from_elsewhere():
    policy = dict(rule.split(" ", 1) for rule in content_policy(HERE).split("; "))
    assert policy["script-src"] == f"'self' blob: 'wasm-unsafe-eval' {inline_scripts()[0]}"
    assert policy["connect-src"] == f"'self' ws://{HERE} wss://{HERE}"
    assert policy["frame-ancestors"] == "'self'"
    assert not [rule for rule in policy.values() if "*" in rule or "https:" in rule or " 'unsafe-eval'" in rule]


def test_who_may_use_it_may_frame_it(options: dict[str, Any]):
    options["server.corsAllowedOrigins"] = ["https://lms.example"]
    told = guarded(route_paths.LOOK, b"{}", (b"host", HERE.encode())).headers
    assert told["content-security-policy"].endswith("frame-ancestors 'self' https://lms.example")
    assert "x-frame-options" not in told


def connected(origin: str | None, host: str) -> tuple[list[str], list[dict[str, str]]]:
    """What a browser is sent that opens the WebSocket, and what is behind the guard is told."""
    sent: list[str] = []
    behind: list[dict[str, str]] = []

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        behind.append({name.decode(): value.decode() for name, value in scope["headers"]})
        await send({"type": "websocket.accept"})

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    headers: Headers = ((b"host", host.encode()), *([(b"origin", origin.encode())] if origin is not None else []))
    scope = {"type": "websocket", "path": "/_stcore/stream", "headers": headers, "scheme": "ws"}
    play(RequestGuard(app)(scope, receive, send))
    return sent, behind


@pytest.mark.parametrize(
    ("origin", "host"),
    [("http://localhost:9999", HERE), ("http://evil.example", "evil.example"), (None, "evil.example"), ("null", HERE)],
)
def test_the_websocket_is_closed_to_others(origin: str | None, host: str):
    assert connected(origin, host) == (["websocket.close"], [])


def test_the_websocket_is_open_to_ones_own_page():
    assert connected(f"http://{HERE}", HERE)[0] == ["websocket.accept"]
    assert connected(None, HERE)[0] == ["websocket.accept"]


def test_streamlit_asks_nobody_in_the_internet_whether_a_page_is_welcome(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(net_util, "get_external_ip", lambda: pytest.fail("it asked a server in the internet"))
    options["server.corsAllowedOrigins"] = ["https://lms.example"]
    _sent, behind = connected("https://lms.example", HERE)
    assert _is_origin_allowed(behind[0]["origin"], behind[0]["host"])


def test_a_browser_that_goes_away_is_no_error():
    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        raise ClientDisconnect

    async def never(*_message: Any) -> None:
        pytest.fail("nobody is there")

    scope = {"type": "http", "path": "/", "headers": ((b"host", HERE.encode()),)}
    play(RequestGuard(app)(scope, never, never))


def test_the_app_stands_behind_the_guard():
    says = "import app; print([each.cls.__name__ for each in app.app._user_middleware])"
    found = subprocess.run([sys.executable, "-c", says], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["['RequestGuard']"]
