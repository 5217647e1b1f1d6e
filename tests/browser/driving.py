"""A Streamlit server and a Chromium, started and ended: what the browser tests and the benchmarks share."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).parents[2]
# Chromium heeds only the last list of features to do without, so Playwright's own (of 1.65) comes again, and one more:
# the address bar of each window that nobody sees is a page of its own, a third of what opening a page costs.
WITHOUT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin", "OptimizationHints", "NetworkTimeServiceQuerying",
    "AimEnabled", "PreconnectToSearch", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess",
)  # fmt: skip
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(WITHOUT)}",
]
SERVER_OPTIONS = {"server.headless": "true"}  # opens no browser; all else as README and .streamlit/config.toml say


class NotStarted(RuntimeError):
    """The app did not come up; the message holds its log."""


@contextmanager
def running(app: Path, log: Path) -> Iterator[str]:
    """Run `streamlit run app` and give its address once it is healthy; ends only what it started."""
    with started(app, log) as (_process, address):
        yield address


@contextmanager
def started(
    app: Path, log: Path, port: int | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The server's process and its address: for who wants to know what the process does, or to choose the port.

    Without a port the system gives one when the server binds it: nobody else can take it in between.
    settings: further options of Streamlit.
    """
    command = [sys.executable, "-m", "streamlit", *server_words(app, port, settings)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=out, stderr=out, env=os.environ | {"PYTHONPATH": str(ROOT)}
        )
    try:
        yield process, wait_until_healthy(process, log)
    finally:
        end(process)


def server_words(app: Path, port: int | None = None, settings: Mapping[str, str] | None = None) -> list[str]:
    """What Streamlit is told to serve an app; without a port the system chooses one."""
    chosen = SERVER_OPTIONS | {"server.port": str(port or 0)} | dict(settings or {})
    return ["run", str(app), *(f"--{name}={value}" for name, value in chosen.items())]


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that we started, kindly first."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


class Process(Protocol):
    """A process that is watched while it starts."""

    def poll(self) -> int | None:
        """None as long as it is there."""
        ...


def wait_until_healthy(process: Process, log: Path, patience: float = 120) -> str:
    """Wait for the server's own sign of life; the address that its log names. Raises: NotStarted."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        if (address := named_address(log.read_text(errors="replace"))) and is_healthy(address):
            return address
        time.sleep(0.05)
    raise NotStarted(f"the app did not start within {patience:.0f} s:\n{log.read_text(errors='replace')}")


def named_address(log: str) -> str | None:
    """The address that a server's log tells people to open; None before it does."""
    found = re.search(r"^\s*(?:Local )?URL: (http://localhost:\d+)\s*$", log, re.MULTILINE)
    return found.group(1) if found else None


def is_healthy(address: str) -> bool:
    """Whether the server says so itself."""
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=10):
            return True
    except OSError:
        return False
