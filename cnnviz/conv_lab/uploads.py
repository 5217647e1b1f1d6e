"""An uploaded picture for the laboratory: at most 96 cells on a side, in grey or in colour, values from 0 to 1.

Refuses to know: ink and paper (`cnnviz.data.uploads` does), kernels, pages.
"""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image

from cnnviz.conv_lab.images import UPLOAD, LabImage
from cnnviz.data.image_files import ImageFileError, read_image, scale_down, to_levels
from cnnviz.i18n import _

SIDE = 96


@lru_cache(maxsize=4)
def image_from_upload(data: bytes) -> LabImage:
    """The picture in a file: three channels where it has colours, one where it is grey; 256 levels from 0 to 1.

    data: the file's bytes. Returns: a picture with float32 values (channels, rows, cols), at most 96 cells a side.
    Raises: ImageFileError, one sentence, for a file that is broken, too large, or no picture.

    >>> from cnnviz.conv_lab.uploads import image_from_upload
    >>> image_from_upload(b"P5 2 1 255 AB").values.shape  # a small PGM file
    (1, 1, 2)
    """
    image, _pixels = read_image(data, side=2 * SIDE)
    levels = to_levels(scale_down(image, SIDE))
    if (levels == levels[:1]).all():
        levels = levels[:1]
    return LabImage(UPLOAD, levels.astype(np.float32) / np.float32(255), lambda: _("the uploaded image"))


def image_to_png(picture: LabImage) -> bytes:
    """An uploaded picture as a small PNG file, fit to be kept: `image_from_upload` reads the same from it.

    picture: values from 0 to 1, one or three channels.

    >>> import numpy as np
    >>> from cnnviz.conv_lab.uploads import image_from_upload, image_to_png
    >>> picture = image_from_upload(b"P5 2 1 255 AB")
    >>> np.array_equal(image_from_upload(image_to_png(picture)).values, picture.values)
    True
    """
    levels = np.round(picture.values * 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(levels[0] if len(levels) == 1 else levels.transpose(1, 2, 0)).save(file, format="PNG")
    return file.getvalue()


__all__ = ["SIDE", "ImageFileError", "image_from_upload", "image_to_png"]
