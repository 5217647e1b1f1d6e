"""Small pictures side by side as one PNG, each pixel a square of whole pixels.

Refuses to know: what they show, pages.
"""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnviz.figures.theme import LIGHT, Palette

GAP = 2  # pixels between two pictures, see-through


def image_strip(images: NDArray[np.uint8], *, columns: int | None = None, palette: Palette = LIGHT) -> bytes:
    """(n, c, h, w), grey (c = 1) in the colours of inputs or in colour (c = 3), as a PNG of `columns` a row.

    Raises: ValueError for no pictures, or another number of channels.

    >>> import numpy as np
    >>> from cnnviz.figures.image_strips import image_strip
    >>> image_strip(np.zeros((12, 1, 28, 28), np.uint8))[:4]
    b'\x89PNG'
    """
    if images.ndim != 4 or not len(images) or images.shape[1] not in (1, 3):
        raise ValueError(f"images must be (n, 1 or 3, rows, cols), got {images.shape}: give one or more")
    count, _channels, height, width = images.shape
    columns = columns or count
    rows = -(-count // columns)
    made = np.zeros((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 4), np.uint8)
    for number, image in enumerate(_coloured(images, palette)):
        top, left = number // columns * (height + GAP), number % columns * (width + GAP)
        made[top : top + height, left : left + width] = image
    file = io.BytesIO()
    Image.fromarray(made).save(file, "PNG")
    return file.getvalue()


def _coloured(images: NDArray[np.uint8], palette: Palette) -> NDArray[np.uint8]:
    """(n, h, w, 4): red, green, blue, and no pixel see-through."""
    if images.shape[1] == 1:
        low, high = (np.array([int(stop[at : at + 2], 16) for at in (1, 3, 5)]) for stop in palette.inputs)
        colours = np.round(low + (high - low) * (images[:, 0, :, :, np.newaxis] / 255)).astype(np.uint8)
    else:
        colours = images.transpose(0, 2, 3, 1)
    return np.concatenate([colours, np.full((*colours.shape[:3], 1), 255, np.uint8)], axis=3)


def png_data_url(png: bytes) -> str:
    """A PNG as an address that an `img` takes."""
    return "data:image/png;base64," + base64.b64encode(png).decode()
