"""Where a network puts pictures: what arrives at its last layer, many numbers a picture, flattened to two each.

PCA is a shadow: exact, at once, far things may look near. t-SNE keeps neighbours together: it takes seconds, and
distances between groups mean nothing. Source: van der Maaten, Hinton, *Visualizing Data using t-SNE*, JMLR 2008.
Refuses to know: labels, training, charts.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from cnnviz.i18n import _

LEAST, MOST = 3, 2_000  # pictures
PERPLEXITY = 30.0  # how many neighbours a picture looks at, about
STEPS = 500  # of t-SNE
START = 1e-4  # the spread that t-SNE starts from

Points = NDArray[np.float64]  # (n, 2)


class EmbeddingError(ValueError):
    """Features that cannot be flattened; its text is one sentence for the reader."""


class EmbeddingMethod(StrEnum):
    """How many numbers become two."""

    PCA = "pca"
    TSNE = "tsne"


@dataclass(frozen=True, eq=False)
class Embedding:
    """points: (n, 2), read-only, a row a picture. kept: the share of the variance that PCA's two axes hold, else None.

    perplexity: what t-SNE was run with, else None.
    """

    points: Points
    method: EmbeddingMethod
    kept: float | None = None
    perplexity: float | None = None

    def __post_init__(self) -> None:
        self.points.setflags(write=False)


def embed(
    values: NDArray,
    method: EmbeddingMethod = EmbeddingMethod.PCA,
    *,
    perplexity: float = PERPLEXITY,
    seed: int = 0,
    beside: Points | None = None,
) -> Embedding:
    """(n, d) → (n, 2). t-SNE starts from PCA, with at most a third of the pictures as `perplexity`.

    values: one row a picture. seed: for t-SNE; PCA draws nothing.
    beside: the points of the moment before, (n, 2); the new ones are turned and mirrored, never scaled, to lie as
    near to them as they can, so that the eye can follow.
    Raises: EmbeddingError for fewer than 3 or more than 2,000 pictures, numbers that are not finite, points `beside`
    of other pictures, or where t-SNE finds no positions.

    >>> import numpy as np
    >>> from cnnviz.evaluation.embedding import EmbeddingMethod, embed
    >>> embed(np.eye(4, 9), EmbeddingMethod.PCA).points.shape
    (4, 2)
    """
    values = np.asarray(values, np.float64)
    _check(values)
    points, kept = principal_components(values)
    if method is EmbeddingMethod.TSNE:
        used = min(perplexity, (len(values) - 1) / 3)
        points = _neighbourly(values, points, used, seed)
        made = Embedding(points, method, perplexity=used)
    else:
        made = Embedding(points, method, kept)
    return made if beside is None else replace(made, points=align_embedding(points, beside))


def _check(values: NDArray[np.float64]) -> None:
    if values.ndim != 2 or not LEAST <= len(values) <= MOST or not values.shape[1]:
        raise EmbeddingError(
            _("features must be a row for each of {least} to {most} images, got {shape}: take fewer or more",
              least=LEAST, most=MOST, shape=values.shape)
        )  # fmt: skip
    if not np.isfinite(values).all():
        raise EmbeddingError(_("Some values are not finite: look at an earlier moment."))


def principal_components(values: NDArray[np.float64]) -> tuple[Points, float]:
    """The two directions in which the rows of (n, d) spread most, (n, 2), and the share of the variance they hold.

    A direction's sign is chosen so that its largest weight is positive; a lone column gets 0 beside it.
    """
    centred = values - values.mean(axis=0)
    rows, spreads, axes = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])
    points = np.zeros((len(values), 2))
    most = min(2, len(spreads))
    points[:, :most] = (rows * (spreads * np.where(signs == 0, 1, signs)))[:, :most]
    total = float((spreads**2).sum())
    return points, float((spreads[:2] ** 2).sum() / total) if total > 0 else 1.0


def _neighbourly(values: NDArray[np.float64], start: Points, perplexity: float, seed: int) -> Points:
    """t-SNE from PCA's points, scaled down; all of them in one place when nothing differs."""
    spread = float(start[:, 0].std())
    if spread == 0:
        return np.zeros_like(start)
    from sklearn.manifold import TSNE  # seconds to import
    from threadpoolctl import threadpool_limits  # scikit-learn brings it

    # In one thread: with several, each of its many short steps waits for cores that others use (15 × slower in a
    # session that trains). Numbers that overflow on the way are scikit-learn's; the result is checked below.
    with threadpool_limits(1, user_api="openmp"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = TSNE(
            perplexity=perplexity, init=(start / spread * START).astype(np.float32), max_iter=STEPS, random_state=seed,
            learning_rate="auto", n_jobs=1,
        ).fit_transform(values.astype(np.float32))  # fmt: skip
    if not np.isfinite(made).all():
        raise EmbeddingError(_("t-SNE found no positions for these images: use PCA."))
    return made.astype(np.float64)


def align_embedding(points: Points, beside: Points) -> Points:
    """`points` around their middle, turned and mirrored to lie nearest to `beside` (orthogonal Procrustes).

    Source: P. Schönemann, *A generalized solution of the orthogonal Procrustes problem*, Psychometrika 1966.
    Raises: EmbeddingError where the two are not points of the same pictures.
    """
    if points.shape != beside.shape:
        raise EmbeddingError(
            _("points must be of the same images, got {a} beside {b}: take the same ones",
              a=points.shape, b=beside.shape)
        )  # fmt: skip
    centred, other = points - points.mean(axis=0), beside - beside.mean(axis=0)
    left, _strength, right = np.linalg.svd(centred.T @ other)
    return centred @ (left @ right)
