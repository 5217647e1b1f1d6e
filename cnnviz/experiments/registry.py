"""The four experiments as one thing: a `ExperimentSettings` goes in, plain records come out, one after the other.

1. batch sizes and speed, 2. overfitting on purpose, 3. softmax before nll_loss, 4. XOR without a non-linearity.
Each record is JSON data with "share", how much of the experiment is done. Refuses to know: processes, pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

import numpy as np

from cnnviz.checks import check_number, check_one_of, check_record, check_whole, check_word
from cnnviz.data.image_sets import DataChoice, ImageSet, SetKey, load_images
from cnnviz.experiments.batch_size import BATCHES, PIECES, measure_batch_size
from cnnviz.experiments.overfitting import overfitting_trials
from cnnviz.experiments.softmax_mistake import WAYS, LossComparison
from cnnviz.experiments.xor import learn_xor
from cnnviz.i18n import _
from cnnviz.models.builder import Activation, preset
from cnnviz.training import Job, ScalingKind, TrainConfig, start_session

Record = dict[str, Any]
LOOKS = 20  # times that a training is judged
LOOKED_AT = 500  # pictures, at most, each time
MOST_LEARNED = 6_000  # pictures of the softmax experiment
FUNCTIONS = (Activation.NONE, Activation.RELU, Activation.TANH)  # of XOR's hidden units
STEPS = {"overfitting": 400, "softmax": 200, "xor": 150}  # each has its own usual length


class ExperimentKind(StrEnum):
    """Which experiment."""

    BATCH = "batch"
    OVERFITTING = "overfitting"
    SOFTMAX = "softmax"
    XOR = "xor"


@dataclass(frozen=True)
class ExperimentSettings:
    """An experiment and its settings; each reads those that it needs.

    pictures: digits or mnist. seconds: of measuring. few: pictures to overfit on. steps: None for the usual number.
    seed: of first weights and order. units: hidden ones of XOR. Raises: ValueError, one sentence.

    >>> from cnnviz.experiments.registry import ExperimentSettings, run_experiment
    >>> [point["function"] for point in run_experiment(ExperimentSettings("xor", steps=10)) if point["share"] == 1]
    ['tanh']
    """

    lesson: ExperimentKind
    pictures: SetKey = SetKey.DIGITS
    seconds: float = 20.0
    few: int = 100
    steps: int | None = None
    seed: int = 1
    units: int = 4

    def __post_init__(self) -> None:
        object.__setattr__(self, "lesson", check_word(ExperimentKind, "lesson", self.lesson))
        check_one_of("pictures", self.pictures, (SetKey.DIGITS, SetKey.MNIST))
        object.__setattr__(self, "pictures", SetKey(self.pictures))
        usual = _("leave it out for the usual value")
        check_number("seconds", self.seconds, 0.1, 120, usual)
        check_whole("few", self.few, 20, 2_000, usual)
        check_whole("seed", self.seed, 0, 99_999, usual)
        check_whole("units", self.units, 1, 64, usual)
        if self.steps is not None:
            check_whole("steps", self.steps, 1, 5_000, usual)

    @property
    def length(self) -> int:
        """Steps of a training; the batch sizes are measured by time and have none."""
        return self.steps if self.steps is not None else STEPS[self.lesson]

    def to_record(self) -> Record:
        """Plain JSON values; `from_record` reads them back."""
        return asdict(self) | {"lesson": str(self.lesson), "pictures": str(self.pictures)}

    @classmethod
    def from_record(cls, record: object) -> ExperimentSettings:
        """The wish that `to_record` wrote. Raises: ValueError, one sentence, for anything else."""
        names = {entry.name for entry in fields(cls)}
        return cls(**check_record("experiment", record, names, ("lesson",)))


def run_experiment(wish: ExperimentSettings) -> Iterator[Record]:
    """The experiment's records, as they are found. Raises: ValueError, DataMissing, DataBroken; one sentence each."""
    return _LESSONS[wish.lesson](wish)


def batch_job(pictures: SetKey, seed: int = 1) -> Job:
    """The training whose batch size is varied: two 5×5 convolutions and Adam, as books train MNIST."""
    return Job(preset("mnist_b1"), DataChoice(pictures), TrainConfig(rate=1e-3, seed=seed))


def _batch(wish: ExperimentSettings) -> Iterator[Record]:
    job = batch_job(wish.pictures, wish.seed)
    sets = load_images(job.data)
    fitting = [batch for batch in BATCHES if batch <= len(sets.training)]
    for number, pace in enumerate(measure_batch_size(job, fitting, wish.seconds, sets), 1):
        yield asdict(pace) | {
            "share": number / (len(fitting) * PIECES), "epoch_seconds": pace.epoch_seconds,
            "images_a_second": pace.images_a_second, "updates_an_epoch": pace.updates_an_epoch,
        }  # fmt: skip


def few_job(pictures: SetKey, steps: int = STEPS["overfitting"], seed: int = 1) -> Job:
    """The training that is to overfit: a small network, small batches, a brisk rate."""
    return Job(
        preset("digits_small"), DataChoice(pictures), TrainConfig(steps=steps, batch=20, rate=3e-3, seed=seed)
    )  # fmt: skip


def _overfitting(wish: ExperimentSettings) -> Iterator[Record]:
    chosen = overfitting_trials(few_job(wish.pictures, wish.length, wish.seed), wish.few)
    looks = sorted({max(1, round(look * wish.length / LOOKS)) for look in range(1, LOOKS + 1)})
    for place, trial in enumerate(chosen):
        course = start_session(trial.job)
        for step in looks:
            course.run.advance(60.0, most=step - course.run.step)
            found = course.evaluated(LOOKED_AT)
            yield {
                "share": (place + step / wish.length) / len(chosen), "key": trial.key, "step": course.run.step,
                "training": asdict(found.training), "validation": asdict(found.validation),
            }  # fmt: skip


def softmax_job(pictures: SetKey) -> Job:
    """The same training for the page on which one watches: what `LossComparison` takes apart."""
    return Job(
        preset("small_b5"), DataChoice(pictures), TrainConfig(batch=64, rate=1e-3, scaling=ScalingKind.HALF, epochs=2)
    )  # fmt: skip


def _softmax(wish: ExperimentSettings) -> Iterator[Record]:
    sets = load_images(DataChoice(wish.pictures))
    kept = _read(sets.validation, LOOKED_AT)
    both = LossComparison(
        *_read(sets.training, MOST_LEARNED), kept, steps=wish.length, seed=wish.seed, every=_every(wish)
    )
    told = 0
    while told < both.steps:
        both.advance(0.0)
        if both.moments[WAYS[0]] and both.moments[WAYS[0]][-1].step > told:
            told = both.step
            for way in WAYS:
                yield {"share": told / both.steps, "way": str(way), **asdict(both.moments[way][-1]), "n": len(kept[1])}


def _every(wish: ExperimentSettings) -> int:
    return max(1, wish.length // LOOKS)


def _read(pictures: ImageSet, most: int) -> tuple[np.ndarray, np.ndarray]:
    """The first pictures as the network reads them, (x − 0.5) / 0.5, and their labels."""
    images = pictures.images[:most].astype(np.float32) / 255
    return (images - 0.5) / 0.5, np.array(pictures.labels[:most])


def _xor(wish: ExperimentSettings) -> Iterator[Record]:
    for number, function in enumerate(FUNCTIONS, 1):
        run = learn_xor(function, wish.seed, wish.length, units=wish.units)
        yield {
            "share": number / len(FUNCTIONS), "function": str(function), "right": run.right,
            "answered": int(run.is_answered.sum()),
            "losses": run.losses.tolist(), "answers": run.answers.tolist(), "map": run.map.tolist(),
            "scores": run.scores.tolist(), "layers": [array.tolist() for array in run.layers],
            "weight": None if run.weight is None else run.weight.tolist(),
            "bias": None if run.bias is None else run.bias.tolist(),
        }  # fmt: skip


_LESSONS = {
    ExperimentKind.BATCH: _batch,
    ExperimentKind.OVERFITTING: _overfitting,
    ExperimentKind.SOFTMAX: _softmax,
    ExperimentKind.XOR: _xor,
}
