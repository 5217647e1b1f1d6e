"""One file's bytes → a small picture: its shorter side scaled to 32 (28 for grey), the middle cut out.

Grey means: no pixel of the small picture has a colour. See-through parts become white.
Refuses to know: zips, folders, classes.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from cnnviz.pictures import FORMATS

COLOUR_SIDE, GREY_SIDE = 32, 28
MAX_PIXELS = 20_000_000  # a picture, checked in its header


class NoPicture(ValueError):
    """Bytes that are no picture, or one too large."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """One picture in colour (3, 32, 32), and in grey (28, 28) where it has no colour; pixels: before it was scaled."""

    colour: NDArray[np.uint8]
    grey: NDArray[np.uint8] | None
    pixels: int


def decode(data: bytes) -> Decoded:
    """The picture in a file. Raises: NoPicture."""
    with warnings.catch_warnings():  # Pillow warns about harmless oddities; a bomb is refused below
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                return _scaled(image)
        except NoPicture:
            raise
        except Exception as error:  # Pillow's decoders raise whatever they like on broken data
            raise NoPicture from error


def _scaled(image: Image.Image) -> Decoded:
    pixels = image.width * image.height
    if not 0 < pixels <= MAX_PIXELS:
        raise NoPicture
    image.draft("RGB", (4 * COLOUR_SIDE, 4 * COLOUR_SIDE))  # JPEG decodes to a smaller size at once
    upright = _on_white(ImageOps.exif_transpose(image))
    colour = np.asarray(_square(upright, COLOUR_SIDE)).transpose(2, 0, 1)
    is_grey = bool((colour == colour[:1]).all())
    grey = np.asarray(_square(upright, GREY_SIDE))[..., 0] if is_grey else None
    return Decoded(np.ascontiguousarray(colour), grey, pixels)


def _on_white(image: Image.Image) -> Image.Image:
    """Red, green and blue; 16-bit grey scaled to 8 bits."""
    if image.mode.startswith("I"):
        return Image.fromarray(np.clip(np.asarray(image) // 257, 0, 255).astype(np.uint8)).convert("RGB")
    if image.mode == "F":
        raise NoPicture
    if not image.has_transparency_data:
        return image.convert("RGB")
    layers = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layers.size, "white"), layers).convert("RGB")


def _square(image: Image.Image, side: int) -> Image.Image:
    """The largest square in the middle, scaled to side×side (smoothly; each pixel a mean when it shrinks)."""
    edge = min(image.size)
    left, top = (image.width - edge) // 2, (image.height - edge) // 2
    box = (left, top, left + edge, top + edge)
    if edge == side:
        return image.crop(box)
    return image.resize((side, side), Image.Resampling.BOX if edge > side else Image.Resampling.BICUBIC, box=box)
