"""Starting a process of ours, with pipes to it, and ending it; and the threads that wait for it.

Refuses to know: what is said on the pipes.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cnnviz.machine.resources import IMPORT_FOLDER


def threads_to_use() -> int:
    """Half of the cores, for the computations of one process: visitors share them.

    >>> from cnnviz.processes import threads_to_use
    >>> threads_to_use() >= 1
    True
    """
    return max(1, (os.cpu_count() or 2) // 2)


def module_command(module: str, *words: str) -> list[str]:
    """The command that runs a module of ours, with the Python that runs this.

    >>> from cnnviz.processes import module_command
    >>> module_command("cnnviz.training.worker", "--threads", "1")[1:]
    ['-m', 'cnnviz.training.worker', '--threads', '1']
    """
    return [sys.executable, "-m", module, *words]


def start_process(
    command: Sequence[str], settings: Mapping[str, str] | None = None, *, has_output: bool = True
) -> subprocess.Popen[bytes]:
    """The process of a command, with pipes to its input and from its output; it finds cnnviz wherever it is started.

    command: the program and its words. settings: what its environment has beside ours. has_output: whether we read its
    output; else it goes where ours goes. Returns: the process, which still runs; both pipes carry bytes.
    Ctrl+C is for the server alone: the process ends when its input does (`watchdog`).
    Raises: OSError where the machine has no room for it.

    >>> import sys
    >>> from cnnviz.processes import start_process
    >>> process = start_process([sys.executable, "-c", "print('ready')"])
    >>> process.communicate()[0].strip()
    b'ready'
    """
    path = os.pathsep.join([str(IMPORT_FOLDER), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE if has_output else None, start_new_session=True,
        env={**os.environ, "PYTHONPATH": path, **(settings or {})},
    )  # fmt: skip


def end_process(process: subprocess.Popen[bytes], grace_s: float | None = None) -> None:
    """Ask it to end, or with `grace_s` wait so long for it to end by itself and kill it then. May be called twice.

    grace_s: seconds; with it the process has ended when this returns, without it perhaps a moment later.

    >>> import sys
    >>> from cnnviz.processes import end_process, start_process
    >>> with start_process([sys.executable, "-c", "input()"]) as process:
    ...     end_process(process, grace_s=0)
    >>> process.poll() is None  # still there?
    False
    """
    if process.poll() is not None:
        return
    if grace_s is None:
        process.terminate()
        return
    try:
        process.wait(timeout=grace_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=5)


def start_thread(work: Callable[..., object], *what: Any, name: str) -> None:
    """Let `work(*what)` run beside the rest of this process, which it does not keep from ending.

    Raises: OSError where the machine has no room for another thread; for Python that is no error of the system's.

    >>> from threading import Event
    >>> from cnnviz.processes import start_thread
    >>> done = Event()
    >>> start_thread(done.set, name="example")
    >>> done.wait(10)
    True
    """
    thread = threading.Thread(target=work, args=what, name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        raise OSError(errno.EAGAIN, str(error)) from error
