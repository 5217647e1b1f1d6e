"""Servers for tests, each a copy of one process that has loaded what all of them need.

Loading PyTorch and Streamlit is most of what a server's start costs, and the tests start some twenty. A copy goes on
with what `streamlit run` does, in a process of its own, and knows nothing of the others. Tests of the start itself and
benchmarks start servers as people do (`driving.started`), and so does whoever has a system that copies no processes.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from driving import ROOT, end, server_words, wait_until_healthy

from cnnviz.ui.app.load_ahead import NEEDED

CAN_COPY = sys.platform == "linux"  # macOS has fork, but its own libraries do not bear it
# What needs no running server to be loaded: no module of ours that knows Streamlit.
LOADED = (
    "streamlit.web.cli", "streamlit.web.bootstrap", "streamlit.web.server.starlette", "streamlit.components.v2",
    "torch", "torch.export", "torch.fx", "torchvision.models", "plotly.graph_objects", "PIL.Image", "scipy.ndimage",
    *NEEDED,
    "cnnviz.models.importers.sources", "cnnviz.training", "cnnviz.conv_lab.run", "cnnviz.figures.training",
)  # fmt: skip
GRACE_S = 10


class PreparedServers:
    """Starts servers from one prepared process; all of them end with it, and it ends with its input."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def start(self, app: Path, log: Path) -> str:
        """Run an app; its address once it is healthy. Raises: driving.NotStarted."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        log.touch()
        self._process.stdin.write(json.dumps([str(log), *server_words(app)]).encode() + b"\n")
        self._process.stdin.flush()
        return wait_until_healthy(Copy(int(self._process.stdout.readline())), log)

    def close(self) -> None:
        """End them all."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=2 * GRACE_S)
        end(self._process)
        self._process.stdout.close()


class Copy:
    """One server, as far as its start is watched."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """None as long as it is there."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 1
        return None


def main() -> None:
    """The prepared process: a line of the input is a server to start, the answer its number."""
    for name in LOADED:
        import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets a server as soon as it has ended
    started = []
    for line in sys.stdin:
        log, *words = json.loads(line)
        if (number := os.fork()) == 0:
            become_server(log, words)
        started.append(number)
        print(number, flush=True)
    signal.signal(signal.SIGALRM, lambda *_signal: tell(started, signal.SIGKILL))
    tell(started, signal.SIGTERM)
    signal.alarm(GRACE_S)
    with suppress(ChildProcessError):
        os.wait()  # of children that nobody asks for, it returns when none is left


def tell(processes: Sequence[int], what: signal.Signals) -> None:
    """Send a signal to those that are still there."""
    for number in processes:
        with suppress(ProcessLookupError):
            os.kill(number, what)


def become_server(log: str, words: list[str]) -> NoReturn:
    """Do what `python -m streamlit` does with these words, until the end of this process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for path, way, handles in ((os.devnull, os.O_RDONLY, (0,)), (log, os.O_WRONLY | os.O_APPEND, (1, 2))):
        opened = os.open(path, way)
        for handle in handles:
            os.dup2(opened, handle)
        os.close(opened)
    sys.path[0], sys.argv = str(ROOT), ["streamlit", *words]
    code = 1
    try:
        import_module("streamlit.web.cli").main(prog_name="streamlit")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
