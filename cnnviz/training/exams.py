"""How well some weights read the pictures of a job: loss, accuracy, confusion, the first ten answers.

Judged in evaluation mode on a twin of the network, without gradients, with no random number drawn: the run that the
weights come from goes on as if nobody had looked. Refuses to know: when to look (whoever drives the run does).
"""

from __future__ import annotations

import copy
from collections.abc import Generator, Mapping
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from cnnviz.training.objectives import Objective
from cnnviz.training.reports import Evaluation, Moment, Score
from cnnviz.training.sources import Pictures

Found = TypeVar("Found")
CHUNK = 250  # pictures at once: a command to pause is heard between two chunks
FIRST = 10  # answers that are shown beside the truth
SAMPLE_SEED = 0


class Exam:
    """Judges weights of one network on pictures for training and for validation.

    Example: `exam.held(run.moment(), limit=1000).validation.accuracy`
    """

    def __init__(self, model: nn.Module, training: Pictures, validation: Pictures, objective: Objective) -> None:
        self._twin = copy.deepcopy(model).eval().requires_grad_(False)
        self._training, self._validation, self._objective = training, validation, objective

    def held(self, moment: Moment, limit: int | None = None) -> Evaluation:
        """The whole evaluation at once; `limit` looks at a fixed sample of so many pictures of each part."""
        return finished(self.parts(moment, limit))

    def parts(self, moment: Moment, limit: int | None = None) -> Generator[None, None, Evaluation]:
        """The evaluation bit by bit: yields after every few hundred pictures, returns the record.

        The training pictures are as many as those for validation, at most: a sample says enough.
        """
        at = sample(len(self._validation), limit)
        logits = yield from self._logits(moment.weights, self._validation, at)
        truth = self._validation.labels.cpu()[at]
        predicted = logits.argmax(dim=1)
        seen = sample(len(self._training), min(len(at), len(self._training)))
        trained = yield from self._logits(moment.weights, self._training, seen)
        return Evaluation(
            step=moment.step,
            epoch=moment.epoch,
            training=self._score(trained, self._training.labels.cpu()[seen]),
            validation=self._score(logits, truth),
            confusion=_confusion(truth.numpy(), predicted.numpy(), logits.shape[1]),
            at=at.numpy(),
            predicted=predicted.numpy(),
            first=tuple(zip(truth[:FIRST].tolist(), predicted[:FIRST].tolist(), strict=True)),
            is_whole=len(at) == len(self._validation),
        )

    def score(self, moment: Moment, pictures: Pictures) -> Score:
        """Loss and accuracy on all of `pictures` (those for the test, say)."""
        at = sample(len(pictures), None)
        return self._score(finished(self._logits(moment.weights, pictures, at)), pictures.labels.cpu())

    def _logits(self, weights: Mapping[str, Tensor], pictures: Pictures, at: Tensor) -> Generator[None, None, Tensor]:
        """(m, k) on the CPU, chunk by chunk."""
        found = []
        for chunk in at.to(pictures.labels.device).split(CHUNK):
            with torch.no_grad():
                images = pictures.read(chunk).contiguous(memory_format=torch.channels_last)
                found.append(functional_call(self._twin, dict(weights), (images,)).cpu())
            yield
        return torch.cat(found)

    def _score(self, logits: Tensor, truth: Tensor) -> Score:
        right = (logits.argmax(dim=1) == truth).float().mean()
        return Score(float(self._objective(logits, truth)), float(right), len(truth))


def finished(parts: Generator[None, None, Found]) -> Found:
    """What a generator returns in the end."""
    while True:
        try:
            next(parts)
        except StopIteration as end:
            return end.value


def sample(count: int, limit: int | None) -> Tensor:
    """Which of `count` pictures are looked at, in order: the first ten, and others by a fixed draw."""
    if limit is None or limit >= count:
        return torch.arange(count)
    rest = FIRST + torch.randperm(count - FIRST, generator=torch.Generator().manual_seed(SAMPLE_SEED))
    return torch.cat([torch.arange(FIRST), rest])[: max(limit, 1)].sort().values


def _confusion(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    return np.bincount(truth * classes + predicted, minlength=classes * classes).reshape(classes, classes)
