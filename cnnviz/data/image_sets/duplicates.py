"""Pictures whose files are the same byte by byte: a network must not be tried on what it learned from.

Refuses to know: files, which part of a split a picture goes to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnviz.data.image_sets.archive import shown
from cnnviz.data.image_sets.decoding import Decoded
from cnnviz.data.image_sets.folders import Part, Place
from cnnviz.data.image_sets.pools import NAMED

Read = tuple[Place, Decoded]


@dataclass(frozen=True, eq=False)
class Copies:
    """numbers: one for each picture (n,), the same for copies, None where there are none; groups: places alike."""

    numbers: NDArray[np.int64] | None
    groups: tuple[tuple[Place, ...], ...]

    def told(self, classes: Sequence[str]) -> dict[str, Any]:
        """What a report says of them."""
        mixed = [group for group in self.groups if len({place.label for place in group}) > 1]
        names = [" = ".join(shown(place.name) for place in group[:3]) for group in mixed[:NAMED]]
        return {
            "copies": sum(len(group) - 1 for group in self.groups),
            "in_two_classes": tuple(names), "in_two_classes_count": len(mixed),
        }  # fmt: skip


def copies_among(read: Sequence[Read]) -> Copies:
    """Which pictures are copies of each other, in the order given."""
    places: dict[bytes, list[Place]] = defaultdict(list)
    for place, decoded in read:
        places[decoded.digest].append(place)
    number = {digest: at for at, digest in enumerate(places)}
    if len(number) == len(read):
        return Copies(None, ())
    numbers = np.array([number[decoded.digest] for _place, decoded in read], np.int64)
    return Copies(numbers, tuple(tuple(alike) for alike in places.values() if len(alike) > 1))


def without_copies_in_other_parts(read: list[Read]) -> tuple[list[Read], int]:
    """(what stays, how many were left out): no picture for validation or the test that is for training too."""
    learned = {decoded.digest for place, decoded in read if place.part is Part.TRAINING}
    stay = [each for each in read if each[0].part is Part.TRAINING or each[1].digest not in learned]
    return stay, len(read) - len(stay)
