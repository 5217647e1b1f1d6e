"""The published tables: accuracy when a digit is shifted, turned, resized, drawn thinly or thickly.

Refuses to know: where the figures are kept (`checkpoints`), how they are shown.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from cnnviz.data.datasets import DIGITS, LabelledImages, PenDrawing
from cnnviz.data.digit_pools import rasterise_all
from cnnviz.data.non_digits import UNSEEN, Maker, make_non_digits
from cnnviz.evaluation.metrics import logits_of
from cnnviz.models.decision import DecisionRule, softmax

Images = NDArray[np.uint8]  # (n, 28, 28)
SHIFTS = (0, 1, 2, 3, 4)  # pixels, to the right and down
TURNS = (-30, -20, -10, 0, 10, 20, 30)  # degrees, anticlockwise
SIZES = (0.6, 0.8, 1.0, 1.2)
PENS = (0.03, 0.05, 0.08, 0.11, 0.14, 0.17)  # shares of the canvas


def shift_images(images: Images, pixels: int) -> Images:
    """Moved right and down on the same paper; what leaves it is lost."""
    moved = np.zeros_like(images)
    moved[:, pixels:, pixels:] = images[:, : 28 - pixels, : 28 - pixels]
    return moved


def rotate_images(images: Images, degrees: float) -> Images:
    """Turned about the middle, anticlockwise."""
    return _each(images, lambda image: image.rotate(degrees, Image.Resampling.BILINEAR))


def resize_images(images: Images, factor: float) -> Images:
    """Made larger or smaller about the middle, on the same paper."""
    corner = 14 - 14 / factor
    matrix = (1 / factor, 0, corner, 0, 1 / factor, corner)
    size, affine = (28, 28), Image.Transform.AFFINE
    return _each(images, lambda image: image.transform(size, affine, matrix, Image.Resampling.BILINEAR))


def _each(images: Images, change: Callable[[Image.Image], Image.Image]) -> Images:
    return np.stack([np.asarray(change(Image.fromarray(image))) for image in images])


def accuracy(model: nn.Module, images: Images, labels: NDArray[np.int64]) -> float:
    """Share of images read rightly, four decimals."""
    return round(float((logits_of(model, images).argmax(axis=1) == labels).mean()), 4)


def robustness(
    model: nn.Module, scanned: LabelledImages, drawings: tuple[PenDrawing, ...], classes: tuple[str, ...] = DIGITS
) -> dict[str, dict[str, float]]:
    """Accuracy by shift, turn and size (of `scanned`, not centred again) and by pen width (of `drawings`)."""
    images, labels = scanned.images, scanned.labels
    drawn = {pen: rasterise_all(drawings, pen, classes) for pen in PENS}
    return {
        "shift_pixels": {str(by): accuracy(model, shift_images(images, by), labels) for by in SHIFTS},
        "turn_degrees": {str(by): accuracy(model, rotate_images(images, by), labels) for by in TURNS},
        "size_factor": {str(by): accuracy(model, resize_images(images, by), labels) for by in SIZES},
        "pen_width": {str(pen): accuracy(model, digits.images, digits.labels) for pen, digits in drawn.items()},
    }


def rejected_by_kind(
    model: nn.Module, rule: DecisionRule, count: int = 300, seed: int = 7, kinds: dict[str, Maker] = UNSEEN
) -> dict[str, float]:
    """The share recognised as none of the classes, by kind; no kind was used in training."""
    rng = np.random.default_rng(seed)
    return {
        kind: rejected_fraction(model, rule, make_non_digits({kind: maker}, count, rng))
        for kind, maker in kinds.items()
    }


def rejected_fraction(model: nn.Module, rule: DecisionRule, images: Images) -> float:
    """The share of `images` that `rule` turns away, four decimals."""
    return round(float(1 - rule.accepts(softmax(logits_of(model, images))).mean()), 4)
