"""Another site, or another program of this machine, gets nothing of the app; its own pages get all of it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from driving import ROOT, SERVER_OPTIONS, running
from playwright.sync_api import Page, expect
from watching import APPS, settled

from cnnviz.ui.app.routes import ANSWERS
from cnnviz.ui.app.server import PAGE_NAMES

QUESTION = json.dumps({"strokes": []})
PROBE = """async (app) => {
  const found = {};
  const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"strokes": []}' };
  found.question = await fetch(`${app}/cnnviz/look`, post).then(() => "answered", () => "refused");
  found.page = await fetch(app).then((answer) => answer.text()).then(() => "answered", () => "refused");
  found.picture = await new Promise((done) => {
    const picture = Object.assign(new Image(), { src: `${app}/favicon.png` });
    picture.onload = () => done("answered");
    picture.onerror = () => done("refused");
  });
  found.socket = await new Promise((done) => {
    const socket = new WebSocket(app.replace("http", "ws") + "/_stcore/stream", ["streamlit"]);
    socket.onopen = () => done("answered");
    socket.onclose = () => done("refused");
  });
  return found;
}"""


class Elsewhere(BaseHTTPRequestHandler):
    """A page of another program on this machine, which frames the app."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        if self.path.startswith("/?"):
            self.wfile.write(f'<title>x</title><iframe src="{self.path[2:]}"></iframe>'.encode())

    def log_message(self, *_said: object) -> None:
        """Nothing is printed."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def address(serve: Callable[[Path], str]) -> str:
    return serve(ROOT / "app.py")


def asked(address: str, method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(address).port, timeout=30)
    try:
        connection.putrequest(method, path, skip_host=True)
        body = QUESTION.encode() if method == "POST" else b""
        lengths = {"Content-Length": str(len(body)), "Content-Type": "application/json"} if body else {}
        for name, value in (headers | lengths).items():
            connection.putheader(name, value)
        connection.endheaders(body or None)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


GIVEN = (
    "/", "/train", "/_stcore/health", "/_stcore/host-config", "/favicon.png", "/media/x.png", "/_stcore/metrics",
    "/_stcore/agent/openapi.json", "/train/_stcore/health",
)  # fmt: skip
PATHS = [
    *(("GET", path) for path in GIVEN), ("PUT", "/_stcore/upload_file/a/b"), ("POST", "/train/cnnviz/look"),
    *(("POST", path) for path in ANSWERS),
]  # fmt: skip
SOCKET = {
    "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "streamlit",
}  # fmt: skip


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_nothing_is_served_under_a_name_that_others_let_point_here(address: str, method: str, path: str):
    for host in ("evil.example", f"evil.example:{urlsplit(address).port}"):
        told = {"Host": host, "Origin": f"http://{host}"}
        assert asked(address, method, path, told)[0] == 403
        assert asked(address, method, path, {"Host": host})[0] == 403
    assert asked(address, method, path, {"Host": urlsplit(address).netloc})[0] != 403 or method == "PUT"


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_every_answer_says_what_a_browser_may_do_with_it(address: str, method: str, path: str):
    _status, told, _body = asked(address, method, path, {"Host": urlsplit(address).netloc})
    assert told["x-content-type-options"] == "nosniff"
    assert told["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in told["content-security-policy"]
    assert "frame-ancestors 'self'" in told["content-security-policy"]


def test_the_websocket_opens_for_its_own_page_only(address: str):
    here = urlsplit(address).netloc
    own = {"Host": here, **SOCKET}
    assert asked(address, "GET", "/_stcore/stream", own | {"Origin": address})[0] == 101
    for origin, host in (
        ("http://localhost:1", here), ("null", here), ("http://evil.example", here),
        ("http://evil.example", "evil.example"),
    ):  # fmt: skip
        assert asked(address, "GET", "/_stcore/stream", own | {"Origin": origin, "Host": host})[0] == 403


def test_behind_a_proxy_it_serves_the_name_that_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As `start.py app --share --server.allowedHosts=app.example` starts it; the proxy speaks https to the world."""
    for name, value in (("server.address", "0.0.0.0"), ("server.allowedHosts", "app.example")):
        monkeypatch.setitem(SERVER_OPTIONS, name, value)
    with running(APPS / "lesson_app.py", tmp_path / "log.txt") as address:
        told = {"Host": "app.example", "Origin": "https://app.example"}
        assert asked(address, "POST", "/cnnviz/look", told)[0] == 200
        assert asked(address, "GET", "/_stcore/stream", told | SOCKET)[0] == 101
        for host in ("192.168.7.7", "evil.example"):
            assert asked(address, "POST", "/cnnviz/look", {"Host": host})[0] == 403


def test_a_page_of_another_program_gets_no_answer_and_no_frame(
    address: str, elsewhere: str, new_page: Callable[..., Page]
):
    quiet = new_page().context.new_page()  # not watched: its console says what was refused
    quiet.goto(f"{elsewhere}/?{address}")
    frame = quiet.frame_locator("iframe").locator("#root")
    expect(quiet.locator("iframe")).to_be_attached()
    expect(frame).to_have_count(0)
    found = quiet.evaluate(PROBE, address)
    assert found == dict.fromkeys(("question", "page", "picture", "socket"), "refused")


@pytest.mark.parametrize("name", ["" if name == "draw" else name for name in PAGE_NAMES])
def test_every_page_works_under_its_own_policy(address: str, name: str, new_page: Callable[..., Page]):
    """The console of a watched page stays empty: whatever the policy forbids would be an error there."""
    page = new_page(f"{address}/{name}", width=1440)
    expect(page.locator(".cnnviz-footer")).to_be_visible()
    settled(page)
    assert page.evaluate("document.styleSheets.length") > 0
