"""The log of a run: lines that say something, at even steps, however long the run was."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cnnviz.training import SetScore
from cnnviz.training.reports import EpochReport, Evaluation, TestReport
from cnnviz.training.worker import Evaluated, History, Progress, messages
from cnnviz.web.trainer.run_log import LineKind, run_log

HALF = SetScore(0.5, 0.5, 10)


def evaluation(step: int, *, is_whole: bool = True) -> Evaluation:
    nothing = np.zeros(0, np.int64)
    return Evaluation(step, step / 10, HALF, HALF, np.zeros((2, 2), np.int64), nothing, nothing, (), is_whole)


def with_steps(count: int) -> History:
    """Steps 1 to `count`, of which the record keeps at most some thousands; the loss of step s is s / 1000."""
    history, steps = History(), np.arange(1, count + 1)
    for part in np.array_split(steps, max(1, count // 500)):
        history.add([Progress(part, part / 1e3, part * 0.0, part * 0.0, {}, 1.0, 1.0)])
    return history


def test_a_hundred_epochs_are_the_first_and_every_tenth():
    history = with_steps(15_700)  # 100 epochs of 157 steps: as the birds are trained
    for epoch in range(1, 101):
        history.add([messages.EpochEnded(EpochReport(epoch, 157 * epoch, SetScore(1 / epoch, 0.5, 9), HALF))])
        history.add([Evaluated(evaluation(157 * epoch))])
    log = run_log(history)
    assert (log.kind, log.every) == (LineKind.EPOCH, 10)
    assert [line.epoch for line in log.lines] == [1, *range(10, 101, 10)]
    assert [line.loss for line in log.lines] == pytest.approx([1, *(1 / epoch for epoch in range(10, 101, 10))])


def test_a_few_epochs_are_all_there():
    history = History()
    history.add([messages.EpochEnded(EpochReport(epoch, epoch, HALF, HALF)) for epoch in range(1, 21)])
    assert [line.epoch for line in run_log(history).lines] == list(range(1, 21))


@pytest.mark.parametrize(("tests", "every"), [(126, 1), (200, 1), (900, 10)])
def test_every_line_of_a_test_has_its_loss_though_the_curve_has_not(tests: int, every: int):
    history = with_steps(50 * tests)
    history.add(
        [messages.Tested(TestReport(50 * one, one / 10, HALF, False, 0.05 * one)) for one in range(1, tests + 1)]
    )
    history.add([messages.Tested(TestReport(50 * tests, tests / 10, HALF, is_whole=True))])
    log = run_log(history)
    assert (log.kind, log.every) == (LineKind.TEST, every)
    wanted = sorted({1, *range(every, tests + 1, every), tests})
    assert [line.step for line in log.lines] == [50 * one for one in wanted]
    assert [line.loss for line in log.lines] == pytest.approx([0.05 * one for one in wanted])
    kept = set(history.curve().steps.tolist())
    assert tests < 126 or {line.step for line in log.lines} - kept  # the curve alone would not do


def test_what_has_neither_epochs_nor_tests_shows_evaluations_whose_loss_is_known():
    history = with_steps(20)
    history.add([Evaluated(evaluation(step)) for step in (0, 5, 20)])
    log = run_log(history)
    assert (log.kind, [line.step for line in log.lines]) == (LineKind.CHECK, [5, 20])
    assert all(math.isfinite(line.loss) for line in log.lines)


def test_a_step_that_is_judged_twice_is_one_point_and_the_whole_one_counts():
    history = History()
    for is_whole in (False, True, False):
        history.add([Evaluated(evaluation(7, is_whole=is_whole))])
    assert [(each.step, each.is_whole) for each in history.evaluations] == [(7, True)]
