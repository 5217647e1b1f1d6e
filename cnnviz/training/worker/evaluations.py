"""Evaluations beside the training, one at a time, in a thread of their own: commands are answered meanwhile.

Torch lets go of the interpreter while it computes, so that a second core judges while the first one trains. How much
of the time is spent judging is bounded. Refuses to know: pipes, commands.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor

from cnnviz.training import Evaluation, TrainingSession
from cnnviz.training.reports import TrainingMoment

SAMPLE = 500  # pictures of each part, for the curves
LEAST_PAUSE_S = 0.4
REST = 3.0  # times as long as the last evaluation took: at most a quarter of a core judges


class EvaluationThread:
    """Judges a course now and then."""

    def __init__(self, course: TrainingSession) -> None:
        self._course = course
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="judge")
        self._at_work: Future[tuple[Evaluation, float]] | None = None
        self._is_wanted = True
        self._next = 0.0
        self.step = -1  # that was judged last, or is just now

    @property
    def is_free(self) -> bool:
        """Whether nothing is being judged."""
        return self._at_work is None

    @property
    def is_due(self) -> bool:
        """Whether it is time for another look."""
        return self.is_free and time.monotonic() >= self._next

    def hurry(self) -> None:
        """Let another look be due now."""
        self._next = 0.0

    def ask(self, limit: int | None = SAMPLE, moment: TrainingMoment | None = None) -> None:
        """Judge the weights of `moment`, or as they are now; only while nothing is being judged."""
        assert self.is_free
        moment = moment or self._course.run.moment()
        self.step = moment.step
        self._at_work = self._threads.submit(self._judged, moment, limit)

    def _judged(self, moment: TrainingMoment, limit: int | None) -> tuple[Evaluation, float]:
        start = time.monotonic()
        found = self._course.exam.held(moment, limit, lambda: self._is_wanted)
        return found, time.monotonic() - start

    def answer(self, timeout_s: float = 0.0) -> Evaluation | None:
        """What has been found, once, as soon as it is there; waits at most so long. Raises what judging raised."""
        if self._at_work is None:
            return None
        try:
            found, took = self._at_work.result(timeout_s)
        except TimeoutError:
            return None
        self._at_work = None
        self._next = time.monotonic() + max(LEAST_PAUSE_S, took * REST)
        return found

    def close(self) -> None:
        """Give up what is being judged."""
        self._is_wanted = False
        self._threads.shutdown(wait=False, cancel_futures=True)
