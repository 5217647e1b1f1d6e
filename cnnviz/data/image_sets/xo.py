"""X and O as 28×28: written by people (a stroke file), or generated: jittered strokes, the same ones every time.

Refuses to know: how they are divided, training.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from cnnviz.data.augment_strokes import augment_strokes
from cnnviz.data.datasets import XO_FILE, DataBroken, DataMissing, PenDrawing, data_folder, pen_drawings
from cnnviz.data.image_sets.pools import ImagePool
from cnnviz.data.rasterize import preprocessed_pixels, rasterise
from cnnviz.data.strokes import Sketch
from cnnviz.i18n import _

CLASSES = ("X", "O")
EACH = 500  # generated pictures of each class
SEED = 20_251

Path = NDArray[np.float64]  # (points, 2), x and y


def written_pool() -> ImagePool:
    """The handwritten ones, grouped by writer: who was trained on is not validated on.

    Raises: DataMissing where the file is not there, DataBroken for one of another form.
    """
    path = data_folder() / XO_FILE
    if not path.is_file():
        raise DataMissing(
            _(
                "there is no file {path} with handwritten X and O: choose the generated ones, they need no file.",
                path=path,
            )
        )
    found = [drawing for drawing in pen_drawings(path) if drawing.label.upper() in CLASSES]
    order = np.random.default_rng(SEED).permutation(len(found))  # in the file one class follows the other
    drawings = [found[at] for at in order]
    if len({drawing.label.upper() for drawing in drawings}) < len(CLASSES):
        raise DataBroken(_("{path} must hold drawings of X and of O: use another file.", path=path))
    labels = np.array([CLASSES.index(drawing.label.upper()) for drawing in drawings], np.int64)
    return ImagePool(CLASSES, (_rendered(drawing.sketch() for drawing in drawings), labels), groups=_writers(drawings))


def _writers(drawings: list[PenDrawing]) -> NDArray[np.int64]:
    """A number for each drawing's writer, (n,)."""
    names = [(drawing.source, drawing.writer) for drawing in drawings]
    numbers = {name: number for number, name in enumerate(sorted(set(names)))}
    return np.array([numbers[name] for name in names], np.int64)


def generated_pool(each: int = EACH, seed: int = SEED) -> ImagePool:
    """`each` of either, in turn, drawn by a seed: pens, slants, sizes and wobbles as different as people's."""
    return ImagePool(CLASSES, (_rendered(generated_sketches(each, seed)), np.tile(np.arange(2, dtype=np.int64), each)))


def generated_sketches(each: int, seed: int) -> list[Sketch]:
    """The same as strokes: an X, an O, an X …, twice `each` in all."""
    rng = np.random.default_rng(seed)
    makers = (_a_cross, _a_ring)
    return [augment_strokes(makers[label](rng), CLASSES[label], rng) for _turn in range(each) for label in range(2)]


def _rendered(sketches: Iterable[Sketch]) -> NDArray[np.uint8]:
    """(n, 1, 28, 28), prepared as the drawing pad prepares a drawing."""
    return np.stack([preprocessed_pixels(rasterise(sketch)) for sketch in sketches])[:, np.newaxis]


def _a_cross(rng: np.random.Generator) -> tuple[Path, ...]:
    """Two strokes, each from a corner to the opposite one, a little off and a little bowed, in either direction."""
    corners = np.array([[0.2, 0.2], [0.8, 0.8], [0.8, 0.2], [0.2, 0.8]]) + rng.normal(0, 0.05, (4, 2))
    return tuple(_bowed(corners[at], corners[at + 1], rng) for at in (0, 2))


def _bowed(start: Path, stop: Path, rng: np.random.Generator, steps: int = 14) -> Path:
    if rng.random() < 0.5:
        start, stop = stop, start
    share = np.linspace(0, 1, steps)[:, None]
    across = np.array([stop[1] - start[1], start[0] - stop[0]])
    return start + (stop - start) * share + rng.normal(0, 0.05) * np.sin(np.pi * share) * across


def _a_ring(rng: np.random.Generator) -> tuple[Path, ...]:
    """One stroke round, beginning anywhere, in either direction, not quite closed or a little too far."""
    begin, turn = rng.uniform(0, 2 * math.pi), rng.choice([-1, 1]) * rng.uniform(0.93, 1.12)
    angles = begin + turn * 2 * math.pi * np.linspace(0, 1, 40)
    radii = rng.uniform(0.22, 0.34, 2)
    drift = np.linspace(1, rng.uniform(0.88, 1.12), 40)  # the end is nearer or further than the beginning
    return (np.stack([0.5 + radii[0] * drift * np.cos(angles), 0.5 + radii[1] * drift * np.sin(angles)], axis=1),)
