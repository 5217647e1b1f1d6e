"""A map as a picture: its values in the colours of the theme, cell by cell, to be shown as an image.

Refuses to know: what the values mean.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LEAST_SIDE = 320  # pixels
FRAME = 150  # its grey, seen on light and dark ground


def map_image(
    values: np.ndarray, stops: Sequence[str], low: float, high: float, *, marked: np.ndarray | None = None
) -> np.ndarray:
    """`values` (rows, cols) on the scale `stops` from `low` to `high`, as pixels (height, width, 3), bytes.

    Each cell is a square of whole pixels. `marked` (rows, cols): cells that get a dot in the middle.
    Black, with a thin grey line around it.

    >>> import numpy as np
    >>> from cnnviz.figures.map_images import map_image
    >>> pixels = map_image(np.zeros((2, 2)), ("#000000", "#ffffff"), 0, 1)
    >>> pixels.shape, pixels[1:-1, 1:-1].max().item()
    ((322, 322, 3), 0)
    """
    mixed = map_colours(values, stops, low, high)
    cell = max(1, -(-LEAST_SIDE // max(values.shape)))
    pixels = mixed.repeat(cell, axis=0).repeat(cell, axis=1)
    if marked is not None:
        _dot(pixels, marked, cell)
    return _framed(pixels)


def map_colours(values: np.ndarray, stops: Sequence[str], low: float, high: float) -> np.ndarray:
    """The colour of each cell of `values` (rows, cols) on the scale `stops` from `low` to `high`: bytes (…, 3).

    >>> import numpy as np
    >>> from cnnviz.figures.map_images import map_colours
    >>> map_colours(np.array([[0.0, 1.0]]), ("#000000", "#ffffff"), 0, 1).tolist()
    [[[0, 0, 0], [255, 255, 255]]]
    """
    table = np.array([_channels(stop) for stop in stops], dtype=np.float64)
    share = np.clip((np.asarray(values, np.float64) - low) / (high - low if high > low else 1), 0, 1) * (len(table) - 1)
    below = np.minimum(share.astype(int), len(table) - 2)
    mixed = table[below] + (table[below + 1] - table[below]) * (share - below)[..., None]
    return np.round(mixed).astype(np.uint8)


def _framed(pixels: np.ndarray) -> np.ndarray:
    """A thin line around it, for its ground may be that of the page."""
    framed = np.full((pixels.shape[0] + 2, pixels.shape[1] + 2, 3), FRAME, np.uint8)
    framed[1:-1, 1:-1] = pixels
    return framed


def _dot(pixels: np.ndarray, marked: np.ndarray, cell: int) -> None:
    first, last = cell // 3, max(cell // 3 + 1, cell - cell // 3)
    for row, col in np.argwhere(marked):
        dot = pixels[row * cell + first : row * cell + last, col * cell + first : col * cell + last]
        dot[:] = 255 if dot.mean() < 128 else 0


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
