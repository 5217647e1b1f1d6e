"""What an answer of the network means: one of its classes, none of them, or a blank canvas.

A softmax always adds up to 1, on a scribble too. So the network is trained to spread its answer
over all classes where there is no digit, its scores are calibrated, and here a score of its probabilities
(`RejectBy`) is held against a threshold, chosen on images kept for choosing (see the manifest).
Refuses to know: how logits were made, colours, pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cnnviz.i18n import _


class PredictionStatus(Enum):
    """What the canvas holds, as far as the network can tell."""

    ANSWER = "answer"  # one of the classes: a digit, an X
    FOREIGN = "foreign"  # ink that belongs to none of them
    SEVERAL = "several"  # more than one drawing, whatever the network makes of them together
    BLANK = "blank"


class RejectBy(StrEnum):
    """Which score of the probabilities must reach the threshold; high for what belongs to a class."""

    PROBABILITY = "maximum probability"
    UNIFORM = "divergence from uniform"


def acceptance_scores(probabilities: ArrayLike, by: RejectBy) -> NDArray[np.float64]:
    """The score of each row of probabilities (..., classes), each above 0 or 0: (...).

    `RejectBy.UNIFORM` is the Kullback-Leibler divergence of the uniform distribution from them, in nats: the mean of
    ln((1/n) / p) over the n classes, 0 where all are equally probable. Training makes it small for ink of no class.

    >>> import numpy as np
    >>> from cnnviz.models.decision import RejectBy, acceptance_scores
    >>> acceptance_scores([[0.5, 0.5], [0.8, 0.2]], RejectBy.UNIFORM).round(3).tolist()
    [0.0, 0.223]
    """
    found = np.asarray(probabilities, dtype=np.float64)
    if by is RejectBy.PROBABILITY:
        return np.asarray(found.max(axis=-1))
    return np.asarray(-np.log(np.maximum(found, _LEAST)).mean(axis=-1) - np.log(found.shape[-1]))


_LEAST = np.finfo(np.float64).tiny  # a probability that is rounded to 0 counts as this


@dataclass(frozen=True)
class DecisionRule:
    """A class is recognised where the score `by` of the probabilities is at least `threshold`.

    >>> import numpy as np
    >>> from cnnviz.models.decision import DecisionRule
    >>> DecisionRule(0.6).accepts(np.array([[0.7, 0.3], [0.5, 0.5]])).tolist()
    [True, False]
    """

    threshold: float = 0.5
    by: RejectBy = RejectBy.PROBABILITY

    def __post_init__(self) -> None:
        if self.by is RejectBy.UNIFORM and not 0 <= self.threshold < np.inf:
            raise ValueError(
                _("threshold must be 0 or more, got {threshold}: it is a divergence", threshold=self.threshold)
            )
        if self.by is RejectBy.PROBABILITY and not 0 <= self.threshold <= 1:
            raise ValueError(
                _("threshold must be in 0..1, got {threshold}: it is a probability", threshold=self.threshold)
            )

    def score(self, probabilities: ArrayLike) -> NDArray[np.float64]:
        """What is held against the threshold, of each row of probabilities (..., classes): (...)."""
        return acceptance_scores(probabilities, self.by)

    def accepts(self, probabilities: ArrayLike) -> NDArray[np.bool_]:
        """Whether each row of probabilities (..., classes) is recognised as a class: (...)."""
        enough: NDArray[np.bool_] = np.asarray(self.score(probabilities) >= self.threshold)
        return enough


@dataclass(frozen=True)
class Prediction:
    """An answer: what is there, the classes by probability, and all probabilities (read-only).

    `top` and `second` are the two most probable classes also where the status is foreign or several;
    a page must look at the status first.
    """

    status: PredictionStatus
    top: int
    second: int
    probabilities: NDArray[np.float64]  # (classes,), sum 1

    @property
    def confidence(self) -> float:
        """The probability of the top class."""
        return float(self.probabilities[self.top])


def softmax(logits: ArrayLike) -> NDArray[np.float64]:
    """Probabilities along the last axis: exp(logits) / their sum, safe for large logits."""
    scores = np.asarray(logits, dtype=np.float64)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def predict(logits: ArrayLike, has_ink: bool, rule: DecisionRule | None = None, is_several: bool = False) -> Prediction:
    """What the ten (or however many) `logits` of one image say; is_several: of an image of several drawings.

    Raises: ValueError for logits that are not one row of at least two finite numbers.

    >>> from cnnviz.models.decision import predict
    >>> predict([0.0, 5.0, 1.0], has_ink=True).top
    1
    """
    scores = np.asarray(logits, dtype=np.float64)
    if scores.ndim != 1 or scores.size < 2 or not np.isfinite(scores).all():
        raise ValueError(
            _(
                "logits must be one row of finite numbers, got shape {shape}: give those of one image",
                shape=scores.shape,
            )
        )
    probabilities = softmax(scores)
    probabilities.setflags(write=False)
    second, top = np.argsort(scores, kind="stable")[-2:]
    status = _status(probabilities, has_ink, rule or DecisionRule(), is_several)
    return Prediction(status, int(top), int(second), probabilities)


def _status(
    probabilities: NDArray[np.float64], has_ink: bool, rule: DecisionRule, is_several: bool
) -> PredictionStatus:
    if not has_ink:
        return PredictionStatus.BLANK
    if is_several:
        return PredictionStatus.SEVERAL
    return PredictionStatus.ANSWER if rule.accepts(probabilities) else PredictionStatus.FOREIGN
