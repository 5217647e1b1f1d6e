"""An uploaded picture for the laboratory: at most 96 cells on a side, in grey or in colour, values from 0 to 1.

Refuses to know: ink and paper (`cnnviz.pictures` does), kernels, pages.
"""

from __future__ import annotations

import io
import warnings
from functools import lru_cache

import numpy as np
from PIL import Image, ImageOps

from cnnviz.laboratory.pictures import UPLOAD, Picture
from cnnviz.messages import _
from cnnviz.pictures import FORMATS, PictureError, read_grey

SIDE = 96


@lru_cache(maxsize=4)
def from_upload(data: bytes) -> Picture:
    """The picture in a file: three channels where it has colours, one where it is grey; 256 levels from 0 to 1.

    Raises: PictureError, one sentence, for a file that is broken, too large, or no picture.
    """
    grey = read_grey(data)  # which also refuses what is no picture, or too large
    levels = _colours(data)
    if levels is None:
        levels = _small(Image.fromarray(np.clip(np.round(grey), 0, 255).astype(np.uint8)))[None]
    return Picture(UPLOAD, levels.astype(np.float32) / np.float32(255), lambda: _("the uploaded picture"))


def as_file(picture: Picture) -> bytes:
    """An uploaded picture as a small PNG file, fit to be kept: `from_upload` reads the same from it."""
    levels = np.round(picture.values * 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(levels[0] if len(levels) == 1 else levels.transpose(1, 2, 0)).save(file, format="PNG")
    return file.getvalue()


def _colours(data: bytes) -> np.ndarray | None:
    """Red, green and blue, (3, rows, cols); None for a picture that has no colour."""
    with warnings.catch_warnings():  # Pillow warns about harmless oddities; `read_grey` has refused the harmful ones
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            image.draft("RGB", (2 * SIDE, 2 * SIDE))  # JPEG decodes to a smaller size at once
            upright = ImageOps.exif_transpose(image)
            if upright.mode.startswith(("I", "F", "L", "1")):
                return None
            levels = _small(_on_white(upright)).transpose(2, 0, 1)
    return None if (levels == levels[:1]).all() else levels


def _on_white(image: Image.Image) -> Image.Image:
    """See-through parts as white paper."""
    layers = image.convert("RGBA")
    paper = Image.new("RGBA", layers.size, "white")
    return Image.alpha_composite(paper, layers).convert("RGB")


def _small(image: Image.Image) -> np.ndarray:
    image = image.copy()
    image.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(image)


__all__ = ["SIDE", "PictureError", "as_file", "from_upload"]
