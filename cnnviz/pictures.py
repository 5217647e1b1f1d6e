"""An uploaded picture → ink → the network's input: any size, colour, mode and paper.

Which is ink and which is paper: `paper`. A file that cannot be read is one kind sentence.
Refuses to know: strokes, networks, where the bytes come from.
"""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from cnnviz.drawing import SHOWN, SIDE, Preparation, Prepared, Stage, prepare_ink
from cnnviz.messages import _
from cnnviz.paper import Grey, find_paper

MAX_BYTES = 20_000_000
MAX_PIXELS = 40_000_000  # checked in the header, before a pixel is decoded
WORKING_SIDE = 512  # larger pictures are shrunk to this first
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
SPECK = 8  # pixels: grains are looked for in squares of this side
FAINTEST = 16.0  # levels of 255 by which ink must differ from its paper


class PictureError(ValueError):
    """A file that cannot be used as a picture; its text is one sentence for the reader."""


def from_picture(data: bytes, preparation: Preparation | None = None) -> Prepared:
    """The network's input for an uploaded picture, with every step on the way.

    Raises: PictureError for a file that is broken, too large, or no picture.
    Example: `from_picture(Path("seven.jpg").read_bytes()).image` is (1, 28, 28) in 0..1.
    """
    grey = read_grey(data)
    ink, ink_is_dark = find_ink(grey)
    note = _("Dark ink on light paper.") if ink_is_dark else _("Light ink on dark paper.")
    if not ink.any():
        note = _("No ink stands out from the paper.")
    before = (
        Stage("uploaded", _("As uploaded"), _("{width}×{height}, in grey.", **_size(grey)), _small(grey)),
        Stage("ink", _("Ink"), note, _small(ink)),
    )
    return prepare_ink(Image.fromarray(ink), preparation or Preparation(), before)


def _size(grey: Grey) -> dict[str, int]:
    return {"width": grey.shape[1], "height": grey.shape[0]}


def _small(grey: NDArray) -> NDArray[np.uint8]:
    image = Image.fromarray(np.clip(np.round(grey), 0, 255).astype(np.uint8))
    image.thumbnail((SHOWN, SHOWN), Image.Resampling.BOX)
    return np.asarray(image)


def read_grey(data: bytes) -> Grey:
    """The picture in whole levels of grey, upright, at most 512 pixels a side, see-through parts as paper."""
    if len(data) > MAX_BYTES:
        raise PictureError(
            _(
                "The file must be at most {most} MB, got {got} MB: make the picture smaller.",
                most=MAX_BYTES // 10**6,
                got=len(data) // 10**6,
            )
        )
    with warnings.catch_warnings():  # Pillow warns about harmless oddities; a bomb is refused below
        warnings.simplefilter("ignore")
        try:
            return np.rint(_decoded(data))  # whole levels: `shrunk` keeps them as they are
        except PictureError:
            raise
        except Image.DecompressionBombError as error:
            raise _too_large() from error
        except Exception as error:  # Pillow's decoders raise whatever they like on broken data
            raise PictureError(
                _("This file cannot be read as a picture (PNG, JPEG, GIF, BMP, WebP or TIFF): try another one.")
            ) from error


def shrunk(data: bytes) -> bytes:
    """The picture as `read_grey` reads it, as a small PNG file, which reads the same: fit to be kept.

    Raises: PictureError as `read_grey`. Example: `read_grey(shrunk(data))` equals `read_grey(data)`.
    """
    return as_png(read_grey(data).astype(np.uint8)[None])


def fitted(data: bytes, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """The middle of the picture, upright, as uint8 of `shape` (1 or 3 channels, rows, cols); white where see-through.

    For networks that read pictures rather than ink. Raises: PictureError as `read_grey`.
    Example: `fitted(data, (3, 32, 32)).shape` is (3, 32, 32).
    """
    read_grey(data)  # which refuses what is no picture, or too large
    channels, rows, cols = shape
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.mode.startswith(("I", "F")):
                upright = Image.fromarray(read_grey(data).astype(np.uint8))
            else:
                upright = ImageOps.exif_transpose(image)
            layers = upright.convert("RGBA")
            flat = Image.alpha_composite(Image.new("RGBA", layers.size, "white"), layers).convert("RGB")
    small = ImageOps.fit(flat, (cols, rows), Image.Resampling.BOX)
    if channels == 1:
        return np.asarray(small.convert("L"))[None]
    return np.asarray(small).transpose(2, 0, 1)


def as_png(picture: NDArray[np.uint8]) -> bytes:
    """A picture (1 or 3 channels, rows, cols) as a PNG file; `fitted` reads the same from it."""
    file = io.BytesIO()
    Image.fromarray(picture[0] if len(picture) == 1 else picture.transpose(1, 2, 0)).save(file, format="PNG")
    return file.getvalue()


def _too_large() -> PictureError:
    return PictureError(
        _("The picture must have at most {most} million pixels: make it smaller.", most=MAX_PIXELS // 10**6)
    )


def _decoded(data: bytes) -> Grey:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise _too_large()
        image.draft("L", (2 * WORKING_SIDE, 2 * WORKING_SIDE))  # JPEG decodes to a smaller size at once
        image.load()
        return _grey(ImageOps.exif_transpose(image))


def _grey(image: Image.Image) -> Grey:
    if image.mode.startswith(("I", "F")):
        factor = max(1, max(image.size) // (2 * WORKING_SIDE))
        image = image.reduce(factor) if factor > 1 and image.mode in ("I", "F") else image
        return _levelled(np.asarray(image, dtype=np.float64))
    if image.has_transparency_data or image.mode in ("La", "RGBa"):
        return _flattened(image)
    colours = image if image.mode == "L" else image.convert("RGB").convert("L")
    return np.asarray(_reduced(colours), dtype=np.float64)


def _reduced(image: Image.Image) -> Image.Image:
    if max(image.size) > WORKING_SIDE:
        image = image.copy()
        image.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX)
    return image


def _levelled(values: Grey) -> Grey:
    """Deep or floating-point grey, its range stretched to 0..255; what is no number counts as the lowest."""
    numbers = values[np.isfinite(values)]
    low, high = (numbers.min(), numbers.max()) if numbers.size else (0.0, 0.0)
    scale = 255 / (high - low) if high > low else 0.0
    levels = (np.clip(np.nan_to_num(values, nan=low), low, high) - low) * scale
    return np.asarray(_reduced(Image.fromarray(levels.astype(np.float32))), dtype=np.float64)


def _flattened(image: Image.Image) -> Grey:
    """See-through parts become white paper under dark ink, black paper under light ink."""
    layers = _reduced(image.convert("RGBA"))
    grey = np.asarray(layers.convert("RGB").convert("L"), dtype=np.float64)
    cover = np.asarray(layers.getchannel("A"), dtype=np.float64) / 255
    ink = (grey * cover).sum() / max(cover.sum(), 1e-9)
    paper = 255.0 if ink < 128 else 0.0
    return grey * cover + paper * (1 - cover)


def find_ink(grey: Grey) -> tuple[NDArray[np.uint8], bool]:
    """(ink 0..255, whether it is darker than its paper); all 0 where nothing stands out."""
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
