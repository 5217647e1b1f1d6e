"""What is no digit: scribbles, shapes, letters, noise, made from a seed.

Two sets of kinds that have no maker in common: `PRACTICE` for training, `UNSEEN` for measuring
whether what was never trained on is turned away as well. Every image is 28×28, prepared as ink is.
Refuses to know: networks, thresholds (`decision`), how much of it is trained on (`digit_pools`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from cnnviz.data.augment_strokes import strokes_to_sketch
from cnnviz.data.rasterize import CANVAS, preprocessed_pixels, rasterise

Generator = np.random.Generator
Picture = NDArray[np.uint8]  # (28, 28), 0 paper .. 255 ink
Maker = Callable[[Generator], Picture]

PRACTICE: dict[str, Maker] = {}
UNSEEN: dict[str, Maker] = {}


def make_non_digits(kinds: dict[str, Maker], count: int, rng: Generator) -> Picture:
    """`count` pictures of `kinds` in equal parts, (count, 28, 28) uint8."""
    makers = list(kinds.values())
    return np.stack([makers[number % len(makers)](rng) for number in range(count)])


def register_in(kinds: dict[str, Maker]) -> Callable[[Maker], Maker]:
    """A decorator that puts a maker among `kinds`, under its name."""

    def register(maker: Maker) -> Maker:
        kinds[maker.__name__.strip("_")] = maker
        return maker

    return register


def draw_with_pen(paths: list[NDArray], rng: Generator) -> Picture:
    """Strokes, turned a little, drawn with some pen and prepared as a digit would be."""
    angle = rng.normal(0, 0.15)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    stretch = np.diag([np.exp(rng.normal(0, 0.15)), 1])
    sketch = strokes_to_sketch([path @ (turn @ stretch).T for path in paths], 0.7 * rng.uniform(0.05, 0.16))
    return preprocessed_pixels(rasterise(sketch))


def wobble_strokes(shapes: list, wobble: float, rng: Generator) -> Picture:
    """One of `shapes` (each some strokes of some corners), its corners moved by about `wobble` of its size."""
    strokes = shapes[int(rng.integers(len(shapes)))]
    return draw_with_pen(
        [np.array(stroke, dtype=float) + rng.normal(0, wobble, (len(stroke), 2)) for stroke in strokes], rng
    )


def prepare_levels(levels: NDArray) -> Picture:
    """Any grey picture, (height, width) in 0..255, prepared as an upload would be."""
    return preprocessed_pixels(Image.fromarray(levels.astype(np.uint8)))


def _walk(rng: Generator, steps: int, wildness: float) -> NDArray:
    """A smooth path whose direction wanders."""
    turning = np.cumsum(rng.normal(0, wildness, steps))
    heading = rng.uniform(0, 2 * np.pi) + np.cumsum(turning * 0.3 + rng.normal(0, wildness, steps))
    return np.cumsum(np.stack([np.cos(heading), np.sin(heading)], axis=1), axis=0)


@register_in(PRACTICE)
def _scribbles(rng: Generator) -> Picture:
    return draw_with_pen(
        [_walk(rng, int(rng.integers(90, 260)), rng.uniform(0.15, 0.5)) for _ in range(rng.integers(1, 4))], rng
    )


@register_in(PRACTICE)
def _zigzags(rng: Generator) -> Picture:
    turns = int(rng.integers(5, 14))
    along = np.linspace(0, rng.uniform(0.6, 2), turns)
    across = np.where(np.arange(turns) % 2, 1.0, 0.0) + rng.normal(0, 0.12, turns)
    path = np.stack([along, across], axis=1) + rng.normal(0, 0.04, (turns, 2))
    return draw_with_pen([path if rng.random() < 0.5 else path[:, ::-1]], rng)


@register_in(PRACTICE)
def _corners(rng: Generator) -> Picture:
    """Straight strokes between random points."""
    return draw_with_pen([rng.random((int(rng.integers(3, 7)), 2)) for _ in range(rng.integers(2, 5))], rng)


@register_in(PRACTICE)
def _noise(rng: Generator) -> Picture:
    side = int(rng.choice([7, 14, 20, 28, 28]))
    levels = rng.random((side, side)) * 255 * (rng.random((side, side)) < rng.uniform(0.1, 1))
    return prepare_levels(
        np.asarray(Image.fromarray(levels.astype(np.uint8)).resize((28, 28), Image.Resampling.BILINEAR))
    )


@register_in(PRACTICE)
def _clouds(rng: Generator) -> Picture:
    side = int(rng.integers(3, 7))
    soft = Image.fromarray((rng.random((side, side)) * 255).astype(np.uint8)).resize((28, 28), Image.Resampling.BICUBIC)
    levels = np.asarray(soft).astype(float)
    return prepare_levels(np.clip((levels - rng.uniform(60, 160)) * rng.uniform(1, 6), 0, 255))


@register_in(PRACTICE)
def _dots(rng: Generator) -> Picture:
    places = rng.random((int(rng.integers(1, 7)), 2)) * rng.choice([0.0, 0.3, 1.0])
    return draw_with_pen([place[None] + np.zeros((1, 2)) for place in places], rng)


POLYGONS = {
    "triangle": [(0, 1), (0.5, 0), (1, 1), (0, 1)],
    "square": [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)],
    "diamond": [(0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5), (0.5, 0)],
    "star": [(0.2, 1), (0.5, 0), (0.8, 1), (0, 0.4), (1, 0.4), (0.2, 1)],
    "tick": [(0, 0.6), (0.35, 1), (1, 0)],
    "bow tie": [(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)],
}


@register_in(PRACTICE)
def _shapes(rng: Generator) -> Picture:
    return wobble_strokes([[corners] for corners in POLYGONS.values()], 0.04, rng)


LETTERS = {
    "A": [[(0, 1), (0.5, 0), (1, 1)], [(0.2, 0.6), (0.8, 0.6)]],
    "E": [[(0.9, 0), (0, 0), (0, 1), (0.9, 1)], [(0, 0.5), (0.7, 0.5)]],
    "F": [[(0.9, 0), (0, 0), (0, 1)], [(0, 0.5), (0.7, 0.5)]],
    "H": [[(0, 0), (0, 1)], [(1, 0), (1, 1)], [(0, 0.5), (1, 0.5)]],
    "K": [[(0, 0), (0, 1)], [(0.9, 0), (0, 0.55), (0.9, 1)]],
    "M": [[(0, 1), (0.1, 0), (0.5, 0.7), (0.9, 0), (1, 1)]],
    "N": [[(0, 1), (0, 0), (1, 1), (1, 0)]],
    "R": [[(0, 1), (0, 0), (0.8, 0.1), (0.8, 0.4), (0, 0.5), (0.9, 1)]],
    "W": [[(0, 0), (0.25, 1), (0.5, 0.3), (0.75, 1), (1, 0)]],
    "X": [[(0, 0), (1, 1)], [(1, 0), (0, 1)]],
    "N in three strokes": [[(0, 0), (0, 1)], [(0.8, 0.1), (0.8, 0.9)], [(0, 0), (0.8, 0.9)]],
    "m": [[(0, 1), (0, 0.3), (0.3, 0.1), (0.5, 0.3), (0.5, 1)], [(0.5, 0.3), (0.8, 0.1), (1, 0.3), (1, 1)]],
    "w": [[(0, 0.2), (0.2, 1), (0.5, 0.4), (0.8, 1), (1, 0.2)]],
    "k": [[(0, 0), (0, 1)], [(0.7, 0.3), (0, 0.7)], [(0.3, 0.55), (0.8, 1)]],
    "+": [[(0, 0.5), (1, 0.5)], [(0.5, 0), (0.5, 1)]],
    "=": [[(0, 0.3), (1, 0.3)], [(0, 0.7), (1, 0.7)]],
    "#": [[(0, 0.3), (1, 0.3)], [(0, 0.7), (1, 0.7)], [(0.35, 0), (0.25, 1)], [(0.75, 0), (0.65, 1)]],
}


@register_in(PRACTICE)
def _letters(rng: Generator) -> Picture:
    return wobble_strokes(list(LETTERS.values()), 0.05, rng)


@register_in(PRACTICE)
def _bars(rng: Generator) -> Picture:
    """A lying line, or a few lines side by side."""
    if rng.random() < 0.4:
        slope = rng.normal(0, 0.12)
        return draw_with_pen([np.array([[0, 0], [1, slope]])], rng)
    count = int(rng.integers(2, 6))
    lines = [np.array([[x, 0.0], [x + rng.normal(0, 0.08), 1.0]]) for x in np.linspace(0, 0.3 * count, count)]
    return draw_with_pen(lines if rng.random() < 0.5 else [line[:, ::-1] for line in lines], rng)


@register_in(PRACTICE)
def _curls(rng: Generator) -> Picture:
    """A pen going round and round while it moves on: coils and tangles."""
    angle = np.linspace(0, 2 * np.pi * rng.uniform(2, 6), 160)
    radius = rng.uniform(0.3, 1) + 0.3 * np.sin(angle * rng.uniform(0.1, 0.6) + rng.uniform(0, 6))
    drift = rng.uniform(0, 0.25) * np.stack([np.cos(rng.uniform(0, 6)) * angle, np.sin(rng.uniform(0, 6)) * angle], 1)
    return draw_with_pen(
        [radius[:, None] * np.stack([np.cos(angle), rng.uniform(0.4, 1) * np.sin(angle)], 1) + drift], rng
    )


@register_in(PRACTICE)
def _blots(rng: Generator) -> Picture:
    """One filled, round-edged blot of ink."""
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    radius = 1 + sum(rng.normal(0, 0.35 / k) * np.sin(k * angle + rng.uniform(0, 6)) for k in range(1, 5))
    outline = np.abs(radius)[:, None] * np.stack([np.cos(angle), rng.uniform(0.3, 1) * np.sin(angle)], axis=1)
    image = Image.new("L", (CANVAS, CANVAS))
    corners = (CANVAS / 2 + outline * CANVAS / 7).tolist()
    ImageDraw.Draw(image).polygon([tuple(corner) for corner in corners], fill=255)
    return preprocessed_pixels(image)


@register_in(PRACTICE)
def _arcs(rng: Generator) -> Picture:
    """Several unrelated bows, as of handwriting that is no digit."""
    paths = []
    for _bow in range(int(rng.integers(3, 6))):
        angle = np.linspace(0, rng.uniform(1, 5), 24) + rng.uniform(0, 6)
        size = rng.uniform(0.1, 0.45, 2)
        paths.append(rng.random(2) + size * np.stack([np.cos(angle), np.sin(angle)], axis=1))
    return draw_with_pen(paths, rng)


@register_in(UNSEEN)
def _loops(rng: Generator) -> Picture:
    """Closed curves of two frequencies (Lissajous), as from an absent-minded hand."""
    angle = np.linspace(0, 2 * np.pi, 120)
    fast, slow = rng.choice([3, 5]), rng.choice([2, 4, 7])
    return draw_with_pen([np.stack([np.sin(fast * angle + rng.uniform(0, 3)), np.sin(slow * angle)], axis=1)], rng)


@register_in(UNSEEN)
def _spirals(rng: Generator) -> Picture:
    angle = np.linspace(0, 2 * np.pi * rng.uniform(2.5, 4), 120)
    return draw_with_pen([np.stack([angle * np.cos(angle), angle * np.sin(angle)], axis=1)], rng)


@register_in(UNSEEN)
def _grids(rng: Generator) -> Picture:
    count = int(rng.integers(3, 6))
    at = np.linspace(0, 1, count) + rng.normal(0, 0.02, count)
    return draw_with_pen([np.array([[x, 0], [x, 1]]) for x in at] + [np.array([[0, y], [1, y]]) for y in at], rng)


@register_in(UNSEEN)
def _gratings(rng: Generator) -> Picture:
    y, x = np.mgrid[0:28, 0:28]
    angle, period = rng.uniform(0, np.pi), rng.uniform(2.5, 9)
    return prepare_levels(127.5 + 127.5 * np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / period))


@register_in(UNSEEN)
def _specks(rng: Generator) -> Picture:
    """Black and white pixels, none grey, of some density."""
    return prepare_levels(255 * (rng.random((28, 28)) < rng.uniform(0.05, 0.6)))


@register_in(UNSEEN)
def _spots(rng: Generator) -> Picture:
    """Filled polygons."""
    image = Image.new("L", (CANVAS, CANVAS))
    draw = ImageDraw.Draw(image)
    for _polygon in range(rng.integers(1, 3)):
        draw.polygon([tuple(corner) for corner in (rng.random((rng.integers(3, 8), 2)) * CANVAS).tolist()], fill=255)
    return preprocessed_pixels(image)


@register_in(UNSEEN)
def _printed(rng: Generator) -> Picture:
    """Printed letters that look like no digit."""
    return print_letter("AEFHKMNRWXekmwx&@%#", rng)


def print_letter(letters: str, rng: Generator) -> Picture:
    """One of `letters` in the font that comes with Pillow, thin or fat."""
    image = Image.new("L", (CANVAS, CANVAS))
    letter = rng.choice(list(letters))
    font = ImageFont.load_default(size=200)
    ImageDraw.Draw(image).text((60, 10), letter, fill=255, font=font, stroke_width=int(rng.integers(0, 10)))
    return preprocessed_pixels(image)
