"""How well a network reads: accuracy, confusion, what it turns away, how honest its probabilities are.

Refuses to know: where images come from (`datasets`), how results are printed (`cli`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from cnnviz.data.datasets import LabelledImages
from cnnviz.i18n import _
from cnnviz.models.decision import DecisionRule, softmax

BINS = 15  # of the calibration error


@dataclass(frozen=True)
class EvaluationResult:
    """What came out for `n` labelled images; all shares are in 0..1.

    `accuracy` counts every image, also those turned away; `accuracy_accepted` only those
    that the rule took for one of the classes. `confusion[true][read]` are counts.
    """

    n: int
    accuracy: float
    share_rejected: float
    accuracy_accepted: float
    calibration_error: float
    confusion: tuple[tuple[int, ...], ...]

    def to_record(self) -> dict[str, Any]:
        """Plain JSON values, shares rounded to four decimals."""
        return {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(self).items()}


@torch.no_grad()
def logits_of(model: nn.Module, images: NDArray[np.uint8], batch: int = 500) -> NDArray[np.float32]:
    """(n, 28, 28) or (n, channels, rows, cols) of 0..255 → (n, classes), in the model's own mode and on its device."""
    images = images[:, None] if images.ndim == 3 else images
    device = next(model.parameters()).device
    parts = []
    for start in range(0, len(images), batch):
        part = torch.from_numpy(images[start : start + batch].astype(np.float32) / np.float32(255))
        parts.append(model(part.to(device)).cpu().numpy())
    return np.concatenate(parts)


def evaluate(model: nn.Module, shown: LabelledImages, rule: DecisionRule) -> EvaluationResult:
    """What `model` reads in the images `shown`, and what `rule` turns away.

    Raises: ValueError for no images, or labels that are no class of the model.
    """
    return score_logits(logits_of(model, shown.images), shown.labels, rule) if len(shown) else _no_images()


def _no_images() -> EvaluationResult:
    raise ValueError(_("images must be at least one, got none: give some"))


def score_logits(logits: NDArray, labels: NDArray[np.int64], rule: DecisionRule) -> EvaluationResult:
    """The same from logits (n, classes) and labels (n,)."""
    if len(labels) == 0:
        _no_images()
    last = logits.shape[1] - 1
    if labels.min() < 0 or labels.max() > last:
        raise ValueError(
            _("labels must be in 0..{last}, got {worst}: are these images for this network?",
              last=last, worst=labels.max())
        )  # fmt: skip
    probabilities = softmax(logits)
    read, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    right, accepted = read == labels, rule.accepts(probabilities)
    return EvaluationResult(
        n=len(labels),
        accuracy=float(right.mean()),
        share_rejected=float(1 - accepted.mean()),
        accuracy_accepted=float(right[accepted].mean()) if accepted.any() else 0.0,
        calibration_error=calibration_error(confidence, right),
        confusion=tuple(map(tuple, confusion(labels, read, last + 1).tolist())),
    )


def confusion(labels: NDArray, read: NDArray, classes: int) -> NDArray[np.int64]:
    """Counts, (true, read): (classes, classes)."""
    return np.bincount(labels * classes + read, minlength=classes * classes).reshape(classes, classes)


@dataclass(frozen=True, eq=False)
class Reliability:
    """Images by how sure the network is of them: in each of 15 equal bins of the probability, how often it is right.

    `counts` (15,) images, `confidence` and `accuracy` (15,) their means; NaN in a bin without images.

    >>> import numpy as np
    >>> from cnnviz.evaluation.metrics import reliability
    >>> found = reliability(np.log([[0.9, 0.1], [0.9, 0.1]]), np.array([0, 1]))
    >>> found.counts[13].item(), found.accuracy[13].item(), round(found.calibration_error, 3)
    (2, 0.5, 0.4)
    """

    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def edges(self) -> NDArray[np.float64]:
        """Where the bins begin and end, (16,)."""
        return np.linspace(0, 1, BINS + 1)

    @property
    def calibration_error(self) -> float:
        """Expected calibration error: |confidence − accuracy| of each bin, weighted by its images."""
        gaps = np.abs(self.confidence - self.accuracy)[self.counts > 0]
        return float(gaps @ self.counts[self.counts > 0] / self.counts.sum())


def bin_of(confidence: NDArray | float) -> NDArray[np.int64]:
    """The number of the bin in which a probability lies, of 15 equal ones.

    >>> from cnnviz.evaluation.metrics import bin_of
    >>> bin_of(0.5).item(), bin_of(1.0).item()
    (7, 14)
    """
    return np.minimum((np.asarray(confidence) * BINS).astype(np.int64), BINS - 1)


def reliability(logits: NDArray, labels: NDArray[np.int64], temperature: float = 1.0) -> Reliability:
    """How often the network is right where it is so sure: logits (n, classes) over `temperature`, labels (n,).

    Raises: ValueError for no images.
    """
    if len(labels) == 0:
        _no_images()
    probabilities = softmax(logits / temperature)
    return _in_bins(probabilities.max(axis=1), probabilities.argmax(axis=1) == labels)


def _in_bins(confidence: NDArray, right: NDArray) -> Reliability:
    bins = bin_of(confidence)
    counts = np.bincount(bins, minlength=BINS)
    with np.errstate(invalid="ignore"):
        means = [np.bincount(bins, each, minlength=BINS) / counts for each in (confidence, right)]
    return Reliability(counts, means[0], means[1])


def calibration_error(confidence: NDArray, right: NDArray) -> float:
    """That of a `Reliability`: confidence (n,), the highest probability of each image; right (n,), Boolean."""
    return _in_bins(confidence, right).calibration_error


def best_temperature(logits: NDArray, labels: NDArray[np.int64]) -> float:
    """The number to divide logits by so that the likelihood of the labels is largest (golden section)."""
    at = np.arange(len(labels))

    def cost(log_temperature: float) -> float:
        return float(-np.log(softmax(logits / np.exp(log_temperature))[at, labels] + 1e-12).mean())

    low, high = np.log(0.05), np.log(20.0)
    golden = (np.sqrt(5) - 1) / 2
    for _step in range(40):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if cost(left) < cost(right) else (left, high)
    return float(np.exp((low + high) / 2))


def best_threshold(confidence: NDArray, kept: float) -> float:
    """The largest threshold, in steps of 0.01, that accepts at least `kept` of what belongs to a class."""
    return float(np.floor(np.quantile(confidence, 1 - kept) * 100) / 100)


@torch.no_grad()
def fold_temperature(model: nn.Sequential, temperature: float) -> None:
    """Divide the last layer by `temperature`: the logits shown are the calibrated ones."""
    last = model[-1]
    if not isinstance(last, nn.Linear):
        raise ValueError(_("the last layer must be linear, got {kind}: it is what is scaled", kind=type(last).__name__))
    last.weight.div_(temperature)
    last.bias.div_(temperature)
