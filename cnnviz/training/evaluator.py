"""How well some weights read the pictures of a job: loss, accuracy, confusion, the first ten answers.

Judged in evaluation mode on a twin of the network, without gradients, with no random number drawn: the run that the
weights come from goes on as if nobody had looked, in another thread if need be.
Refuses to know: when to look (whoever drives the run does).
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from cnnviz.training.fuse_relu_maxpool import fuse_relu_maxpool
from cnnviz.training.image_pool import DeviceImages
from cnnviz.training.losses import Objective
from cnnviz.training.reports import Evaluation, SetScore, TestReport, TrainingMoment

CHUNK = 250  # pictures at once
FIRST = 10  # answers that are shown beside the truth
SAMPLE_SEED = 0


class EvaluationCancelled(Exception):
    """Nobody wants the result any more."""


class Evaluator:
    """Judges weights of one network on pictures for training and for validation.

    >>> from cnnviz.models.builder.presets import preset
    >>> from cnnviz.data.image_sets.choice import DataChoice
    >>> from cnnviz.training.config import TrainConfig
    >>> from cnnviz.training.job import Job, start_session
    >>> job = Job(preset("digits_small"), DataChoice("digits", limit=100), TrainConfig(steps=3))
    >>> course = start_session(job)
    >>> course.exam.held(course.run.moment(), limit=10).validation.n
    10
    """

    def __init__(
        self,
        model: nn.Module,
        training: DeviceImages,
        validation: DeviceImages,
        objective: Objective,
        test: DeviceImages | None = None,
    ) -> None:
        self._twin = copy.deepcopy(model).eval().requires_grad_(False)
        if (order := fuse_relu_maxpool(self._twin)) is not self._twin:
            self._twin.forward = order  # type: ignore[method-assign]
        self._training, self._validation, self._objective = training, validation, objective
        self._test = test

    def held(
        self, moment: TrainingMoment, limit: int | None = None, is_wanted: Callable[[], bool] = lambda: True
    ) -> Evaluation:
        """The evaluation; `limit` looks at a fixed sample of so many pictures of each part.

        The training pictures are as many as those for validation, at most: a sample says enough.
        Raises: EvaluationCancelled as soon as `is_wanted`, asked after every few hundred pictures, says no.
        """
        at = sample_indices(len(self._validation), limit)
        logits, truth = self._logits(moment, self._validation, at, is_wanted)
        seen = self._logits(moment, self._training, sample_indices(len(self._training), len(at)), is_wanted)
        predicted = logits.argmax(dim=1)
        return Evaluation(
            step=moment.step,
            epoch=moment.epoch,
            training=self._score(*seen),
            validation=self._score(logits, truth),
            confusion=_confusion(truth.numpy(), predicted.numpy(), logits.shape[1]),
            at=at.numpy(),
            predicted=predicted.numpy(),
            first=tuple(zip(truth[:FIRST].tolist(), predicted[:FIRST].tolist(), strict=True)),
            is_whole=len(at) == len(self._validation),
        )

    def tested(
        self, moment: TrainingMoment, limit: int | None = None, is_wanted: Callable[[], bool] = lambda: True
    ) -> TestReport | None:
        """On the first `limit` test images, or on all of them; None where the set has none. Raises: as `held`."""
        if self._test is None:
            return None
        n = len(self._test) if limit is None else min(limit, len(self._test))
        score = self._score(*self._logits(moment, self._test, torch.arange(n), is_wanted))
        return TestReport(moment.step, moment.epoch, score, n == len(self._test))

    @property
    def has_test(self) -> bool:
        """Whether there are test images."""
        return self._test is not None

    def score(self, moment: TrainingMoment, pictures: DeviceImages) -> SetScore:
        """Loss and accuracy on all of `pictures` (those for the test, say)."""
        return self._score(*self._logits(moment, pictures, sample_indices(len(pictures), None), lambda: True))

    def _logits(
        self, moment: TrainingMoment, pictures: DeviceImages, at: Tensor, is_wanted: Callable[[], bool]
    ) -> tuple[Tensor, Tensor]:
        """(m, k) and what would be right (m,), on the CPU."""
        found, places = [], at.to(pictures.labels.device)
        for chunk in places.split(CHUNK):
            if not is_wanted():
                raise EvaluationCancelled
            with torch.no_grad():
                images = pictures.read(chunk).contiguous(memory_format=torch.channels_last)
                found.append(functional_call(self._twin, dict(moment.weights), (images,)))
        return torch.cat(found).cpu(), pictures.labels[places].cpu()

    def _score(self, logits: Tensor, truth: Tensor) -> SetScore:
        right = (logits.argmax(dim=1) == truth).double().mean()
        return SetScore(float(self._objective(logits, truth)), float(right), len(truth))


def sample_indices(count: int, limit: int | None) -> Tensor:
    """Which of `count` pictures are looked at, in order: the first ten, and others by a fixed draw."""
    if limit is None or limit >= count:
        return torch.arange(count)
    first = min(FIRST, count)
    rest = first + torch.randperm(count - first, generator=torch.Generator().manual_seed(SAMPLE_SEED))
    return torch.cat([torch.arange(first), rest])[: max(limit, 1)].sort().values


def _confusion(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    return np.bincount(truth * classes + predicted, minlength=classes * classes).reshape(classes, classes)
