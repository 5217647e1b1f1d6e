"""Experiments in processes of their own: they tell, stop, die, are left alone; there are never too many."""

import sys
import time
from collections.abc import Iterator

import pytest

from cnnviz.experiments.__main__ import main
from cnnviz.experiments.experiment_process import (
    MOST_KEPT,
    MOST_WORKING,
    ExperimentProcess,
    ExperimentProcessError,
    ExperimentProcesses,
    command_of,
)
from cnnviz.experiments.registry import ExperimentSettings, run_experiment
from cnnviz.processes.registry import LASTS_S
from cnnviz.training.worker import RunState

WISH = ExperimentSettings("xor", steps=2)


def ended(attempt: ExperimentProcess, patience: float = 60.0) -> ExperimentProcess:
    """Wait, by the event that ends it, not by sleeping."""
    assert attempt._ending.wait(patience)
    return attempt


def script(*lines: str) -> list[str]:
    return [sys.executable, "-c", "import json, os, sys\n" + "\n".join(lines)]


@pytest.fixture
def begun() -> Iterator[list[ExperimentProcess]]:
    kept: list[ExperimentProcess] = []
    yield kept
    for attempt in kept:
        attempt.stop()
        ended(attempt)


def test_a_real_process_tells_what_the_core_finds(begun: list[ExperimentProcess]):
    begun.append(attempt := ExperimentProcess(WISH, command_of(WISH)))
    assert attempt.state is RunState.STARTING
    assert attempt.share == 0
    ended(attempt)
    assert (attempt.state, attempt.sentence, attempt.share) == (RunState.DONE, "", 1)
    assert [each["losses"] for each in attempt.records()] == [each["losses"] for each in run_experiment(WISH)]
    assert attempt._process.poll() == 0


def test_an_error_is_the_sentence_that_it_said(capsys: pytest.CaptureFixture, begun: list[ExperimentProcess]):
    assert main(['{"lesson": "chess"}']) == 1
    line = capsys.readouterr().out
    begun.append(attempt := ended(ExperimentProcess(WISH, script(f"print({line.strip()!r}); sys.exit(1)"))))
    assert attempt.state is RunState.FAILED
    assert attempt.sentence.startswith("lesson must be one of batch")
    assert attempt.records() == []


@pytest.mark.parametrize("line", ["os.abort()", "print('no JSON'); sys.stdin.read()", "print('[1]'); sys.stdin.read()"])
def test_a_process_that_dies_or_talks_nonsense_is_one_sentence(line: str, begun: list[ExperimentProcess]):
    begun.append(attempt := ended(ExperimentProcess(WISH, script(line))))
    assert attempt.state is RunState.FAILED
    assert attempt.sentence == "The experiment has ended unexpectedly: run it again."


def test_stop_ends_the_process_and_keeps_what_was_found(begun: list[ExperimentProcess]):
    begun.append(
        attempt := ExperimentProcess(WISH, script("print(json.dumps({'share': 0.5}), flush=True)", "sys.stdin.read()"))
    )
    while not attempt.records():
        time.sleep(0.01)
    assert attempt.state is RunState.RUNNING
    attempt.stop()
    ended(attempt, 5)
    attempt.stop()
    assert (attempt.state, attempt.sentence, attempt.share) == (RunState.STOPPED, "", 0.5)


def test_one_that_ended_by_itself_is_not_called_stopped(begun: list[ExperimentProcess]):
    begun.append(attempt := ended(ExperimentProcess(WISH, script("pass"))))
    attempt.stop()
    assert attempt.state is RunState.DONE


class Quiet:
    """An attempt without a process."""

    def __init__(self, wish: ExperimentSettings) -> None:
        self.wish, self.is_working, self.seen = wish, True, 0.0

    def stop(self) -> None:
        self.is_working = False


def test_places_are_bounded_and_freed():
    attempts = ExperimentProcesses(Quiet, most_working=2)
    tokens = [attempts.start(WISH) for _place in range(2)]
    with pytest.raises(ExperimentProcessError, match="All 2 places for experiments are taken"):
        attempts.start(WISH)
    attempts.find(tokens[0]).stop()
    assert len({*tokens, attempts.start(WISH)}) == 3
    attempts.close()
    assert attempts.find(tokens[1]) is None


def test_what_nobody_asks_for_is_stopped_and_forgotten():
    now = [0.0]
    attempts = ExperimentProcesses(Quiet, clock=lambda: now[0], most_working=3)
    old, asked = attempts.start(WISH), attempts.start(WISH)
    forgotten = attempts.find(old)
    now[0] = LASTS_S / 2 + 1
    attempts.find(asked)
    now[0] = LASTS_S + 1
    attempts.start(WISH)
    assert not forgotten.is_working
    assert attempts.find(old) is None
    assert attempts.find(asked).is_working


def test_one_at_work_is_kept_rather_than_one_at_rest():
    """On a machine of many cores as well, where more could work than are kept."""
    assert MOST_WORKING < MOST_KEPT
    attempts = ExperimentProcesses(Quiet, most_working=100)
    oldest, resting, *rest = [attempts.start(WISH) for _place in range(MOST_KEPT)]
    attempts.find(resting).is_working = False
    for token in (oldest, resting, *rest):  # looked at in this order
        attempts.find(token)
    attempts.start(WISH)
    assert attempts.find(oldest).is_working
    assert attempts.find(resting) is None


def test_a_machine_without_room_for_a_process_is_one_sentence():
    def no_room(_wish):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    attempts = ExperimentProcesses(no_room)
    with pytest.raises(ExperimentProcessError, match="no room for another process just now: try again later"):
        attempts.start(WISH)


def test_only_so_many_are_kept_and_a_token_is_all_that_finds_one():
    attempts = ExperimentProcesses(Quiet, most_working=100)
    tokens = [attempts.start(WISH) for _place in range(MOST_KEPT + 1)]
    assert [attempts.find(token) is None for token in tokens] == [True] + [False] * MOST_KEPT
    assert [attempts.find(junk) for junk in (None, 3, "", "x" * 32, ["a"])] == [None] * 5
