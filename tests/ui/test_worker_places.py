"""Who works holds a place, gives it back once, and never keeps one that nobody works at."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from cnnviz.experiments.experiment_process import ExperimentProcessError, ExperimentProcesses
from cnnviz.experiments.registry import ExperimentSettings
from cnnviz.processes import MachinePlaces
from cnnviz.ui.train.run_entry import RunError
from cnnviz.ui.train.run_registry import RunRegistry
from cnnviz.ui.train.worker_places import WorkerPlaces
from tests.ui.fake_worker import FakeWorker
from tests.ui.office import JOB

SOON = 0.1  # seconds for another thread to get as far as it can


class Waiting(FakeWorker):
    """A worker whose process ends when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.ending = threading.Event()
        self.wait = self.ending.wait


def run_with_other_at(line: int, work: Callable[[], None], other: Callable[[], None]) -> bool:
    """`work`, and in the middle of it, before its `line`-th line of Python, `other` in another thread.

    Returns: whether `work` has so many lines. Whoever holds a lock then is waited for.
    """
    lines, beside = [0], threading.Thread(target=other)

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            lines[0] += 1
            if lines[0] == line:
                beside.start()
                beside.join(SOON)
        return trace

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(None)
    if lines[0] >= line:
        beside.join(30)
    return lines[0] >= line


def test_the_end_of_a_run_and_that_of_its_process_may_be_seen_at_the_same_moment(tmp_path: Path):
    """Whichever line of the one the other comes before: `pytest` fails for an error in a thread as well."""
    line, places = 1, MachinePlaces("training", 2, tmp_path)
    while True:
        held, worker = WorkerPlaces(places), Waiting()
        held.hold(worker, held.take())
        goes_on = run_with_other_at(line, lambda: held.release(worker), lambda: held.release(worker))  # noqa: B023
        worker.ending.set()
        assert places.taken == 0
        if not goes_on:
            break
        line += 1
    assert line > 3


def test_a_place_for_a_worker_that_has_ended_already_is_free_at_once(tmp_path: Path):
    places = MachinePlaces("training", 2, tmp_path)
    held, worker = WorkerPlaces(places), Waiting()
    held.hold(worker, held.take())
    worker.ending.set()
    for thread in threading.enumerate():
        if thread.name == "place":
            thread.join(30)
    held.hold(worker, held.take())  # nobody waits for its end any more
    assert places.taken == 0


def no_thread(_thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


class Wrong(FakeWorker):
    """A worker that cannot even be asked."""

    def start(self, *_what, **_more) -> None:
        raise KeyError("a fault of ours")


def test_a_run_that_cannot_begin_leaves_its_place_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    places = MachinePlaces("training", 2, tmp_path)
    monkeypatch.setattr(Wrong, "wait", threading.Event().wait, raising=False)
    with pytest.raises(KeyError) as kept:  # whose trace holds all that was at work
        RunRegistry(Wrong, places=places).start(JOB, "a run")
    assert (places.taken, kept.type) == (0, KeyError)


def test_a_machine_without_room_for_a_thread_is_one_sentence_and_nobody_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    places, hired = MachinePlaces("training", 2, tmp_path), list[Waiting]()

    def hire() -> Waiting:
        hired.append(Waiting())
        return hired[-1]

    runs = RunRegistry(hire, places=places)
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    with pytest.raises(RunError, match="no room for another process just now: try again later"):
        runs.start(JOB, "a run")
    assert (places.taken, hired[0].log) == (0, [])


class Asked:
    """An experiment without a process."""

    def __init__(self, wish: ExperimentSettings) -> None:
        self.wish, self.is_working, self.seen, self.wait = wish, True, 0.0, threading.Event().wait
        BEGUN.append(self)

    def stop(self) -> None:
        self.is_working = False


BEGUN: list[Asked] = []


def test_an_experiment_without_a_thread_that_waits_for_it_is_stopped_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    places = MachinePlaces("experiment", 2, tmp_path)
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    with pytest.raises(ExperimentProcessError, match="no room for another process just now: try again later"):
        ExperimentProcesses(Asked, places=places).start(ExperimentSettings("xor"))
    assert (places.taken, BEGUN[-1].is_working) == (0, False)


def test_an_experiment_that_cannot_begin_leaves_its_place_free(tmp_path: Path):
    def fails(_wish: ExperimentSettings) -> Asked:
        raise KeyError("a fault of ours")

    places = MachinePlaces("experiment", 2, tmp_path)
    with pytest.raises(KeyError) as kept:
        ExperimentProcesses(fails, places=places).start(ExperimentSettings("xor"))
    assert (places.taken, kept.type) == (0, KeyError)
