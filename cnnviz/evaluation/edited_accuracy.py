"""How well a network reads before and after surgery: the same images, a part at a time, so that progress can be shown.

Refuses to know: edits, pages, where the images come from (`held_out_images`), how long a part may take.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import nn

from cnnviz.data.held_out_images import HeldOutImages
from cnnviz.evaluation.metrics import logits_of
from cnnviz.i18n import _


@dataclass(frozen=True)
class AccuracyScore:
    """So many of `total` images have been read so far, `before` and `after` of them rightly."""

    total: int
    done: int = 0
    before: int = 0
    after: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.before <= self.done <= self.total and 0 <= self.after <= self.done and self.total > 0):
            raise ValueError(
                _("score must count correct predictions among those made, got {before} and {after} of {done} of "
                  "{total}: start again",
                  before=self.before, after=self.after, done=self.done, total=self.total)
            )  # fmt: skip

    @property
    def is_complete(self) -> bool:
        """Whether every image has been read."""
        return self.done == self.total


def advance_edited_accuracy(
    score: AccuracyScore, before: nn.Module, after: nn.Module, asked: HeldOutImages, images: int = 100
) -> AccuracyScore:
    """The score after at most `images` images more, read by both networks.

    Raises: ValueError for a score of another exam.
    Ten calls make a `AccuracyScore(total=1000)` complete.
    """
    if score.total != len(asked.shown):
        raise ValueError(
            _("score must be of this test set ({count} images), got one of {total}: start again",
              count=len(asked.shown), total=score.total)
        )  # fmt: skip
    part = slice(score.done, score.done + max(1, images))
    shown, labels = asked.shown.images[part], asked.shown.labels[part]
    if not len(labels):
        return score
    right = [int((logits_of(model, shown).argmax(axis=1) == labels).sum()) for model in (before, after)]
    return replace(score, done=score.done + len(labels), before=score.before + right[0], after=score.after + right[1])


def describe_score(score: AccuracyScore, asked: HeldOutImages) -> str:
    """The result, or how far it has come: "98.9 % before, 97.1 % after, on 1,000 MNIST test images"."""
    if not score.is_complete:
        return _("{done} of {title}", done=f"{score.done:,}", title=asked.title)
    shares = (f"{100 * right / score.total:.1f} %" for right in (score.before, score.after))
    before, after = shares
    return _("{before} before, {after} after, on {title}", before=before, after=after, title=asked.title)
