"""Which of a grey picture is ink and which is paper, whatever the light, the crop, a frame or a scanner's edge.

Three steps: the light is taken away (it changes slowly, ink has sharp edges), whole dark or light lines along an edge
are cut off (a frame, the lid of a scanner), and what is left is divided into two tones, one of which is the paper.
Refuses to know: files, networks, what the ink stands for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.float64]  # (rows, cols), 0 black .. 255 white
Mask = NDArray[np.bool_]
Box = tuple[slice, slice]

LIGHT_SIDE = 160  # the light is found on a picture of at most this side
SHARP = 0.1  # of the picture's contrast, from one pixel of that picture to the next: an edge of ink, not a shadow
SHARPEST_SIDE = 53  # pixels a side below which edges count as sharp sooner: ink is a pixel or two wide there
WHOLE = 0.97  # of a line that is of the other tone: a frame; the ends of a stroke are round
WIDEST = 0.07  # of the side: a frame, not the bar of a seven
BINS = 128


@dataclass(frozen=True, eq=False)
class FoundPaper:
    """How far each pixel differs from the paper, towards ink: (rows, cols), 0 where a frame was cut off.

    grain: the paper's noise, as a standard deviation.
    """

    depth: Grey
    is_dark: bool
    grain: float


def find_paper(grey: Grey) -> FoundPaper:
    """The paper of a picture, and how far everything stands out from it."""
    flat = grey - _light(grey)
    box = _without_frame(flat)
    inside = flat[box]
    dark = inside <= _between(inside)
    paper_is_dark = _is_paper(dark)
    side = inside[dark == paper_is_dark]
    paper = float(np.median(side))
    depth = np.zeros(grey.shape)
    depth[box] = inside - paper if paper_is_dark else paper - inside
    return FoundPaper(depth, not paper_is_dark, 1.4826 * float(np.median(np.abs(side - paper))))


def _light(grey: Grey) -> Grey:
    """The slow part of the picture: its small differences from pixel to pixel, put together again.

    Source: Horn, *Determining lightness from an image*, 1974; the sum is Poisson's equation with free borders.
    """
    small = _shrunk(grey, LIGHT_SIDE)
    if min(small.shape) < 2:
        return np.zeros(grey.shape)
    down, right = np.diff(small, axis=0, append=small[-1:]), np.diff(small, axis=1, append=small[:, -1:])
    sharp = _widened(np.hypot(down, right) > _sharpness(small, down, right))
    light = _summed(np.where(sharp, 0, down), np.where(sharp, 0, right))
    return _resized(light, grey.shape, Image.Resampling.BILINEAR)


def _shrunk(grey: Grey, side: int) -> Grey:
    factor = max(grey.shape) / side
    if factor <= 1:
        return grey
    rows, cols = (max(2, round(n / factor)) for n in grey.shape)
    return _resized(grey, (rows, cols), Image.Resampling.BOX)


def _resized(values: Grey, shape: tuple[int, ...], how: Image.Resampling) -> Grey:
    if values.shape == shape:
        return values
    image = Image.fromarray(values.astype(np.float32)).resize((shape[1], shape[0]), how)
    return np.asarray(image, dtype=np.float64)


def _sharpness(grey: Grey, down: Grey, right: Grey) -> float:
    """The difference from pixel to pixel above which it is an edge of ink."""
    low, high = np.quantile(grey, [0.01, 0.99])
    grain = 1.4826 * float(np.median(np.abs(np.concatenate([down.ravel(), right.ravel()]))))
    share = SHARP * min(max(1.0, 3 * SHARPEST_SIDE / max(grey.shape)), 3.0)
    return max(3 * grain, share * float(high - low))


def _widened(mask: Mask) -> Mask:
    """`mask` and its neighbours: the tails of an edge belong to it."""
    padded = np.pad(mask, 1)
    return mask | padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]


def _summed(down: Grey, right: Grey) -> Grey:
    """The picture, mean 0, whose differences come nearest to `down` and `right` (least squares).

    Its Laplacian is their divergence; mirrored at the borders the picture is periodic, so that Fourier transforms
    solve it.
    """
    rows, cols = down.shape
    source = down + right
    source[1:] -= down[:-1]
    source[:, 1:] -= right[:, :-1]
    mirrored = np.block([[source, source[:, ::-1]], [source[::-1], source[::-1, ::-1]]])
    waves = np.fft.rfft2(mirrored)
    laplacian = (2 * np.cos(np.pi * np.arange(2 * rows) / rows) - 2)[:, None] + (
        2 * np.cos(np.pi * np.arange(cols + 1) / cols) - 2
    )
    laplacian[0, 0] = 1
    waves /= laplacian
    waves[0, 0] = 0
    found: Grey = np.fft.irfft2(waves, mirrored.shape)[:rows, :cols]
    return found


def _between(values: Grey) -> float:
    """The level that divides `values` best into two tones.

    Source: Otsu, *A threshold selection method from gray-level histograms*, 1979.
    """
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-6:
        return low
    counts, edges = np.histogram(values, BINS, (low, high))
    middles = (edges[1:] + edges[:-1]) / 2
    below, sums = np.cumsum(counts)[:-1], np.cumsum(counts * middles)
    above = values.size - below
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.nan_to_num((sums[-1] * below / values.size - sums[:-1]) ** 2 / (below * above))
    best = np.flatnonzero(spread >= spread.max() * (1 - 1e-9))
    return float(edges[best[len(best) // 2] + 1])


def _without_frame(flat: Grey) -> Box:
    """The inside of what runs along the edges in whole lines of the rarer tone; a frame may have two layers."""
    top, left, (bottom, right) = 0, 0, flat.shape
    for _layer in range(3):
        inside = flat[top:bottom, left:right]
        dark = inside <= _between(inside)
        rarer = ~dark if dark.mean() > 0.5 else dark
        cuts = [_whole_lines(np.rot90(rarer, turn)) for turn in range(4)]  # top, right, bottom, left
        if not any(cuts) or inside.shape[0] - cuts[0] - cuts[2] < 3 or inside.shape[1] - cuts[1] - cuts[3] < 3:
            break
        top, right, bottom, left = top + cuts[0], right - cuts[1], bottom - cuts[2], left + cuts[3]
    return slice(top, bottom), slice(left, right)


def _whole_lines(mask: Mask) -> int:
    """How many rows at the top are whole; none where they are too many for a frame."""
    shares = np.append(mask.mean(axis=1), 0.0)
    count = int(np.argmax(shares < WHOLE))
    return count if count <= max(1, int(WIDEST * len(mask))) else 0


def _is_paper(dark: Mask) -> bool:
    """Whether the dark tone is the paper: it has the corners (they count twice), the border, and most of the area.

    A crop to the ink has ink on its border, and a lone vertical stroke fills most of its own box: none of the three
    is enough alone.
    """
    side = max(1, min(dark.shape) // 40)
    corners = [
        dark[rows, cols].mean() for rows in (np.s_[:side], np.s_[-side:]) for cols in (np.s_[:side], np.s_[-side:])
    ]
    border = np.concatenate([dark[0], dark[-1], dark[:, 0], dark[:, -1]]).mean()
    return bool(2 * np.mean(corners) + border + dark.mean() > 2)
