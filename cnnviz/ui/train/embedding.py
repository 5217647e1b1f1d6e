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

from cnnviz.evaluation.embedding import EmbeddingError, EmbeddingMethod, Points, embed
from cnnviz.i18n import _
from cnnviz.ui.train.run_registry import TrainingRunEntry

MOST_POINTS = 300
KEPT = 64  # planes
KEPT_AXES = 8


@dataclass(frozen=True, eq=False)
class EmbeddingView:
    """The first validation pictures at one moment: points (n, 2), or None with one sentence why not.

    is_awaited: a plane of another moment is being made.
    """

    step: int
    method: EmbeddingMethod
    layer: str
    labels: np.ndarray
    points: Points | None
    sentence: str = ""
    is_awaited: bool = False


class EmbeddingCache:
    """The planes of a process, the latest of them kept; each lies beside the one before, so that the eye can follow."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, EmbeddingMethod, int], EmbeddingView] = OrderedDict()
        self._latest: dict[tuple[str, EmbeddingMethod], EmbeddingView] = {}
        self._under: dict[str, Future[EmbeddingView]] = {}
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="plane")

    def plane(self, run: TrainingRunEntry, step: int, method: EmbeddingMethod) -> EmbeddingView:
        """The plane of the moment `step` of a run; with t-SNE the latest that is there, while another is made."""
        kept = self._kept.get((run.token, method, step))
        if kept is not None:
            return kept
        if method is EmbeddingMethod.PCA:
            return self._keep(run.token, self._made(run, step, method))
        return self._slowly(run, step)

    def _made(self, run: TrainingRunEntry, step: int, method: EmbeddingMethod) -> EmbeddingView:
        exhibits, before = run.exhibits, self._latest.get((run.token, method))
        labels = exhibits.pictures.labels[:MOST_POINTS]
        try:
            with threadpool_limits(limits=torch.get_num_threads()):  # more would wait for the core of the worker
                layer, values = run.moment(step).features(exhibits.read(slice(0, MOST_POINTS)))
                values = shorten_digits(values) if method is EmbeddingMethod.PCA else values
                points = embed(values, method, beside=before.points if before else None).points
        except EmbeddingError as error:
            return EmbeddingView(step, method, "", labels, None, str(error))
        return EmbeddingView(step, method, layer, labels, points)

    def _keep(self, token: str, plane: EmbeddingView) -> EmbeddingView:
        with self._lock:
            self._kept[token, plane.method, plane.step] = plane
            if plane.points is not None:
                self._latest[token, plane.method] = plane
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            while len(self._latest) > KEPT:
                del self._latest[next(iter(self._latest))]
        return plane

    def _slowly(self, run: TrainingRunEntry, step: int) -> EmbeddingView:
        """t-SNE: one plane of a run at a time."""
        with self._lock:
            under = self._under.get(run.token)
            if under is None:
                under = self._under[run.token] = self._slow.submit(self._made, run, step, EmbeddingMethod.TSNE)
        if under.done():
            with self._lock:  # another question may have seen it too, and begun the next one
                if self._under.get(run.token) is under:
                    del self._under[run.token]
            found = self._keep(run.token, under.result())
            return found if found.step == step else self._slowly(run, step)
        latest = self._latest.get((run.token, EmbeddingMethod.TSNE))
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
