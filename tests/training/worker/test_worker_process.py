"""A worker process: it trains what it is told, answers at once, dies politely, and leaves nothing behind."""

import io
import os
import queue
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from cnnviz.data.image_sets import DataChoice
from cnnviz.models.builder import preset
from cnnviz.processes.watchdog import MISTAKE
from cnnviz.training import Job, TrainConfig, start_session
from cnnviz.training.worker import History, RunState, Worker, WorkerError
from cnnviz.training.worker.__main__ import CommandListener
from cnnviz.training.worker.outbox import MessageQueue
from cnnviz.training.worker.worker import _spoken_to
from tests.training.small_jobs import RICH, job, pictures, sets

SOON = 90.0  # seconds, on a machine that is busy with other things
LONG = {"steps": 1_000_000}


@pytest.fixture(scope="module")
def worker():
    with Worker(threads=1) as worker:
        yield worker


def told(worker, history, until, timeout_s=SOON):
    """Ask again and again until `until(history)`."""
    start = time.monotonic()
    while not until(history):
        assert time.monotonic() - start < timeout_s, history.status
        history.add(worker.poll())
        time.sleep(0.01)


def stands(*states):
    return lambda history: history.status.state in states


def ran(worker, its_job, data):
    history = History()
    worker.start(its_job, data)
    told(worker, history, lambda each: each.status.state.is_over)
    return history


def test_a_worker_ends_with_the_weights_that_the_same_job_has_here(worker):
    its_job, data = job(RICH, steps=40), sets()
    history = ran(worker, its_job, data)
    course = start_session(its_job, data)
    course.run.advance(600)
    assert history.status.state is RunState.DONE, history.status
    here, there = course.run.snapshot().weights, history.weights_at(40)
    assert set(here) == set(there)
    assert all(np.allclose(there[name], value.numpy(), atol=1e-6) for name, value in here.items())
    first = history.weights_at(0)
    assert not all(np.allclose(first[name], value.numpy(), atol=1e-6) for name, value in here.items())
    assert history.evaluations[-1].validation.accuracy == course.evaluated().validation.accuracy
    assert (history.evaluations[0].step, history.evaluations[-1].step, history.evaluations[-1].is_whole) == (
        0,
        40,
        True,
    )
    assert history.curve().steps.tolist() == list(range(1, 41))
    assert set(history.progress.norms) == {"conv1", "norm1", "fc"}
    assert (history.started.classes, history.started.length, history.started.pictures) == (("above", "below"), 40, 50)


def test_a_job_can_begin_with_weights_of_before(worker):
    its_job, data = job(steps=3), sets()
    weights = {name: np.full_like(value, 0.01) for name, value in ran(worker, its_job, data).weights_at(0).items()}
    history = History()
    worker.start(its_job, data, weights)
    told(worker, history, lambda each: each.status.state.is_over)
    assert all(np.array_equal(history.weights_at(0)[name], value) for name, value in weights.items())


def test_it_loads_the_pictures_of_a_choice_by_itself(worker):
    its_job = Job(preset("digits_small"), DataChoice("digits", limit=64), TrainConfig(steps=2, device="cpu"))
    history = ran(worker, its_job, None)
    assert (history.status.state, history.started.pictures) == (RunState.DONE, 64)


def test_pause_step_rate_go_on_and_stop_are_heard(worker):
    history = History()
    worker.start(job(**LONG), sets())
    told(worker, history, lambda each: each.status.state is RunState.RUNNING and each.status.step > 3)
    worker.pause()
    told(worker, history, stands(RunState.PAUSED))
    at = history.status.step
    assert history.moments[-1] == at
    worker.set_rate(0.5)
    worker.step()
    told(worker, history, lambda each: each.status.step == at + 1 and each.status.state is RunState.PAUSED)
    assert history.curve().rates[-2:].tolist() == [0.01, 0.5]
    assert history.moments[-1] == at + 1
    worker.resume()
    told(worker, history, lambda each: each.status.step > at + 1 and each.status.state is RunState.RUNNING)
    worker.stop()
    told(worker, history, stands(RunState.STOPPED))
    assert history.moments[-1] == history.status.step


def test_commands_are_answered_while_a_long_evaluation_goes_on(worker):
    history = History()
    validation = pictures(200_000)
    data = sets()
    worker.start(job(**LONG), type(data)(data.training, validation, None, data.mean, data.std))
    told(worker, history, lambda each: each.status.step > 8)  # an epoch is over: all of them are judged now
    judged = len(history.evaluations)
    worker.pause()
    told(worker, history, stands(RunState.PAUSED))
    assert len(history.evaluations) == judged  # it still goes on
    worker.stop()
    worker.stop()  # who presses twice does not want to wait for it
    told(worker, history, stands(RunState.STOPPED))
    assert len(history.evaluations) == judged


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"rate": 9.9, "optimiser": "sgd", "loss": "squared_error"}, "smaller learning rate"),
        ({"classes": ("a", "b", "c")}, "network must take images"),
    ],
)
def test_a_run_that_cannot_go_on_says_why_and_the_worker_is_ready_for_another(worker, wrong, says):
    settings = {**LONG, **{name: value for name, value in wrong.items() if name != "classes"}}
    broken = (
        Job(preset("digits_small"), DataChoice("digits"), TrainConfig(**settings))
        if "classes" in wrong
        else job(RICH, **settings)
    )
    history = ran(worker, broken, sets())
    assert history.status.state is RunState.FAILED
    assert says in history.status.sentence
    assert ran(worker, job(steps=2), sets()).status.state is RunState.DONE


def test_a_rate_that_is_none_is_one_sentence(worker):
    for wrong in (0, float("nan"), "x", True):
        with pytest.raises(ValueError, match="rate must be above 0"):
            worker.set_rate(wrong)


def test_nothing_of_the_run_before_is_told_of_the_next_one(worker):
    worker.start(job(RICH, **LONG), sets())
    told(worker, History(), lambda each: each.status.step > 2)
    history = ran(worker, job(steps=2), sets())
    assert history.curve().steps.tolist() == [1, 2]
    assert set(history.weights_at(0)) == {"conv1.weight", "conv1.bias", "fc.weight", "fc.bias"}


@pytest.fixture(scope="module")
def killed():
    """A worker that was killed in the middle of a run, and what is remembered of it."""
    with Worker(threads=1, patience_s=1.0) as worker:
        history = History()
        worker.start(job(**LONG), sets())
        told(worker, history, lambda each: each.status.step > 3)
        os.kill(worker.pid, signal.SIGKILL)
        told(worker, history, stands(RunState.FAILED))
        yield worker, history


def test_a_worker_that_dies_says_so_in_one_sentence_and_its_last_weights_stay(killed):
    worker, history = killed
    assert history.status.sentence.endswith("what was recorded is still here, start it again.")
    assert history.status.step > 3
    assert "fc.weight" in history.weights_at(history.status.step)
    assert not worker.is_alive
    with pytest.raises(WorkerError, match="ended unexpectedly"):
        worker.start(job())


def test_no_zombie_stays(killed):
    worker, _history = killed
    with pytest.raises(ProcessLookupError):
        os.kill(worker.pid, 0)


def test_a_run_that_nobody_watches_is_over_and_the_process_ends():
    with Worker(threads=1, patience_s=0.2) as worker:
        history = History()
        worker.start(job(**LONG), sets())
        told(worker, history, lambda each: each.status.step > 3)
        deadline = time.monotonic() + SOON
        while worker.is_alive:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        told(worker, history, stands(RunState.STOPPED), 5)
        assert "what was recorded is still here" in history.status.sentence
        assert history.status.step > 3


@pytest.mark.parametrize("said", [b"junk, and much of it", b"\x10\0\0\0{", b"\x02\0\0\0{}"])
def test_a_process_that_speaks_in_riddles_is_ended(said):
    """Where a message is no message, or half a one, nobody waits for the rest."""
    talk = f"import os, sys, time; sys.stdout.buffer.write({said!r}); sys.stdout.flush(); os.close(1); time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", talk], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out, into = queue.SimpleQueue(), queue.SimpleQueue()
    _spoken_to(process, out, into, threading.Event())
    assert into.get(timeout=SOON) is None
    assert process.poll() == -signal.SIGKILL
    out.put(None)


@pytest.mark.parametrize(
    ("heard", "code"),
    [
        (b"", 0),
        (b"\x02\0", MISTAKE),
        (b"\x02\0\0\0{}", MISTAKE),
        (b'\x1c\0\0\0{"header": {}, "arrays": []} ', MISTAKE),
    ],
)
def test_a_process_ends_with_its_pipe_and_says_by_its_code_whether_it_was_the_end(heard, code, monkeypatch):
    codes = []
    monkeypatch.setattr("os._exit", codes.append)
    CommandListener(io.BytesIO(heard), io.BytesIO(), queue.Queue(), MessageQueue()).run()
    assert codes == [code]


def test_a_worker_is_ready_without_loading_scikit_learn_and_so_are_its_digits():
    ask = (
        "import sys; from cnnviz.training.worker.__main__ import warm_up; "
        "from cnnviz.data.image_sets.digits import digits_pool; "
        "warm_up(); digits_pool(); print(*(name in sys.modules for name in ('torch', 'sklearn')))"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == ["True", "False"]
