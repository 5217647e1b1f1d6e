"""An image with a part of it outlined, enlarged to whole pixels, as a PNG.

Refuses to know: networks, why the part is outlined.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from cnnviz.core.receptive_field import Box
from cnnviz.figures.map_images import map_colours
from cnnviz.figures.theme import LIGHT

LEAST_SIDE = 112  # pixels: an image of 28×28 is shown as large
OUTLINE = (217, 72, 15)  # seen on dark and light, beside the white line around it
HALO = (255, 255, 255)


def outlined_image(image: np.ndarray, box: Box | None = None) -> bytes:
    """`image` (channels, rows, cols), values 0 to 1, grey or in colour, as a PNG; `box` is outlined, None for nothing.

    Of other than three channels the mean is shown; values of any size lie between their lowest and their highest.

    >>> import numpy as np
    >>> from cnnviz.figures.patch_images import outlined_image
    >>> outlined_image(np.zeros((1, 28, 28), np.float32))[:4]
    b'\\x89PNG'
    """
    levels = _levels(image if len(image) == 3 else image.mean(axis=0, keepdims=True))
    times = max(1, -(-LEAST_SIDE // max(levels.shape[:2])))
    pixels = levels.repeat(times, axis=0).repeat(times, axis=1)
    if box is not None and not box.is_empty:
        _outline(pixels, box, times)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def _levels(image: np.ndarray) -> np.ndarray:
    """(rows, cols, 3), bytes: one channel in the colours of inputs."""
    low, high = min(0.0, float(image.min())), max(1.0, float(image.max()))
    unit = np.asarray((image - low) / (high - low), np.float64)
    if len(unit) == 1:
        return map_colours(unit[0], LIGHT.inputs, 0, 1)
    return np.rint(255 * unit.transpose(1, 2, 0)).astype(np.uint8)


def _outline(pixels: np.ndarray, box: Box, times: int) -> None:
    """A line of two pixels just inside the box, a lighter one around it where there is room."""
    top, bottom = box.rows.start * times, box.rows.stop * times
    left, right = box.cols.start * times, box.cols.stop * times
    _frame(pixels, (top - 1, bottom + 1), (left - 1, right + 1), HALO, 1)
    _frame(pixels, (top, bottom), (left, right), OUTLINE, 2)


def _frame(
    pixels: np.ndarray, rows: tuple[int, int], cols: tuple[int, int], colour: tuple[int, int, int], width: int
) -> None:
    height, across = pixels.shape[:2]
    top, bottom = max(rows[0], 0), min(rows[1], height)
    left, right = max(cols[0], 0), min(cols[1], across)
    for part in (
        (slice(top, top + width), slice(left, right)),
        (slice(bottom - width, bottom), slice(left, right)),
        (slice(top, bottom), slice(left, left + width)),
        (slice(top, bottom), slice(right - width, right)),
    ):
        pixels[part] = colour
