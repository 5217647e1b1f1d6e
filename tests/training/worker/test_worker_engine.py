"""The trainer inside the worker process, without a process: whatever happens to a run is one sentence."""

import queue
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from cnnviz.training import TrainingRun
from cnnviz.training.config import MOST_CHANGES
from cnnviz.training.worker import History, RunState, RunStatus
from cnnviz.training.worker.__main__ import command_of
from cnnviz.training.worker.engine import LOOK_S, Command, Engine
from cnnviz.training.worker.evaluations import EvaluationThread
from cnnviz.training.worker.outbox import MessageQueue
from tests.training.small_jobs import job, sets

LONG = {"steps": 1_000_000}
PATIENCE = 60  # seconds of a real clock


def test_a_run_that_nobody_watches_pauses_first_and_says_why():
    inbox, outbox = queue.Queue(), MessageQueue()
    engine = Engine(inbox, outbox)
    inbox.put(Command("start", 1, job(**LONG).to_record(), sets=sets()))
    while not any(each.step for each in outbox.taken()[1] if isinstance(each, RunStatus)):
        engine.turn()
    engine.rest("Nobody was watching.")
    for _turn in range(3):
        engine.turn()
    status = outbox.taken()[1][-1]
    assert (status.state, status.sentence) == (RunState.PAUSED, "Nobody was watching.")
    inbox.put(Command("resume"))
    engine.turn()
    assert outbox.taken()[1][-1].state is RunState.RUNNING
    inbox.put(Command("stop"))
    told_here(engine, outbox, stands(RunState.STOPPED))
    assert not engine.is_working


def stands(*states):
    return lambda history: history.status.state in states


def engaged(its_job, data=None, inbox=None):
    """An engine that has begun a job and has not yet taken a step."""
    inbox, outbox = inbox or queue.Queue(), MessageQueue()
    engine = Engine(inbox, outbox)
    inbox.put(Command("start", 1, its_job.to_record(), sets=data or sets()))
    inbox.put(Command("pause"))
    told_here(engine, outbox, stands(RunState.PAUSED))
    return engine, inbox, outbox


def told_here(engine, outbox, until, history=None):
    history, deadline = history or History(), time.monotonic() + PATIENCE
    while not until(history):
        assert time.monotonic() < deadline, (
            history.status
        )  # an engine that stands still fails, and nothing waits for it
        engine.turn()
        history.add(outbox.taken()[1])
    return history


def test_a_rate_set_too_often_is_said_and_the_run_goes_on():
    full = job(**LONG, changes=[(0, 0.01)] * MOST_CHANGES)
    engine, inbox, outbox = engaged(full)
    inbox.put(Command("step"))
    told_here(engine, outbox, lambda each: each.status.step == 1)
    inbox.put(Command("rate", value=0.02))
    history = told_here(engine, outbox, lambda each: "set the rate less often" in each.status.sentence)
    assert (history.status.state, history.status.step) == (RunState.PAUSED, 1)
    inbox.put(Command("resume"))
    history = told_here(engine, outbox, lambda each: each.status.step > 3)
    assert (history.status.state, history.status.sentence) == (RunState.RUNNING, "")


@pytest.mark.parametrize(
    ("word", "state"), [("pause", RunState.PAUSED), ("resume", RunState.RUNNING), ("stop", RunState.STOPPED)]
)
def test_steps_that_were_asked_for_in_a_heap_are_called_off_by_the_next_command(word, state):
    engine, inbox, outbox = engaged(job(**LONG))
    for _time in range(1000):
        inbox.put(Command("step"))
    history = told_here(engine, outbox, lambda each: each.status.step > 2)
    inbox.put(Command(word))
    for _turn in range(20):
        engine.turn()
    history.add(outbox.taken()[1])
    assert history.status.state is state
    assert (history.status.step < 20) == (word != "resume")


@pytest.mark.parametrize("steps", [1_000_000, 5])  # lost on the way; or by the last update, after a loss that was one
def test_a_run_whose_numbers_are_lost_says_so_and_only_numbers_are_remembered(steps):
    engine, inbox, outbox = engaged(job(optimiser="sgd", rate=9.9, loss="squared_error", l2=1.0, steps=steps))
    inbox.put(Command("resume"))
    history = told_here(engine, outbox, lambda each: each.status.state.is_over)
    assert history.status.state is RunState.FAILED
    assert history.status.sentence.endswith("start again with a smaller learning rate.")
    for step in history.moments:
        assert all(np.isfinite(weight).all() for weight in history.weights_at(step).values())
    assert np.isfinite(history.curve().losses).all()
    assert all(np.isfinite(each.validation.loss) for each in history.evaluations)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (MemoryError(), "not enough memory"),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory"),
            "not enough memory",
        ),
        (RuntimeError("std::bad_alloc"), "not enough memory"),
        (RuntimeError("can't start new thread"), "not enough memory"),
        (KeyError("x"), "internal error (KeyError)"),
    ],
)
def test_whatever_goes_wrong_with_a_command_is_one_sentence_and_the_worker_stays(error, says, monkeypatch):
    engine, inbox, outbox = engaged(job(**LONG))

    def fails(*_what):
        raise error

    monkeypatch.setattr(TrainingRun, "set_rate", fails)
    inbox.put(Command("rate", value=0.1))
    history = told_here(engine, outbox, lambda each: each.status.state.is_over)
    assert history.status.state is RunState.FAILED
    assert says in history.status.sentence
    monkeypatch.undo()
    inbox.put(Command("start", 2, job(steps=2).to_record(), sets=sets()))
    assert told_here(engine, outbox, lambda each: each.status.state.is_over).status.state is RunState.DONE


def judged_steps(history):
    return [each.step for each in history.evaluations]


@pytest.mark.parametrize(("word", "state"), [("pause", RunState.PAUSED), ("stop", RunState.STOPPED)])
def test_where_a_run_pauses_or_stops_the_figures_are_those_of_its_last_step(word, state):
    engine, inbox, outbox = engaged(job(**LONG))
    inbox.put(Command("resume"))
    history = told_here(engine, outbox, lambda each: each.status.step > 20)
    inbox.put(Command("rate", value=1.0))
    inbox.put(Command(word))
    told_here(engine, outbox, stands(state), history)
    if state is RunState.PAUSED:  # what is found while it waits
        told_here(engine, outbox, lambda each: judged_steps(each)[-1] == each.status.step, history)
    assert judged_steps(history)[-1] == history.status.step == history.moments[-1]
    assert judged_steps(history) == sorted(judged_steps(history))


def test_a_single_step_is_judged_too():
    engine, inbox, outbox = engaged(job(**LONG))
    inbox.put(Command("step"))
    history = told_here(engine, outbox, lambda each: each.evaluations and judged_steps(each)[-1] == 1)
    assert history.status.state is RunState.PAUSED


def test_of_a_run_whose_numbers_are_lost_the_last_weights_that_were_numbers_are_judged():
    engine, inbox, outbox = engaged(job(optimiser="sgd", rate=1e-3, loss="squared_error", l2=1.0, **LONG))
    ask = engine._judge.ask
    engine._judge.ask = lambda limit=None, moment=None: ask(limit, moment) if moment else None  # not in between
    inbox.put(Command("resume"))
    history = told_here(engine, outbox, lambda each: each.status.step > 20)
    inbox.put(Command("rate", value=9.9))
    told_here(engine, outbox, lambda each: each.status.state.is_over, history)
    assert history.status.state is RunState.FAILED
    assert judged_steps(history)[-1] == history.moments[-1] >= 16


def test_a_second_stop_does_not_wait_for_the_last_look():
    engine, inbox, outbox = engaged(job(**LONG))
    inbox.put(Command("resume"))
    told_here(engine, outbox, lambda each: each.status.step > 5)
    engine._judge.answer = lambda *_wait: None  # it never ends
    inbox.put(Command("stop"))
    engine.turn()
    assert outbox.taken()[1][-1].state is RunState.STOPPING
    inbox.put(Command("stop"))
    engine.turn()
    assert outbox.taken()[1][-1].state is RunState.STOPPED


def finished(**settings):
    """The record of a whole short run."""
    engine, inbox, outbox = engaged(job(**settings))
    inbox.put(Command("resume"))
    return told_here(engine, outbox, lambda each: each.status.state.is_over)


def test_every_test_knows_the_loss_of_its_step_however_much_of_the_curve_is_left():
    history = finished(steps=12, test_every=3)
    curve = history.curve()
    losses = dict(zip(curve.steps.tolist(), curve.losses.tolist(), strict=True))
    parts = [each for each in history.tests if each.training_loss is not None]
    assert [each.step for each in parts] == [3, 6, 9, 12]
    assert [each.training_loss for each in parts] == [losses[each.step] for each in parts]
    assert history.tests[-1].training_loss is None  # the one at the end, of all images


def test_the_end_of_a_run_is_judged_once():
    history = finished(steps=40, batch=5)  # ten steps an epoch: the last one is judged anyway
    assert judged_steps(history) == sorted(set(judged_steps(history)))
    assert history.evaluations[-1].is_whole
    assert history.epochs[-1].step == judged_steps(history)[-1] == 40


def test_tests_that_would_take_longer_than_the_training_are_left_out_and_counted(monkeypatch):
    judged = EvaluationThread._judged
    monkeypatch.setattr(EvaluationThread, "_judged", lambda self, look: replace(judged(self, look), took_s=1e4))
    history = finished(steps=12, test_every=1)
    cost = history.test_cost
    assert cost.tests + cost.left_out == 12
    assert 1 <= cost.tests <= 6  # those that had begun before the first had ended
    assert cost.test_s == cost.tests * 1e4
    assert cost.training_s > 0


def test_tests_that_cost_little_are_all_there():
    cost = finished(steps=12, test_every=1).test_cost
    assert (cost.tests, cost.left_out) == (12, 0)


class Standing(queue.Queue):
    """A queue with a clock: whoever waits for a command makes the time pass, nobody else does."""

    now, stands = 100.0, False

    def get(self, block=True, timeout=None):
        if not self.stands:
            return super().get(block, timeout)
        try:
            return super().get(block=False)
        except queue.Empty:
            self.now += max(timeout or 0.0, 1e-6) if block else 0.0  # no wait is too short for the clock to show
            raise


def test_a_slowed_run_takes_its_steps_one_by_one_and_hears_commands_at_once(monkeypatch):
    inbox = Standing()
    clock = SimpleNamespace(monotonic=lambda: inbox.now, perf_counter=lambda: inbox.now)
    engine, inbox, outbox = engaged(job(**LONG), inbox=inbox)
    inbox.stands = True
    monkeypatch.setattr("cnnviz.training.worker.engine.time", clock)
    inbox.put(Command("speed", value=20.0))
    inbox.put(Command("resume"))
    began = inbox.now
    history = told_here(engine, outbox, lambda each: each.status.step >= 6)
    assert inbox.now - began == pytest.approx(5 / 20, abs=1e-3)  # six steps, five gaps between them
    inbox.put(Command("speed", value=0.1))
    told_here(engine, outbox, lambda each: each.status.step >= 7, history)
    inbox.put(Command("pause"))
    told_here(engine, outbox, stands(RunState.PAUSED), history)
    assert history.status.step == 7  # not after the next step, ten seconds later
    assert 0 < engine._until_next_step() <= LOOK_S  # nor has it waited for long without listening
    inbox.put(Command("speed"))
    inbox.put(Command("resume"))
    told_here(engine, outbox, lambda each: each.status.step > 12, history)


@pytest.mark.parametrize("speed", [20.0, None])
def test_the_speed_of_a_run_is_its_own_from_the_first_step_on(speed):
    """A command that came after the start came too late where the machine was busy: twenty steps were taken by then."""
    told = command_of({"word": "start", "number": 1, "value": job(**LONG).to_record(), "speed": speed}, {})
    assert told.speed == speed
    outbox, inbox = MessageQueue(), queue.Queue()
    engine = Engine(inbox, outbox)
    inbox.put(replace(told, sets=sets()))
    inbox.put(Command("pause"))
    told_here(engine, outbox, stands(RunState.PAUSED))
    assert engine._speed == speed


def test_the_speed_is_none_of_what_decides_the_weights():
    ends = []
    for speed in (None, 200.0):
        engine, inbox, outbox = engaged(job(steps=12))
        inbox.put(Command("speed", value=speed))
        inbox.put(Command("resume"))
        ends.append(told_here(engine, outbox, stands(RunState.DONE)).weights_at(12))
    assert all(np.array_equal(ends[0][name], ends[1][name]) for name in ends[0])
