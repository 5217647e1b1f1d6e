"""More of what is no digit, beside `non_digits`: `MORE_PRACTICE` for training, `MORE_UNSEEN` for measuring only.

The two sets have no maker in common, nor one with those of `non_digits`: what is measured was never trained on.
Refuses to know: networks, thresholds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cnnviz.data.augment_strokes import augment_strokes
from cnnviz.data.drawn_pictures import draw_picture
from cnnviz.data.non_digits import (
    Generator,
    Maker,
    Picture,
    draw_with_pen,
    prepare_levels,
    print_letter,
    register_in,
    wobble_strokes,
)
from cnnviz.data.rasterize import CANVAS, preprocessed_pixels, rasterise
from cnnviz.data.sample_drawings import DIGIT_SAMPLES
from cnnviz.data.strokes import Sketch

MORE_PRACTICE: dict[str, Maker] = {}
MORE_UNSEEN: dict[str, Maker] = {}
Line = NDArray[np.float64]


def _bow(centre: tuple[float, float], radii: tuple[float, float], start: float, stop: float) -> list:
    """Part of an ellipse; angles in quarter turns, clockwise from the right."""
    angle = np.linspace(start, stop, 20) * np.pi / 2
    return np.stack([centre[0] + radii[0] * np.cos(angle), centre[1] + radii[1] * np.sin(angle)], axis=1).tolist()


# Letters with bows, as one writes them; none that some writers' digits cannot be told from (O, I, l, S, Z, b, g, q, D).
WRITTEN = {
    "P": [[(0, 0), (0, 1)], [(0, 0), *_bow((0.3, 0.25), (0.35, 0.25), -1, 1), (0, 0.5)]],
    "G": [[*_bow((0.5, 0.5), (0.5, 0.5), -0.5, -4), (1, 0.55), (0.6, 0.55)]],
    "Q": [_bow((0.5, 0.45), (0.45, 0.45), -1, 3), [(0.6, 0.65), (1.05, 1.1)]],
    "T": [[(0, 0), (1, 0)], [(0.5, 0), (0.5, 1)]],
    "V": [[(0, 0), (0.45, 1), (0.9, 0)]],
    "L": [[(0, 0), (0, 1), (0.75, 1)]],
    "a": [[*_bow((0.4, 0.6), (0.4, 0.4), -0.3, -4.2)], [(0.8, 0.2), (0.8, 0.9), (1, 1)]],
    "d": [[*_bow((0.35, 0.7), (0.35, 0.3), -0.3, -4.2)], [(0.72, 0), (0.72, 1)]],
    "e": [[(0.1, 0.55), (0.9, 0.5), *_bow((0.5, 0.5), (0.42, 0.45), 0, -3.5)]],
    "h": [[(0, 0), (0, 1)], [(0, 0.6), *_bow((0.35, 0.6), (0.35, 0.2), -2, 0), (0.7, 1)]],
    "n": [[(0, 0.3), (0, 1)], [(0, 0.6), *_bow((0.4, 0.6), (0.4, 0.3), -2, 0), (0.8, 1)]],
    "p": [[(0, 0.2), (0, 1.2)], _bow((0.33, 0.5), (0.33, 0.3), -2, 2)],
    "f": [[*_bow((0.5, 0.2), (0.2, 0.2), -0.3, -2), (0.3, 1)], [(0, 0.45), (0.7, 0.45)]],
    "t": [[(0.3, 0), (0.3, 0.8), *_bow((0.5, 0.8), (0.2, 0.2), 2, 0.5)], [(0, 0.3), (0.7, 0.3)]],
    "u": [[(0, 0.2), *_bow((0.35, 0.7), (0.35, 0.3), 2, 0), (0.7, 0.2), (0.7, 1)]],
    "ll": [[(0, 0.6), *_bow((0.2, 0.3), (0.15, 0.35), 1, -3), (0.4, 0.9), *_bow((0.6, 0.3), (0.15, 0.35), 1, -3),
            (1, 1)]],
}  # fmt: skip


@register_in(MORE_PRACTICE)
def _written(rng: Generator) -> Picture:
    """Letters with bows, by hand."""
    return wobble_strokes(list(WRITTEN.values()), 0.015, rng)


@register_in(MORE_PRACTICE)
def _rosettes(rng: Generator) -> Picture:
    """A closed line with several petals that cross."""
    petals, depth = int(rng.integers(3, 8)), rng.uniform(0.5, 1.4)
    angle = np.linspace(0, 2 * np.pi, 140)
    radius = 1 + depth * np.cos(petals * angle + rng.uniform(0, 6))
    flat = np.diag([1.0, rng.uniform(0.5, 1)])
    return draw_with_pen([np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1) @ flat], rng)


@register_in(MORE_PRACTICE)
def _plates(rng: Generator) -> Picture:
    """Filled ellipses and rectangles, some with a bite taken out or a hole."""
    image = Image.new("L", (CANVAS, CANVAS))
    draw = ImageDraw.Draw(image)
    for shade in [255] * int(rng.integers(1, 4)) + [0] * int(rng.integers(0, 3)):
        corner, size = rng.uniform(20, 150, 2), rng.uniform(30, 120, 2)
        box = (*corner.tolist(), *(corner + size).tolist())
        if rng.random() < 0.5:
            draw.ellipse(box, fill=shade)
        else:
            draw.rectangle(box, fill=shade)
    turned = image.rotate(rng.uniform(0, 360))
    return preprocessed_pixels(turned) if turned.getbbox() else _plates(rng)


@register_in(MORE_PRACTICE)
def _wedges(rng: Generator) -> Picture:
    """Filled bands and wedges around a middle: fans, crescents, thick brackets."""
    image = Image.new("L", (CANVAS, CANVAS))
    draw = ImageDraw.Draw(image)
    for _wedge in range(int(rng.integers(1, 4))):
        start, wide = rng.uniform(0, 360), rng.uniform(30, 300)
        draw.pieslice((60, 60, 220, 220), start, start + wide, fill=255)
    if rng.random() < 0.5:
        x, y, radius = rng.uniform(90, 190), rng.uniform(90, 190), rng.uniform(20, 60)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return preprocessed_pixels(image) if image.getbbox() else _wedges(rng)


@register_in(MORE_PRACTICE)
def _cursive(rng: Generator) -> Picture:
    """Joined-up writing without letters: a wave with loops, running on."""
    along = np.linspace(0, 2 * np.pi * rng.uniform(2, 5), 150)
    loops = rng.uniform(0.6, 1.8)
    tall = 1 + 0.4 * np.sin(along * rng.uniform(0.2, 0.7) + rng.uniform(0, 6))
    path = np.stack([along * rng.uniform(0.4, 0.9) + loops * np.sin(along), tall * 1.5 * np.cos(along)], axis=1)
    return draw_with_pen([path], rng)


@register_in(MORE_PRACTICE)
def _brackets(rng: Generator) -> Picture:
    """Nested or crossing half ellipses and straight lines: signs of nobody's alphabet."""
    paths = []
    for _stroke in range(int(rng.integers(2, 5))):
        if rng.random() < 0.5:
            paths.append(rng.random((2, 2)))
        else:
            start = rng.uniform(0, 4)
            centre, radii = rng.uniform(0.3, 0.7, 2), rng.uniform(0.1, 0.5, 2)
            bow = _bow((centre[0], centre[1]), (radii[0], radii[1]), start, start + rng.uniform(1, 3))
            paths.append(np.array(bow))
    return draw_with_pen(paths, rng)


@register_in(MORE_UNSEEN)
def _capitals(rng: Generator) -> Picture:
    """Printed capitals that look like no digit and are in no other kind."""
    return print_letter("CGJLPQRTUVY", rng)


@register_in(MORE_UNSEEN)
def _small_letters(rng: Generator) -> Picture:
    return print_letter("acdfhnprtuvy", rng)


@register_in(MORE_UNSEEN)
def _signs(rng: Generator) -> Picture:
    """Printed signs."""
    return print_letter("?!$*+=<>~^{}", rng)


FIGURES = {
    "smile": [_bow((0.5, 0.5), (0.5, 0.5), 0, 4), _bow((0.5, 0.55), (0.25, 0.2), 0.2, 1.8),
              [(0.35, 0.35), (0.35, 0.38)], [(0.65, 0.35), (0.65, 0.38)]],
    "heart": [[(0.5, 1), (0.05, 0.45), *_bow((0.27, 0.3), (0.23, 0.25), -2, 0), *_bow((0.73, 0.3), (0.23, 0.25), -2, 0),
               (0.95, 0.45), (0.5, 1)]],
    "house": [[(0.1, 1), (0.1, 0.45), (0.5, 0), (0.9, 0.45), (0.9, 1), (0.1, 1)], [(0.1, 0.45), (0.9, 0.45)],
              [(0.4, 1), (0.4, 0.7), (0.6, 0.7), (0.6, 1)]],
    "arrow": [[(0, 0.5), (1, 0.5)], [(0.7, 0.2), (1, 0.5), (0.7, 0.8)]],
    "sun": [_bow((0.5, 0.5), (0.25, 0.25), 0, 4), *([(0.5 + 0.32 * np.cos(a), 0.5 + 0.32 * np.sin(a)),
            (0.5 + 0.5 * np.cos(a), 0.5 + 0.5 * np.sin(a))] for a in np.arange(8) * np.pi / 4)],
    "cloud": [[*_bow((0.25, 0.6), (0.25, 0.2), 1, 3), *_bow((0.5, 0.4), (0.25, 0.3), -2, 0),
               *_bow((0.78, 0.6), (0.22, 0.2), -1, 1), (0.25, 0.8)]],
    "flash": [[(0.6, 0), (0.2, 0.55), (0.5, 0.5), (0.3, 1), (0.8, 0.4), (0.5, 0.45), (0.6, 0)]],
    "flower": [[(0.5, 0.45), (0.5, 1.2)], *(_bow((0.5 + 0.28 * np.cos(a), 0.3 + 0.28 * np.sin(a)), (0.14, 0.14), 0, 4)
               for a in np.arange(5) * 1.2566)],
}  # fmt: skip


@register_in(MORE_UNSEEN)
def _figures(rng: Generator) -> Picture:
    """A smile, a heart, a house, an arrow …, drawn with a pen."""
    return wobble_strokes(list(FIGURES.values()), 0.012, rng)


def _digit(label: str, rng: Generator) -> Image.Image:
    """One of our own drawings as somebody else might have drawn it, as ink."""
    sample = next(sample for sample in DIGIT_SAMPLES if sample.label == label)
    return rasterise(augment_strokes(_lines_of(sample.sketch), label, rng))


def _lines_of(sketch: Sketch) -> tuple[Line, ...]:
    return tuple(np.array(stroke.points) for stroke in sketch.strokes)


@register_in(MORE_UNSEEN)
def _two_digits(rng: Generator) -> Picture:
    """Two digits at once, so near that their boxes overlap: most of them touch."""
    pair = [_digit(str(rng.integers(10)), rng) for _each in range(2)]
    left, right = (image.crop(image.getbbox()) for image in pair)
    height = max(left.height, right.height)
    overlap = int(rng.uniform(0.05, 0.25) * min(left.width, right.width))
    paper = np.zeros((height, left.width + right.width - overlap), np.uint8)
    for image, at in ((left, 0), (right, left.width - overlap)):
        top = (height - image.height) // 2
        place = paper[top : top + image.height, at : at + image.width]
        np.maximum(place, np.asarray(image), out=place)
    return preprocessed_pixels(Image.fromarray(paper))


HALVES = (("0", "top"), ("0", "bottom"), ("8", "left"), ("2", "bottom"), ("3", "left"))  # none looks like a digit


@register_in(MORE_UNSEEN)
def _half_digits(rng: Generator) -> Picture:
    """A digit of which only one half is there."""
    label, half = HALVES[int(rng.integers(len(HALVES)))]
    image = _digit(label, rng)
    left, top, right, bottom = image.getbbox() or (0, 0, *image.size)
    x, y = (left + right) // 2, (top + bottom) // 2
    box = {"top": (left, top, right, y), "bottom": (left, y, right, bottom), "left": (left, top, x, bottom)}[half]
    return preprocessed_pixels(image.crop(box))


@register_in(MORE_UNSEEN)
def _pictures(rng: Generator) -> Picture:
    """A grey picture of an airplane or a bird, light or dark turned to ink, a part of it."""
    image = Image.fromarray(draw_picture(int(rng.integers(6))).transpose(1, 2, 0)).convert("L")
    levels = np.asarray(image).astype(float)
    levels = levels if rng.random() < 0.5 else 255 - levels
    side = int(rng.integers(20, 33))
    row, col = rng.integers(0, 33 - side, 2)
    part = levels[row : row + side, col : col + side]
    part = (part - part.min()) / max(float(np.ptp(part)), 1.0) * 255
    return prepare_levels(part)


@register_in(MORE_UNSEEN)
def _dirt(rng: Generator) -> Picture:
    """Empty paper with a few spots and hairs on it."""
    image = Image.new("L", (CANVAS, CANVAS))
    draw = ImageDraw.Draw(image)
    for x, y in rng.uniform(20, 260, (int(rng.integers(4, 14)), 2)):
        radius = rng.exponential(3) + 1
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=int(rng.integers(90, 256)))
    for x, y in rng.uniform(40, 240, (int(rng.integers(0, 3)), 2)):
        hair = np.array([x, y]) + np.cumsum(rng.normal(0, 5, (10, 2)), axis=0)
        draw.line([tuple(point) for point in hair.tolist()], fill=160, width=2)
    return preprocessed_pixels(image)
