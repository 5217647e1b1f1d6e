"""The scores that a network gives images with known classes, computed once. No widget, no session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnviz.attribution.strongest import find_peaks
from cnnviz.data.image_sets import DataChoice
from cnnviz.ui.app.caches import TrainedNetwork
from cnnviz.ui.app.known_images import images_kept_apart, title_kept_apart
from cnnviz.ui.why.unit_answers import score_layer
from cnnviz.ui.why.why_answers import kept

MOST = 10_000


@dataclass(frozen=True, eq=False)
class LabelledScores:
    """The scores (n, classes) of images, their labels (n,), and how many of what they are."""

    scores: np.ndarray
    labels: np.ndarray
    title: str


def scores_of_test_images(chosen: TrainedNetwork, own: DataChoice | None) -> LabelledScores | None:
    """Of the images that the network was tested on, as far as they are here; None where there are none.

    own: the visitor's own pictures. Raises: DataMissing, DataBroken.
    """
    found = _test_images(chosen, own)
    if found is None:
        return None
    images, labels, title = found

    def make() -> np.ndarray:
        scaled = images.astype(np.float32) / np.float32(255)
        return find_peaks(chosen.graph, score_layer(chosen), scaled).values

    what = ("tested", own, title)  # own: a file can be opened again with other images of the same classes
    return LabelledScores(kept(what, chosen, labels, make, lambda scores: scores.nbytes), labels, title)


def _test_images(chosen: TrainedNetwork, own: DataChoice | None) -> tuple[np.ndarray, np.ndarray, str] | None:
    """Images (n, channels, rows, cols), bytes, with labels and words for how many of what."""
    pictures = images_kept_apart(chosen.recipe.key, own)
    if pictures is not None:
        count = min(MOST, len(pictures))
        return pictures.images[:count], pictures.labels[:count], title_kept_apart(count)
    exam = chosen.recipe.subject.exam
    if exam is None:
        return None
    asked = exam(MOST)
    return asked.shown.images[:, None], asked.shown.labels, asked.title
