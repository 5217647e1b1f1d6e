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
DOUBTFUL: tuple[int, ...] = ()


def doubtful_drawings(drawings: tuple[PenDrawing, ...], path: Path) -> frozenset[PenDrawing]:
    """Those of `drawings`, all of the file `path`, that are doubtful.

    Raises: DataBroken, one sentence, for another file than that of the list.
    """
    if sha256(path) != FILE_SHA256:
        raise DataBroken(_("{path} is not the file of the list of doubtful labels: train with all labels.", path=path))
    return frozenset(drawings[number] for number in DOUBTFUL)
