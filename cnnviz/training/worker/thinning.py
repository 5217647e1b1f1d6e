"""Fewer points of a curve, chosen so that its peaks stay: every point that is left is one that was there.

Averages would be smoother, but a spike of the loss is what people look for when they break a training on purpose.
Refuses to know: what the numbers mean, who draws them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

T = TypeVar("T")


def find_extremes(columns: ArrayLike, most: int) -> NDArray[np.int64]:
    """The places of at most `most` of n points, in order: first, last, and least and largest of each stretch.

    columns: (n, k), one a curve; each curve keeps its extremes. Where `most` is too small for a single stretch, the
    places are evenly apart. Returns: int64, rows of `columns`.

    >>> from cnnviz.training.worker.thinning import find_extremes
    >>> find_extremes([[1], [2], [9], [2], [1], [0], [1]], 4).tolist()
    [0, 2, 5, 6]
    """
    table = np.asarray(columns, dtype=np.float64)  # (n, k)
    count, curves = table.shape
    if count <= most:
        return np.arange(count)
    stretches = (most - 2) // (2 * curves)
    if stretches < 1:
        return np.unique(np.linspace(count - 1, 0, max(most, 1)).round().astype(np.int64))
    ends = np.linspace(0, count, stretches + 1).round().astype(np.int64)
    kept = {0, count - 1}
    for start, end in pairwise(ends.tolist()):
        part = table[start:end]
        kept.update((start + np.where(np.isnan(part), np.inf, part).argmin(axis=0)).tolist())
        kept.update((start + np.where(np.isnan(part), -np.inf, part).argmax(axis=0)).tolist())
    return np.array(sorted(kept), dtype=np.int64)


def halve_points(things: Sequence[T], numbers: Callable[[T], Sequence[float]]) -> list[T]:
    """About half of them, or fewer: those where one of their `numbers` is least or largest, the first and the last."""
    kept = find_extremes([numbers(thing) for thing in things], max(2, len(things) // 2))
    return [things[at] for at in kept]
