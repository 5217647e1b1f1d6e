"""Strokes → the network's input, 1×28×28, prepared as MNIST was: what ink becomes, step by step.

MNIST's digits were cut to their ink, fitted into 20×20 pixels with their aspect kept (which
turned black and white into grey), and laid on 28×28 so that the centre of mass is nearest to
pixel (14, 14): on all 70,000 images it lies in [13.5, 14.5), so the shift is by whole pixels.
Each step here can be switched off; with all of them off the canvas is merely shrunk to 28×28.
Refuses to know: networks, files (`pictures` reads uploads), where strokes come from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cnnviz.data.separate_drawings import is_several
from cnnviz.data.strokes import PEN_WIDTH, Point, Sketch, Stroke
from cnnviz.i18n import _

__all__ = [
    "PEN_WIDTH",
    "Preparation",
    "PreparedImage",
    "PreprocessingStage",
    "Sketch",
    "Stroke",
    "preprocess",
    "preprocess_ink",
    "preprocessed_pixels",
    "rasterise",
]

SIDE = 28  # of the network's input
FITTED = 20  # the box that MNIST's ink fills
CENTRE = 14  # the pixel, in both directions, that MNIST's centres of mass are nearest to
CANVAS = 280  # pixels of the raster: ten a pixel of the input
FINE = 160  # pixels at least that ink has on its longer side before it is shrunk
SHOWN = 112  # at most this many pixels a side in the picture of a stage

Ink = NDArray[np.uint8]  # (height, width), 0 paper .. 255 ink


@dataclass(frozen=True)
class Preparation:
    """Which of MNIST's steps are taken; all of them, unless switched off.

    >>> from cnnviz.data.rasterize import Preparation, Sketch, Stroke, preprocess
    >>> corner = Sketch((Stroke(((0.1, 0.1), (0.1, 0.3))),))
    >>> [int(preprocess(corner, Preparation(crops=crops)).image[0].any(axis=1).sum()) for crops in (True, False)]
    [20, 6]
    """

    crops: bool = True  # cut to the ink's box
    fits: bool = True  # the longer side becomes 20 pixels (28 when off)
    smooths: bool = True  # grey edges: each pixel is the mean of what it covers (one sample of it when off)
    centres: bool = True  # centre of mass to pixel (14, 14) (the middle of the box to the middle when off)


@dataclass(frozen=True)
class PreprocessingStage:
    """One step as a small picture: its name, what it does, and the ink after it (0 paper .. 255 ink).

    >>> from cnnviz.data.rasterize import Sketch, Stroke, preprocess
    >>> stages = preprocess(Sketch((Stroke(((0.5, 0.2), (0.5, 0.8))),))).stages
    >>> [stage.key for stage in stages], stages[-1].picture.shape
    (['drawn', 'cropped', 'fitted', 'smoothed', 'centred'], (28, 28))
    """

    key: str
    name: str
    note: str
    picture: Ink  # (height, width), read-only
    is_on: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "picture", _read_only(self.picture))


@dataclass(frozen=True)
class PreparedImage:
    """The network's input in 0..1, with every step on the way to it: 1×28×28 for drawings, or a picture of any size.

    Raises: ValueError for an image that is not float32 of (channels, rows, cols).

    >>> from cnnviz.data.rasterize import Sketch, preprocess
    >>> blank = preprocess(Sketch(()))
    >>> blank.has_ink, blank.image.shape
    (False, (1, 28, 28))
    """

    image: NDArray[np.float32]  # (channels, rows, cols), read-only
    stages: tuple[PreprocessingStage, ...]
    has_ink: bool
    is_several: bool = False  # more than one drawing, as far as can be told before the network

    def __post_init__(self) -> None:
        if self.image.ndim != 3 or self.image.size == 0 or self.image.dtype != np.float32:
            raise ValueError(
                _(
                    "image must be float32 of shape (channels, rows, cols), got {dtype} {shape}: use prepare()",
                    dtype=self.image.dtype,
                    shape=self.image.shape,
                )
            )
        object.__setattr__(self, "image", _read_only(self.image))


def _read_only(array: NDArray) -> NDArray:
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array


def rasterise(sketch: Sketch, side: int = CANVAS) -> Image.Image:
    """The sketch as black-and-white ink, "L", side×side: round caps and joins, erasers remove.

    side: pixels. Returns: 0 paper, 255 ink.

    >>> from cnnviz.data.rasterize import Sketch, Stroke, rasterise
    >>> image = rasterise(Sketch((Stroke(((0.5, 0.2), (0.5, 0.8))),)), side=100)
    >>> image.size, image.getpixel((50, 50)), image.getpixel((0, 0))
    ((100, 100), 255, 0)
    """
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    for stroke in sketch.strokes:
        _lay(draw, stroke, side)
    return image


def _lay(draw: ImageDraw.ImageDraw, stroke: Stroke, side: int) -> None:
    shade = 0 if stroke.erases else 255
    diameter = max(1.0, stroke.width * side)
    points = _thinned([(x * side - 0.5, y * side - 0.5) for x, y in stroke.points])
    if len(points) > 1:
        draw.line(points, fill=shade, width=round(diameter))
    if diameter < 2:
        draw.point(points, fill=shade)
        return
    radius = (diameter - 1) / 2  # ellipse() includes its last pixel
    for x, y in points:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=shade)


def _thinned(points: list[Point], step: float = 1.0) -> list[Point]:
    """`points` without those closer than `step` pixels to the one before; the first and last stay."""
    kept = points[:1]
    for point in points[1:-1]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= step:
            kept.append(point)
    return kept + points[-1:] if len(points) > 1 else kept


def preprocess(sketch: Sketch, preparation: Preparation | None = None) -> PreparedImage:
    """The network's input for `sketch`, 1×28×28 in 0..1, and every step on the way.

    preparation: which steps are taken (None: all of them).

    >>> from cnnviz.data.rasterize import preprocess
    >>> from cnnviz.data.strokes import Sketch, Stroke
    >>> preprocess(Sketch((Stroke(((0.5, 0.2), (0.5, 0.8))),))).image.shape
    (1, 28, 28)
    """
    drawn = rasterise(sketch)
    first = PreprocessingStage("drawn", _("As drawn"), _("The canvas, black and white."), _shown(drawn))
    return preprocess_ink(drawn, preparation or Preparation(), (first,))


def preprocess_ink(
    drawn: Image.Image, preparation: Preparation, before: tuple[PreprocessingStage, ...] = ()
) -> PreparedImage:
    """The network's input, 1×28×28 in 0..1, for ink of any size, "L", 0 paper .. 255 ink; `before`: the stages so far.

    >>> from PIL import Image
    >>> from cnnviz.data.rasterize import Preparation, preprocess_ink
    >>> drawn = Image.new("L", (40, 40))
    >>> drawn.paste(255, (18, 8, 22, 32))  # a stroke of 4×24, which fits into 20×20 as 3×20
    >>> image = preprocess_ink(drawn, Preparation()).image
    >>> image.shape, int(image[0].any(axis=1).sum())
    ((1, 28, 28), 20)
    """
    ink, size = _cropped(drawn, preparation)
    rough = np.asarray(ink.resize(size, Image.Resampling.NEAREST))
    small = np.asarray(_shrunk(ink, size)) if preparation.smooths else rough
    placed = _place(small, preparation.centres)
    stages = (
        PreprocessingStage(
            "cropped", _("Cut to the ink"), _crop_note(ink, preparation.crops), _shown(ink), preparation.crops
        ),
        PreprocessingStage("fitted", _("Fitted"), _fit_note(size, preparation.fits), rough, preparation.fits),
        PreprocessingStage("smoothed", _("Smoothed"), _smooth_note(preparation.smooths), small, preparation.smooths),
        PreprocessingStage(
            "centred", _("Centred"), _centre_note(placed, preparation.centres), placed, preparation.centres
        ),
    )
    image = (placed.astype(np.float32) / np.float32(255))[None]
    return PreparedImage(image, before + stages, bool(placed.any()), is_several(np.asarray(drawn)))


def preprocessed_pixels(drawn: Image.Image) -> Ink:
    """The same 28×28 as `preprocess_ink` with all steps, uint8 in 0..255, without the pictures: for data sets.

    drawn: "L" of any size, 0 paper .. 255 ink.

    >>> from PIL import Image
    >>> from cnnviz.data.rasterize import preprocessed_pixels
    >>> drawn = Image.new("L", (40, 40))
    >>> drawn.paste(255, (18, 8, 22, 32))
    >>> pixels = preprocessed_pixels(drawn)
    >>> pixels.shape, pixels.dtype, int(pixels.max())
    ((28, 28), dtype('uint8'), 255)
    """
    ink, size = _cropped(drawn, Preparation())
    return _place(np.asarray(_shrunk(ink, size)), centres=True)


def _cropped(drawn: Image.Image, preparation: Preparation) -> tuple[Image.Image, tuple[int, int]]:
    """The ink that goes on, and the size (width, height) that it is to be fitted into."""
    box = drawn.getbbox()
    ink = drawn.crop(box) if box and preparation.crops else drawn
    return ink, _fitted_size(ink.size, FITTED if preparation.fits else SIDE)


def _fitted_size(size: tuple[int, int], side: int) -> tuple[int, int]:
    """`size` (width, height) scaled so that its longer side is `side`; never thinner than a pixel."""
    longest = max(size)
    width, height = (max(1, math.floor(length * side / longest + 0.5)) for length in size)
    return width, height


def _shrunk(ink: Image.Image, size: tuple[int, int]) -> Image.Image:
    """`ink` with each pixel the mean of what it covers; enlarged, a blend of its neighbours.

    Of Pillow's filters the plain mean gives MNIST's mixture of black and grey (docs/training.md).
    """
    if ink.size == size:
        return ink
    if max(size) > max(ink.size):
        return ink.resize(size, Image.Resampling.BILINEAR)
    finer = math.ceil(FINE / max(ink.size))  # Pillow counts a pixel in or out: small ones make a truer mean
    if finer > 1:
        ink = ink.resize((ink.width * finer, ink.height * finer), Image.Resampling.NEAREST)
    return ink.resize(size, Image.Resampling.BOX)


def _place(small: Ink, centres: bool) -> Ink:
    """`small` laid on 28×28 paper; what falls off the paper is cut off."""
    height, width = small.shape
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    if centres and small.any():
        row, col = centre_of_mass(small)
        # the whole-pixel place that brings the centre into [13.5, 14.5), as in MNIST
        top, left = math.ceil(CENTRE - 0.5 - row), math.ceil(CENTRE - 0.5 - col)
    paper = np.zeros((SIDE, SIDE), np.uint8)
    rows, cols = slice(max(top, 0), top + height), slice(max(left, 0), left + width)
    paper[rows, cols] = small[max(-top, 0) : SIDE - top, max(-left, 0) : SIDE - left]
    return paper


def centre_of_mass(ink: Ink) -> Point:
    """(row, col) of the ink's centre, pixel centres at whole numbers; ink must not be all paper."""
    mass = ink.sum(dtype=np.int64)
    rows, cols = ink.sum(axis=1, dtype=np.int64), ink.sum(axis=0, dtype=np.int64)
    return float(rows @ np.arange(len(rows)) / mass), float(cols @ np.arange(len(cols)) / mass)


def _shown(ink: Image.Image) -> Ink:
    if max(ink.size) <= SHOWN:
        return np.asarray(ink)
    return np.asarray(ink.resize(_fitted_size(ink.size, SHOWN), Image.Resampling.BOX))


def _crop_note(ink: Image.Image, is_on: bool) -> str:
    if not is_on:
        return _("Off: the whole canvas is used.")
    return _("Its bounding box is {width}×{height} pixels.", width=ink.width, height=ink.height)


def _fit_note(size: tuple[int, int], is_on: bool) -> str:
    if not is_on:
        return _("Off: shrunk to {width}×{height} instead of into 20×20.", width=size[0], height=size[1])
    return _("{width}×{height}: the longer side is 20, the aspect ratio is kept.", width=size[0], height=size[1])


def _smooth_note(is_on: bool) -> str:
    if not is_on:
        return _("Off: each pixel is one sample of the ink, black or white.")
    return _("Each pixel is the mean of the ink that it covers: grey edges.")


def _centre_note(placed: Ink, is_on: bool) -> str:
    if not is_on:
        return _("Off: the box lies in the middle of 28×28.")
    if not placed.any():
        return _("No ink, so no centre.")
    row, col = centre_of_mass(placed)
    return _(
        "Centre of mass moved by whole pixels to ({row}, {col}); MNIST: (14, 14).", row=f"{row:.1f}", col=f"{col:.1f}"
    )
