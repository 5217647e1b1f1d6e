"""What an attribution is: a map of the image's shape, the score that it explains, and what the checks of it found.

Refuses to know: how it was computed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum

import numpy as np

Progress = Callable[[float], None]  # is told how much of a work is done, from 0 to 1
ONE_IN_TWENTY = 1.645  # standard deviations of a normal distribution, above which one value in twenty lies


class AttributionError(ValueError):
    """What was asked for cannot be attributed; the message says why, and the way out.

    >>> from cnnviz.attribution.records import AttributionError
    >>> raise AttributionError("window must be at most 28, got 30: choose a smaller one")
    Traceback (most recent call last):
    cnnviz.attribution.records.AttributionError: window must be at most 28, got 30: choose a smaller one
    """


@dataclass(frozen=True)
class Question:
    """Which score is explained: that of class `target`, or how far it lies above that of class `against`.

    >>> from cnnviz.attribution.records import Question
    >>> Question(3, 5).score([0.0, 0.0, 0.0, 7.0, 0.0, 2.5])
    4.5
    """

    target: int
    against: int | None = None

    def score(self, scores: object) -> float:
        """The score out of those of all classes."""
        values = np.asarray(scores, dtype=np.float64)
        return float(values[self.target] - (0.0 if self.against is None else values[self.against]))


@dataclass(frozen=True)
class Settings:
    """What may be set; None leaves the choice to the method. `layer` is a layer's name, `window` in pixels.

    >>> from cnnviz.attribution.records import Settings
    >>> Settings(window=4).given
    {'window': 4}
    """

    steps: int | None = None
    window: int | None = None
    stride: int | None = None
    layer: str | None = None

    @property
    def given(self) -> dict[str, int | str]:
        """What is set."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class Doubt(StrEnum):
    """A reason not to believe a map.

    >>> from cnnviz.attribution.records import Doubt
    >>> Doubt("ignores weights")
    <Doubt.IGNORES_WEIGHTS: 'ignores weights'>
    """

    DOES_NOT_ADD_UP = "does not add up"
    IGNORES_WEIGHTS = "ignores weights"
    NO_BETTER_THAN_CHANCE = "no better than chance"


@dataclass(frozen=True, eq=False)
class Curves:
    """The score while pixels are taken out of the image (deletion) or put into the baseline (insertion).

    `fractions` (k,) say how many of the pixels that differ from the baseline; `deletion` and `insertion` (k,) go by the
    map, the highest first; `random_deletion` and `random_insertion` (orders, k) by chance.

    >>> import numpy as np
    >>> from cnnviz.attribution.records import Curves
    >>> down, half = np.array([4.0, 1.0, 0.0]), np.array([0.0, 0.5, 1.0])
    >>> curves = Curves(half, down, np.array([0.0, 3.0, 4.0]), np.array([[4.0, 2.0, 0.0]]), np.array([[0.0, 2.0, 4.0]]))
    >>> curves.gain  # the curves of the map lie 2 apart at the half, those by chance 0: half of that, beside 4
    0.25
    """

    fractions: np.ndarray
    deletion: np.ndarray
    insertion: np.ndarray
    random_deletion: np.ndarray
    random_insertion: np.ndarray

    @property
    def _by_chance(self) -> np.ndarray:
        return self._areas(self.random_insertion - self.random_deletion)

    def _areas(self, between: np.ndarray) -> np.ndarray:
        """Areas between curves, beside the whole score that there is to lose."""
        span = abs(float(self.deletion[0] - self.deletion[-1])) or 1.0
        made: np.ndarray = np.trapezoid(between, self.fractions, axis=-1) / span
        return made

    @property
    def gain(self) -> float:
        """How much sooner the map's order brings the score, and takes it, than orders by chance do: 0 is no sooner."""
        return float(self._areas(self.insertion - self.deletion) - self._by_chance.mean())

    @property
    def spread(self) -> float:
        """How much the gain of an order by chance differs, usually: its standard deviation."""
        return float(self._by_chance.std(ddof=1)) if len(self.random_deletion) > 1 else 0.0

    @property
    def is_better_than_chance(self) -> bool:
        """Whether at most one order by chance in twenty would gain as much."""
        return self.gain > ONE_IN_TWENTY * self.spread


@dataclass(frozen=True)
class Shuffled:
    """How like the map is to itself once the weights of the last `layers` layers are shuffled; 1 is the same order.

    >>> from cnnviz.attribution.records import Shuffled
    >>> Shuffled(layers=1, last="fc", similarity=0.2).last
    'fc'
    """

    layers: int
    last: str
    similarity: float


@dataclass(frozen=True, eq=False)
class Trust:
    """What the checks of a map found; `doubts` is empty where nothing speaks against it.

    `curves`: does taking out what it marks cost the answer; `shuffled`: does it depend on the weights, from the last
    layers to all; `error`: how far its sum is off, beside the difference that it should have (None: no promise).

    >>> import cnnviz
    >>> from cnnviz.models.checkpoints import load
    >>> from cnnviz.models.reference_images import reference_images
    >>> made = cnnviz.attribute(load("mnist")[0], reference_images("mnist", (1, 28, 28))[0], "input_x_gradient")
    >>> made.trust.error, made.controls["edges"].doubts[0].value  # no sum is promised; the control is found out
    (None, 'ignores weights')
    """

    curves: Curves
    shuffled: tuple[Shuffled, ...]
    error: float | None
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, eq=False)
class Attribution:
    """How much each value of the image speaks for an answer, by one method.

    `values` have the shape of the image (channels, rows, cols), in the unit of the scores; positive speaks for it.
    `output` is the score of the image, `baseline_output` that of `baseline`, the image with nothing in it.
    promises_sum: whether the method promises that the map adds up to their difference.
    `settings`: what was set, or chosen where nothing was. `trust`: the checks, where they were made; `controls`: those
    of two maps that know nothing of the network, `random` and `edges`, which must be found out.

    >>> import numpy as np
    >>> from cnnviz.attribution.records import Attribution, Question
    >>> one = np.ones((1, 2, 2), np.float32)
    >>> made = Attribution("gradient", Question(0), one, 5.0, 0.5, 0 * one, promises_sum=True)
    >>> made.difference, made.completeness_error
    (4.5, 0.5)
    """

    method: str
    question: Question
    values: np.ndarray
    output: float
    baseline_output: float
    baseline: np.ndarray
    promises_sum: bool
    settings: Settings = Settings()
    trust: Trust | None = None
    controls: Mapping[str, Trust] = field(default_factory=dict)

    @property
    def difference(self) -> float:
        """How far the score lies above that of the baseline: what the map should add up to."""
        return self.output - self.baseline_output

    @property
    def total(self) -> float:
        """The sum of the map."""
        return float(self.values.sum(dtype=np.float64))

    @property
    def completeness_error(self) -> float:
        """How far the sum of the map is off, in the unit of the scores."""
        return abs(self.total - self.difference)

    @property
    def by_pixel(self) -> np.ndarray:
        """The map (rows, cols): the channels of each pixel added."""
        summed: np.ndarray = self.values.sum(axis=0, dtype=np.float64)
        return summed
