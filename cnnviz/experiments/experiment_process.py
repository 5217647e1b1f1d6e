"""Experiments that are under way, each in a process of its own: started, asked, stopped, and bounded in number.

A training worker speaks of one job with its weights; an experiment is several trainings and few numbers, so it is a
command that prints a line for each. It ends by itself when nobody asks. Refuses to know: sessions, pages.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from typing import IO

from cnnviz.experiments.registry import ExperimentSettings, Record
from cnnviz.i18n import _, current_language
from cnnviz.machine.limits import EXPERIMENTS
from cnnviz.processes import (
    UNWATCHED,
    MachinePlaces,
    Place,
    Registry,
    end_process,
    module_command,
    start_process,
    start_thread,
)
from cnnviz.training.worker.messages import RunState

MOST_RECORDS, LONGEST = 2_000, 1_000_000  # lines, and bytes of one
MOST_WORKING = EXPERIMENTS.value
MOST_KEPT = max(24, 2 * MOST_WORKING)
PLACES = MachinePlaces("experiment", MOST_WORKING)


class ExperimentProcessError(ValueError):
    """An experiment that cannot be started now; its text is one sentence."""


class PlacesTaken(ExperimentProcessError):
    """Where all places of the machine are taken: one will be free again."""


def command_of(wish: ExperimentSettings) -> list[str]:
    """What starts the process."""
    wished = json.dumps(wish.to_record())
    return module_command("cnnviz.experiments", wished, "--attached", "--language", current_language())


class ExperimentProcess:
    """One experiment in its process. Asking (`records`) tells it that somebody looks.

    Raises: OSError where the machine has no room for the process, or for a thread that listens to it.
    `ExperimentProcess(wish, command_of(wish))`, then `records()` each second, and `stop()`.
    """

    def __init__(self, wish: ExperimentSettings, command: Sequence[str]) -> None:
        self.wish, self.seen = wish, 0.0
        self._process = start_process(command)
        self._records: list[Record] = []
        self._ending, self._was_stopped, self._sentence = threading.Event(), False, ""
        weakref.finalize(self, end_process, self._process)
        start_thread(_listen, self._process, self._records, self._ending, name="from experiment")

    @property
    def wait(self) -> Callable[[], object]:
        """Called, it returns when the process has ended. It does not hold this experiment."""
        return self._ending.wait

    @property
    def is_working(self) -> bool:
        """Whether there is more to come."""
        return not self._ending.is_set()

    def records(self) -> list[Record]:
        """What was found so far."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # it has ended
            self._process.stdin.write(b"\n")
            self._process.stdin.flush()
        return [record for record in self._records if "sentence" not in record]

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        found = self.records()
        return float(found[-1]["share"]) if found else 0.0

    @property
    def state(self) -> RunState:
        """What it does; the results of one that was stopped stay."""
        if self.is_working:
            return RunState.RUNNING if self._records else RunState.STARTING
        if self._was_stopped or self._process.returncode == UNWATCHED:
            return RunState.STOPPED
        return RunState.DONE if self._process.returncode == 0 else RunState.FAILED

    @property
    def sentence(self) -> str:
        """What there is to say where it did not end well, else empty."""
        if self.state is not RunState.FAILED:
            return ""
        said = [record["sentence"] for record in self._records if "sentence" in record]
        return said[-1] if said else _("The experiment has ended unexpectedly: run it again.")

    def stop(self) -> None:
        """End the process; what was found stays. May be called twice."""
        self._was_stopped = self._was_stopped or self.is_working
        end_process(self._process)


def _listen(process: subprocess.Popen[bytes], records: list[Record], ending: threading.Event) -> None:
    """Read lines until the process has ended; it does not hold the attempt."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with process.stdout as stream:
            while (line := _line(stream)) is not None and len(records) < MOST_RECORDS:
                records.append(line)
    finally:  # whatever was said: nobody waits for it any more, and its place is free
        end_process(process)
        process.wait()
        with contextlib.suppress(OSError):
            process.stdin.close()
        ending.set()


def _line(stream: IO[bytes]) -> Record | None:
    """The next record; None at the end, or where what comes is none."""
    text = stream.readline(LONGEST)
    try:
        record = json.loads(text) if text else None
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


class ExperimentProcesses:
    """The experiments of a server, by tokens that nobody can guess. `begin` makes an attempt; tests give their own."""

    def __init__(
        self, begin: Callable[[ExperimentSettings], ExperimentProcess] = lambda wish: ExperimentProcess(wish,
        command_of(wish)),
        clock: Callable[[], float] = time.monotonic, most_working: int = MOST_WORKING,
        places: MachinePlaces | None = None,
    ) -> None:  # fmt: skip
        self._begin, self._places = begin, places
        self._registry = Registry[ExperimentProcess](lambda attempt: attempt.stop(), MOST_KEPT, most_working, clock)

    def start(self, wish: ExperimentSettings) -> str:
        """Begin an experiment; its token.

        Raises: ExperimentProcessError where all places are taken, or no process can be had.
        """
        with self._registry.lock:
            self._registry.forget_old()
            place = self._take_place()
            try:
                with place.released_on_failure():
                    begun = self._begun_at(place, wish)
            except OSError as error:
                raise ExperimentProcessError(
                    _("This machine has no room for another process just now: try again later.")
                ) from error
            return self._registry.add(lambda _token: begun)

    def _begun_at(self, place: Place, wish: ExperimentSettings) -> ExperimentProcess:
        """An experiment that holds the place until its process has ended. Raises: OSError; then nothing runs."""
        begun = self._begin(wish)
        if self._places is not None:
            try:
                place.release_after(begun.wait)
            except OSError:
                begun.stop()
                raise
        return begun

    @property
    def has_place(self) -> bool:
        """Whether an experiment could begin now: here, and for other servers' sake on the machine."""
        self._registry.forget_old()
        return not self._registry.is_full and (self._places is None or self._places.has_free)

    def _take_place(self) -> Place:
        """Raises: PlacesTaken where none is free, here or, for other servers' sake, on the machine."""
        place = None
        if not self._registry.is_full:
            place = Place(None) if self._places is None else self._places.take()
        if place is None:
            raise PlacesTaken(
                _("All {n} places for experiments are taken on this machine: wait until one is free.",
                  n=self._registry.most_working)
            )  # fmt: skip
        return place

    def find(self, token: object) -> ExperimentProcess | None:
        """The experiment of a token; None where there is none (any more)."""
        return self._registry.find(token)

    def drop(self, token: object) -> None:
        """Stop an experiment and forget it."""
        self._registry.drop(token)

    def close(self) -> None:
        """Stop and forget all."""
        self._registry.close()


ATTEMPTS = ExperimentProcesses(places=PLACES)
