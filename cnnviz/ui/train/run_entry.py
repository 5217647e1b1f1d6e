"""One run of a training as the server knows it: its job, its worker as long as there is one, its recording.

Refuses to know: which other runs there are (`run_registry`), sessions and pages.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from cnnviz.checks import not_one_of
from cnnviz.i18n import _
from cnnviz.training import Evaluation, Job
from cnnviz.training.worker import History, RunState, RunStatus, Worker
from cnnviz.web.trainer.images import ValidationSample, validation_sample
from cnnviz.web.trainer.view import WeightMoment

WAIT_S = 0.05  # for a worker's answer; what comes later is heard next time
HEARD, LONGEST_NUMBER = 64, 64  # commands of which it is known that they were heard; letters of such a number
READY = 8  # networks of moments, ready to be asked, a run


class RunError(ValueError):
    """A run that cannot be started, or a command that it cannot follow; its text is one sentence."""


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
        self._heard: deque[str] = deque(maxlen=HEARD)  # numbers of commands
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

    def do(self, name: Any, value: Any = None, number: Any = None) -> None:
        """Pause, go on, take one step, stop; or `value` is the rate or the speed.

        number: who does not hear whether it arrived sends it again with the same one; it is done once.
        Raises: RunError, one sentence.
        """
        with self._lock:
            if self._has_heard(number):
                return
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

    def _has_heard(self, number: Any) -> bool:
        """Whether a command of this number was heard before; from now on it was."""
        if not isinstance(number, str) or len(number) > LONGEST_NUMBER:
            return False
        has_heard = number in self._heard
        self._heard.append(number)
        return has_heard

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


def _finite(value: float) -> float | None:
    """JSON knows no other numbers."""
    return value if math.isfinite(value) else None
