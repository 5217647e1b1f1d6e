"""Evaluations beside the training, one at a time, in a thread of their own: commands are answered meanwhile.

Torch lets go of the interpreter while it computes, so that a second core judges while the first one trains. How much
of the time is spent judging samples is bounded; the test images and the ends of epochs are promised, and wait in line.
Refuses to know: pipes, commands.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from cnnviz.training import Evaluation, TrainingSession
from cnnviz.training.reports import SetScore, TestReport, TrainingMoment

SAMPLE = 500  # pictures of each part, for the curves
TEST_SAMPLE = 2_000  # the first test images, in between
LEAST_PAUSE_S = 0.4
REST = 3.0  # times as long as the last evaluation took: at most a quarter of a core judges
MOST_WAITING = 4  # promised looks; the training waits for them then


@dataclass(frozen=True, eq=False)
class Look:
    """What is to be judged. is_test: on test images; training: of the epoch that ends there, where one does."""

    moment: TrainingMoment
    limit: int | None
    is_test: bool = False
    training: SetScore | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """What a look brought: an evaluation or a report on test images."""

    look: Look
    evaluation: Evaluation | None = None
    test: TestReport | None = None


class EvaluationThread:
    """Judges a course now and then."""

    def __init__(self, course: TrainingSession) -> None:
        self._course = course
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="judge")
        self._at_work: Future[tuple[Found, float]] | None = None
        self._waiting: deque[Look] = deque()
        self._is_wanted = True
        self._next = 0.0
        self.step = -1  # that was judged last, or is just now

    @property
    def is_free(self) -> bool:
        """Whether nothing is being judged, and nothing waits."""
        return self._at_work is None

    @property
    def is_behind(self) -> bool:
        """Whether so many looks wait that the training should, too."""
        return len(self._waiting) >= MOST_WAITING

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
        self._begin(Look(moment or self._course.run.moment(), limit))

    def promise(self, *, is_test: bool, limit: int | None = None, training: SetScore | None = None) -> None:
        """Judge the weights as they are now, as soon as what waits before is judged."""
        self._waiting.append(Look(self._course.run.moment(), limit, is_test, training))
        self._begin_next()

    def _begin_next(self) -> None:
        if self._at_work is None and self._waiting:
            self._begin(self._waiting.popleft())

    def _begin(self, look: Look) -> None:
        if not look.is_test:
            self.step = look.moment.step
        self._at_work = self._threads.submit(self._judged, look)

    def _judged(self, look: Look) -> tuple[Found, float]:
        start, exam = time.monotonic(), self._course.exam
        if look.is_test:
            found = Found(look, test=exam.tested(look.moment, look.limit, lambda: self._is_wanted))
        else:
            found = Found(look, exam.held(look.moment, look.limit, lambda: self._is_wanted))
        return found, time.monotonic() - start

    def answer(self, timeout_s: float = 0.0) -> Found | None:
        """What has been found, once, as soon as it is there; waits at most so long. Raises what judging raised."""
        if self._at_work is None:
            return None
        try:
            found, took = self._at_work.result(timeout_s)
        except TimeoutError:
            return None
        self._at_work = None
        self._next = time.monotonic() + max(LEAST_PAUSE_S, took * REST)
        self._begin_next()
        return found

    def forget_waiting(self) -> None:
        """Give up what was promised and has not begun."""
        self._waiting.clear()

    def close(self) -> None:
        """Give up what is being judged."""
        self._is_wanted = False
        self._waiting.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)
