"""What is published of the network for X and O: how well it reads writers it never saw, each mistake as a picture.

Refuses to know: how the network was made (`making`), how figures are shown (`ui`).
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from cnnviz.datasets import Labelled, Written
from cnnviz.evaluation import evaluate, judge, logits_of
from cnnviz.messages import _
from cnnviz.reading import Rule, softmax
from cnnviz.robustness import robustness, share_away, turned_away
from cnnviz.training_data import draw_all
from cnnviz.xo.drawings import CLASSES
from cnnviz.xo.others import UNSEEN, not_zero

SIDE = 28
MOST_MISTAKES = 100


@dataclass(frozen=True, eq=False)
class Mistake:
    """A drawing that the network did not read as it was meant: misread, or turned away as neither."""

    drawn: str
    read: str
    share: float  # probability of what it read
    is_turned_away: bool
    picture: NDArray[np.uint8]  # (28, 28), read-only, as the network got it

    @property
    def is_misread(self) -> bool:
        """Whether the other letter got the larger score."""
        return self.drawn != self.read

    def __post_init__(self) -> None:
        self.picture.setflags(write=False)

    def to_record(self) -> dict[str, Any]:
        """Plain JSON values; the picture packed as text."""
        packed = base64.b64encode(zlib.compress(self.picture.tobytes(), 9)).decode()
        told = {"drawn": self.drawn, "read": self.read, "share": round(self.share, 4)}
        return told | {"turned_away": self.is_turned_away, "picture": packed}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Mistake:
        """The mistake that `to_record` wrote. Raises: ValueError, one sentence, for a picture that is none."""
        try:
            data = zlib.decompressobj().decompress(base64.b64decode(record["picture"], validate=True), SIDE * SIDE + 1)
            picture = np.frombuffer(data, np.uint8).reshape(SIDE, SIDE)
            said: dict[str, Any] = {name: str(record[name]) for name in ("drawn", "read")}
            said |= {"share": float(record["share"]), "is_turned_away": record["turned_away"] is True}
            return cls(**said, picture=picture)
        except (KeyError, TypeError, ValueError, zlib.error) as error:
            raise ValueError(_("mistake must be one of a manifest, got something else: train again")) from error


def figures(model: nn.Module, rule: Rule, letters: tuple[Written, ...], digits: tuple[Written, ...]) -> dict[str, Any]:
    """All published results: `letters` and `digits` of writers that were never trained on."""
    shown = draw_all(letters, classes=CLASSES)
    tablets = sorted({drawing.source for drawing in letters})
    by_tablet = {
        tablet: evaluate(
            model, draw_all((one for one in letters if one.source == tablet), classes=CLASSES), rule
        ).to_record()
        for tablet in tablets
    }
    zeros = draw_all(one for one in digits if one.label == "0").images
    return {
        "pen_held_out": evaluate(model, shown, rule).to_record(),
        "pen_held_out_by_tablet": by_tablet,
        "mistakes": [mistake.to_record() for mistake in mistakes(model, rule, shown)[:MOST_MISTAKES]],
        "other_ink_turned_away": turned_away(model, rule, kinds=UNSEEN),
        "digits_turned_away": share_away(model, rule, draw_all(not_zero(digits)).images),
        "zeros": _read_of(model, rule, zeros),
        "accuracy_under": robustness(model, shown, letters, CLASSES),
    }


def mistakes(model: nn.Module, rule: Rule, shown: Labelled) -> list[Mistake]:
    """What was misread or turned away, the surest misreadings first, then what was turned away."""
    probabilities = softmax(logits_of(model, shown.images))
    read, accepted = probabilities.argmax(axis=1), rule.accepts(probabilities)
    found = [
        Mistake(
            CLASSES[label], CLASSES[read[at]], float(probabilities[at].max()), not accepted[at], shown.images[at].copy()
        )
        for at, label in enumerate(shown.labels)
        if read[at] != label or not accepted[at]
    ]
    return sorted(found, key=lambda mistake: (not mistake.is_misread, -mistake.share))


def _read_of(model: nn.Module, rule: Rule, zeros: NDArray[np.uint8]) -> dict[str, float]:
    """What becomes of the digit 0, which is an O as ink goes: the share read as an O, and the share turned away."""
    result = judge(logits_of(model, zeros), np.full(len(zeros), CLASSES.index("O")), rule)
    return {"n": result.n, "read_as_o": round(result.accuracy, 4), "turned_away": round(result.share_rejected, 4)}
