"""What a run says of itself, as frozen records.

Refuses to know: how any of it was found.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from cnnviz.i18n import _


class Diverged(ValueError):
    """The numbers of a run are none any more (infinite, or not a number): it cannot go on. Its text is one sentence."""


@dataclass(frozen=True)
class StepReport:
    """One step: its number (from 1), loss, share of the batch read rightly (0 to 1), learning rate.

    The loss is the objective's mean over the batch before the update, without an explicit L2 penalty, so that runs
    with and without one can be compared.

    >>> from cnnviz.data.image_sets import DataChoice
    >>> from cnnviz.models.builder import preset
    >>> from cnnviz.training import Job, TrainConfig, start_session
    >>> job = Job(preset("digits_small"), DataChoice("digits", limit=100), TrainConfig(steps=2))
    >>> [(report.step, report.rate) for report in start_session(job).run.advance(budget_s=60)]
    [(1, 0.001), (2, 0.001)]
    """

    step: int
    loss: float
    accuracy: float
    rate: float


@dataclass(frozen=True)
class WeightSnapshot:
    """The weights after `step` steps, by name, copied to the CPU: nothing that happens later changes them.

    >>> from cnnviz.data.image_sets import DataChoice
    >>> from cnnviz.models.builder import preset
    >>> from cnnviz.training import Job, TrainConfig, start_session
    >>> job = Job(preset("digits_small"), DataChoice("digits", limit=100), TrainConfig(steps=2))
    >>> start_session(job).run.snapshot().weights["conv1.weight"].shape
    torch.Size([8, 1, 3, 3])
    """

    step: int
    weights: Mapping[str, Tensor]


@dataclass(frozen=True)
class TrainingMoment:
    """A copy of the weights after `step` steps, on the run's own device; `epoch` passes over the data lie behind.

    >>> from cnnviz.data.image_sets import DataChoice
    >>> from cnnviz.models.builder import preset
    >>> from cnnviz.training import Job, TrainConfig, start_session
    >>> run = start_session(Job(preset("digits_small"), DataChoice("digits", limit=100), TrainConfig(steps=2))).run
    >>> reports = run.advance(budget_s=60, most=1)
    >>> run.moment().step, run.moment().epoch  # 100 pictures are two batches of 64
    (1, 0.5)
    """

    step: int
    epoch: float
    weights: Mapping[str, Tensor]


@dataclass(frozen=True)
class SetScore:
    """Mean loss and share read rightly (0 to 1) over `n` pictures, in evaluation mode.

    >>> from cnnviz.training import SetScore
    >>> score = SetScore(loss=0.31, accuracy=0.9, n=200)
    >>> round(score.accuracy * score.n)  # read rightly
    180
    """

    loss: float
    accuracy: float
    n: int


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How well the weights after `step` steps read.

    epoch: passes over the training pictures so far, as a fraction. training: of a sample of what it was trained on.
    at: int64 (m,), which of the validation pictures were looked at; predicted: int64 (m,), what each was taken for.
    confusion: int64 (k, k), counts, (true, predicted). first: (true, predicted) of the first ten validation pictures.
    is_whole: whether all validation pictures were looked at, or a fixed sample of them.

    >>> from cnnviz.data.image_sets import DataChoice
    >>> from cnnviz.models.builder import preset
    >>> from cnnviz.training import Job, TrainConfig, start_session
    >>> job = Job(preset("digits_small"), DataChoice("digits", limit=100), TrainConfig(steps=2))
    >>> evaluation = start_session(job).evaluated(limit=20)
    >>> int(evaluation.confusion.sum()), evaluation.is_whole
    (20, False)
    """

    step: int
    epoch: float
    training: SetScore
    validation: SetScore
    confusion: NDArray[np.int64]
    at: NDArray[np.int64]
    predicted: NDArray[np.int64]
    first: tuple[tuple[int, int], ...]
    is_whole: bool

    def __post_init__(self) -> None:
        for array in (self.confusion, self.at, self.predicted):
            array.setflags(write=False)


@dataclass(frozen=True)
class TestReport:
    """Loss and accuracy after `step` steps on test images: the first ones, or all of them where `is_whole`.

    training_loss: that of the step itself; None where it is not known.

    >>> from cnnviz.training import SetScore
    >>> from cnnviz.training.reports import TestReport
    >>> TestReport(50, 0.1, SetScore(0.6, 0.8, 2000), is_whole=False).score.n
    2000
    """

    __test__ = False  # no test of pytest's

    step: int
    epoch: float
    score: SetScore
    is_whole: bool
    training_loss: float | None = None


@dataclass(frozen=True)
class TestCost:
    """What the test images have cost so far, in between: tests, those left out, seconds of both and of the training.

    >>> from cnnviz.training.reports import TestCost
    >>> TestCost(tests=20, left_out=0, test_s=3.1, training_s=9.4).left_out
    0
    """

    __test__ = False  # no test of pytest's

    tests: int
    left_out: int
    test_s: float
    training_s: float


@dataclass(frozen=True)
class EpochReport:
    """An epoch that is over: its number from 1, and loss and accuracy on both parts.

    training: the means over the epoch's batches, each before its update and as the network trains (dropout and all).
    validation: on all validation images, after the epoch's last step.

    >>> from cnnviz.training import SetScore
    >>> from cnnviz.training.reports import EpochReport
    >>> EpochReport(1, 51, SetScore(1.2, 0.6, 1617), SetScore(0.5, 0.85, 180)).validation.accuracy
    0.85
    """

    epoch: int
    step: int
    training: SetScore
    validation: SetScore


def demand_losses(reports: Iterable[StepReport]) -> None:
    """Raises: Diverged at the first step whose loss is no number."""
    bad = next((report for report in reports if not math.isfinite(report.loss)), None)
    if bad is not None:
        raise Diverged(
            _("The loss diverged at step {step}: start again with a smaller learning rate.",
              step=bad.step)
        )  # fmt: skip


def demand_weights(step: int, weights: Mapping[str, Tensor]) -> None:
    """Raises: Diverged where a weight after `step` steps is no number."""
    if not all(bool(weight.isfinite().all()) for weight in weights.values()):
        raise Diverged(
            _("The weights diverged after step {step}: start again with a smaller learning rate.",
              step=step)
        )  # fmt: skip


def demand_score(step: int, score: SetScore) -> None:
    """Raises: Diverged where the loss on pictures that were judged is no number."""
    if not math.isfinite(score.loss):
        raise Diverged(
            _("The loss on the validation images diverged at step {step}: start again with a smaller learning rate.",
              step=step)
        )  # fmt: skip
