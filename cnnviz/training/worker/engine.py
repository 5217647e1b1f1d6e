"""The trainer inside the worker process: one job at a time, in short slices, listening in between.

Refuses to know: pipes (the inbox and the outbox are its whole world), pages.
"""

from __future__ import annotations

import logging
import queue
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from torch import Tensor

from cnnviz.i18n import use_language
from cnnviz.training import StepReport, TrainingRun, TrainingSession
from cnnviz.training.reports import Diverged, EpochReport, WeightSnapshot, demand_losses, demand_score, demand_weights
from cnnviz.training.reports import TrainingMoment as Weighed
from cnnviz.training.worker.evaluations import SAMPLE, EvaluationThread, Found
from cnnviz.training.worker.loading import Command, describe_failure, load_in_thread, run_facts, steps_to_test
from cnnviz.training.worker.messages import Evaluated, MomentMessage, RunState, RunStatus
from cnnviz.training.worker.outbox import MessageQueue
from cnnviz.training.worker.promises import PromisedLooks

SLICE_S = 0.04  # steps in a row without listening
LOOK_S = 0.05  # how long to wait for a command where there is nothing to do
SNAPSHOT_S = 0.25  # at least, between two snapshots
SNAPSHOT_SHARE = 0.02  # of the time, at most, for taking snapshots
EARLY = frozenset(2**power for power in range(10))  # steps after which there is a snapshot in any case
PACE = 25  # slices that the pace is taken from


_LOG = logging.getLogger(__name__)


class Engine:
    """Trains what it is told to, until nobody is there any more."""

    def __init__(self, inbox: queue.Queue[Command], outbox: MessageQueue) -> None:
        self._inbox, self._outbox = inbox, outbox
        self._work: Iterator[None] | None = None
        self._course: TrainingSession | None = None
        self._judge: EvaluationThread | None = None
        self._state, self._sentence = RunState.IDLE, ""
        self._paused, self._singles = False, 0
        self._pace: deque[tuple[float, int]] = deque(maxlen=PACE)
        self._next_snapshot = 0.0
        self._speed: float | None = None  # steps a second at most, so that people can follow
        self._next_step = 0.0
        self._snapshot: WeightSnapshot | None = None  # the last one that was told
        self._judged_step = -1  # of the last evaluation that was told
        self._rate: float | None = None  # wished for while the job was still being loaded

    @property
    def is_working(self) -> bool:
        """Whether there is a run that could go on."""
        return self._work is not None

    def turn(self) -> None:
        """Hear commands, then work for a moment (or wait for one)."""
        idle = self._work is None or (self._paused and not self._singles and self._state is RunState.PAUSED)
        with self._any_failure_told():
            for command in self._heard(LOOK_S if idle else self._until_next_step()):
                self._obey(command)
            if self._work is not None:
                self._go_on(self._work)

    def _until_next_step(self) -> float:
        """How long a slowed run waits, in short pieces, so that commands are heard; 0 for one at full speed."""
        return 0.0 if self._speed is None else min(LOOK_S, max(0.0, self._next_step - time.monotonic()))

    def _heard(self, wait_s: float) -> Iterator[Command]:
        try:
            yield self._inbox.get(wait_s > 0, wait_s or None)
            while True:
                yield self._inbox.get_nowait()
        except queue.Empty:
            return

    def _obey(self, command: Command) -> None:
        if command.word == "start":
            self._leave(RunState.LOADING)
            use_language(command.language)
            self._outbox.begin(command.number)
            self._paused, self._singles, self._rate, self._speed = False, 0, None, command.speed
            self._work = self._trained(command)
        elif self._work is not None:
            self._obey_while_working(command)

    def _obey_while_working(self, command: Command) -> None:
        if command.word == "pause":
            self._paused, self._singles = True, 0
        elif command.word == "resume":
            self._paused, self._singles, self._sentence = False, 0, ""
        elif command.word == "step":
            self._paused, self._singles = True, self._singles + 1
        elif command.word == "stop":
            self._end()
        elif command.word == "speed":
            self._speed = command.value
        elif command.word == "rate" and self._course is not None:
            self._set_rate(self._course.run, command.value)
        elif command.word == "rate":
            self._rate = command.value

    def _end(self) -> None:
        """Stop after one last look at what it has learned; at once where there is nothing to look at, or it is on."""
        if self._course is None or self._state is RunState.STOPPING:
            self._leave(RunState.STOPPED)
        else:
            self._tell(RunState.STOPPING)

    def _set_rate(self, run: TrainingRun, rate: float) -> None:
        """A rate that cannot be set leaves the run as it is, which says why."""
        try:
            run.set_rate(rate)
        except ValueError as error:
            self._sentence = str(error)
            self._tell_status()
        if self._judge is not None:
            self._judge.hurry()  # what the other rate does is seen as soon as it can be

    def rest(self, sentence: str) -> None:
        """Pause by itself, and say why."""
        if not self._paused:
            self._paused, self._sentence = True, sentence
            self._tell_status()

    def _go_on(self, work: Iterator[None]) -> None:
        try:
            next(work)
        except StopIteration:
            self._leave(RunState.STOPPED if self._state is RunState.STOPPING else RunState.DONE)

    @contextmanager
    def _any_failure_told(self) -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            self._leave(RunState.FAILED, str(error))
        except Exception as error:
            _LOG.exception("training failed")
            self._leave(RunState.FAILED, describe_failure(error))

    def _leave(self, state: RunState, sentence: str = "") -> None:
        """The run is over; its last weights are told, the memory is given back."""
        if self._judge is not None:
            self._judge.close()
        self._state, self._sentence = state, sentence
        self._tell_status()
        self._work = self._course = self._judge = None
        self._pace.clear()

    def _trained(self, command: Command) -> Iterator[None]:
        """The whole run, a slice at a time."""
        self._tell(RunState.LOADING)
        loading = load_in_thread(command)
        while not loading.done():
            time.sleep(0.01)
            yield
        self._course = course = loading.result()
        self._snapshot, self._judged_step = None, -1
        if self._rate is not None:
            course.run.set_rate(self._rate)
        self._judge = judge = EvaluationThread(course)
        self._promises = PromisedLooks(course, judge)
        self._outbox.put_started(run_facts(course))
        self._tell_moment()
        judge.ask()
        try:
            yield from self._all_steps(course, judge)
        except Diverged:  # the last weights that were numbers are shown: say what they are worth
            yield from self._look_at_the_last_numbers(course, judge)
            raise
        limit = SAMPLE if self._state is RunState.STOPPING else None
        yield from self._last_look(judge, course.run.moment(), limit)
        if course.exam.has_test and course.run.step > 0:
            judge.promise(is_test=True)
            while not judge.is_free:
                self._tell_found(judge.answer(LOOK_S))
                yield

    def _look_at_the_last_numbers(self, course: TrainingSession, judge: EvaluationThread) -> Iterator[None]:
        """The last weights that were told are judged, if they are not yet; what waits of later ones is given up."""
        judge.forget_waiting()
        while not judge.is_free:
            with suppress(Diverged):
                self._tell_found(judge.answer(LOOK_S))
            yield
        if self._snapshot is not None and self._judged_step != self._snapshot.step:
            judge.ask(SAMPLE, self._weighed(course))
        while not judge.is_free:
            self._tell_found(judge.answer(LOOK_S))
            yield

    def _weighed(self, course: TrainingSession) -> Weighed:
        """The last moment that was told, as the judge takes it."""
        assert self._snapshot is not None
        step, weights = self._snapshot.step, self._snapshot.weights
        there = {name: weight.to(course.run.device) for name, weight in weights.items()}
        return Weighed(step, step / course.run.steps_an_epoch, there)

    def _all_steps(self, course: TrainingSession, judge: EvaluationThread) -> Iterator[None]:
        while not course.run.is_done and self._state is not RunState.STOPPING:
            if self._paused and not self._singles:
                self._rest_here()
            elif not judge.is_behind and (self._singles or self._until_next_step() == 0.0):
                self._take_slice(course, judge)
            self._look(course, judge)
            yield
        self._tell_moment()

    def _rest_here(self) -> None:
        if self._state is not RunState.PAUSED:
            self._tell_moment()
            self._tell(RunState.PAUSED)

    def _take_slice(self, course: TrainingSession, judge: EvaluationThread) -> None:
        run = course.run
        ahead = run.steps_to_epoch_end()
        is_slow = self._speed is not None
        alone = (
            1
            if self._singles or is_slow
            else next((step - run.step for step in sorted(EARLY) if step > run.step), ahead)
        )
        if self._state is not RunState.RUNNING and not self._singles:
            self._tell(RunState.RUNNING)
        if self._speed is not None:
            self._next_step = time.monotonic() + 1 / self._speed
        start = time.perf_counter()
        reports = run.advance(SLICE_S, min(ahead, alone, steps_to_test(course)))
        took_s = time.perf_counter() - start
        self._tell_steps(course, reports, took_s)
        self._promises.follow(reports, took_s)
        if self._singles:
            self._singles -= 1
            self._tell_moment()
            self._tell(RunState.PAUSED)
        elif run.step in EARLY or time.monotonic() >= self._next_snapshot:
            self._tell_moment()

    def _tell_steps(self, course: TrainingSession, reports: list[StepReport], took_s: float) -> None:
        demand_losses(reports)
        self._pace.append((took_s, len(reports)))
        seconds, steps = (sum(column) for column in zip(*self._pace, strict=True))
        run, pace = course.run, min(steps / max(seconds, 1e-9), self._speed or float("inf"))
        left = (run.length - run.step) / pace
        self._outbox.put_steps(reports, run.gradient_norms(), pace * run.config.batch, left)
        self._tell_status()

    def _look(self, course: TrainingSession, judge: EvaluationThread) -> None:
        """Evaluations of a sample, in between and where it pauses; what is found, promised looks too."""
        self._tell_found(judge.answer())
        moves = self._state is RunState.RUNNING
        if (judge.is_due and moves) or (judge.is_free and not moves and judge.step != course.run.step):
            judge.ask()

    def _last_look(self, judge: EvaluationThread, moment: Weighed, limit: int | None) -> Iterator[None]:
        """What `moment` reads of so many pictures; what is being judged just now is waited for first.

        A moment that is judged already, or waits for it, is not looked at again.
        """
        is_asked = moment.step <= (judge.step if limit is not None else judge.whole_step)
        while not (is_asked and judge.is_free):
            if judge.is_free:
                is_asked = True
                judge.ask(limit, moment)
            self._tell_found(judge.answer(LOOK_S))
            yield

    def _tell_found(self, found: Found | None) -> None:
        if found is None:
            return
        if found.test is not None:
            demand_score(found.test.step, found.test.score)
            self._outbox.put_tested(found.test)
            self._outbox.put_cost(self._promises.count(found))
        check, training = found.evaluation, found.look.training
        if check is None:
            return
        demand_score(check.step, check.validation)
        demand_score(check.step, check.training)
        self._outbox.put_evaluated(Evaluated(check))
        self._judged_step = check.step
        if training is not None:
            self._tell_weights(check.step, {n: w.detach().cpu() for n, w in found.look.moment.weights.items()})
            self._outbox.put_epoch(EpochReport(round(check.epoch), check.step, training, check.validation))

    def _tell(self, state: RunState) -> None:
        self._state = state
        self._tell_status()

    def _tell_status(self) -> None:
        run = self._course.run if self._course is not None else None
        where = (run.step, run.length, run.epoch, run.device.type) if run is not None else (0, 0, 0.0, "")
        self._outbox.put_status(RunStatus(self._state, *where, self._sentence))

    def _tell_moment(self) -> None:
        assert self._course is not None
        start = time.monotonic()
        snapshot = self._course.run.snapshot()
        self._tell_weights(snapshot.step, snapshot.weights)
        took = time.monotonic() - start
        self._next_snapshot = time.monotonic() + max(SNAPSHOT_S, took / SNAPSHOT_SHARE)

    def _tell_weights(self, step: int, weights: Mapping[str, Tensor]) -> None:
        demand_weights(step, weights)
        if self._snapshot is None or step > self._snapshot.step:
            self._snapshot = WeightSnapshot(step, weights)
        self._outbox.put_moment(
            MomentMessage(step, {name: each.contiguous().numpy() for name, each in weights.items()})
        )
