"""What is judged in any case: test images every so many steps, all validation images after each epoch.

Tests in between may take as long as the training itself, and a few seconds at first: one that would take longer is left
out, and counted. So however often somebody wants tests, a run takes at most twice as long, even on one core.
Refuses to know: pipes, threads.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnnviz.training import StepReport, TrainingSession
from cnnviz.training.reports import TestCost
from cnnviz.training.worker.epoch_means import EpochMeans
from cnnviz.training.worker.evaluations import EvaluationThread, Found

TEST_SAMPLE = 2_000  # the first test images, in between
ALLOWANCE_S = 10.0  # of tests, however short the training
SHORTEST_EPOCH = 10  # steps: of shorter ones not each is judged, only where the judge has time


class TestBudget:
    """Seconds of training against seconds of tests, those that wait included.

    >>> from cnnviz.training.worker.promises import TestBudget
    >>> budget = TestBudget()
    >>> budget.ended(4.0)
    >>> [budget.takes_another() for _test in range(2)]  # 10 s are allowed: one more of 4 s, and not two
    [True, False]
    >>> budget.train(30.0)
    >>> budget.takes_another()
    True
    """

    __test__ = False  # no test of pytest's

    def __init__(self) -> None:
        self.tests, self.left_out, self._waiting = 0, 0, 0
        self.test_s, self.training_s = 0.0, 0.0

    def train(self, seconds: float) -> None:
        """So long it was trained."""
        self.training_s += seconds

    def ended(self, seconds: float) -> None:
        """A test is over; it took so long."""
        self.tests, self._waiting = self.tests + 1, max(0, self._waiting - 1)
        self.test_s += seconds

    def takes_another(self) -> bool:
        """Whether another test may begin; if not, it is counted as left out."""
        each = self.test_s / self.tests if self.tests else 0.0
        may = self.test_s + each * (self._waiting + 1) <= self.training_s + ALLOWANCE_S
        self._waiting, self.left_out = self._waiting + may, self.left_out + (not may)
        return may

    @property
    def cost(self) -> TestCost:
        """All of it, to be told."""
        return TestCost(self.tests, self.left_out, self.test_s, self.training_s)


class PromisedLooks:
    """Asks `judge` for what is promised of `course`."""

    def __init__(self, course: TrainingSession, judge: EvaluationThread) -> None:
        self._course, self._judge = course, judge
        self._means = EpochMeans(len(course.sets.training), course.run.config.batch)
        self._budget = TestBudget()

    def follow(self, reports: Sequence[StepReport], took_s: float) -> None:
        """Steps were taken, in so many seconds: judge what is due after them."""
        self._means.add(reports)
        self._budget.train(took_s)
        run, every = self._course.run, self._course.run.config.test_every
        if not reports:
            return
        is_due = self._course.exam.has_test and every and run.step % every == 0
        if is_due and self._budget.takes_another():
            self._judge.promise(is_test=True, limit=TEST_SAMPLE, loss=reports[-1].loss)
        if run.step % run.steps_an_epoch == 0:
            training = self._means.take()
            if self._judge.is_free or run.steps_an_epoch >= SHORTEST_EPOCH:
                self._judge.promise(is_test=False, training=training)

    def count(self, found: Found) -> TestCost:
        """A test has ended: what they have cost so far. That of all images at the end is none of those in between."""
        if found.look.limit is not None:
            self._budget.ended(found.took_s)
        return self._budget.cost
