"""One lesson, run: what PyTorch makes of the reader's picture, features and votes.

Refuses to know: how it is shown, and how a lesson travels (`records`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from torch.nn import functional

from cnnviz.checks import check_shape
from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.trace import Tracer
from cnnviz.i18n import _
from cnnviz.lesson.network import (
    FEATURES,
    LAST,
    VOTES,
    average_network,
    deep_network,
    feature_patterns,
    short_network,
)
from cnnviz.lesson.pictures import IDEAL_O, IDEAL_X, PRESETS, SIDE, Agreement, Letter, cell_agreement, letter_text

MOST_VOTE = 10.0
SHARPNESS, LEAST_SHARP, MOST_SHARP = 5.5, 0.5, 10.0


class LessonError(ValueError):
    """What was given is no lesson; the message says which part, and what it must be.

    >>> from cnnviz.lesson import Lesson
    >>> Lesson(sharpness=99)
    Traceback (most recent call last):
    cnnviz.lesson.run.LessonError: sharpness must lie between 0.5 and 10.0, got 99
    """


@dataclass(frozen=True, eq=False)
class Lesson:
    """What the reader can change: `picture` (9, 9) and `features` (3, 3, 3) of ±1, `votes` (2, 12), `sharpness`.

    The arrays become float32 and read-only. The votes for X come first, then those for O, −10 to 10 each.
    The sharpness, 0.5 to 10, is what the scores are multiplied by before the softmax; it changes no score.
    Raises: LessonError for anything else.

    >>> from cnnviz.lesson import Lesson, find_lesson_image
    >>> lesson = Lesson(picture=find_lesson_image("o").values)
    >>> lesson.picture.shape, lesson.votes.shape
    ((9, 9), (2, 12))
    """

    picture: np.ndarray = field(default_factory=lambda: IDEAL_X)
    features: np.ndarray = field(default_factory=lambda: FEATURES)
    votes: np.ndarray = field(default_factory=lambda: VOTES)
    sharpness: float = SHARPNESS

    def __post_init__(self) -> None:
        for name, shape in (("picture", (SIDE, SIDE)), ("features", FEATURES.shape)):
            values = self._keep(name, shape)
            if not np.isin(values, (-1, 1)).all():
                raise LessonError(_("{name} must hold −1 and 1 only, got other numbers", name=name))
        if not (np.abs(self._keep("votes", VOTES.shape)) <= MOST_VOTE).all():
            raise LessonError(_("votes must lie between −{most} and {most}, got others", most=MOST_VOTE))
        if not LEAST_SHARP <= self.sharpness <= MOST_SHARP:
            raise LessonError(
                _("sharpness must lie between {least} and {most}, got {got}",
                  least=LEAST_SHARP, most=MOST_SHARP, got=self.sharpness)
            )  # fmt: skip

    def _keep(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """A read-only copy of a part takes its place."""
        values = np.array(getattr(self, name), dtype=np.float32)
        check_shape(name, values.shape, shape, _("give one number for each cell"), LessonError)
        values.setflags(write=False)
        object.__setattr__(self, name, values)
        return values


@dataclass(frozen=True, eq=False)
class LessonRun:
    """What came of a lesson.

    `short` (match, relu, pool), `averaged` (match, relu, mean) and `deep` (conv1 … votes) are traces; `sums` holds, for
    each convolution, its sums of products before they are divided, (maps, rows, cols). `scores` (2,) are the votes for
    X and for O, `shares` (2,) the softmax of the scores × sharpness, `covered` (2,) the same scores by a convolution
    that covers its input.
    `preset_scores` (presets, 2) are what this network says of the ready-made pictures.

    >>> from cnnviz.lesson import Lesson, run_lesson
    >>> run = run_lesson(Lesson())
    >>> run.answer.value, run.layer("pool2").output.shape
    ('X', (3, 2, 2))
    """

    lesson: Lesson
    short: Trace
    averaged: Trace
    deep: Trace
    sums: dict[str, np.ndarray]
    with_x: Agreement
    with_o: Agreement
    shares: np.ndarray
    covered: np.ndarray
    preset_scores: np.ndarray

    @property
    def scores(self) -> np.ndarray:
        """The votes for X and for O, (2,)."""
        return self.deep.logits

    @property
    def answer(self) -> Letter:
        """What the picture is taken for, also where it is blank: the network has no way to say so."""
        return letter_text(*self.scores.tolist())

    @property
    def is_blank(self) -> bool:
        """Whether nothing is drawn: an answer then says something of the votes, nothing of a picture."""
        return not (self.lesson.picture > 0).any()

    def layer(self, path: str) -> LayerTrace:
        """The layer called `path`, of any of the networks. Raises: KeyError for a layer that there is not."""
        of_one = (each for each in (self.short, self.averaged) if path in {one.spec.path for one in each.layers})
        trace = next(of_one, self.deep)
        return trace.layers[trace.position(path)]


def run_lesson(lesson: Lesson) -> LessonRun:
    """Run a lesson. The scores of the unchanged one are 0.92 for X and 0.52 for O.

    >>> from cnnviz.lesson import Lesson, run_lesson
    >>> [round(score, 2) for score in run_lesson(Lesson()).scores.tolist()]
    [0.92, 0.52]
    """
    image = lesson.picture[None]  # (1, 9, 9)
    made = _networks(lesson.features.tobytes(), lesson.votes.tobytes())
    short_trace, deep_trace = made.short(image), made.deep(image)
    with torch.inference_mode():
        shares = functional.softmax(torch.tensor(deep_trace.logits) * lesson.sharpness, dim=0)
    return LessonRun(
        lesson=lesson,
        short=short_trace,
        averaged=made.averaged(image),
        deep=deep_trace,
        sums=_sums(deep_trace, lesson.features),
        with_x=cell_agreement(lesson.picture, IDEAL_X),
        with_o=cell_agreement(lesson.picture, IDEAL_O),
        shares=_read_only(shares),
        covered=_read_only(_covered(deep_trace)),
        preset_scores=made.preset_scores,
    )


@dataclass(frozen=True, eq=False)
class _Networks:
    """The networks, ready to be asked, and what the deep one says of the ready-made pictures (presets, 2)."""

    short: Tracer
    averaged: Tracer
    deep: Tracer
    preset_scores: np.ndarray


@lru_cache(maxsize=16)
def _networks(features: bytes, votes: bytes) -> _Networks:
    """The networks of these features and votes: a picture that changes leaves them as they are.

    Building them took half of the time of a run. They are asked, never changed, so visitors share them.
    """
    patterns = np.frombuffer(features, np.float32).reshape(FEATURES.shape)
    deep = deep_network(patterns, np.frombuffer(votes, np.float32).reshape(VOTES.shape))
    with torch.inference_mode():
        scores = deep(torch.tensor(np.stack([preset.values for preset in PRESETS])[:, None]))
    return _Networks(
        Tracer(short_network(patterns)), Tracer(average_network(patterns)), Tracer(deep), _read_only(scores)
    )


def _sums(deep: Trace, features: np.ndarray) -> dict[str, np.ndarray]:
    """Each convolution with its patterns as they are: what is divided to make the mean."""
    found = {}
    for path in ("conv1", "conv2", "conv3"):
        layer = deep.layers[deep.position(path)]
        patterns = torch.tensor(feature_patterns(path, features))
        sums = functional.conv2d(torch.tensor(layer.input)[None], patterns, padding=layer.spec.padding)
        found[path] = _read_only(sums[0])
    return found | {"match": found["conv1"]}


def _covered(deep: Trace) -> torch.Tensor:
    """The votes once more: the three maps of 2×2 under two kernels of 3×2×2, which have one place to stand."""
    maps = deep.layers[deep.position("pool2")].output
    kernels = torch.tensor(deep.layers[-1].weight).reshape(-1, *LAST)
    return functional.conv2d(torch.tensor(maps)[None], kernels).flatten()


def _read_only(values: torch.Tensor) -> np.ndarray:
    array = values.numpy()
    array.setflags(write=False)
    return array
