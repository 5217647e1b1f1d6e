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

from cnnviz.data.image_sets.archive import printable_name
from cnnviz.data.image_sets.decoding import DecodedImage
from cnnviz.data.image_sets.folders import FilePlace, SetPart
from cnnviz.data.image_sets.pools import NAMED

Read = tuple[FilePlace, DecodedImage]


@dataclass(frozen=True, eq=False)
class DuplicateReport:
    """numbers: one for each picture (n,), the same for copies, None where there are none; groups: places alike."""

    numbers: NDArray[np.int64] | None
    groups: tuple[tuple[FilePlace, ...], ...]

    def told(self, classes: Sequence[str]) -> dict[str, Any]:
        """What a report says of them."""
        mixed = [group for group in self.groups if len({place.label for place in group}) > 1]
        names = [" = ".join(printable_name(place.name) for place in group[:3]) for group in mixed[:NAMED]]
        return {
            "copies": sum(len(group) - 1 for group in self.groups),
            "in_two_classes": tuple(names), "in_two_classes_count": len(mixed),
        }  # fmt: skip


def find_duplicates(read: Sequence[Read]) -> DuplicateReport:
    """Which pictures are copies of each other, in the order given."""
    places: dict[bytes, list[FilePlace]] = defaultdict(list)
    for place, decoded in read:
        places[decoded.digest].append(place)
    number = {digest: at for at, digest in enumerate(places)}
    if len(number) == len(read):
        return DuplicateReport(None, ())
    numbers = np.array([number[decoded.digest] for _place, decoded in read], np.int64)
    return DuplicateReport(numbers, tuple(tuple(alike) for alike in places.values() if len(alike) > 1))


def drop_duplicates_across_parts(read: list[Read]) -> tuple[list[Read], int]:
    """(what stays, how many were left out): no picture for validation or the test that is for training too."""
    learned = {decoded.digest for place, decoded in read if place.part is SetPart.TRAINING}
    stay = [each for each in read if each[0].part is SetPart.TRAINING or each[1].digest not in learned]
    return stay, len(read) - len(stay)
