"""How well a network reads before and after surgery: the same images, a part at a time, so that progress can be shown.

Measured on every tenth test image of MNIST or, where MNIST is not on this machine, on the digits that come with
scikit-learn, prepared as drawings are. Refuses to know: edits, pages, how long a part may take.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from PIL import Image
from torch import nn

from cnnviz.datasets import Labelled, has_mnist, mnist
from cnnviz.drawing import pixels
from cnnviz.evaluation import logits_of
from cnnviz.messages import _, ngettext

IMAGES = 1000
INK = 16  # full ink of scikit-learn's digits


@dataclass(frozen=True, eq=False)
class Exam:
    """What is asked: images with labels, and whether they are MNIST's."""

    digits: Labelled
    is_mnist: bool

    @property
    def title(self) -> str:
        """On how many of what, in the reader's language: "1,000 MNIST test images"."""
        count = len(self.digits)
        if self.is_mnist:
            return ngettext("{shown} MNIST test image", "{shown} MNIST test images", count, shown=f"{count:,}")
        return ngettext(
            "{shown} digit of scikit-learn, prepared as drawings are",
            "{shown} digits of scikit-learn, prepared as drawings are", count, shown=f"{count:,}",
        )  # fmt: skip


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


def exam(count: int = IMAGES) -> Exam:
    """At most `count` labelled images that the trained network never saw: MNIST's, else scikit-learn's.

    Raises: DataMissing where MNIST is there in part only. Example: `exam().digits.images.shape` is (1000, 28, 28).
    """
    return _of_mnist(count) if has_mnist() else _of_scikit_learn(count)


def _of_mnist(count: int) -> Exam:
    found = mnist("test")
    step = max(1, len(found) // count)
    return Exam(Labelled(found.images[::step][:count].copy(), found.labels[::step][:count].copy()), is_mnist=True)


@lru_cache(maxsize=2)
def _of_scikit_learn(count: int) -> Exam:
    from sklearn.datasets import load_digits  # slow to import, and not needed to draw

    found = load_digits()
    inks = np.rint(found.images[:count] * (255 / INK)).astype(np.uint8)  # (n, 8, 8)
    images = np.stack([pixels(Image.fromarray(ink)) for ink in inks])
    return Exam(Labelled(images, found.target[:count].astype(np.int64)), is_mnist=False)


def advance(score: Score, before: nn.Module, after: nn.Module, asked: Exam, images: int = 100) -> Score:
    """The score after at most `images` images more, read by both networks.

    Raises: ValueError for a score of another exam. Example: ten calls make a `Score(total=1000)` complete.
    """
    if score.total != len(asked.digits):
        raise ValueError(
            _("score must be of this exam ({count} images), got one of {total}: start again",
              count=len(asked.digits), total=score.total)
        )  # fmt: skip
    part = slice(score.done, score.done + max(1, images))
    shown, labels = asked.digits.images[part], asked.digits.labels[part]
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
