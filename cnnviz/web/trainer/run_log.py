"""The log of a run: which of its measurements stand there as lines, and the numbers of each.

Of a set with test images a line is a test, as it was asked for every so many steps; of another one it is an epoch. What
is too long to be read is a regular part of it: the first line, every tenth or so, the last. Refuses to know: words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cnnviz.training.worker import History
from cnnviz.training.worker.history import Curve
from cnnviz.web.wire import Header, PacketWriter

MOST_EPOCHS, MOST_TESTS = 20, 200  # lines that are all shown; of more, every tenth, hundredth …


class LineKind(StrEnum):
    """What a line of the log is about: a test, an epoch that is over, or a look at validation images in between."""

    TEST = "test"
    EPOCH = "epoch"
    CHECK = "check"


@dataclass(frozen=True)
class LogLine:
    """After `step` steps of epoch `epoch`: the training loss, and the accuracy on the other images.

    The loss is that of the step itself; of an epoch the mean over its images.
    """

    epoch: int
    step: int
    loss: float
    accuracy: float


@dataclass(frozen=True)
class RunLog:
    """The lines; of all that there are the first, the last and every `every`th."""

    kind: LineKind
    lines: tuple[LogLine, ...]
    every: int = 1


def run_log(history: History, curve: Curve | None = None) -> RunLog:
    """The log of what is recorded; `curve`: its losses step by step, where the caller has them already."""
    if tests := _tests(history):
        every = _stride(len(tests), MOST_TESTS)
        return RunLog(LineKind.TEST, _thinned(tests, every), every)
    epochs = [LogLine(each.epoch, each.step, each.training.loss, each.validation.accuracy) for each in history.epochs]
    if epochs:
        every = _stride(epochs[-1].epoch, MOST_EPOCHS)
        shown = [line for line in epochs if line.epoch % every == 0 or line in (epochs[0], epochs[-1])]
        return RunLog(LineKind.EPOCH, tuple(shown), every)
    return RunLog(LineKind.CHECK, tuple(_checks(history, history.curve() if curve is None else curve)))


def _tests(history: History) -> list[LogLine]:
    return [
        LogLine(_epoch(each.epoch), each.step, each.training_loss, each.score.accuracy)
        for each in history.tests
        if not each.is_whole and each.training_loss is not None
    ]


def _checks(history: History, curve: Curve) -> list[LogLine]:
    """Those whose step is still in the recorded curve: of the others the loss is not known."""
    losses = dict(zip(curve.steps.tolist(), curve.losses.tolist(), strict=True))
    return [
        LogLine(_epoch(each.epoch), each.step, losses[each.step], each.validation.accuracy)
        for each in history.evaluations
        if each.step in losses
    ]


def _epoch(passed: float) -> int:
    """The number of the epoch in which so many passes over the images end."""
    return max(1, math.ceil(passed - 1e-9))


def _stride(count: int, most: int) -> int:
    """1, 10, 100 …: so that of `count` lines about `most` are left."""
    return 1 if count <= most else int(10 ** math.ceil(math.log10(count / most)))


def _thinned(lines: Sequence[LogLine], every: int) -> tuple[LogLine, ...]:
    last = len(lines)
    return tuple(line for number, line in enumerate(lines, 1) if number in (1, last) or number % every == 0)


def put_log(log: RunLog, cargo: PacketWriter) -> Header:
    """The log for the browser."""
    columns = {name: np.array([getattr(line, name) for line in log.lines], np.float32)
               for name in ("epoch", "step", "loss", "accuracy")}  # fmt: skip
    return {"kind": log.kind.value, "every": log.every, **{name: cargo.put(one) for name, one in columns.items()}}
