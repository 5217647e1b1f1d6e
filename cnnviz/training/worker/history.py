"""What is remembered of a run, bounded: curves, evaluations, and the weights at moments evenly over the whole run.

Refuses to know: processes, pages, torch.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnviz.training.reports import EpochReport, Evaluation, TestCost, TestReport
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
from cnnviz.training.worker.outbox import Points, loss_and_accuracy, scores_of
from cnnviz.training.worker.thinning import halve_points

MOST_POINTS = 4_000
MOST_EVALUATIONS = 1_000
MOST_MOMENTS = 400
MOST_BYTES = 64_000_000  # of moments, a run


@dataclass(frozen=True, eq=False)
class Curve:
    """Points of a run, by step: float64 (n,) each, steps int64 (n,).

    >>> import numpy as np
    >>> from cnnviz.training.worker import History, Progress
    >>> history = History()
    >>> columns = np.array([1, 2]), np.array([2.3, 2.1]), np.array([0.1, 0.2]), np.array([0.01, 0.01])
    >>> history.add([Progress(*columns, norms={"fc": 1.0}, samples_per_s=500.0, seconds_left=0.0)])
    >>> history.curve(after=1).losses.tolist()
    [2.1]
    """

    steps: NDArray[np.int64]
    losses: NDArray[np.float64]
    accuracies: NDArray[np.float64]
    rates: NDArray[np.float64]


class History:
    """Grows with `add` and never beyond its bounds; several threads may ask.

    most_bytes: of the weights that are remembered.
    generation: rises whenever points that were already handed out were left out: fetch the curve anew then.

    >>> import numpy as np
    >>> from cnnviz.training.worker import History, MomentMessage
    >>> history = History()
    >>> history.add([MomentMessage(step, {"fc.bias": np.full(2, step, np.float32)}) for step in (0, 10)])
    >>> history.moments, history.weights_at(7)["fc.bias"].tolist()
    ((0, 10), [10.0, 10.0])
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._lock = threading.RLock()
        self._most_bytes = most_bytes
        self._status = RunStatus(RunState.STARTING)
        self._started: Started | None = None
        self._progress: Progress | None = None
        self._points: Points = []
        self._evaluations: list[Evaluation] = []
        self._tests: list[TestReport] = []
        self._epochs: list[EpochReport] = []
        self._moments: list[MomentMessage] = []
        self._norms: list[tuple[int, Mapping[str, float]]] = []
        self._cost: TestCost | None = None
        self.generation = 0

    def add(self, messages: Iterable[Message]) -> None:
        """Remember what a worker said."""
        with self._lock:
            for message in messages:
                self._add(message)

    def _add(self, message: Message) -> None:
        match message:
            case RunStatus():
                self._status = self._settled(message)
            case Started():
                self._started = message
            case Progress():
                self._add_progress(message)
            case Evaluated():
                self._add_evaluation(message.evaluation)
            case TestCost():
                self._cost = message
            case Tested():
                self._tests.append(message.report)
                if len(self._tests) > MOST_EVALUATIONS:
                    self._tests, self.generation = halve_points(self._tests, _score_of), self.generation + 1
            case EpochEnded():
                self._epochs.append(message.report)
                if len(self._epochs) > MOST_EVALUATIONS:
                    self._epochs, self.generation = halve_points(self._epochs, _epoch_scores), self.generation + 1
            case MomentMessage():
                self._add_moment(message)

    def _add_evaluation(self, evaluation: Evaluation) -> None:
        """A second one of the same weights takes the place of the first, unless it saw fewer images."""
        last = self._evaluations[-1] if self._evaluations else None
        if last is None or last.step != evaluation.step:
            self._evaluations.append(evaluation)
        elif evaluation.is_whole or not last.is_whole:
            self._evaluations[-1], self.generation = evaluation, self.generation + 1
        if len(self._evaluations) > MOST_EVALUATIONS:
            self._evaluations, self.generation = halve_points(self._evaluations, scores_of), self.generation + 1

    def _settled(self, status: RunStatus) -> RunStatus:
        """A process that has ended does not know any more where its run stood: this record does."""
        if status.length or not self._status.length or not status.state.is_over:
            return status
        before = self._status
        return RunStatus(status.state, before.step, before.length, before.epoch, before.device, status.sentence)

    def _add_progress(self, progress: Progress) -> None:
        self._progress = progress
        columns = (progress.steps, progress.losses, progress.accuracies, progress.rates)
        self._points += [tuple(map(float, point)) for point in zip(*columns, strict=True)]  # type: ignore[misc]
        self._norms.append((int(progress.steps[-1]), progress.norms))
        if len(self._points) > MOST_POINTS:
            self._points, self.generation = halve_points(self._points, loss_and_accuracy), self.generation + 1
        if len(self._norms) > MOST_EVALUATIONS:
            self._norms, self.generation = halve_points(self._norms, _length_of), self.generation + 1

    def _add_moment(self, moment: MomentMessage) -> None:
        at = bisect_left(self._moments, moment.step, key=lambda each: each.step)
        if at < len(self._moments) and self._moments[at].step == moment.step:
            return
        self._moments.insert(at, moment)
        while len(self._moments) > MOST_MOMENTS or (self.size > self._most_bytes and len(self._moments) > 2):
            del self._moments[most_crowded([each.step for each in self._moments])]

    @property
    def size(self) -> int:
        """Bytes of the weights that are remembered."""
        return sum(moment.size for moment in self._moments)

    @property
    def status(self) -> RunStatus:
        """The latest state of the run."""
        return self._status

    @property
    def started(self) -> Started | None:
        """What was told of the job when it was loaded."""
        return self._started

    @property
    def progress(self) -> Progress | None:
        """The latest progress: pace, time left, gradient norms."""
        return self._progress

    @property
    def moments(self) -> tuple[int, ...]:
        """The steps whose weights are remembered, in order."""
        with self._lock:
            return tuple(moment.step for moment in self._moments)

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """All evaluations that are remembered, in order."""
        with self._lock:
            return tuple(self._evaluations)

    @property
    def tests(self) -> tuple[TestReport, ...]:
        """All looks at the test images that are remembered, in order."""
        with self._lock:
            return tuple(self._tests)

    @property
    def test_cost(self) -> TestCost | None:
        """What the test images have cost so far; None where none were looked at."""
        return self._cost

    @property
    def epochs(self) -> tuple[EpochReport, ...]:
        """The epochs that are over and remembered, in order."""
        with self._lock:
            return tuple(self._epochs)

    def curve(self, after: int = 0) -> Curve:
        """The points later than step `after`."""
        with self._lock:
            found = np.array([point for point in self._points if point[0] > after], dtype=np.float64).reshape(-1, 4)
        steps, losses, accuracies, rates = found.T
        return Curve(steps.astype(np.int64), losses, accuracies, rates)

    def norms(self, after: int = 0) -> tuple[tuple[int, Mapping[str, float]], ...]:
        """(step, √Σ g² by layer), later than step `after`."""
        with self._lock:
            return tuple(pair for pair in self._norms if pair[0] > after)

    def weights_at(self, moment: int) -> Mapping[str, NDArray[Any]]:
        """The weights after `moment` steps, or at the nearest moment that is remembered, rather an earlier one.

        Raises: KeyError where nothing is remembered yet.
        """
        with self._lock:
            return self._nearest(moment).weights

    def nearest(self, moment: int) -> int:
        """The remembered moment that `weights_at(moment)` answers with. Raises: as `weights_at`."""
        with self._lock:
            return self._nearest(moment).step

    def _nearest(self, step: int) -> MomentMessage:
        if not self._moments:
            raise KeyError("moments must be one or more, got none: wait until the run has begun")
        return min(self._moments, key=lambda each: (abs(each.step - step), each.step))

    def evaluation_at(self, moment: int) -> Evaluation | None:
        """The last evaluation at or before step `moment`."""
        with self._lock:
            at = bisect_right(self._evaluations, moment, key=lambda each: each.step)
            return self._evaluations[at - 1] if at else None


def _score_of(report: TestReport) -> tuple[float, float]:
    return report.score.loss, report.score.accuracy


def _epoch_scores(report: EpochReport) -> tuple[float, float]:
    return report.training.loss, report.validation.loss


def _length_of(norms: tuple[int, Mapping[str, float]]) -> tuple[float]:
    """Of the whole gradient: √Σ g² over all layers."""
    return (float(np.sqrt(sum(norm**2 for norm in norms[1].values()))),)


def most_crowded(steps: list[int]) -> int:
    """Which of the steps between first and last stands closest between its neighbours.

    Without 4 the gap is 5, without 5 it is the same: the first counts.

    >>> from cnnviz.training.worker.history import most_crowded
    >>> most_crowded([0, 4, 5, 9])
    1
    """
    if len(steps) < 3:
        return 0
    return min(range(1, len(steps) - 1), key=lambda at: steps[at + 1] - steps[at - 1])
