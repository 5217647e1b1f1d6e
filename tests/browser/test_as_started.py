"""The app as the README starts it: it watches no files, and only this machine can reach it."""

from __future__ import annotations

import os
import socket
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import pytest
from driving import ROOT, SERVER_OPTIONS, started

from benchmarks.visitors import arrive_together
from start import own_address

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Popen, str]]:
    with started(ROOT / "app.py", tmp_path_factory.mktemp("as started") / "log.txt") as (process, address):
        arrive_together(address, 1)
        yield process, address


def watches(process: Popen) -> int:
    """How many inotify handles a process holds."""
    return sum(os.readlink(handle).endswith("inotify") for handle in Path(f"/proc/{process.pid}/fd").iterdir())


@linux
def test_no_file_is_watched_once_a_visitor_has_come(server: tuple[Popen, str]):
    assert watches(server[0]) == 0


@linux
def test_the_watcher_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(SERVER_OPTIONS, "server.fileWatcherType", "auto")
    monkeypatch.setitem(SERVER_OPTIONS, "server.folderWatchBlacklist", str(ROOT / ".venv"))
    with started(ROOT / "tests" / "browser" / "apps" / "lesson_app.py", tmp_path / "log.txt") as (process, address):
        arrive_together(address, 1)
        assert watches(process) > 0


def test_a_class_that_arrives_together_gets_its_first_pages(server: tuple[Popen, str]):
    assert len(arrive_together(server[1], 20)) == 20


def test_it_answers_on_this_machines_own_address_only(server: tuple[Popen, str]):
    port = int(server[1].rsplit(":", 1)[1])
    with socket.create_connection(("localhost", port), timeout=5):
        pass
    elsewhere = own_address()
    if elsewhere.startswith("127."):
        pytest.skip("this machine has no address in a network")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((elsewhere, port), timeout=5)


def test_what_tests_and_benchmarks_switch_is_not_what_the_readme_leaves_to_the_settings():
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert (settings["server"]["fileWatcherType"], settings["server"]["address"]) == ("none", "localhost")
    assert set(SERVER_OPTIONS) == {"server.headless"}
