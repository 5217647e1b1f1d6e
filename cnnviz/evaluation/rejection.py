"""Rules by which ink that is no digit can be rejected, compared: each gives an image a score, high for a digit.

The threshold of each accepts the same share of the digits kept for choosing; then it is asked what else it accepts.
Refuses to know: where images come from, which rule a checkpoint uses (`models.decision`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from cnnviz.data.datasets import LabelledImages
from cnnviz.evaluation.features import last_layer_inputs
from cnnviz.evaluation.metrics import logits_of
from cnnviz.models.decision import RejectBy, acceptance_scores, softmax

Images = NDArray[np.uint8]  # (n, 28, 28)
Scores = NDArray[np.float64]  # (n,)
Score = Callable[[Images], Scores]
SHRINKING = 0.1  # of the mean variance, added to each: with few images a covariance cannot be inverted


@dataclass(frozen=True)
class RejectionResult:
    """What one rule accepts and rejects; shares of 1."""

    accepted: dict[str, float]  # of digits, by where they come from
    rejected: dict[str, float]  # of what is no digit, by kind

    @property
    def mean(self) -> float:
        """Rejected, on average over the kinds."""
        return float(np.mean(list(self.rejected.values())))

    @property
    def worst(self) -> float:
        """Rejected of the kind of which least is."""
        return min(self.rejected.values())


def rejection_scores(model: nn.Sequential, known: LabelledImages) -> dict[str, Score]:
    """Each rule's score; `known`: digits from which the rule of distances learns where digits lie."""
    near = _nearness(model, known)
    return {by.value: _score_by(by, model) for by in RejectBy} | {
        "energy": lambda images: np.logaddexp.reduce(logits_of(model, images).astype(np.float64), axis=1),
        "distance in the features": near,
    }


def _score_by(by: RejectBy, model: nn.Module) -> Score:
    return lambda images: acceptance_scores(softmax(logits_of(model, images)), by)


def _features(model: nn.Sequential, images: Images) -> NDArray[np.float64]:
    inputs = torch.from_numpy(images[:, None].astype(np.float32) / np.float32(255))
    return last_layer_inputs(model, inputs)[1].astype(np.float64)


def _nearness(model: nn.Sequential, known: LabelledImages) -> Score:
    """Minus the Mahalanobis distance to the nearest class: one mean each, one covariance for all (Lee et al. 2018)."""
    values = _features(model, known.images)
    means = np.stack([values[known.labels == digit].mean(axis=0) for digit in np.unique(known.labels)])
    centred = values - means[np.searchsorted(np.unique(known.labels), known.labels)]
    covariance = centred.T @ centred / len(values)
    covariance[np.diag_indices_from(covariance)] += SHRINKING * covariance.trace() / len(covariance)
    whitening = np.linalg.cholesky(np.linalg.inv(covariance))
    centres = means @ whitening

    def score(images: Images) -> Scores:
        placed = _features(model, images) @ whitening
        squares = (placed**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * placed @ centres.T
        return np.asarray(-squares.min(axis=1), dtype=np.float64)

    return score


def compare_rejection(
    scores: Mapping[str, Score],
    chosen_by: Images,
    digits: Mapping[str, Images],
    others: Mapping[str, Images],
    kept: float,
) -> dict[str, RejectionResult]:
    """Every rule at the threshold that accepts `kept` of the digits `chosen_by`."""
    found = {}
    for name, score in scores.items():
        threshold = float(np.quantile(score(chosen_by), 1 - kept))
        found[name] = RejectionResult(
            {where: float((score(images) >= threshold).mean()) for where, images in digits.items()},
            {kind: float((score(images) < threshold).mean()) for kind, images in others.items()},
        )
    return found
