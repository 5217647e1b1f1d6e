"""Which pictures are for training and which for validation: places in an array, drawn by a seed.

Every class keeps its share in each part (stratified); pictures of one group, a writer say, stay together.
Refuses to know: pictures, only their labels and groups.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


def split_indices(
    labels: Places, share: float, seed: int, groups: Places | None = None, copies: Places | None = None
) -> tuple[Places, Places]:
    """(training, validation): every place once, about `share` of each class in the second; both in rising order.

    A class of two or more leaves at least one in each part; a class of one is for training.
    With `groups` (n,) whole groups go over, until about `share` of all is there.
    With `copies` (n,) places of one number stay together; such of several classes are for training.

    >>> import numpy as np
    >>> from cnnviz.data.image_sets.split import split_indices
    >>> training, validation = split_indices(np.repeat([0, 1], [10, 20]), 0.1, 0)
    >>> len(training), len(validation)
    (27, 3)
    """
    rng = np.random.default_rng([seed, 1])
    if groups is not None:
        chosen = _whole_groups(groups, round(share * len(labels)), rng)
    else:
        chosen = np.zeros(len(labels), bool)
        classes, counts = np.unique(labels, return_counts=True)
        for label, away in zip(classes, _shares(counts, share), strict=True):
            order = rng.permutation(np.flatnonzero(labels == label))
            chosen[order[:away] if copies is None else _whole_copies(order, away, labels, copies)] = True
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)


def _shares(counts: Places, share: float) -> Places:
    """How many of each class go over: the whole parts, and one more where most is missing until the sum is right."""
    exact = counts * share
    whole = np.floor(exact).astype(np.int64)
    missing = round(share * int(counts.sum())) - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    return np.where(counts < 2, 0, np.clip(whole, 1, np.maximum(counts - 1, 1)))


def _whole_copies(order: Places, away: int, labels: Places, copies: Places) -> Places:
    """The first `away` places of one class, in their order, with all of their copies; never all of the class.

    Copies that would be too many are passed over for others, and so are those that another class has too.
    """
    taken: list[int] = []
    seen: set[int] = set()
    for number in copies[order].tolist():
        alike = np.flatnonzero(copies == number)
        is_free = number not in seen and len(np.unique(labels[alike])) == 1
        seen.add(number)
        if is_free and len(taken) + len(alike) <= away:
            taken += alike.tolist()
    return np.array(taken, np.int64)


def _whole_groups(groups: Places, wanted: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """The groups in a random order, as long as they bring the number nearer to `wanted`; one stays behind at least."""
    names, counts = np.unique(groups, return_counts=True)
    order = rng.permutation(len(names))[:-1]
    taken: list[np.int64] = []
    total = 0
    for at in order:
        if not taken or abs(total + counts[at] - wanted) <= abs(total - wanted):
            taken.append(names[at])
            total += counts[at]
    return np.isin(groups, taken)


def limit_per_class(labels: Places, limit: int | None, balanced: bool, seed: int) -> Places:
    """The places that stay, in rising order: at most `limit`, and with `balanced` equally many of each class.

    A limit takes from all classes in turn, so that small numbers are even and none is left out while there is room.

    >>> import numpy as np
    >>> from cnnviz.data.image_sets.split import limit_per_class
    >>> labels = np.repeat([0, 1], [5, 50])
    >>> np.bincount(labels[limit_per_class(labels, 20, balanced=False, seed=0)]).tolist()
    [5, 15]
    >>> np.bincount(labels[limit_per_class(labels, 20, balanced=True, seed=0)]).tolist()
    [5, 5]
    """
    rng = np.random.default_rng([seed, 2])
    queues = [rng.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)]
    if balanced:
        fewest = min(len(queue) for queue in queues)
        queues = [queue[:fewest] for queue in queues]
    if limit is None or limit >= sum(len(queue) for queue in queues):
        return np.sort(np.concatenate(queues))
    turns = np.concatenate([np.arange(len(queue)) for queue in queues])  # the how-manieth of its class each is
    taken = np.concatenate(queues)[np.argsort(turns, kind="stable")[: _even(limit, len(queues), balanced)]]
    return np.sort(taken)


def _even(limit: int, classes: int, balanced: bool) -> int:
    """The limit; balanced, the largest multiple of the number of classes in it (one each at least)."""
    return max(classes, limit - limit % classes) if balanced else limit
