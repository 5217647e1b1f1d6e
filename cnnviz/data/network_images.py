"""An image file as a network takes it: floats (channels, rows, cols) from 0 to 1, or standardised where that is asked.

Nothing is cropped, and nothing resized unless it is asked for. Refuses to know: networks, drawings, ink.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from cnnviz.checks import require
from cnnviz.data.array_files import check_array_length
from cnnviz.data.image_files import STRIP, ImageFileError, decoding, opened_image
from cnnviz.i18n import _

MOST_BYTES = 60_000_000
MOST_WHOLE = 4_096 * 4_096  # pixels of an image that is not resized: each becomes a float for each channel
DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I")  # grey of more than 8 bits
MODES = {1: "L", 3: "RGB", 4: "RGBA"}


class NetworkImageError(ValueError):
    """An image that a network cannot take; the message says why."""


@dataclass(frozen=True)
class ImageScaling:
    """How an image becomes numbers: `size` (rows, cols) to resize to, `mean` and `std` of each channel, None for none.

    >>> from cnnviz.data.network_images import ImageScaling
    >>> ImageScaling(mean=(0.1307,), std=(0.3081,)).size is None
    True
    """

    size: tuple[int, int] | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None


def image_from_bytes(data: bytes, channels: int, scaling: ImageScaling | None = None) -> np.ndarray:
    """The image in a file, or the array in a NumPy file, as float32 (channels, rows, cols).

    A photo stands upright as its camera says. Grey is made of colours, and colours of grey, as Pillow does.
    Raises: NetworkImageError, one sentence.

    >>> import io
    >>> from PIL import Image
    >>> from cnnviz.data.network_images import image_from_bytes
    >>> file = io.BytesIO()
    >>> Image.new("L", (3, 2), 255).save(file, "PNG")
    >>> image_from_bytes(file.getvalue(), channels=1).tolist()
    [[[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]]
    """
    chosen = scaling or ImageScaling()
    require(len(data) <= MOST_BYTES, _("file of an image"), _("at most {most} MB", most=MOST_BYTES // 10**6),
            _("{got} MB", got=len(data) // 10**6), _("make it smaller"), NetworkImageError)  # fmt: skip
    values = _of_numpy(data, channels) if data.startswith(b"\x93NUMPY") else _of_image(data, channels, chosen.size)
    return _standardised(values, chosen.mean, chosen.std)


def _of_numpy(data: bytes, channels: int) -> np.ndarray:
    try:
        check_array_length(io.BytesIO(data), len(data))
        values = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise NetworkImageError(_("This file cannot be read as a NumPy array of numbers: save it again.")) from error
    is_right = values.ndim == 3 and values.shape[0] == channels and values.dtype.kind in "fiu"
    require(is_right, _("array"), _("numbers ({channels}, rows, columns)", channels=channels), values.shape,
            _("turn the axes"), NetworkImageError)  # fmt: skip
    return values.astype(np.float32)


def _of_image(data: bytes, channels: int, size: tuple[int, int] | None) -> np.ndarray:
    if channels not in MODES:
        raise NetworkImageError(
            _("channels must be 1, 3 or 4 for an image file, got {got}: give a NumPy file (.npy)", got=channels)
        )
    try:
        with opened_image(data, most_bytes=MOST_BYTES) as image:
            _check_floats(image, size)
            with decoding():
                ImageOps.exif_transpose(image, in_place=True)
            return _to_floats(image, channels, size)
    except ImageFileError as error:
        raise NetworkImageError(str(error)) from error


def _check_floats(image: Image.Image, size: tuple[int, int] | None) -> None:
    """What becomes floats in its full size is bounded before it is decoded. Raises: ImageFileError."""
    most = MOST_WHOLE // 4 if image.format == "WEBP" else MOST_WHOLE  # whose decoder holds four copies of it
    is_whole = size is None or image.mode in DEEP
    require(not is_whole or image.width * image.height <= most, _("image"),
            _("at most {most} million pixels, unless it has 8 bits and is resized", most=most // 10**6),
            f"{image.width}×{image.height}", _("make it smaller, or resize it"), ImageFileError)  # fmt: skip


def _to_floats(image: Image.Image, channels: int, size: tuple[int, int] | None) -> np.ndarray:
    """(channels, rows, cols) from 0 to 1: channel by channel, for whole copies are large."""
    rows, cols = size or (image.height, image.width)
    values = np.empty((channels, rows, cols), np.float32)
    scale = np.float32(1 if image.mode in DEEP else 255)
    for at in range(channels):
        band = _band(image, channels, at)
        levels = np.asarray(band.resize((cols, rows), Image.Resampling.BILINEAR) if size else band)
        np.divide(levels, scale, out=values[at])
    return values


def _band(image: Image.Image, channels: int, at: int) -> Image.Image:
    """One channel as a whole, of the image as grey, colours, or colours and alpha; put together from strips of it."""
    if image.mode in DEEP:
        return Image.fromarray(np.asarray(image, dtype=np.float32) / 65535, "F")
    mode = MODES[channels]
    if image.mode == mode:
        return image.getchannel(at)
    band, rows = Image.new("L", image.size), max(1, STRIP // image.width)
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        band.paste(strip.convert(mode).getchannel(at), (0, top))
    return band


def _standardised(values: np.ndarray, mean: Sequence[float] | None, std: Sequence[float] | None) -> np.ndarray:
    count = len(values)
    for name, numbers in (("mean", mean), ("std", std)):
        require(numbers is None or len(numbers) in (1, count), name, _("1 number or {count}", count=count),
                len(numbers or ()), _("give one for each channel"), NetworkImageError)  # fmt: skip
    require(std is None or all(one > 0 for one in std), "std", _("above 0"), std, _("give standard deviations"),
            NetworkImageError)  # fmt: skip
    if mean is not None:
        values -= np.array(mean, dtype=np.float32).reshape(-1, 1, 1)
    if std is not None:
        values /= np.array(std, dtype=np.float32).reshape(-1, 1, 1)
    return values
