"""What is published of the network for X and O: how well it reads writers it never saw, which drawings are hardest.

These are named by their place in the stroke file: nothing of the data is copied.

Refuses to know: how the network was made (`train`), how figures are shown (`ui`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from cnnviz.data.datasets import DataBroken, LabelledImages, PenDrawing
from cnnviz.data.digit_pools import rasterise_all
from cnnviz.data.xo_drawings import CLASSES
from cnnviz.data.xo_negatives import UNSEEN, not_zero
from cnnviz.evaluation.metrics import evaluate, logits_of, score_logits
from cnnviz.evaluation.robustness import rejected_by_kind, rejected_fraction, robustness
from cnnviz.i18n import _
from cnnviz.models.decision import DecisionRule, softmax

SHOWN, MOST_SHOWN = 12, 100


@dataclass(frozen=True)
class HardCase:
    """A drawing of the stroke file and what the network made of it: read rightly, misread, or turned away as neither.

    Raises: ValueError, one sentence, for a share that is no probability or a number below 0.
    """

    number: int  # of the drawing in the file, the first is 0
    tablet: str  # that it was drawn on
    drawn: str
    read: str
    share: float  # probability of what it read
    is_turned_away: bool

    def __post_init__(self) -> None:
        if self.number < 0 or not 0 <= self.share <= 1:
            raise ValueError(_broken())

    @property
    def is_misread(self) -> bool:
        """Whether the other letter got the larger score."""
        return self.drawn != self.read

    @property
    def is_mistake(self) -> bool:
        """Whether it was not read as it was meant."""
        return self.is_misread or self.is_turned_away

    def to_record(self) -> dict[str, Any]:
        """Plain JSON values; the drawing itself stays in the stroke file."""
        told = {"number": self.number, "tablet": self.tablet, "drawn": self.drawn, "read": self.read}
        return told | {"share": round(self.share, 4), "turned_away": self.is_turned_away}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> HardCase:
        """The case that `to_record` wrote. Raises: ValueError, one sentence, for a record that is none."""
        try:
            number, tablet, drawn, read = (record[name] for name in ("number", "tablet", "drawn", "read"))
            if type(number) is not int or not all(isinstance(word, str) for word in (tablet, drawn, read)):
                raise TypeError(number)
            return cls(number, tablet, drawn, read, float(record["share"]), record["turned_away"] is True)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(_broken()) from error


def _broken() -> str:
    return _("drawing must be one of a manifest, got something else: train again")


def load_case_images(cases: Iterable[HardCase], written: Sequence[PenDrawing]) -> tuple[NDArray[np.uint8], ...]:
    """Each case as the network got it, uint8 (28, 28), read-only, drawn from the stroke file's drawings.

    Raises: DataBroken, one sentence, where the file has another drawing at the case's number, or none.
    """
    return tuple(_picture(case, written) for case in cases)


def _picture(case: HardCase, written: Sequence[PenDrawing]) -> NDArray[np.uint8]:
    found = written[case.number] if case.number < len(written) else None
    if found is None or (found.label, found.source) != (case.drawn, case.tablet):
        raise DataBroken(
            _(
                "drawing {number} must be an {drawn} of the tablet {tablet}, the file has another there: train again",
                number=case.number,
                drawn=case.drawn,
                tablet=case.tablet,
            )
        )
    return rasterise_all((found,), classes=CLASSES).images[0]


def published_xo_figures(
    model: nn.Module, rule: DecisionRule, numbered: Mapping[int, PenDrawing], digits: tuple[PenDrawing, ...]
) -> dict[str, Any]:
    """All published results: letters, by their number in the stroke file, and digits of writers never trained on."""
    letters = tuple(numbered.values())
    shown = rasterise_all(letters, classes=CLASSES)
    origins = [(number, drawing.source) for number, drawing in numbered.items()]
    tablets = sorted({tablet for _number, tablet in origins})
    by_tablet = {
        tablet: evaluate(
            model, rasterise_all((one for one in letters if one.source == tablet), classes=CLASSES), rule
        ).to_record()
        for tablet in tablets
    }
    zeros = rasterise_all(one for one in digits if one.label == "0").images
    return {
        "pen_held_out": evaluate(model, shown, rule).to_record(),
        "pen_held_out_by_tablet": by_tablet,
        "hardest": [case.to_record() for case in find_hardest(model, rule, shown, origins)],
        "other_ink_turned_away": rejected_by_kind(model, rule, kinds=UNSEEN),
        "digits_turned_away": rejected_fraction(model, rule, rasterise_all(not_zero(digits)).images),
        "zeros": _read_of(model, rule, zeros),
        "accuracy_under": robustness(model, shown, letters, CLASSES),
    }


def find_hardest(
    model: nn.Module, rule: DecisionRule, shown: LabelledImages, origins: Sequence[tuple[int, str]]
) -> list[HardCase]:
    """All mistakes (the surest misreadings first, then what was turned away), then the least sure of the others.

    A dozen in all, more where there are more mistakes (at most 100). `origins`: each one's number and tablet.
    """
    probabilities = softmax(logits_of(model, shown.images))
    read, accepted = probabilities.argmax(axis=1), rule.accepts(probabilities)
    cases = [
        HardCase(
            number, tablet, CLASSES[label], CLASSES[read[at]], float(probabilities[at].max()), bool(not accepted[at])
        )
        for at, ((number, tablet), label) in enumerate(zip(origins, shown.labels, strict=True))
    ]
    ordered = sorted(cases, key=_hardness)
    return ordered[: min(MOST_SHOWN, max(SHOWN, sum(case.is_mistake for case in cases)))]


def _hardness(case: HardCase) -> tuple[bool, bool, float]:
    return not case.is_misread, not case.is_turned_away, -case.share if case.is_misread else case.share


def _read_of(model: nn.Module, rule: DecisionRule, zeros: NDArray[np.uint8]) -> dict[str, float]:
    """What becomes of the digit 0, which is an O as ink goes: the share read as an O, and the share turned away."""
    result = score_logits(logits_of(model, zeros), np.full(len(zeros), CLASSES.index("O")), rule)
    return {"n": result.n, "read_as_o": round(result.accuracy, 4), "turned_away": round(result.share_rejected, 4)}
