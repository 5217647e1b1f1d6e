"""X's and O's that people wrote with a pen: the classes, whose drawings are for what, and which labels are doubtful.

The tablets whose digits the MNIST network is never trained on are held out here too: the same
people wrote digits and letters there, and other people's digits are shown to this network as ink
that is neither. Refuses to know: networks, other ink (`xo_negatives`).
"""

from __future__ import annotations

import numpy as np

from cnnviz.data.datasets import XO_FILE, PenDrawing, data_folder, pen_drawings
from cnnviz.data.digit_pools import TabletSplit, split_by_tablet

CLASSES = ("X", "O")
HELD_OUT = ("app", "tos", "uqb")
BENT = 1.35  # a pen path so many times as long as its box is wide, corner to corner, is no straight line


def xo_drawings() -> tuple[PenDrawing, ...]:
    """The data folder's X's and O's. Raises: DataMissing, DataBroken; one sentence each."""
    return pen_drawings(data_folder() / XO_FILE)


def is_suspect(drawing: PenDrawing) -> bool:
    """Whether only a straight line was kept of an X: half of it was lost when ink was cut into letters.

    Of the 531 X's 29 are like that, all from the tablet `ibm`.
    """
    if drawing.label != "X" or len(drawing.paths) > 1:
        return False
    points = np.array(drawing.paths[0])
    length = float(np.hypot(*np.diff(points, axis=0).T).sum())
    return length <= BENT * float(np.hypot(*(points.max(axis=0) - points.min(axis=0))))


def held_out_numbers(written: tuple[PenDrawing, ...]) -> tuple[int, ...]:
    """The places in the file of the drawings that `split_xo` holds out, in the same order."""
    return tuple(number for number, drawing in enumerate(written) if drawing.source in HELD_OUT)


def split_xo(written: tuple[PenDrawing, ...]) -> TabletSplit:
    """The split by tablet; doubtful drawings are neither trained on nor chosen by, but they are in the figures."""
    parts = split_by_tablet(written, HELD_OUT)
    practice, choosing = (
        tuple(drawing for drawing in part if not is_suspect(drawing)) for part in (parts.practice, parts.choosing)
    )
    return TabletSplit(practice, choosing, parts.held_out)
