"""All pictures of a set, before anybody chooses among them: training, and validation and test where given.

Refuses to know: choices, splits, where the pictures come from.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Pictures = tuple[NDArray[np.uint8], NDArray[np.int64]]  # images (n, c, h, w) and labels (n,)


@dataclass(frozen=True, eq=False)
class Pool:
    """What there is of a set. groups: who made each training picture (n,), where that is known.

    notes: what the reader should know of how the pictures were read, a sentence each.
    """

    classes: tuple[str, ...]
    training: Pictures
    validation: Pictures | None = None
    test: Pictures | None = None
    groups: NDArray[np.int64] | None = None
    notes: tuple[str, ...] = field(default=())
