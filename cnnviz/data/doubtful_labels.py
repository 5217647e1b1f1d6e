"""Drawings of the stroke file whose label is doubtful, by their place in it: wrong, or a part of the digit is lost.

Training may leave them out; the published figures never do. Found by networks that had not been trained on the tablet
of the drawing, then looked at one by one (docs/training.md).
Refuses to know: networks, the split.
"""

from __future__ import annotations

from pathlib import Path

from cnnviz.data.datasets import DataBroken, PenDrawing, sha256
from cnnviz.i18n import _

FILE_SHA256 = "8ab73ef6d37ae50f73067fcae2baadc4f7192cfea8147f98edff6eeb388eecee"  # of strokes/digits.json.gz
# Straight strokes labelled 0 or 4 (the rest was lost), circles labelled 8, lying lines labelled 1, and the like.
DOUBTFUL = (
    540, 3169, 3339, 3341, 3394, 5627, 5631, 5632, 5662, 5666, 5667, 5670, 5672, 5673, 5675, 5720, 5724, 5728,
    5730, 5779, 5830, 5882, 5905, 5923, 5930, 5985, 5988, 6052, 6058, 6059, 6124, 6129, 6130, 6137, 6201, 6266,
    6270, 6355, 6360, 6365, 6531, 6611, 6685, 6690, 6767, 6771, 6776, 6869, 6955, 6960, 7048, 7050, 7051, 7057,
    7058, 7149, 7151, 7152, 7154, 8782, 8879, 9063,
)  # fmt: skip


def doubtful_drawings(drawings: tuple[PenDrawing, ...], path: Path) -> frozenset[PenDrawing]:
    """Those of `drawings`, all of the file `path`, that are doubtful.

    Raises: DataBroken, one sentence, for another file than that of the list.
    """
    if sha256(path) != FILE_SHA256:
        raise DataBroken(_("{path} is not the file of the list of doubtful labels: train with all labels.", path=path))
    return frozenset(drawings[number] for number in DOUBTFUL)
