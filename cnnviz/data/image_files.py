"""A picture file from outside → its levels, upright, on paper, in 8 bits: the one decoder, for every page and command.

What it costs is bounded before a pixel is decoded, and one picture at a time is decoded in a process: a small file can
stand for a very large picture. Refuses to know: ink, classes, kernels, the sizes that its callers want in the end.
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from cnnviz.i18n import _

MAX_BYTES = 20_000_000
MAX_PIXELS = 40_000_000  # checked in the header, before a pixel is decoded
MAX_WEBP_PIXELS = 12_000_000  # its decoder holds four copies of the picture
MAX_SIDE = 20_000
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
LONG, SHORT = 1024, 64  # a picture is not reduced below these sides
STRIP = 500_000  # pixels at a time, while a picture is reduced
EIGHT_BITS = 257  # a level of 8 bits stored in 16 is a multiple of this

_ONE_AT_A_TIME = threading.Lock()


class ImageFileError(ValueError):
    """A file that cannot be used as a picture; its text is one sentence for the reader.

    >>> from cnnviz.data.uploads import ImageFileError, read_grey
    >>> try:
    ...     read_grey(b"a letter")
    ... except ImageFileError as error:
    ...     print(error)
    This file cannot be read as an image (PNG, JPEG, GIF, BMP, WebP, TIFF or PPM): try another one.
    """


def read_image(data: bytes, side: int = LONG, most: int = MAX_PIXELS) -> tuple[Image.Image, int]:
    """(the picture in 8 bits, grey "L" or in colour "RGB"; how many pixels the file has).

    Upright; a large one reduced, block by block to means; see-through parts are paper, white under dark ink and black
    under light ink. Grey of more than 8 bits is stretched from its darkest to its lightest value, unless it is 8 bits
    stored in 16. side: a JPEG need not be decoded larger than this. most: pixels. Only the first frame is read.
    Raises: ImageFileError, one sentence, for a file that is broken, too large, or no picture.
    """
    with opened_image(data, most) as image:
        pixels = image.width * image.height
        with decoding():
            image.draft("RGB", (side, side))  # JPEG decodes to a smaller size at once
            image.load()
            turn = image.getexif().get(0x0112, 1)
        return _on_paper(_upright(_reduced(image), turn)), pixels


@contextmanager
def opened_image(data: bytes, most: int = MAX_PIXELS, most_bytes: int = MAX_BYTES) -> Iterator[Image.Image]:
    """A file whose header was read and is within bounds, to be decoded in the block (`decoding`); one at a time.

    What the block raises stays what it is: a fault of ours is no broken file.
    Raises: ImageFileError, one sentence, for a file that is broken, too large, or no picture.
    """
    if len(data) > most_bytes:
        raise ImageFileError(
            _(
                "The file must be at most {most} MB, got {got} MB: make the image smaller.",
                most=most_bytes // 10**6,
                got=len(data) // 10**6,
            )
        )
    with _ONE_AT_A_TIME, warnings.catch_warnings():  # Pillow warns about harmless oddities; bombs are refused here
        warnings.simplefilter("ignore")
        try:
            with decoding():
                image = Image.open(io.BytesIO(data), formats=FORMATS)
        except Image.DecompressionBombError as error:
            raise _too_large(most) from error
        with image:
            _check_size(image, most)
            yield image


@contextmanager
def decoding() -> Iterator[None]:
    """Around calls of Pillow that read a file's bytes, and nothing else: they raise whatever they like on broken ones.

    What Pillow says of bombs stays as it is. Raises: ImageFileError, one sentence.
    """
    try:
        yield
    except Image.DecompressionBombError:
        raise
    except Exception as error:
        raise ImageFileError(
            _("This file cannot be read as an image (PNG, JPEG, GIF, BMP, WebP, TIFF or PPM): try another one.")
        ) from error


def pixels_in_header(beginning: bytes) -> int | None:
    """How many pixels a file says that it has, from its first bytes; None where these do not say it.

    >>> from cnnviz.data.image_files import pixels_in_header
    >>> pixels_in_header(b"P5 300 200 255 "), pixels_in_header(b"a letter")
    (60000, None)
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(beginning), formats=FORMATS) as image:
                return image.width * image.height
        except Exception:  # Pillow's readers raise whatever they like on half a file
            return None


def _check_size(image: Image.Image, most: int) -> None:
    bound = min(most, MAX_WEBP_PIXELS) if image.format == "WEBP" else most
    if not 0 < image.width * image.height <= bound or max(image.size) > MAX_SIDE:
        raise _too_large(most)


def _too_large(most: int) -> ImageFileError:
    return ImageFileError(
        _("The image must have at most {most} million pixels (WebP: {webp}) and {side} a side: make it smaller.",
          most=most // 10**6, webp=MAX_WEBP_PIXELS // 10**6, side=f"{MAX_SIDE:,}")
    )  # fmt: skip


def _reduced(image: Image.Image) -> Image.Image:
    """The picture as "L", "RGB" or "RGBA", each pixel the mean of a block; in strips, for whole copies are large."""
    factor = max(1, min(max(image.size) // LONG, min(image.size) // SHORT))
    bounds = _bounds(image) if image.mode.startswith(("I", "F")) else None
    mode = _mode(image)
    small = Image.new(mode, (-(-image.width // factor), -(-image.height // factor)))
    for top, strip in _strips(image, factor):
        levels = _levelled(strip, *bounds) if bounds else strip.convert(mode)
        small.paste(_whole(levels.reduce(factor) if factor > 1 else levels), (0, top // factor))
    return small


def _mode(image: Image.Image) -> str:
    if image.mode.startswith(("I", "F")):
        return "L"
    if image.has_transparency_data or image.mode in ("La", "RGBa"):
        return "RGBA"
    return "L" if image.mode in ("L", "1") else "RGB"


def _strips(image: Image.Image, factor: int = 1):  # type: ignore[no-untyped-def]
    """(top, strip): the picture in strips of whole blocks."""
    rows = factor * max(1, STRIP // (image.width * factor))
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _bounds(image: Image.Image) -> tuple[float, float]:
    """The values of deep or floating-point grey that become 0 and 255."""
    low, high, is_eight = np.inf, -np.inf, image.mode != "F"
    for _top, strip in _strips(image):
        values = np.asarray(strip)
        numbers = values[np.isfinite(values)] if image.mode == "F" else values
        if numbers.size:
            low, high = min(low, float(numbers.min())), max(high, float(numbers.max()))
        is_eight = is_eight and not (values % EIGHT_BITS).any()
    if is_eight and low >= 0 and high <= 255 * EIGHT_BITS:
        return 0.0, 255.0 * EIGHT_BITS
    return (low, high) if np.isfinite(low) else (0.0, 0.0)


def _levelled(strip: Image.Image, low: float, high: float) -> Image.Image:
    """Values from `low` to `high` as 0 to 255, "F"; what is no number counts as the lowest."""
    values = np.nan_to_num(np.asarray(strip, dtype=np.float64), nan=low)
    scale = 255 / (high - low) if high > low else 0.0
    return Image.fromarray(((np.clip(values, low, high) - low) * scale).astype(np.float32))


def _whole(image: Image.Image) -> Image.Image:
    return Image.fromarray(np.rint(np.asarray(image)).astype(np.uint8)) if image.mode == "F" else image


def _upright(image: Image.Image, turn: int) -> Image.Image:
    """The small picture turned as the camera was; `turn` is the EXIF orientation of its file."""
    if turn not in range(2, 9):
        return image
    exif = Image.Exif()
    exif[0x0112] = turn
    image.info["exif"] = exif.tobytes()
    return ImageOps.exif_transpose(image)


def _on_paper(image: Image.Image) -> Image.Image:
    """See-through parts become white paper under dark ink, black paper under light ink."""
    if image.mode != "RGBA":
        return image
    grey, cover = (np.asarray(layer, np.float64) for layer in (image.convert("RGB").convert("L"), image.getchannel(3)))
    is_dark = (grey * cover).sum() < 128 * max(float(cover.sum()), 1e-9)
    paper = Image.new("RGBA", image.size, "white" if is_dark else "black")
    return Image.alpha_composite(paper, image).convert("RGB")


def scale_down(image: Image.Image, side: int) -> Image.Image:
    """The picture with at most `side` pixels a side, each the mean of an area; a smaller one as it is."""
    longest = max(image.size)
    if longest <= side:
        return image
    size = tuple(max(1, round(length * side / longest)) for length in image.size)
    return image.resize((size[0], size[1]), Image.Resampling.BOX)


def to_levels(image: Image.Image) -> NDArray[np.uint8]:
    """The levels of "L" as (1, rows, cols), of "RGB" as (3, rows, cols)."""
    levels = np.asarray(image)
    return levels[None] if levels.ndim == 2 else levels.transpose(2, 0, 1)
