"""What is published of the network for X and O: how well it reads writers it never saw, the hardest ones as pictures.

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
SHOWN, MOST_SHOWN = 12, 100


@dataclass(frozen=True, eq=False)
class Case:
    """A drawing and what the network made of it: read rightly, misread, or turned away as neither."""

    drawn: str
    read: str
    share: float  # probability of what it read
    is_turned_away: bool
    picture: NDArray[np.uint8]  # (28, 28), read-only, as the network got it

    @property
    def is_misread(self) -> bool:
        """Whether the other letter got the larger score."""
        return self.drawn != self.read

    @property
    def is_mistake(self) -> bool:
        """Whether it was not read as it was meant."""
        return self.is_misread or self.is_turned_away

    def __post_init__(self) -> None:
        self.picture.setflags(write=False)

    def to_record(self) -> dict[str, Any]:
        """Plain JSON values; the picture packed as text."""
        packed = base64.b64encode(zlib.compress(self.picture.tobytes(), 9)).decode()
        told = {"drawn": self.drawn, "read": self.read, "share": round(self.share, 4)}
        return told | {"turned_away": self.is_turned_away, "picture": packed}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Case:
        """The case that `to_record` wrote. Raises: ValueError, one sentence, for a picture that is none."""
        try:
            data = zlib.decompressobj().decompress(base64.b64decode(record["picture"], validate=True), SIDE * SIDE + 1)
            picture = np.frombuffer(data, np.uint8).reshape(SIDE, SIDE)
            said: dict[str, Any] = {name: str(record[name]) for name in ("drawn", "read")}
            said |= {"share": float(record["share"]), "is_turned_away": record["turned_away"] is True}
            return cls(**said, picture=picture)
        except (KeyError, TypeError, ValueError, zlib.error) as error:
            raise ValueError(_("drawing must be one of a manifest, got something else: train again")) from error


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
        "hardest": [case.to_record() for case in hardest(model, rule, shown)],
        "other_ink_turned_away": turned_away(model, rule, kinds=UNSEEN),
        "digits_turned_away": share_away(model, rule, draw_all(not_zero(digits)).images),
        "zeros": _read_of(model, rule, zeros),
        "accuracy_under": robustness(model, shown, letters, CLASSES),
    }


def hardest(model: nn.Module, rule: Rule, shown: Labelled) -> list[Case]:
    """All mistakes (the surest misreadings first, then what was turned away), then the least sure of the others.

    A dozen in all, more where there are more mistakes (at most 100).
    """
    probabilities = softmax(logits_of(model, shown.images))
    read, accepted = probabilities.argmax(axis=1), rule.accepts(probabilities)
    cases = [
        Case(
            CLASSES[label],
            CLASSES[read[at]],
            float(probabilities[at].max()),
            bool(not accepted[at]),
            shown.images[at].copy(),
        )
        for at, label in enumerate(shown.labels)
    ]
    ordered = sorted(cases, key=_hardness)
    return ordered[: min(MOST_SHOWN, max(SHOWN, sum(case.is_mistake for case in cases)))]


def _hardness(case: Case) -> tuple[bool, bool, float]:
    return not case.is_misread, not case.is_turned_away, -case.share if case.is_misread else case.share


def _read_of(model: nn.Module, rule: Rule, zeros: NDArray[np.uint8]) -> dict[str, float]:
    """What becomes of the digit 0, which is an O as ink goes: the share read as an O, and the share turned away."""
    result = judge(logits_of(model, zeros), np.full(len(zeros), CLASSES.index("O")), rule)
    return {"n": result.n, "read_as_o": round(result.accuracy, 4), "turned_away": round(result.share_rejected, 4)}
