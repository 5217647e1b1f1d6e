"""Evaluations beside the training, one at a time, in a thread of their own: commands are answered meanwhile.

Torch lets go of the interpreter while it computes, so that a second core judges while the first one trains. How much
of the time is spent judging samples is bounded; the test images and the ends of epochs are promised (`promises`), and
wait in line.
Refuses to know: pipes, commands.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from cnnviz.training import Evaluation, TrainingSession
from cnnviz.training.reports import SetScore, TestReport, TrainingMoment

SAMPLE = 500  # pictures of each part, for the curves
LEAST_PAUSE_S = 0.4
REST = 3.0  # times as long as the last evaluation took: at most a quarter of a core judges
MOST_WAITING = 4  # promised looks; the training waits for them then


@dataclass(frozen=True, eq=False)
class Look:
    """What is to be judged. is_test: on test images; training: of the epoch that ends there, where one does.

    loss: of the step that led there, where the look is to say it.
    """

    moment: TrainingMoment
    limit: int | None
    is_test: bool = False
    training: SetScore | None = None
    loss: float | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """What a look brought: an evaluation or a report on test images; how long it took."""

    look: Look
    evaluation: Evaluation | None = None
    test: TestReport | None = None
    took_s: float = 0.0


class EvaluationThread:
    """Judges a course now and then."""

    def __init__(self, course: TrainingSession) -> None:
        self._course = course
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="judge")
        self._at_work: Future[Found] | None = None
        self._waiting: deque[Look] = deque()
        self._is_wanted = True
        self._next = 0.0
        self.step = -1  # that was judged last, or is just now
        self.whole_step = -1  # the last one that was judged on all validation images, or will be

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
        look = Look(moment or self._course.run.moment(), limit)
        self._note_whole(look)
        self._begin(look)

    def promise(
        self, *, is_test: bool, limit: int | None = None, training: SetScore | None = None, loss: float | None = None
    ) -> None:
        """Judge the weights as they are now, as soon as what waits before is judged."""
        look = Look(self._course.run.moment(), limit, is_test, training, loss)
        self._note_whole(look)
        self._waiting.append(look)
        self._begin_next()

    def _note_whole(self, look: Look) -> None:
        if look.limit is None and not look.is_test:
            self.whole_step = look.moment.step

    def _begin_next(self) -> None:
        if self._at_work is None and self._waiting:
            self._begin(self._waiting.popleft())

    def _begin(self, look: Look) -> None:
        if not look.is_test:
            self.step = look.moment.step
        self._at_work = self._threads.submit(self._judged, look)

    def _judged(self, look: Look) -> Found:
        start, exam = time.monotonic(), self._course.exam
        if look.is_test:
            report = exam.tested(look.moment, look.limit, lambda: self._is_wanted)
            found = Found(look, test=report and replace(report, training_loss=look.loss))
        else:
            found = Found(look, exam.held(look.moment, look.limit, lambda: self._is_wanted))
        return replace(found, took_s=time.monotonic() - start)

    def answer(self, timeout_s: float = 0.0) -> Found | None:
        """What has been found, once, as soon as it is there; waits at most so long. Raises what judging raised."""
        if self._at_work is None:
            return None
        try:
            found = self._at_work.result(timeout_s)
        except TimeoutError:
            return None
        self._at_work = None
        self._next = time.monotonic() + max(LEAST_PAUSE_S, found.took_s * REST)
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
