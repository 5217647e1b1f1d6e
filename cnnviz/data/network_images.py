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
from cnnviz.i18n import _

MOST_BYTES = 60_000_000
MOST_PIXELS = 50_000_000
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
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
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            require(opened.width * opened.height <= MOST_PIXELS, _("image"),
                    _("at most {most} million pixels", most=MOST_PIXELS // 10**6), f"{opened.width}×{opened.height}",
                    _("make it smaller"), NetworkImageError)  # fmt: skip
            image = ImageOps.exif_transpose(opened)
            image.load()
    except NetworkImageError:
        raise
    except Exception as error:  # Pillow's decoders raise whatever they like on broken data
        raise NetworkImageError(
            _("This file cannot be read as an image (PNG, JPEG, GIF, BMP, WebP, TIFF or PPM): try another one.")
        ) from error
    if image.mode.startswith("I;16") or image.mode == "I":
        deep = np.asarray(image, dtype=np.float32) / 65535
        image, scale = Image.fromarray(deep, "F"), 1.0
        bands = [image] * channels
    else:
        image, scale = image.convert(MODES[channels]), 255.0
        bands = list(image.split())
    if size is not None:
        bands = [band.resize((size[1], size[0]), Image.Resampling.BILINEAR) for band in bands]
    return np.stack([np.asarray(band, dtype=np.float32) for band in bands]) / np.float32(scale)


def _standardised(values: np.ndarray, mean: Sequence[float] | None, std: Sequence[float] | None) -> np.ndarray:
    count = len(values)
    for name, numbers in (("mean", mean), ("std", std)):
        require(numbers is None or len(numbers) in (1, count), name, _("1 number or {count}", count=count),
                len(numbers or ()), _("give one for each channel"), NetworkImageError)  # fmt: skip
    require(std is None or all(one > 0 for one in std), "std", _("above 0"), std, _("give standard deviations"),
            NetworkImageError)  # fmt: skip
    if mean is not None:
        values = values - np.array(mean, dtype=np.float32).reshape(-1, 1, 1)
    if std is not None:
        values = values / np.array(std, dtype=np.float32).reshape(-1, 1, 1)
    made: np.ndarray = values.astype(np.float32)
    return made
