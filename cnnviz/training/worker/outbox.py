"""What is waiting to be told, bounded: whoever does not listen for long hears the same story in fewer words.

Curves are thinned so that their peaks stay (`thinning`).
Refuses to know: pipes, training.
"""

from __future__ import annotations

import threading
from bisect import insort
from collections.abc import Mapping

import numpy as np

from cnnviz.training.reports import EpochReport, Evaluation, StepReport, TestCost, TestReport
from cnnviz.training.worker.messages import (
    EpochEnded,
    Evaluated,
    Message,
    MomentMessage,
    Progress,
    RunState,
    RunStatus,
    Started,
    Tested,
)
from cnnviz.training.worker.thinning import halve_points

MOST_POINTS = 2_000
MOST_EVALUATIONS = 100
MOST_SCORES = 2_000  # of test images and epochs: a few numbers each
MOST_MOMENTS = 24
MOST_BYTES = 64_000_000  # of moments

Points = list[tuple[float, float, float, float]]  # step, loss, accuracy, rate


class MessageQueue:
    """Messages of one run, put in by the trainer and taken out by whoever answers the pipe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.number = 0  # of the run that the messages are about
        self._clear()

    def _clear(self) -> None:
        self._status: RunStatus
        self._started: Started | None
        self._status, self._started = RunStatus(RunState.IDLE), None
        self._points: Points = []
        self._pace: tuple[Mapping[str, float], float, float] = ({}, 0.0, 0.0)
        self._evaluated: list[Evaluated] = []
        self._scores: list[Tested | EpochEnded] = []
        self._moments: list[MomentMessage] = []
        self._cost: TestCost | None = None

    def begin(self, number: int) -> None:
        """Forget the run before."""
        with self._lock:
            self.number = number
            self._clear()

    def put_status(self, status: RunStatus) -> None:
        """What is going on; the latest counts."""
        with self._lock:
            self._status = status

    def put_started(self, started: Started) -> None:
        """A job has been loaded."""
        with self._lock:
            self._started = started

    def put_steps(
        self, reports: list[StepReport], norms: Mapping[str, float], samples_per_s: float, seconds_left: float
    ) -> None:
        """Steps that were taken."""
        with self._lock:
            self._points += [(each.step, each.loss, each.accuracy, each.rate) for each in reports]
            self._pace = (norms, samples_per_s, seconds_left)
            if len(self._points) > MOST_POINTS:
                self._points = halve_points(self._points, loss_and_accuracy)

    def put_evaluated(self, evaluated: Evaluated) -> None:
        """The run has been judged."""
        with self._lock:
            self._evaluated.append(evaluated)
            if len(self._evaluated) > MOST_EVALUATIONS:
                self._evaluated = halve_points(self._evaluated, lambda each: scores_of(each.evaluation))

    def put_tested(self, report: TestReport) -> None:
        """The run has been judged on test images."""
        self._put_score(Tested(report))

    def put_cost(self, cost: TestCost) -> None:
        """What the test images have cost so far; the latest counts."""
        with self._lock:
            self._cost = cost

    def put_epoch(self, report: EpochReport) -> None:
        """An epoch is over."""
        self._put_score(EpochEnded(report))

    def _put_score(self, score: Tested | EpochEnded) -> None:
        with self._lock:
            self._scores.append(score)
            if len(self._scores) > MOST_SCORES:
                self._scores = thin_out(self._scores)

    def put_moment(self, moment: MomentMessage) -> None:
        """The weights at a moment."""
        with self._lock:
            insort(self._moments, moment, key=lambda each: each.step)  # of an epoch's end it comes later than others
            many = len(self._moments) > MOST_MOMENTS or sum(each.size for each in self._moments) > MOST_BYTES
            if many:
                self._moments = thin_out(self._moments)

    def taken(self) -> tuple[int, list[Message]]:
        """The run's number and everything that waits, in the order in which it can be told; the status comes last."""
        with self._lock:
            found: list[Message] = [self._started] if self._started else []
            if self._points:
                found.append(self._progress())
            found += [self._cost] if self._cost else []
            found += [*self._evaluated, *self._scores, *self._moments, self._status]
            self._cost = None
            self._started, self._points, self._evaluated, self._moments = None, [], [], []
            self._scores = []
            return self.number, found

    def _progress(self) -> Progress:
        steps, losses, accuracies, rates = np.array(self._points, dtype=np.float64).T
        norms, samples_per_s, seconds_left = self._pace
        return Progress(steps.astype(np.int64), losses, accuracies, rates, norms, samples_per_s, seconds_left)


def loss_and_accuracy(point: tuple[float, float, float, float]) -> tuple[float, float]:
    """The curves of the steps: what is thinned by."""
    return point[1], point[2]


def scores_of(evaluation: Evaluation) -> tuple[float, float]:
    """The curves of the evaluations: what is thinned by."""
    return evaluation.validation.loss, evaluation.validation.accuracy


def thin_out(things: list) -> list:
    """About half of them: the first, the last, and every second in between."""
    return [thing for number, thing in enumerate(things) if number % 2 == 0 or number == len(things) - 1]
