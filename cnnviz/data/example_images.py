"""Images that are computed, of any size: a disc, stripes and squares, with edges in all directions and plain areas.

Refuses to know: networks, files.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.float64]
COLOURS = ((0.85, 0.45, 0.2), (0.2, 0.4, 0.7))  # of what is drawn, and of what lies behind it: red, green, blue


def _disc(x: Places, y: Places) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.hypot(x - 0.5, y - 0.5) < 0.32
    return found


def _stripes(x: Places, y: Places) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.floor(6 * (x + y)) % 2 == 0
    return found


def _squares(x: Places, y: Places) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (np.floor(4 * x) + np.floor(4 * y)) % 2 == 0
    return found


EXAMPLES: tuple[Callable[[Places, Places], NDArray[np.bool_]], ...] = (_disc, _stripes, _squares)


def draw_example(number: int, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Example `number` as uint8 of `shape` (channels, rows, cols); further channels have the colours again.

    >>> from cnnviz.data.example_images import draw_example
    >>> draw_example(0, (3, 8, 8))[:, 4, 4].tolist()  # in the disc: orange
    [179, 95, 42]
    """
    channels, rows, cols = shape
    y, x = np.meshgrid((np.arange(rows) + 0.5) / rows, (np.arange(cols) + 0.5) / cols, indexing="ij")
    front = EXAMPLES[number](x, y)
    light = 0.6 + 0.4 * y  # brighter towards the bottom, so that no area is quite the same
    maps = [np.where(front, COLOURS[0][at % 3], COLOURS[1][at % 3]) * light for at in range(channels)]
    return np.rint(255 * np.stack(maps)).astype(np.uint8)
