"""Which runs there are in this process: each with its worker and its recording, known by a token that nobody can guess.

Runs and workers are bounded: where all workers are taken, a visitor is told so. A run that nobody asks for is
forgotten after a while; its worker stops by itself long before.
Refuses to know: sessions and pages, and what is shown of a run (`answers`).
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from cnnviz.data.image_sets import ImageSplits
from cnnviz.i18n import _
from cnnviz.machine.limits import TRAININGS
from cnnviz.processes import MachinePlaces, Registry
from cnnviz.training import Job
from cnnviz.training.worker import History, Worker, WorkerError
from cnnviz.ui.train.run_entry import WAIT_S, RunError, TrainingRunEntry
from cnnviz.ui.train.worker_places import WorkerPlaces

MOST_WORKING = TRAININGS.value
MOST_RUNS = max(16, 2 * MOST_WORKING)  # so that none that works is forgotten for another one
CORES = os.cpu_count() or 2
PLACES = MachinePlaces("training", MOST_WORKING)
TEND_S = 5.0  # between two rounds
Weights = Mapping[str, np.ndarray]


class PlacesTaken(RunError):
    """Where all places of the machine are taken: one will be free again."""


class RunRegistry:
    """The runs of a process. `hire` makes a worker; tests give their own, and their own clock."""

    def __init__(
        self, hire: Callable[[], Worker] = Worker, clock: Callable[[], float] = time.monotonic,
        most: int = MOST_RUNS, most_working: int = MOST_WORKING, cores: int = CORES,
        places: MachinePlaces | None = None,
    ) -> None:  # fmt: skip
        self._cores, self._places = cores, WorkerPlaces(places)
        self._hire, self._clock = hire, clock
        self._registry = Registry[TrainingRunEntry](lambda run: run.release(), most, min(most_working, most), clock)
        self._lock = self._registry.lock
        self._examples: dict[str, TrainingRunEntry] = {}
        self._spare: Worker | None = None
        self._tended = -math.inf

    def warm(self) -> None:
        """Have one worker ready: to load PyTorch takes seconds, and nobody wants to wait for it.

        Not while the cores are taken: it would slow down those that are at work, which are free again soon.
        """
        with self._lock:
            working = self._registry.working
            if working == 0 or working < self._cores // 2:
                with suppress(RunError):  # whoever starts a run is told
                    self._have_spare()

    def _have_spare(self) -> Worker:
        if self._spare is None or not self._spare.is_alive:
            try:
                self._spare = self._hire()
            except OSError as error:
                raise _no_room() from error
        return self._spare

    def start(
        self,
        job: Job,
        title: str,
        sets: ImageSplits | None = None,
        weights: Weights | None = None,
        speed: float | None = None,
    ) -> str:
        """Begin a run, from `weights` where there are any, at so many steps a second; its token.

        `sets` are its pictures where the worker cannot load them.
        Raises: RunError, one sentence, where all workers are taken or none can be had.
        """
        with self._lock:
            self._tended = -math.inf
            self.tend()
            if self._registry.is_full:
                raise self._full()
            if (place := self._places.take()) is None:  # another server has them
                raise self._full()
            try:
                with place.released_on_failure():
                    worker, self._spare = self._have_spare(), None
                    self._places.hold(worker, place)
                    worker.start(job, sets, weights, speed)
            except WorkerError as error:  # it has gone this very moment
                raise RunError(str(error)) from error
            except OSError as error:
                raise _no_room() from error
            return self._keep(job, title, History(), weights is not None, worker, speed)

    @property
    def has_place(self) -> bool:
        """Whether a run could start now: here, and for other servers' sake on the machine."""
        self.tend()
        return not self._registry.is_full and self._places.has_free

    def _full(self) -> PlacesTaken:
        said = _("All {n} places for training are taken on this machine: wait until one is free, or stop a run.",
                 n=self._registry.most_working)  # fmt: skip
        return PlacesTaken(said)

    def put(self, job: Job, title: str, history: History, *, began_with_weights: bool = False) -> str:
        """A recording without a worker, from a file say; its token."""
        with self._lock:
            self.tend()
            return self._keep(job, title, history, began_with_weights)

    def put_example(self, token: str, job: Job, title: str, history: History) -> None:
        """A recording that is everybody's, under a token that everybody knows: nobody's to command, never forgotten."""
        with self._lock:
            self._examples[token] = run = TrainingRunEntry(token, job, title, history)
            run.most_ready = len(history.moments)

    def _keep(
        self,
        job: Job,
        title: str,
        history: History,
        began_with_weights: bool,
        worker: Worker | None = None,
        speed: float | None = None,
    ) -> str:
        def made(token: str) -> TrainingRunEntry:
            run = TrainingRunEntry(token, job, title, history, worker, self._take_back)
            run.began_with_weights, run.speed = began_with_weights, speed
            return run

        return self._registry.add(made)

    def _take_back(self, worker: Worker) -> None:
        """A worker whose run is over is kept for the next one, if there is none yet."""
        self._places.release(worker)
        with self._lock:
            if self._spare is None and worker.is_alive:
                self._spare = worker
            else:
                worker.close()

    def find(self, token: Any) -> TrainingRunEntry | None:
        """The run of a token; None where there is none (any more)."""
        found = self._registry.find(token)
        return found or (self._examples.get(token) if isinstance(token, str) else None)

    def drop(self, token: Any) -> None:
        """Forget a run, and stop what works on it."""
        self._registry.drop(token)

    def tend(self) -> None:
        """Forget runs that nobody has asked for in a long time, hear of those that ended by themselves.

        Runs that go on are not asked: one that nobody watches must find out.
        """
        with self._lock:
            now = self._clock()
            if now - self._tended < TEND_S:
                return
            self._tended = now
            self._registry.forget_old()
            for run in self._registry.values:
                if run.is_deserted:
                    run.refresh()
            if self._spare is not None and self._spare.is_alive:
                self._spare.poll(WAIT_S)  # so that it lets go of the run before

    def close(self) -> None:
        """Forget all runs and end all workers."""
        self._registry.close()
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None:
            spare.close()


def _no_room() -> RunError:
    return RunError(_("This machine has no room for another process just now: try again later."))


RUNS = RunRegistry(places=PLACES)
