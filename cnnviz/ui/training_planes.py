"""Where a network under training puts the pictures: what arrives at its last layer, flattened to two numbers each.

PCA at once; t-SNE, which takes seconds, in a thread of its own, one at a time, and told when it is there.
Refuses to know: how both are computed (`cnnviz.embedding`), who asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cnnviz.messages import _
from cnnviz.ui.runs import Run

MOST_POINTS = 300
KEPT = 24  # planes that are ready


class Method(StrEnum):
    """How many numbers become two."""

    PCA = "pca"
    TSNE = "tsne"


@dataclass(frozen=True, eq=False)
class Plane:
    """The first validation pictures at one moment: points (n, 2), or None with one sentence why not (yet)."""

    step: int
    method: Method
    layer: str
    labels: np.ndarray
    points: np.ndarray | None
    sentence: str = ""


def plane(run: Run, step: int, method: Method) -> Plane:
    """The plane of the moment `step` of a run."""
    exhibits = run.exhibits
    layer, features = run.moment(step).features(exhibits.read(slice(0, MOST_POINTS)))
    labels = exhibits.pictures.labels[:MOST_POINTS]
    if not np.isfinite(features).all():
        return Plane(step, method, layer, labels, None, _("Some values are no finite numbers: go back in time."))
    centred = features - features.mean(axis=0)
    _u, _s, axes = np.linalg.svd(centred, full_matrices=False)
    return Plane(step, method, layer, labels, centred @ axes[:2].T)
