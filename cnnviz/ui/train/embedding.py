"""Where a network under training puts the pictures: what arrives at its last layer, flattened to two numbers each.

PCA at once; t-SNE, which takes seconds, in a thread of its own, one after the other, and told when it is there.
Refuses to know: how both are computed (`cnnviz.evaluation.embedding`), who asks.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from cnnviz.evaluation.embedding import PERPLEXITY, EmbeddingError, EmbeddingMethod, Points, embed
from cnnviz.i18n import _
from cnnviz.ui.train.run_entry import TrainingRunEntry

USUAL_POINTS, MOST_POINTS = 500, 1_000
KEPT = 64  # planes
KEPT_AXES = 8


@dataclass(frozen=True, eq=False)
class EmbeddingView:
    """The first validation pictures at one moment: points (n, 2), or None with one sentence why not.

    layers: those that could be chosen in the place of `layer`. predicted: what each was taken for at that moment.
    perplexity: what t-SNE was run with. is_awaited: another plane is being made.
    """

    step: int
    method: EmbeddingMethod
    layer: str
    labels: np.ndarray
    points: Points | None
    sentence: str = ""
    is_awaited: bool = False
    predicted: np.ndarray | None = None
    perplexity: float | None = None
    layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlaneSettings:
    """How a plane is made: the method, of how many images, of t-SNE the perplexity, and from what arrives where.

    layer: one of `feature_layers`; the usual one for "", and in a network that has none of this name.
    """

    method: EmbeddingMethod
    points: int = USUAL_POINTS
    perplexity: float = PERPLEXITY
    layer: str = ""


class EmbeddingCache:
    """The planes of a process, the latest of them kept; each lies beside the one before, so that the eye can follow."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, PlaneSettings, int], EmbeddingView] = OrderedDict()
        self._latest: dict[tuple[str, PlaneSettings], EmbeddingView] = {}
        self._under: dict[str, tuple[PlaneSettings, Future[EmbeddingView]]] = {}
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="plane")

    def plane(self, run: TrainingRunEntry, step: int, how: PlaneSettings) -> EmbeddingView:
        """The plane of the moment `step` of a run; with t-SNE the latest that is there, while another is made."""
        kept = self._kept.get((run.token, how, step))
        if kept is not None:
            return kept
        if how.method is EmbeddingMethod.PCA:
            return self._keep(run.token, how, self._made(run, step, how))
        return self._slowly(run, step, how)

    def _made(self, run: TrainingRunEntry, step: int, how: PlaneSettings) -> EmbeddingView:
        exhibits, before, method = run.exhibits, self._latest.get((run.token, how)), how.method
        labels = exhibits.pictures.labels[: how.points]
        try:
            with threadpool_limits(limits=torch.get_num_threads()):  # more would wait for the core of the worker
                moment, images = run.moment(step), exhibits.read(slice(0, how.points))
                layers = moment.feature_layers((images.shape[1], images.shape[2], images.shape[3]))
                layer, values = moment.features(images, how.layer if how.layer in layers else "")
                predicted = moment.shares(images).argmax(axis=1)
                values = shorten_digits(values) if method is EmbeddingMethod.PCA else values
                beside = before.points if before else None
                made = embed(values, method, perplexity=how.perplexity, beside=beside)
        except EmbeddingError as error:
            return EmbeddingView(step, method, "", labels, None, str(error))
        return EmbeddingView(step, method, layer, labels, made.points, predicted=predicted, perplexity=made.perplexity,
                             layers=layers)  # fmt: skip

    def _keep(self, token: str, how: PlaneSettings, plane: EmbeddingView) -> EmbeddingView:
        with self._lock:
            self._kept[token, how, plane.step] = plane
            if plane.points is not None:
                self._latest[token, how] = plane
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            while len(self._latest) > KEPT:
                del self._latest[next(iter(self._latest))]
        return plane

    def _slowly(self, run: TrainingRunEntry, step: int, how: PlaneSettings) -> EmbeddingView:
        """t-SNE: one plane of a run at a time."""
        with self._lock:
            under = self._under.get(run.token)
            if under is None:
                under = self._under[run.token] = how, self._slow.submit(self._made, run, step, how)
        if under[1].done():
            with self._lock:  # another question may have seen it too, and begun the next one
                if self._under.get(run.token) is under:
                    del self._under[run.token]
            found = self._keep(run.token, under[0], under[1].result())
            return found if (found.step, under[0]) == (step, how) else self._slowly(run, step, how)
        latest = self._latest.get((run.token, how))
        if latest is not None:
            return replace(latest, is_awaited=True)
        nothing = np.zeros(0, np.int64)
        return EmbeddingView(
            step, EmbeddingMethod.TSNE, "", nothing, None, _("Computing t-SNE: a few seconds …"), is_awaited=True
        )


def shorten_digits(values: np.ndarray) -> np.ndarray:
    """(n, d) → (n, at most 8): the coordinates along the directions in which the rows spread most, for PCA to turn.

    From the products of the centred rows, n×n: X·Xᵀ = U·S²·Uᵀ, and U·S are the coordinates. For 300 pictures of
    1,568 numbers that is many times quicker than taking X apart; the plane is the same.
    """
    if not np.isfinite(values).all() or values.shape[1] <= KEPT_AXES:
        return values  # `embed` says what is wrong with them
    centred = values.astype(np.float64) - values.mean(axis=0, dtype=np.float64)
    spreads, rows = np.linalg.eigh(centred @ centred.T)
    return rows[:, -KEPT_AXES:] * np.sqrt(np.clip(spreads[-KEPT_AXES:], 0, None))


PLANES = EmbeddingCache()
