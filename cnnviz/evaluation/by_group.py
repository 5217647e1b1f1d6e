"""How well a network reads drawings group by group: those of each tablet, or in the form of each family of handwriting.

Refuses to know: where drawings come from, how results are printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from torch import nn

from cnnviz.data.augment_strokes import strokes_to_sketch
from cnnviz.data.datasets import EXTENT, LabelledImages, PenDrawing
from cnnviz.data.digit_pools import rasterise_all, split_indices
from cnnviz.data.rasterize import preprocessed_pixels, rasterise
from cnnviz.data.stroke_families import FAMILIES, apply_family
from cnnviz.evaluation.metrics import EvaluationResult, evaluate, logits_of
from cnnviz.models.decision import DecisionRule, softmax

SEED = 5  # of the families, so that every network sees the same drawings


class Grouping(StrEnum):
    """What makes a group of drawings."""

    SOURCE = "source"  # the tablet
    FAMILY = "family"  # every drawing of the family's digit, given its form


def evaluate_groups(
    model: nn.Module,
    rule: DecisionRule,
    drawings: tuple[PenDrawing, ...],
    by: Grouping,
    pen: float,
    classes: tuple[str, ...],
) -> dict[str, EvaluationResult]:
    """A result for each group that has drawings, by its name."""
    groups = _by_source(drawings, pen, classes) if by is Grouping.SOURCE else _by_family(drawings, pen, classes)
    return {name: evaluate(model, shown, rule) for name, shown in groups}


def _by_source(
    drawings: tuple[PenDrawing, ...], pen: float, classes: tuple[str, ...]
) -> Iterator[tuple[str, LabelledImages]]:
    for source in sorted({drawing.source for drawing in drawings}):
        own = [drawing for drawing in drawings if drawing.source == source]
        yield source, rasterise_all(own, pen, classes)


def _by_family(
    drawings: tuple[PenDrawing, ...], pen: float, classes: tuple[str, ...]
) -> Iterator[tuple[str, LabelledImages]]:
    for name, family in FAMILIES.items():
        own = [drawing for drawing in drawings if drawing.label == family.label]
        if own:
            yield name, rasterise_family(name, own, pen, classes)


def rasterise_family(name: str, drawings: list[PenDrawing], pen: float, classes: tuple[str, ...]) -> LabelledImages:
    """The drawings in the form of a family, one image each; the same each time."""
    rng = np.random.default_rng(SEED)
    images = []
    for drawing in drawings:
        paths = apply_family(name, [np.array(path) for path in drawing.paths], rng)
        images.append(preprocessed_pixels(rasterise(strokes_to_sketch(paths, pen, EXTENT))))
    return LabelledImages(np.stack(images), split_indices(drawings, classes))


@dataclass(frozen=True)
class Misread:
    """A drawing that was taken for another class."""

    place: int  # in the file
    label: str
    predicted: str
    probability: float  # of the class predicted
    probability_of_label: float


def misread_drawings(
    model: nn.Module, drawings: Mapping[int, PenDrawing], pen: float, classes: tuple[str, ...]
) -> list[Misread]:
    """The `drawings` (by their places) that were misclassified, those whose label is least probable first."""
    places, shown = list(drawings), rasterise_all(drawings.values(), pen, classes)
    probabilities = softmax(logits_of(model, shown.images))
    predicted = probabilities.argmax(axis=1)
    found = [
        Misread(
            places[at],
            classes[shown.labels[at]],
            classes[predicted[at]],
            round(float(probabilities[at].max()), 4),
            round(float(probabilities[at, shown.labels[at]]), 4),
        )
        for at in np.flatnonzero(predicted != shown.labels)
    ]
    return sorted(found, key=lambda misread: misread.probability_of_label)
