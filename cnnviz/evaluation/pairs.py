"""How often a drawing counts as more than one: real single ones, and pairs of them side by side on one pad.

Refuses to know: networks (whether ink is several drawings is decided before them), how results are printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnviz.checks import require
from cnnviz.data.datasets import PenDrawing
from cnnviz.data.rasterize import rasterise
from cnnviz.data.separate_drawings import is_several
from cnnviz.data.strokes import Sketch, Stroke
from cnnviz.i18n import _

GAPS = (-0.15, 0.02, 0.1, 0.2, 0.3)  # of the pad, between ink and ink; below 0 the boxes of the two overlap
HEIGHTS = (0.3, 0.45)  # of the pad: a digit of a pair
MARGIN = 0.05  # of the pad, left of the first
PAIRS, SEED = 200, 3
TRIES = 50  # for each pair: wide digits far apart do not fit on the pad
Path = NDArray[np.float64]  # (n, 2)


@dataclass(frozen=True)
class SeveralResult:
    """Shares of 1 that count as more than one drawing: of single drawings, and of pairs by the gap between them."""

    singles: float
    pairs: dict[float, float]


def measure_several(drawings: Sequence[PenDrawing], pen: float) -> SeveralResult:
    """`pen`: the width of the pen, a fraction of the pad. Raises: ValueError for fewer than two drawings."""
    require(len(drawings) > 1, "drawings", "at least 2", len(drawings), _("a pair needs two of them"))
    singles = [is_several(np.asarray(rasterise(drawing.sketch(pen)))) for drawing in drawings]
    pairs = {}
    for gap in GAPS:
        rng = np.random.default_rng(SEED)
        pairs[gap] = float(
            np.mean([is_several(np.asarray(rasterise(draw_pair(drawings, gap, pen, rng)))) for _pair in range(PAIRS)])
        )
    return SeveralResult(float(np.mean(singles)), pairs)


def draw_pair(drawings: Sequence[PenDrawing], gap: float, pen: float, rng: np.random.Generator) -> Sketch:
    """Two of the drawings side by side, `gap` between their ink, both within the pad."""
    for _try in range(TRIES):
        first, second = rng.choice(len(drawings), 2, replace=False)
        height = rng.uniform(*HEIGHTS)
        left = _placed(drawings[first], height, MARGIN, 0.5 + rng.uniform(-0.03, 0.03))
        start = max(path[:, 0].max() for path in left) + pen + gap
        right = _placed(drawings[second], height * rng.uniform(0.85, 1.15), start, 0.5 + rng.uniform(-0.03, 0.03))
        if max(path[:, 0].max() for path in right) <= 1 - pen / 2:
            break
    return Sketch(tuple(Stroke(tuple((float(x), float(y)) for x, y in path), pen) for path in (*left, *right)))


def _placed(drawing: PenDrawing, height: float, left: float, middle: float) -> list[Path]:
    """Its paths scaled to that height, or to a width that would be too wide for it, about the line y = middle."""
    paths = [np.array(path, dtype=np.float64) for path in drawing.paths]
    points = np.concatenate(paths)
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    scale = height / max(size[1], 0.6 * size[0], 1e-6)
    return [(path - low) * scale + (left, middle - size[1] * scale / 2) for path in paths]
