"""The page's side of a worker process: start it, tell it what to do, ask what is new.

A process of its own, since training in a thread of the server slows both down; spoken to in frames on its standard
input and output, so that it ends when the server does. Refuses to know: pages, what is done with the messages.
"""

from __future__ import annotations

import queue
import subprocess
import threading
import weakref
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from numpy.typing import NDArray

from cnnviz.checks import is_number, require
from cnnviz.data.image_sets import ImageSplits
from cnnviz.i18n import _, current_language
from cnnviz.processes import UNWATCHED, end_process, module_command, start_process, start_thread, threads_to_use
from cnnviz.training.job import Job
from cnnviz.training.worker.frames import Arrays, read_frame, write_frame
from cnnviz.training.worker.messages import Message, RunState, RunStatus, unpack_message

PATIENCE_S = 20.0

_Frame = tuple[dict[str, Any], Arrays]


class WorkerError(RuntimeError):
    """The process is no longer there; its text is one sentence.

    >>> import sys
    >>> from unittest.mock import patch
    >>> from cnnviz.data.image_sets import DataChoice
    >>> from cnnviz.models.builder import preset
    >>> from cnnviz.training import Job
    >>> from cnnviz.training.worker import Worker, WorkerError
    >>> idle = [sys.executable, "-c", "import sys; sys.stdin.read()"]  # in place of one that takes seconds to load
    >>> with patch("cnnviz.training.worker.worker.module_command", return_value=idle), Worker() as worker:
    ...     pass
    >>> try:
    ...     worker.start(Job(preset("digits_small"), DataChoice("digits")))
    ... except WorkerError as error:
    ...     print(error)
    The training process was closed: start a new one.
    """


class Worker:
    """One process that trains one job at a time. Ready some seconds after it was made; commands before that wait.

    threads: for its computations (None: half of the cores). patience_s: when nobody has asked for so many seconds a run
    pauses, after three times as long its process ends.
    `worker.start(job)`; then `worker.poll()` a few times a second; `worker.close()`.
    Raises: OSError where the machine has no room for the process, or for the threads that speak with it.

    >>> import sys
    >>> from unittest.mock import patch
    >>> from cnnviz.training.worker import Worker
    >>> idle = [sys.executable, "-c", "import sys; sys.stdin.read()"]  # in place of one that takes seconds to load
    >>> with patch("cnnviz.training.worker.worker.module_command", return_value=idle), Worker() as worker:
    ...     worker.is_alive, worker.poll()[-1].state.value
    (True, 'starting')
    >>> worker.is_alive
    False
    """

    def __init__(self, threads: int | None = None, patience_s: float = PATIENCE_S) -> None:
        words = ["--threads", str(threads or threads_to_use()), "--patience", str(patience_s)]
        self._process = start_process(module_command("cnnviz.training.worker", *words))
        self._asking = threading.Lock()
        self._is_waiting = False  # for an answer to a question that was asked before
        self._number, self._has_job, self._closed = 0, False, False
        self._out: queue.SimpleQueue[_Frame | None] = queue.SimpleQueue()
        self._in: queue.SimpleQueue[_Frame | None] = queue.SimpleQueue()
        self._ready = threading.Event()
        self._end = weakref.finalize(self, _ended, self._process, self._out)
        _spoken_to(self._process, self._out, self._in, self._ready)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def is_ready(self) -> bool:
        """Whether the process has loaded what it needs."""
        return self._ready.is_set()

    @property
    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None and not self._closed

    @property
    def wait(self) -> Callable[[], object]:
        """Called, it returns when the process has ended, however that was. It does not hold this worker."""
        return self._process.wait

    def start(
        self,
        job: Job,
        sets: ImageSplits | None = None,
        weights: Mapping[str, NDArray[Any]] | None = None,
        speed: float | None = None,
    ) -> None:
        """Begin a job, in the place of the one before. `sets` are its pictures where the process cannot load them.

        speed: steps a second from the first one on, None for as fast as it can.

        Raises: WorkerError, one sentence, where the process is no longer there.
        """
        if not self.is_alive:
            raise WorkerError(self._obituary().sentence or _("The training process was closed: start a new one."))
        self._number, self._has_job = self._number + 1, True
        record, arrays = _sets_record(sets)
        arrays |= {f"weights/{name}": array for name, array in (weights or {}).items()}
        self._tell(
            "start",
            arrays,
            number=self._number,
            value=job.to_record(),
            sets=record,
            language=current_language(),
            speed=checked_speed(speed),
        )

    def pause(self) -> None:
        """Hold on after the step that is being taken."""
        self._tell("pause")

    def resume(self) -> None:
        """Go on."""
        self._tell("resume")

    def step(self) -> None:
        """Take a single step, then pause."""
        self._tell("step")

    def stop(self) -> None:
        """End the run; the process stays for another one."""
        self._tell("stop")

    def set_rate(self, rate: float) -> None:
        """Another learning rate from the next step on. Raises: ValueError for a number that is none."""
        self._tell("rate", value=checked_rate(rate))

    def set_speed(self, speed: float | None) -> None:
        """At most so many steps a second; None: as fast as it can. Raises: ValueError for a number that is none."""
        self._tell("speed", value=checked_speed(speed))

    def _tell(self, word: str, arrays: Arrays | None = None, **more: Any) -> None:
        self._out.put(({"word": word, **more}, arrays or {}))

    def poll(self, timeout_s: float = 0.5) -> list[Message]:
        """What is new since the last time, the state last; waits at most so long, then it is an empty list.

        A process that has ended says so in a `RunStatus`, again and again.
        """
        with self._asking:
            if not self.is_alive:
                return self._last_words()
            if not self.is_ready:
                return [RunStatus(RunState.LOADING if self._has_job else RunState.STARTING)]
            if not self._is_waiting:
                self._tell("poll")
            return self._answer(timeout_s)

    def _answer(self, timeout_s: float) -> list[Message]:
        self._is_waiting = True
        try:
            frame = self._in.get(timeout=timeout_s)
        except queue.Empty:
            return []
        self._is_waiting = False
        if frame is None:
            self._process.wait(timeout=5)
            return [self._obituary()]
        header, arrays = frame
        if header["number"] != self._number:  # of the run before
            return []
        return unpack_message(header, arrays)

    def _last_words(self) -> list[Message]:
        """An answer that came before the process ended, then that it has."""
        while not self._in.empty():
            frame = self._in.get()
            if frame is not None and frame[0]["number"] == self._number:
                return [*unpack_message(*frame), self._obituary()]
        return [self._obituary()]

    def _obituary(self) -> RunStatus:
        """What to say of a process that is no longer there."""
        code = self._process.poll()
        if code == UNWATCHED:
            said = _("Nobody was watching for a while, so the training was stopped: what was recorded is still here.")
            return RunStatus(RunState.STOPPED, sentence=said)
        if self._closed or code == 0:
            return RunStatus(RunState.STOPPED)
        said = _("The training process has ended unexpectedly: what was recorded is still here, start it again.")
        return RunStatus(RunState.FAILED, sentence=said)

    def close(self) -> None:
        """End the process, within a second or so; may be called twice."""
        self._closed = True
        self._end()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_what: object) -> None:
        self.close()


def checked_rate(rate: float) -> float:
    """A learning rate that is one. Raises: ValueError, one sentence."""
    is_rate = is_number(rate, 0, 10) and rate not in (0, 10)
    require(is_rate, "rate", _("above 0 and below 10"), rate, _("0.001 is a good start"))
    return float(rate)


def checked_speed(speed: float | None) -> float | None:
    """Steps a second, or None. Raises: ValueError, one sentence."""
    is_speed = speed is None or is_number(speed, 0.1, 1000)
    require(is_speed, "speed", _("0.1 to 1000 steps a second"), speed, _("2 can be followed"))
    return None if speed is None else float(speed)


def _spoken_to(
    process: subprocess.Popen[bytes],
    out: queue.SimpleQueue[_Frame | None],
    into: queue.SimpleQueue[_Frame | None],
    ready: threading.Event,
) -> None:
    """Threads that write what is said and read what is answered, until the process ends; none holds the worker."""
    assert process.stdin is not None
    assert process.stdout is not None
    start_thread(_write, process.stdin, out, name="to worker")
    start_thread(_read, process, process.stdout, into, ready, name="from worker")


def _write(stream: BinaryIO, out: queue.SimpleQueue[_Frame | None]) -> None:
    try:
        with stream:
            while (frame := out.get()) is not None:
                write_frame(stream, *frame)
    except OSError:  # it has gone: the reader sees it too
        pass


def _read(
    process: subprocess.Popen[bytes],
    stream: BinaryIO,
    into: queue.SimpleQueue[_Frame | None],
    ready: threading.Event,
) -> None:
    try:
        with stream:
            while (frame := read_frame(stream)) is not None:
                if "ready" in frame[0]:
                    ready.set()
                else:
                    into.put(frame)
    except (ValueError, OSError, MemoryError):  # what it says is of no use any more
        process.kill()
    finally:
        process.wait()  # no zombie stays
        into.put(None)


def _ended(process: subprocess.Popen[bytes], out: queue.SimpleQueue[_Frame | None]) -> None:
    """Close the pipe, which ends the process; kill it where that takes too long."""
    out.put(None)
    end_process(process, grace_s=1)


def _sets_record(sets: ImageSplits | None) -> tuple[dict[str, Any] | None, dict[str, NDArray[Any]]]:
    if sets is None:
        return None, {}
    parts = {"training": sets.training, "validation": sets.validation, "test": sets.test}
    arrays = {
        f"{name}/{kind}": getattr(part, kind) for name, part in parts.items() if part for kind in ("images", "labels")
    }
    first = sets.training
    record = {"key": str(first.key), "title": first.title, "classes": list(first.classes)}
    return {**record, "mean": list(sets.mean), "std": list(sets.std)}, arrays
