"""An image of any size as a small file of a network's own size: what a page keeps of it, and what a command hands over.

Refuses to know: networks, sessions.
"""

from __future__ import annotations

import io
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from cnnviz.checks import check_shape
from cnnviz.data.network_images import ImageScaling, NetworkImageError, image_from_bytes
from cnnviz.data.uploads import ImageFileError, fit_levels, shrink, to_png
from cnnviz.i18n import _

NUMPY = b"\x93NUMPY"  # how a NumPy file begins
Shape = tuple[int, int, int]


class Fit(StrEnum):
    """What becomes of an image of another size than the network's."""

    CENTRE = "centre"  # its middle is cut out in the right proportions, and resized
    WHOLE = "whole"  # it is resized, its proportions change


def fit_to_network(data: bytes, shape: Shape, fit: Fit = Fit.CENTRE, *, is_drawing: bool = False) -> bytes:
    """A file as the small file that is kept of it: of `shape` (channels, rows, cols), or a NumPy file as it is.

    is_drawing: the network takes ink, which is looked for in the whole picture; a picture's proportions stay.
    Raises: ImageFileError, one sentence, for a file that is broken, too large, or no picture.

    >>> import numpy as np
    >>> from cnnviz.data.fitted_images import fit_to_network
    >>> from cnnviz.data.uploads import fit_levels, to_png
    >>> small = fit_to_network(to_png(np.zeros((1, 40, 60), np.uint8)), (3, 32, 32))
    >>> fit_levels(small, (3, 32, 32)).shape
    (3, 32, 32)
    """
    if data.startswith(NUMPY):
        array_from_file(data, shape)
        return data
    if is_drawing:
        return shrink(data)
    channels, *size = shape
    if channels not in (1, 3):
        raise ImageFileError(_("This network takes {count} channels: choose a NumPy file (.npy)", count=channels))
    if fit is Fit.CENTRE:
        return to_png(fit_levels(data, shape))
    try:
        values = image_from_bytes(data, channels, ImageScaling((size[0], size[1])))
    except NetworkImageError as error:
        raise ImageFileError(str(error)) from error
    return to_png(np.rint(255 * values).astype(np.uint8))


def array_to_file(values: NDArray[np.float32]) -> bytes:
    """Numbers (channels, rows, cols) as a NumPy file, which `array_from_file` reads.

    >>> import numpy as np
    >>> from cnnviz.data.fitted_images import array_from_file, array_to_file
    >>> array_from_file(array_to_file(np.ones((1, 1, 2), np.float32)), (1, 1, 2)).tolist()
    [[[1.0, 1.0]]]
    """
    file = io.BytesIO()
    np.save(file, values.astype(np.float32), allow_pickle=False)
    return file.getvalue()


def array_from_file(data: bytes, shape: Shape) -> NDArray[np.float32]:
    """The numbers in a NumPy file, which must be of `shape`. Raises: ImageFileError."""
    try:
        values = image_from_bytes(data, shape[0])
    except NetworkImageError as error:
        raise ImageFileError(str(error)) from error
    check_shape(_("array"), values.shape, shape, _("save it in this shape"), ImageFileError)
    if not np.isfinite(values).all():
        raise ImageFileError(_("Some numbers of this array are not finite: save it again"))
    return values
