"""Which runs there are in this process: each with its worker and its recording, known by a token that nobody can guess.

Runs and workers are bounded: where all workers are taken, a visitor is told so. A run that nobody asks for is
forgotten after a while; its worker stops by itself long before.
Refuses to know: sessions and pages, and what is shown of a run (`answers`).
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cnnviz.checks import not_one_of
from cnnviz.data.image_sets import ImageSplits
from cnnviz.i18n import _
from cnnviz.limits import TRAININGS
from cnnviz.processes import MachinePlaces, Registry
from cnnviz.training import Evaluation, Job
from cnnviz.training.worker import History, RunState, RunStatus, Worker, WorkerError
from cnnviz.ui.train.worker_places import WorkerPlaces
from cnnviz.web.trainer.images import ValidationSample, validation_sample
from cnnviz.web.trainer.view import WeightMoment

MOST_WORKING = TRAININGS.value
MOST_RUNS = max(16, 2 * MOST_WORKING)  # so that none that works is forgotten for another one
CORES = os.cpu_count() or 2
PLACES = MachinePlaces("training", MOST_WORKING)
WAIT_S = 0.05  # for a worker's answer; what comes later is heard next time
TEND_S = 5.0  # between two rounds
READY = 8  # networks of moments, ready to be asked, a run
Weights = Mapping[str, np.ndarray]


class RunError(ValueError):
    """A run that cannot be started, or a command that it cannot follow; its text is one sentence."""


class PlacesTaken(RunError):
    """Where all places of the machine are taken: one will be free again."""


class TrainingRunEntry:
    """One run: its job, its worker as long as there is one, its recording. Safe to be asked from any thread.

    version: rises with everything new that the worker says. give_back: gets the worker when the run is over.
    """

    def __init__(
        self, token: str, job: Job, title: str, history: History,
        worker: Worker | None = None, give_back: Callable[[Worker], None] = Worker.close,
    ) -> None:  # fmt: skip
        self.token, self.job, self.title, self.history = token, job, title, history
        self.version, self.seen = 1, 0.0
        self.began_with_weights = False  # of another run
        self._worker, self._give_back = worker, give_back
        self._lock = threading.RLock()
        self._ready: OrderedDict[int, WeightMoment] = OrderedDict()
        self._wished: tuple[int, float] | None = None  # after which step, which rate
        self.speed: float | None = None  # steps a second at most
        self.most_ready = READY

    @property
    def is_working(self) -> bool:
        """Whether a worker is at it."""
        return self._worker is not None

    @property
    def exhibits(self) -> ValidationSample:
        """The pictures that it is looked at with."""
        return validation_sample(self.job.data, self.job.config.scaling)

    @property
    def is_deserted(self) -> bool:
        """Whether its worker has ended by itself, and nobody has heard of it yet."""
        return self._worker is not None and not self._worker.is_alive

    def refresh(self) -> None:
        """Take down what the worker has said; let it go when the run is over."""
        with self._lock:
            if self._worker is None:
                return
            before, messages = self.history.status, self._worker.poll(WAIT_S)
            self.history.add(messages)
            self.version += len(messages) > 1 or before != self.history.status
        if self.history.status.state.is_over:
            self.release()

    def release(self) -> None:
        """Stop the worker and let it go."""
        with self._lock:
            worker, self._worker = self._worker, None
            if worker is not None and not self.history.status.state.is_over:
                self.history.add([RunStatus(RunState.STOPPED)])
                self.version += 1
        if worker is not None:
            worker.stop()
            self._give_back(worker)  # outside the lock: whoever takes it may be asking this run

    def do(self, name: Any, value: Any = None) -> None:
        """Pause, go on, take one step, stop; or `value` is the rate or the speed. Raises: RunError, one sentence."""
        with self._lock:
            if self._worker is None:
                raise RunError(_("This run is over: start another one."))
            acts = {each: getattr(self._worker, each) for each in ("pause", "resume", "step", "stop")}
            if name == "rate":
                self._set_rate(value)
            elif name == "speed":
                self._set_speed(value)
            elif isinstance(name, str) and name in acts:
                acts[name]()
            else:
                raise not_one_of("command", name, (*acts, "rate", "speed"), RunError)

    def _set_rate(self, rate: Any) -> None:
        assert self._worker is not None
        try:
            self._worker.set_rate(rate)
            self._wished = self.history.status.step, float(rate)
        except ValueError as error:
            raise RunError(str(error)) from error

    def _set_speed(self, speed: Any) -> None:
        assert self._worker is not None
        try:
            self._worker.set_speed(speed)
            self.speed = speed
        except ValueError as error:
            raise RunError(str(error)) from error

    def standing(self) -> dict[str, Any]:
        """How it stands, as JSON values: "state", "sentence", "step", "steps", "epoch", "epochs", "per_second" …"""
        status, progress, started = self.history.status, self.history.progress, self.history.started
        epochs = -(-status.length // started.steps_an_epoch) if started else self.job.config.epochs
        return {
            "state": status.state.value, "sentence": status.sentence, "step": status.step, "steps": status.length,
            "epoch": min(math.floor(status.epoch) + 1, epochs), "epochs": epochs, "device": status.device,
            "per_second": _finite(progress.samples_per_s) if progress else None,
            "left": _finite(progress.seconds_left) if progress else None,
            "rate": self._rate(), "speed": self.speed,
        }  # fmt: skip

    def _rate(self) -> float:
        """The learning rate of the last step, or the one that was set after it."""
        progress = self.history.progress
        if self._wished is not None and (progress is None or progress.steps[-1] <= self._wished[0]):
            return self._wished[1]
        return float(progress.rates[-1]) if progress else self.job.config.rate

    def moment(self, at: int | None) -> WeightMoment:
        """The network as it was at the recorded moment nearest to step `at` (None: the newest), ready to be asked.

        Raises: RunError where nothing is recorded yet.
        """
        with self._lock:
            step = self._recorded(at)
            if step not in self._ready:
                self._ready[step] = WeightMoment(step, self.job.blueprint, self.weights_at(step))
            self._ready.move_to_end(step)
            while len(self._ready) > self.most_ready:
                self._ready.popitem(last=False)
            return self._ready[step]

    def _recorded(self, at: int | None) -> int:
        moments = self.history.moments
        if not moments:
            raise RunError(_("Nothing of this run is recorded yet: wait a moment."))
        return moments[-1] if at is None else self.history.nearest(at)

    def weights_at(self, at: int | None) -> dict[str, Tensor]:
        """The weights of that moment, copies. Raises: as `moment`."""
        found = self.history.weights_at(self._recorded(at))
        return {name: torch.tensor(array) for name, array in found.items()}

    def check_at(self, at: int | None) -> Evaluation | None:
        """The last evaluation up to step `at` (None: the newest); None where there is none yet."""
        if at is None:
            return self.history.evaluations[-1] if self.history.evaluations else None
        return self.history.evaluation_at(at)


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
                raise RunError(_("This machine has no room for another process just now: try again later.")) from error
        return self._spare

    def start(self, job: Job, title: str, sets: ImageSplits | None = None, weights: Weights | None = None) -> str:
        """Begin a run, from `weights` where there are any; its token.

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
                worker, self._spare = self._have_spare(), None
                worker.start(job, sets, weights)
            except (RunError, WorkerError) as error:  # it has gone this very moment, or there is none
                place.release()
                raise RunError(str(error)) from error
            self._places.hold(worker, place)
            return self._keep(job, title, History(), weights is not None, worker)

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
        self, job: Job, title: str, history: History, began_with_weights: bool, worker: Worker | None = None
    ) -> str:
        def made(token: str) -> TrainingRunEntry:
            run = TrainingRunEntry(token, job, title, history, worker, self._take_back)
            run.began_with_weights = began_with_weights
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


def _finite(value: float) -> float | None:
    """JSON knows no other numbers."""
    return value if math.isfinite(value) else None


RUNS = RunRegistry(places=PLACES)
