"""How well a network reads before and after surgery: the same images, a part at a time, so that progress can be shown.

Digits are measured on every tenth test image of MNIST or, where MNIST is not on this machine, on the digits that come
with scikit-learn, prepared as drawings are; X and O on the drawings that the published figures are of or, where they
are not on this machine, on generated ones. Refuses to know: edits, pages, how long a part may take.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image
from torch import nn

from cnnviz.datasets import XO_FILE, Labelled, data_folder, has_mnist, mnist
from cnnviz.drawing import pixels
from cnnviz.evaluation import logits_of
from cnnviz.imagesets.crosses import generated_pool
from cnnviz.messages import _, ngettext
from cnnviz.training_data import draw_all
from cnnviz.xo.drawings import CLASSES, drawings, split

IMAGES = 1000
GENERATED = 400
INK = 16  # full ink of scikit-learn's digits


class Asked(Enum):
    """Where the images come from."""

    MNIST = "mnist"
    SCIKIT_LEARN = "scikit-learn"
    WRITTEN = "written"  # X's and O's of writers that training never saw
    GENERATED = "generated"  # X's and O's of a seed


@dataclass(frozen=True, eq=False)
class Exam:
    """What is asked: images with labels, and where they come from."""

    shown: Labelled
    source: Asked

    @property
    def title(self) -> str:
        """On how many of what, in the reader's language: "1,000 MNIST test images"."""
        count = len(self.shown)
        words = f"{count:,}"
        if self.source is Asked.MNIST:
            return ngettext("{shown} MNIST test image", "{shown} MNIST test images", count, shown=words)
        if self.source is Asked.SCIKIT_LEARN:
            return ngettext(
                "{shown} digit of scikit-learn, prepared as drawings are",
                "{shown} digits of scikit-learn, prepared as drawings are", count, shown=words,
            )  # fmt: skip
        if self.source is Asked.WRITTEN:
            return ngettext(
                "{shown} drawing by unknown writers", "{shown} drawings by unknown writers", count, shown=words
            )
        return ngettext("{shown} generated drawing", "{shown} generated drawings", count, shown=words)


@dataclass(frozen=True)
class Score:
    """So many of `total` images have been read so far, `before` and `after` of them rightly."""

    total: int
    done: int = 0
    before: int = 0
    after: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.before <= self.done <= self.total and 0 <= self.after <= self.done and self.total > 0):
            raise ValueError(
                _("score must count right answers among those read, got {before} and {after} of {done} of {total}: "
                  "start again",
                  before=self.before, after=self.after, done=self.done, total=self.total)
            )  # fmt: skip

    @property
    def is_complete(self) -> bool:
        """Whether every image has been read."""
        return self.done == self.total


def exam(network: str = "mnist", count: int = IMAGES) -> Exam:
    """At most `count` labelled images that the trained `network` never saw: the best that are on this machine.

    Raises: DataMissing where MNIST is there in part only, DataBroken for a damaged file.
    """
    if network == "xo":
        has_written = (data_folder() / XO_FILE).is_file()
        return _of_writers(data_folder(), count) if has_written else _of_a_seed(count)
    return _of_mnist(count) if has_mnist() else _of_scikit_learn(count)


@lru_cache(maxsize=2)
def _of_writers(_folder: Path, count: int) -> Exam:
    return Exam(draw_all(split(drawings()).held_out[:count], classes=CLASSES), Asked.WRITTEN)


@lru_cache(maxsize=2)
def _of_a_seed(count: int) -> Exam:
    images, labels = generated_pool(each=min(count, GENERATED) // 2).training
    return Exam(Labelled(images[:, 0], labels), Asked.GENERATED)


def _of_mnist(count: int) -> Exam:
    found = mnist("test")
    step = max(1, len(found) // count)
    return Exam(Labelled(found.images[::step][:count].copy(), found.labels[::step][:count].copy()), Asked.MNIST)


@lru_cache(maxsize=2)
def _of_scikit_learn(count: int) -> Exam:
    from sklearn.datasets import load_digits  # slow to import, and not needed to draw

    found = load_digits()
    inks = np.rint(found.images[:count] * (255 / INK)).astype(np.uint8)  # (n, 8, 8)
    images = np.stack([pixels(Image.fromarray(ink)) for ink in inks])
    return Exam(Labelled(images, found.target[:count].astype(np.int64)), Asked.SCIKIT_LEARN)


def advance(score: Score, before: nn.Module, after: nn.Module, asked: Exam, images: int = 100) -> Score:
    """The score after at most `images` images more, read by both networks.

    Raises: ValueError for a score of another exam.
    Ten calls make a `Score(total=1000)` complete.
    """
    if score.total != len(asked.shown):
        raise ValueError(
            _("score must be of this exam ({count} images), got one of {total}: start again",
              count=len(asked.shown), total=score.total)
        )  # fmt: skip
    part = slice(score.done, score.done + max(1, images))
    shown, labels = asked.shown.images[part], asked.shown.labels[part]
    if not len(labels):
        return score
    right = [int((logits_of(model, shown).argmax(axis=1) == labels).sum()) for model in (before, after)]
    return replace(score, done=score.done + len(labels), before=score.before + right[0], after=score.after + right[1])


def in_a_sentence(score: Score, asked: Exam) -> str:
    """The result, or how far it has come: "98.9 % before, 97.1 % after, on 1,000 MNIST test images"."""
    if not score.is_complete:
        return _("{done} of {title}", done=f"{score.done:,}", title=asked.title)
    shares = (f"{100 * right / score.total:.1f} %" for right in (score.before, score.after))
    before, after = shares
    return _("{before} before, {after} after, on {title}", before=before, after=after, title=asked.title)
