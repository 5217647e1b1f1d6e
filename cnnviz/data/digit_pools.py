"""Who is trained on what: the split, fixed before any result was looked at, and the pools made from it.

Pen strokes are split by tablet, and so by writer: no writer used two. The three tablets with the
fewest drawings (a third of all writers' hands, the least ink lost to training) are never trained on.
Of the other tablets every tenth writer, and of MNIST's training images the last 5,000, are kept for
choosing (settings, temperature, threshold). MNIST's test images are for the final figures only.
Refuses to know: networks, how a step is taken (`training`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnviz.data.augment_strokes import augment_strokes
from cnnviz.data.datasets import DIGITS, LabelledImages, PenDrawing, mnist
from cnnviz.data.non_digits import PRACTICE, Maker, make_non_digits
from cnnviz.data.rasterize import preprocessed_pixels, rasterise

HELD_OUT_TABLETS = 3
CHOOSING_WRITERS = 10  # one in so many of a tablet's
CHOOSING_IMAGES = 5_000

Watch = Callable[[Iterable, str], Iterable]  # shows progress: (things, what is being done) → things


def _unwatched(things: Iterable, _what: str) -> Iterable:
    return things


@dataclass(frozen=True)
class TabletSplit:
    """Drawings by their use; no tablet of `held_out` occurs in the other two, no writer in two of them."""

    practice: tuple[PenDrawing, ...]
    choosing: tuple[PenDrawing, ...]
    held_out: tuple[PenDrawing, ...]


def smallest_tablets(drawings: Iterable[PenDrawing], count: int = HELD_OUT_TABLETS) -> tuple[str, ...]:
    """The `count` tablets with the fewest drawings, in alphabetical order."""
    sizes = Counter(drawing.source for drawing in drawings)
    return tuple(sorted(sorted(sizes, key=lambda source: (sizes[source], source))[:count]))


def split_by_tablet(drawings: tuple[PenDrawing, ...], held_out: tuple[str, ...] | None = None) -> TabletSplit:
    """The split with the tablets `held_out` (the smallest ones, unless told) kept away from training."""
    away = set(smallest_tablets(drawings) if held_out is None else held_out)
    near = [drawing for drawing in drawings if drawing.source not in away]
    choosing = _writers_for_choosing(near)
    return TabletSplit(
        practice=tuple(drawing for drawing in near if drawing.writer not in choosing),
        choosing=tuple(drawing for drawing in near if drawing.writer in choosing),
        held_out=tuple(drawing for drawing in drawings if drawing.source in away),
    )


def leave_out(split: TabletSplit, drawings: frozenset[PenDrawing]) -> TabletSplit:
    """The split without some drawings, in training and choosing; what is held out stays whole."""
    practice, choosing = (
        tuple(drawing for drawing in part if drawing not in drawings) for part in (split.practice, split.choosing)
    )
    return TabletSplit(practice, choosing, split.held_out)


def _writers_for_choosing(drawings: list[PenDrawing]) -> set[str]:
    """The fifth, fifteenth … writer of each tablet, by name: none of a tablet with fewer than five."""
    writers: dict[str, set[str]] = {}
    for drawing in drawings:
        writers.setdefault(drawing.source, set()).add(drawing.writer)
    return {writer for names in writers.values() for writer in sorted(names)[4::CHOOSING_WRITERS]}


def split_indices(drawings: Iterable[PenDrawing], classes: tuple[str, ...]) -> NDArray[np.int64]:
    """The place of each drawing's label among `classes`. Raises: ValueError for a label that is none of them."""
    return np.array([classes.index(drawing.label) for drawing in drawings], dtype=np.int64)


def rasterise_all(
    drawings: Iterable[PenDrawing], width: float | None = None, classes: tuple[str, ...] = DIGITS
) -> LabelledImages:
    """The drawings as the canvas would prepare them, one image each."""
    drawings = tuple(drawings)
    sketches = (drawing.sketch() if width is None else drawing.sketch(width) for drawing in drawings)
    return LabelledImages(
        np.stack([preprocessed_pixels(rasterise(sketch)) for sketch in sketches]), split_indices(drawings, classes)
    )


def rasterise_varied(
    drawings: tuple[PenDrawing, ...],
    times: int,
    seed: int,
    watch: Watch = _unwatched,
    classes: tuple[str, ...] = DIGITS,
    families: float = 0.0,
) -> LabelledImages:
    """Each drawing `times` times, varied as other hands and tablets would (see `augment_strokes`)."""
    rng = np.random.default_rng(seed)
    images = np.empty((len(drawings) * times, 28, 28), np.uint8)
    for number, drawing in enumerate(watch(drawings, "varying strokes")):
        paths = tuple(np.array(path) for path in drawing.paths)
        for turn in range(times):
            sketch = augment_strokes(paths, drawing.label, rng, families=families)
            images[number * times + turn] = preprocessed_pixels(rasterise(sketch))
    return LabelledImages(images, np.repeat(split_indices(drawings, classes), times))


@dataclass(frozen=True)
class DigitPools:
    """What a training run draws its batches from."""

    scanned: LabelledImages  # MNIST
    pen: LabelledImages  # varied strokes
    others: NDArray[np.uint8]  # (n, 28, 28): no digits


def make_digit_pools(
    split: TabletSplit,
    times: int,
    others: int,
    seed: int,
    watch: Watch = _unwatched,
    families: float = 0.0,
    kinds: dict[str, Maker] = PRACTICE,
) -> DigitPools:
    """The pools of a run: MNIST without its last 5,000, each stroke drawing `times` times, `others` outliers.

    kinds: of the outliers. families: the share of the varied drawings that also get the form of a family.
    """
    digits = mnist("train")
    scanned = LabelledImages(digits.images[:-CHOOSING_IMAGES], digits.labels[:-CHOOSING_IMAGES])
    rng = np.random.default_rng([seed, 1])
    chunks = [
        make_non_digits(kinds, 90, rng) for _chunk in watch(range(max(1, others // 90)), "drawing what is no digit")
    ]
    pen = rasterise_varied(split.practice, times, seed, watch, families=families)
    return DigitPools(scanned, pen, np.concatenate(chunks))


def selection_images() -> LabelledImages:
    """The last 5,000 of MNIST's training images."""
    digits = mnist("train")
    return LabelledImages(digits.images[-CHOOSING_IMAGES:], digits.labels[-CHOOSING_IMAGES:])
