"""A worker without a process: it trains when it is asked, so that tests know what happens when."""

from functools import lru_cache

import numpy as np
import torch

from cnnviz.data.image_sets import load_images
from cnnviz.training import Job, start_session
from cnnviz.training.worker import Evaluated, Message, MomentMessage, Progress, RunState, RunStatus, Started
from cnnviz.training.worker.worker import checked_rate, checked_speed

pictures = lru_cache(maxsize=4)(load_images)


def _tensors(weights):
    return weights and {name: torch.tensor(array) for name, array in weights.items()}


class FakeWorker:
    """Takes `stride` steps a question; says what a worker says."""

    stride = 2

    def __init__(self) -> None:
        self.is_alive, self.log, self.state = True, [], RunState.IDLE
        self.polls = 0

    def start(self, job: Job, sets=None, weights=None, speed=None) -> None:
        self.log.append("start" if speed is None else f"start at {speed}")
        self.course = start_session(job, sets or pictures(job.data), weights=_tensors(weights))
        self.state, self.is_new = RunState.RUNNING, True

    def pause(self) -> None:
        self.state = RunState.PAUSED

    def resume(self) -> None:
        self.state = RunState.RUNNING

    def step(self) -> None:
        self.course.run.advance(0, 1)

    def stop(self) -> None:
        self.log.append("stop")
        self.state = RunState.STOPPED

    def set_rate(self, rate: float) -> None:
        self.course.run.set_rate(checked_rate(rate))

    def set_speed(self, speed: float | None) -> None:
        self.log.append(f"speed {checked_speed(speed)}")

    def close(self) -> None:
        self.log.append("close")
        self.is_alive = False

    def poll(self, timeout_s: float = 0.5) -> list[Message]:
        self.polls += 1
        if self.state is RunState.IDLE:
            return [RunStatus(RunState.IDLE)]
        return [*self._facts(), *self._steps(), self._status()]

    def _facts(self) -> list[Message]:
        if not self.is_new:
            return []
        self.is_new = False
        course = self.course
        parameters = dict(course.run.model.named_parameters())
        layers = tuple(dict.fromkeys(name.split(".")[0] for name in parameters))
        size = sum(weight.numel() for weight in parameters.values())
        facts = Started(
            course.sets.classes, course.scaling.mean, course.scaling.std, len(course.sets.training),
            len(course.sets.validation), course.run.steps_an_epoch, course.run.length, size, layers,
        )  # fmt: skip
        return [facts, self._moment()]

    def _steps(self) -> list[Message]:
        run = self.course.run
        if self.state is not RunState.RUNNING or run.is_done:
            return []
        reports = run.advance(60, self.stride)
        columns = ([getattr(each, name) for each in reports] for name in ("step", "loss", "accuracy", "rate"))
        steps, *rest = (np.array(column) for column in columns)
        progress = Progress(steps, *rest, norms=run.gradient_norms(), samples_per_s=100.0, seconds_left=1.0)
        return [progress, Evaluated(self.course.evaluated()), self._moment()]

    def _moment(self) -> MomentMessage:
        snapshot = self.course.run.snapshot()
        return MomentMessage(snapshot.step, {name: weight.numpy() for name, weight in snapshot.weights.items()})

    def _status(self) -> RunStatus:
        run = self.course.run
        if run.is_done and self.state is RunState.RUNNING:
            self.state = RunState.DONE
        return RunStatus(self.state, run.step, run.length, run.epoch, "cpu")
