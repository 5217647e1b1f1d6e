"""A network of one's own for X and O: drawings with labels, which are held out, the training as a job, the score.

Everything is a function of the drawings, the settings and a seed: the same ones give the same network.
Refuses to know: sessions, pages, who runs the job (`worker`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from cnnviz.checks import check_one_of, sides
from cnnviz.data.augment_images import DRAWINGS, Augmentation, augment_images
from cnnviz.data.image_sets import DataChoice, ImageSet, ImageSplits, mean_and_std
from cnnviz.data.image_sets.split import split_indices
from cnnviz.data.image_sets.xo import generated_sketches
from cnnviz.data.rasterize import preprocessed_pixels, rasterise
from cnnviz.data.strokes import Sketch
from cnnviz.data.xo_drawings import CLASSES
from cnnviz.evaluation.metrics import logits_of
from cnnviz.i18n import _
from cnnviz.models.builder import NetworkSpec, preset
from cnnviz.models.checkpoints import CheckpointError, digest
from cnnviz.models.decision import softmax
from cnnviz.training import Job, SavedNetwork, Scaling, TrainConfig

MOST, LEAST_EACH = 40, 4  # drawings in all, and of each letter
MOST_POINTS = 4_000  # of a drawing that is kept
HELD_OUT = 0.25
STEPS, COOL, BATCH, RATE = 200, 80, 32, 3e-3
TITLE = "own"


class TooFewDrawings(ValueError):
    """Not enough drawings to train on and to hold some out; its text is one sentence."""


@dataclass(frozen=True)
class XoDrawing:
    """One drawing and what it is meant to be, "X" or "O". Raises: ValueError, one sentence, for anything else."""

    label: str
    sketch: Sketch

    def __post_init__(self) -> None:
        check_one_of("label", self.label, CLASSES)
        points = sum(len(stroke.points) for stroke in self.sketch.strokes)
        if all(stroke.erases for stroke in self.sketch.strokes) or points > MOST_POINTS:
            raise ValueError(_("drawing must have ink, and at most {most} points: draw one letter", most=MOST_POINTS))
        if not self.image.any():
            raise ValueError(_("drawing must have ink on the pad, got none that is left: draw one letter"))

    @property
    def image(self) -> NDArray[np.uint8]:
        """The network's input in 0..255, (28, 28)."""
        return _image(self.sketch)

    def to_record(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"label": self.label, **self.sketch.to_record()}

    @classmethod
    def from_record(cls, record: Any) -> XoDrawing:
        """The drawing that `to_record` wrote. Raises: ValueError, one sentence."""
        label = record.get("label") if isinstance(record, Mapping) else None
        return cls(str(label), Sketch.from_record(record))


@lru_cache(maxsize=512)
def _image(sketch: Sketch) -> NDArray[np.uint8]:
    image = preprocessed_pixels(rasterise(sketch))
    image.setflags(write=False)
    return image


Drawings = tuple[XoDrawing, ...]


@dataclass(frozen=True)
class OwnXoTask:
    """What a network is to learn from: drawings, how strongly they are changed (0 is not at all), the seed.

    Raises: TooFew for fewer than four of a letter, ValueError for more than forty in all.

    >>> from cnnviz.training.own_xo import OwnXoTask, generate_drawings
    >>> OwnXoTask(generate_drawings(20, 0)).job().blueprint.classes
    ('X', 'O')
    """

    drawings: Drawings
    strength: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        x, o = (sum(drawing.label == label for drawing in self.drawings) for label in CLASSES)
        if min(x, o) < LEAST_EACH:
            raise TooFewDrawings(
                _("There must be at least {least} X and {least} O, got {x} X and {o} O: draw some more.",
                  least=LEAST_EACH, x=x, o=o)
            )  # fmt: skip
        if len(self.drawings) > MOST:
            raise ValueError(
                _("drawings must be at most {most}, got {n}: delete some", most=MOST, n=len(self.drawings))
            )

    def images(self) -> NDArray[np.uint8]:
        """All drawings, prepared: (n, 28, 28)."""
        return np.stack([drawing.image for drawing in self.drawings])

    def labels(self) -> NDArray[np.int64]:
        """Their places among the classes, (n,)."""
        return np.array([CLASSES.index(drawing.label) for drawing in self.drawings], dtype=np.int64)

    def parts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(places that are learned from, places held out): a quarter of each letter, drawn by the seed."""
        return split_indices(self.labels(), HELD_OUT, self.seed)

    def sets(self) -> ImageSplits:
        """The pictures, divided."""
        images, labels = self.images()[:, np.newaxis], self.labels()
        parts = [ImageSet("own", TITLE, images[at], labels[at], CLASSES) for at in self.parts()]
        return ImageSplits(parts[0], parts[1], None, *mean_and_std(parts[0].images))

    def augmentation(self) -> Augmentation | None:
        """How the drawings are changed at each look; None for not at all."""
        return own_xo_augmentation(self.strength)

    def job(self) -> Job:
        """The training: its pictures are `sets()`, named here by the digest of the drawings."""
        config = TrainConfig(steps=STEPS, cool=COOL, batch=BATCH, rate=RATE, seed=self.seed, device="cpu")
        token = digest(json.dumps([drawing.to_record() for drawing in self.drawings]).encode())
        data = DataChoice("own", validation=HELD_OUT, seed=self.seed, upload=token)
        return Job(own_xo_spec(), data, config, self.augmentation())


def own_xo_spec() -> NetworkSpec:
    """The network that learns: small enough for some seconds."""
    return preset("xo_small")


def own_xo_augmentation(strength: float) -> Augmentation | None:
    """How drawings are changed at `strength` (1 is usual); None for not at all."""
    return DRAWINGS.scaled(strength) if strength else None


def generate_drawings(count: int, seed: int) -> Drawings:
    """`count` drawings of a seed for somebody who does not want to draw: an X, an O, an X …"""
    sketches = generated_sketches(-(-count // 2), seed)[:count]
    return tuple(XoDrawing(CLASSES[number % 2], sketch) for number, sketch in enumerate(sketches))


def augmented_examples(images: NDArray[np.uint8], strength: float, count: int, seed: int) -> NDArray[np.uint8]:
    """Each image and `count` changed versions of it, as the network will see them: (n · (1 + count), 1, 28, 28)."""
    how, generator = own_xo_augmentation(strength), torch.Generator().manual_seed(seed)
    rows = []
    for image in images:
        several = torch.tensor(np.repeat(image[np.newaxis, np.newaxis], count, axis=0)).float() / 255
        changed = augment_images(several, how, generator) if how else several
        rows += [image[np.newaxis, np.newaxis], (changed * 255).round().byte().numpy()]
    return np.concatenate(rows)


@dataclass(frozen=True, eq=False)
class OwnXoScore:
    """How many of `n` drawings are read right, and which are not: (place among them, read as, how surely)."""

    n: int
    right: int
    failures: tuple[tuple[int, str, float], ...]


def score_own_xo(model: nn.Module, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> OwnXoScore:
    """What `model` reads in `images` (n, 28, 28)."""
    probabilities = softmax(logits_of(model, images))
    read = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(read != labels)
    failures = tuple((int(at), CLASSES[read[at]], float(probabilities[at].max())) for at in wrong)
    return OwnXoScore(len(labels), len(labels) - len(wrong), failures)


def save_own_xo(weights: Mapping[str, NDArray[Any]], lesson: OwnXoTask, held_out: OwnXoScore) -> SavedNetwork:
    """The network as it can be kept, with what is known of it."""
    facts = {"seed": lesson.seed, "strength": lesson.strength, "drawings": len(lesson.drawings)}
    told = facts | {"held_out": {"n": held_out.n, "right": held_out.right}, "job": lesson.job().to_record()}
    return SavedNetwork(own_xo_spec(), Scaling((0.0,), (1.0,)), weights, told)


def check_fits(network: SavedNetwork) -> SavedNetwork:
    """`network`, where it tells X from O on 28×28 pixels. Raises: CheckpointError, one sentence, for another one."""
    found = network.blueprint
    if found.input_shape != (1, 28, 28) or found.classes != CLASSES or not network.scaling.is_nothing:
        raise CheckpointError(
            _("This file holds a network for {classes} on {shape}: choose one that was saved on this page.",
              classes=", ".join(found.classes)[:80], shape=sides(found.input_shape))
        )  # fmt: skip
    return network
