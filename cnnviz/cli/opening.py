"""The app with a network and an image in it: handed over, started beside this process, shown in the browser.

Refuses to know: arguments of commands.
"""

from __future__ import annotations

import atexit
import errno
import http.client
import os
import socket
import subprocess
import tempfile
import time
import webbrowser
from pathlib import Path

from cnnviz.checks import refusal
from cnnviz.i18n import _
from cnnviz.machine.extras import describe_need, missing_modules
from cnnviz.machine.resources import APP, HAND_OFF
from cnnviz.machine.whole_files import HeldFolder, sweep
from cnnviz.models.hand_off import TOKEN, HandOff, write_hand_off
from cnnviz.processes import end_process, module_command, start_process

PAGE = "your_network"
FIRST_PORT, PORTS = 8501, 100  # Streamlit's own, and how many after it are tried
PATIENCE_S, LOOK_S, GRACE_S = 120.0, 0.1, 10.0


class RunningApp:
    """A server of the app that was started for one network; it ends with this process at the latest."""

    def __init__(self, made: HandOff, port: int) -> None:
        self.address = f"http://localhost:{port}/{PAGE}?{TOKEN}={made.token}"
        temporary = Path(tempfile.gettempdir())
        sweep(temporary)  # what commands have left that were killed together with their servers
        self._folder = HeldFolder(temporary, "cnnviz-open")
        try:
            write_hand_off(self._folder.path, made)
            self._process: subprocess.Popen[bytes] = start_process(
                _command(port), {HAND_OFF: str(self._folder.path)}, has_output=False
            )
        except BaseException:
            self._folder.remove()
            raise
        atexit.register(self.close)

    @property
    def is_running(self) -> bool:
        """Whether the server is there."""
        return self._process.poll() is None

    def wait_until_ready(self, port: int) -> None:
        """Raises: OSError where the server ends before it answers, or never does."""
        deadline = time.monotonic() + PATIENCE_S
        while not _answers(port):
            if not self.is_running or time.monotonic() > deadline:
                raise OSError(_("the app did not start; what it wrote stands above"))
            time.sleep(LOOK_S)

    def wait(self) -> None:
        """Until the server ends."""
        self._process.wait()

    def close(self) -> None:
        """End the server and remove what was handed to it; may be called twice."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()  # which is the sign to end
        end_process(self._process, GRACE_S)
        self._folder.remove()
        atexit.unregister(self.close)


def start_app(made: HandOff, port: int | None = None) -> RunningApp:
    """Start the app with a network in it, and wait until it answers.

    port: None for the first that is free from 8501 on; a server that runs already is left alone.
    Raises: ModuleNotFoundError where a package of the app is missing; OSError for a port that is taken.
    """
    check_app()
    chosen = _free_port(port)
    app = RunningApp(made, chosen)
    try:
        app.wait_until_ready(chosen)
    except BaseException:
        app.close()
        raise
    return app


def check_app() -> None:
    """Raises: ModuleNotFoundError, one sentence, where a package of the app is missing."""
    if missing := missing_modules("app"):
        raise ModuleNotFoundError(describe_need(missing[0], "app", _("the app")), name=missing[0])


def show_app(app: RunningApp, *, in_browser: bool) -> None:
    """Say where it is, and open it in the browser."""
    print(_("{address}\nCtrl+C ends the app; what was handed to it is removed then.", address=app.address), flush=True)
    if in_browser:
        webbrowser.open(app.address)


def serve_app(app: RunningApp, *, in_browser: bool) -> None:
    """The same, until Ctrl+C or its own end; nothing is left of it then."""
    try:
        show_app(app, in_browser=in_browser)
        app.wait()
    except KeyboardInterrupt:
        pass
    finally:
        app.close()


def _command(port: int) -> list[str]:
    options = {"server.port": port, "server.address": "localhost", "server.headless": "true",
               "logger.hideWelcomeMessage": "true"}  # fmt: skip
    return module_command("streamlit", "run", str(APP), *(f"--{name}={value}" for name, value in options.items()))


def _free_port(wanted: int | None) -> int:
    for port in range(FIRST_PORT, FIRST_PORT + PORTS) if wanted is None else (wanted,):
        if _is_free(port):
            return port
    raise refusal("port", _("free"), wanted or FIRST_PORT, _("leave it out, and one that is free is taken"), OSError)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if os.name == "posix":  # as servers do: a port whose server has just ended is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def _answers(port: int) -> bool:
    """Whether the server says so itself; asked without any proxy."""
    connection = http.client.HTTPConnection("localhost", port, timeout=5)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
