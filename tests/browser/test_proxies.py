"""Two servers behind a real nginx and a real Caddy, as docs/deploy configures them: one is killed, all go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import pytest
from driving import ROOT, free_port, started
from keeping import draw_two_lines, ink, open_draw
from playwright.sync_api import Browser, Page
from proxies import COMMANDS, NAME, ask, find_program, proxied
from watching import eventually, open_watched


@dataclass
class Site:
    """A proxy, and the servers behind it by their ports."""

    address: str
    port: int
    servers: dict[int, Popen[bytes]]


@pytest.fixture(params=sorted(COMMANDS))
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    if find_program(request.param) is None:
        pytest.skip(f"{request.param} is not installed: Debian has it as a package of that name")
    with ExitStack() as stack:
        servers = {}
        for number in range(2):
            port, log = free_port(), tmp_path / f"server-{number}.txt"
            options = {"server.allowedHosts": NAME}
            servers[port], _address = stack.enter_context(started(ROOT / "app.py", log, port, options))
        port, folder = free_port(), tmp_path / "proxy"
        folder.mkdir()
        yield Site(stack.enter_context(proxied(request.param, folder, port, list(servers))), port, servers)


def server_of(page: Page, site: Site) -> int:
    """The port of the server that this visitor's sessions are on: where the most connections of the proxy lead."""
    asked = [port for port in site.servers if sessions_on(port)]
    assert len(asked) == 1, asked
    return asked[0]


def sessions_on(port: int) -> int:
    """Open WebSockets of a server, by its own count."""
    found = ask(port, "/_stcore/metrics")
    assert found is not None
    lines = found[2].decode().splitlines()
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in lines if line.startswith("active_sessions"))


def test_a_visitor_stays_with_one_server_and_outlives_it(site: Site, browser: Browser):
    status, headers, body = ask(site.port)
    assert (status, json.loads(body)["status"]) == (200, "ok")
    assert "cnnviz_visitor=" in headers["set-cookie"]
    assert ask(site.port, host="elsewhere.example.org")[0] in (200, 403)  # below: what the servers say of it
    page = open_watched(browser, [], site.address)
    try:
        open_draw(page, site.address)
        drawn = draw_two_lines(page)
        mine = server_of(page, site)
        for _again in range(3):  # new sessions, all of them there
            open_draw(page, site.address)
            assert server_of(page, site) == mine
        site.servers[mine].kill()
        site.servers[mine].wait()
        open_draw(page, site.address)  # one reload
        eventually(page, lambda: ink(page), lambda now: now == drawn)
        (other,) = set(site.servers) - {mine}
        assert sessions_on(other) >= 1
    finally:
        page.context.close()


def test_a_name_that_is_not_the_servers_is_refused_behind_it_too(site: Site):
    for port in site.servers:
        assert ask(port, host="elsewhere.example.org")[0] == 403
        assert ask(port, host=NAME)[0] == 200
