"""An uploaded picture → ink → the network's input: any size, colour, mode and paper.

Which is ink and which is paper: `paper`. A file that cannot be read is one kind sentence.
Refuses to know: strokes, networks, where the bytes come from.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from cnnviz.data.image_files import MAX_BYTES, ImageFileError, read_image, scale_down, to_levels
from cnnviz.data.paper import Grey, find_paper
from cnnviz.data.rasterize import SHOWN, SIDE, Preparation, PreparedImage, PreprocessingStage, preprocess_ink
from cnnviz.i18n import _

WORKING_SIDE = 512  # larger pictures are shrunk to this first
SPECK = 8  # pixels: grains are looked for in squares of this side
FAINTEST = 16.0  # levels of 255 by which ink must differ from its paper


def preprocess_upload(data: bytes, preparation: Preparation | None = None) -> PreparedImage:
    """The network's input for an uploaded picture, with every step on the way.

    data: the file's bytes, 20 MB at most. preparation: which steps are taken (None: all of them).
    Raises: ImageFileError for a file that is broken, too large, or no picture.

    >>> import numpy as np
    >>> from cnnviz.data.uploads import to_png, preprocess_upload
    >>> picture = np.full((1, 40, 40), 255, np.uint8)
    >>> picture[0, 8:32, 18:22] = 0
    >>> preprocess_upload(to_png(picture)).image.shape
    (1, 28, 28)
    """
    grey = read_grey(data)
    ink, ink_is_dark = find_ink(grey)
    note = _("Dark ink on light paper.") if ink_is_dark else _("Light ink on dark paper.")
    if not ink.any():
        note = _("No ink stands out from the paper.")
    before = (
        PreprocessingStage("uploaded", _("As uploaded"), _("{width}×{height}, in grey.", **_size(grey)), _small(grey)),
        PreprocessingStage("ink", _("Ink"), note, _small(ink)),
    )
    return preprocess_ink(Image.fromarray(ink), preparation or Preparation(), before)


def _size(grey: Grey) -> dict[str, int]:
    return {"width": grey.shape[1], "height": grey.shape[0]}


def _small(grey: NDArray) -> NDArray[np.uint8]:
    image = Image.fromarray(np.clip(np.round(grey), 0, 255).astype(np.uint8))
    image.thumbnail((SHOWN, SHOWN), Image.Resampling.BOX)
    return np.asarray(image)


def read_grey(data: bytes) -> Grey:
    """The picture in whole levels of grey, upright, at most 512 pixels a side, see-through parts as paper.

    data: the file's bytes. Returns: float64 (rows, cols), 0 black .. 255 white.
    Raises: ImageFileError, one sentence, for a file that is broken, too large, or no picture.

    >>> from cnnviz.data.uploads import read_grey
    >>> read_grey(b"P5 2 1 255 AB").tolist()  # a small PGM file
    [[65.0, 66.0]]
    """
    image, _pixels = read_image(data)
    return np.asarray(scale_down(image.convert("L"), WORKING_SIDE), dtype=np.float64)


def shrink(data: bytes) -> bytes:
    """The picture as `read_grey` reads it, as a small PNG file, which reads the same: fit to be kept.

    data: the file's bytes. Raises: ImageFileError as `read_grey`.

    >>> import numpy as np
    >>> from cnnviz.data.uploads import to_png, read_grey, shrink
    >>> picture = np.full((1, 40, 40), 255, np.uint8)
    >>> picture[0, 8:32, 18:22] = 0
    >>> data = to_png(picture)
    >>> np.array_equal(read_grey(shrink(data)), read_grey(data))
    True
    """
    return to_png(read_grey(data).astype(np.uint8)[None])


def fit_levels(data: bytes, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """The middle of the picture, upright, as uint8 of `shape` (1 or 3 channels, rows, cols).

    For networks that read pictures rather than ink. data: the file's bytes. Returns: 0..255, grey or red, green, blue.
    Raises: ImageFileError as `read_grey`.

    >>> import numpy as np
    >>> from cnnviz.data.uploads import to_png, fit_levels
    >>> fit_levels(to_png(np.zeros((1, 40, 60), np.uint8)), (3, 32, 32)).shape
    (3, 32, 32)
    """
    channels, rows, cols = shape
    image, _pixels = read_image(data)
    return to_levels(ImageOps.fit(image.convert("L" if channels == 1 else "RGB"), (cols, rows), Image.Resampling.BOX))


def fit_values(data: bytes, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """The same as a network takes it: float32 from 0 to 1. Raises: ImageFileError.

    >>> import numpy as np
    >>> from cnnviz.data.uploads import fit_values, to_png
    >>> float(fit_values(to_png(np.full((1, 40, 60), 255, np.uint8)), (3, 32, 32)).min())
    1.0
    """
    return fit_levels(data, shape).astype(np.float32) / np.float32(255)


def to_png(picture: NDArray[np.uint8]) -> bytes:
    """A picture (1 or 3 channels, rows, cols), uint8, as a PNG file; `fit_levels` reads the same from it.

    >>> import numpy as np
    >>> from cnnviz.data.uploads import read_grey, to_png
    >>> read_grey(to_png(np.array([[[0, 255]]], np.uint8))).tolist()
    [[0.0, 255.0]]
    """
    file = io.BytesIO()
    Image.fromarray(picture[0] if len(picture) == 1 else picture.transpose(1, 2, 0)).save(file, format="PNG")
    return file.getvalue()


def find_ink(grey: Grey) -> tuple[NDArray[np.uint8], bool]:
    """(ink 0..255, whether it is darker than its paper); all 0 where nothing stands out.

    grey: float (rows, cols), 0..255. Returns: uint8 of the same shape, 255 full ink; True for dark ink.

    >>> import numpy as np
    >>> from cnnviz.data.uploads import find_ink
    >>> grey = np.full((40, 40), 255.0)
    >>> grey[8:32, 18:22] = 0
    >>> ink, is_dark = find_ink(grey)
    >>> int(ink.max()), int(ink[0, 0]), is_dark
    (255, 0, True)
    """
    found = find_paper(grey)
    full = _full(found.depth)
    if full < max(FAINTEST, 6 * found.grain):
        return np.zeros(grey.shape, np.uint8), found.is_dark
    # in pictures larger than the input, faint levels are traces of compression, not edges
    low = max(4 * found.grain, 0.1 * full if max(grey.shape) > SIDE else 0.0)
    ink = np.round(255 * np.clip((found.depth - low) / (full - low), 0, 1)).astype(np.uint8)
    return (_without_specks(ink) if found.grain else ink), found.is_dark


def _without_specks(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`ink` only where its surroundings hold ink too: single grains would stretch its box."""
    image = Image.fromarray(ink)
    size = (max(1, image.width // SPECK), max(1, image.height // SPECK))
    coarse = image.resize(size, Image.Resampling.BOX)
    inked = coarse.point(lambda level: 255 * (level > 40)).filter(ImageFilter.MaxFilter(3))
    near = np.asarray(inked.resize(image.size, Image.Resampling.NEAREST)) > 0
    return np.where(near, ink, np.uint8(0))


def _full(depth: Grey) -> float:
    """The depth of full ink: the deepest, leaving out the 1 % that may be glare or specks."""
    inked = depth[depth > 0.5 * depth.max()]
    return float(np.quantile(inked, 0.99)) if inked.size else 0.0


__all__ = [
    "MAX_BYTES",
    "ImageFileError",
    "find_ink",
    "fit_levels",
    "fit_values",
    "preprocess_upload",
    "read_grey",
    "shrink",
    "to_png",
]  # fmt: skip
