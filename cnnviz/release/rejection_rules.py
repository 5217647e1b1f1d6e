"""The rules of rejection compared on a checkpoint: what each accepts of strangers' digits, and rejects of other ink.

Refuses to know: arguments, how results are printed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import nn

from cnnviz.data.datasets import XO_FILE, LabelledImages, data_folder, mnist
from cnnviz.data.digit_pools import TabletSplit, rasterise_all, rasterise_varied, selection_images
from cnnviz.data.more_non_digits import MORE_UNSEEN
from cnnviz.data.non_digits import UNSEEN, make_non_digits
from cnnviz.data.xo_drawings import CLASSES, xo_drawings
from cnnviz.evaluation.rejection import RejectionResult, compare_rejection, rejection_scores

KEPT = 0.985  # of the digits kept for choosing that a threshold must accept
OTHERS = 300  # images of each kind
SEED = 7
KNOWN = 5_000  # of MNIST, and about as many drawings: where digits lie


def compare_rules(model: nn.Sequential, split: TabletSplit) -> dict[str, RejectionResult]:
    """Each rule's result, its threshold chosen by the images kept for choosing; `split`: as `model` was trained on."""
    scanned, pen = selection_images(), rasterise_all(split.choosing)
    repeat = max(1, len(scanned) // len(pen))
    digits = {"MNIST test": mnist("test").images, "strangers' strokes": rasterise_all(split.held_out).images}
    return compare_rejection(
        rejection_scores(model, _known(rasterise_varied(split.practice, 1, SEED))),
        np.concatenate([scanned.images] + [pen.images] * repeat),
        digits,
        unseen_images(),
        KEPT,
    )


def _known(drawn: LabelledImages) -> LabelledImages:
    """Digits that were trained on, of both sorts."""
    digits = mnist("train")
    return LabelledImages(
        np.concatenate([digits.images[:KNOWN], drawn.images[:: max(1, len(drawn) // KNOWN)]]),
        np.concatenate([digits.labels[:KNOWN], drawn.labels[:: max(1, len(drawn) // KNOWN)]]),
    )


def unseen_images(count: int = OTHERS) -> dict[str, NDArray[np.uint8]]:
    """`count` images of each kind that is never trained on; people's X's too, where their file is on this machine."""
    rng = np.random.default_rng(SEED)
    made = {kind: make_non_digits({kind: maker}, count, rng) for kind, maker in {**UNSEEN, **MORE_UNSEEN}.items()}
    if (data_folder() / XO_FILE).is_file():
        crosses = [drawing for drawing in xo_drawings() if drawing.label == "X"][:count]
        made["written X"] = rasterise_all(crosses, classes=CLASSES).images
    return made
