"""One file's bytes → a small picture: its shorter side scaled to 32 (28 for grey), the middle cut out.

Grey means: no pixel of the small picture has a colour. The file is read as on every page (`image_files`).
Refuses to know: zips, folders, classes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnviz.data.image_files import ImageFileError, read_image

COLOUR_SIDE, GREY_SIDE = 32, 28
MAX_PIXELS = 20_000_000  # a picture, checked in its header
JPEG, JPEG_COSTS = b"\xff\xd8", 4  # a JPEG is decoded to a smaller size at once: its pixels cost a quarter


class NotAnImage(ValueError):
    """Bytes that are no picture, or one too large."""


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """One picture in colour (3, 32, 32), and in grey (28, 28) where it has no colour.

    pixels: what it cost to decode. digest: of its file.
    """

    colour: NDArray[np.uint8]
    grey: NDArray[np.uint8] | None
    pixels: int
    digest: bytes


def decode_image(data: bytes) -> DecodedImage:
    """The picture in a file. Raises: NotAnImage."""
    try:
        image, pixels = read_image(data, side=4 * COLOUR_SIDE, most=MAX_PIXELS)
    except ImageFileError as error:
        raise NotAnImage(str(error)) from error
    image = image.convert("RGB")
    colour = np.asarray(_square(image, COLOUR_SIDE)).transpose(2, 0, 1)
    is_grey = bool((colour == colour[:1]).all())
    grey = np.asarray(_square(image, GREY_SIDE))[..., 0] if is_grey else None
    cost = pixels // JPEG_COSTS if data.startswith(JPEG) else pixels
    return DecodedImage(np.ascontiguousarray(colour), grey, cost, hashlib.sha256(data).digest())


def _square(image: Image.Image, side: int) -> Image.Image:
    """The largest square in the middle, scaled to side×side (smoothly; each pixel a mean when it shrinks)."""
    edge = min(image.size)
    left, top = (image.width - edge) // 2, (image.height - edge) // 2
    box = (left, top, left + edge, top + edge)
    if edge == side:
        return image.crop(box)
    return image.resize((side, side), Image.Resampling.BOX if edge > side else Image.Resampling.BICUBIC, box=box)
