"""A whole training as a value: network, data, settings, augmentation; plain JSON both ways.

`start_session(job)` loads the pictures and makes it a run. Refuses to know: who drives the run, files, pages.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from torch import Tensor

from cnnviz.checks import check_record, require, sides
from cnnviz.data.augment_images import Augmentation
from cnnviz.data.image_sets import DataChoice, ImageSplits, load_images
from cnnviz.i18n import _
from cnnviz.models.builder import LayerKind, LayerRow, NetworkSpec, build_module, inspect_spec
from cnnviz.training.config import TrainConfig
from cnnviz.training.devices import find_device
from cnnviz.training.evaluator import Evaluator
from cnnviz.training.image_pool import DeviceImages, EpochBatches, Scaling
from cnnviz.training.losses import make_objective
from cnnviz.training.process_group import ALONE, ProcessGroup
from cnnviz.training.reports import Evaluation, SetScore
from cnnviz.training.run import TrainingRun

MOST_VALUES = 2**30  # of one batch in all layers together: 4 GB, and about as much again for the gradients


@dataclass(frozen=True)
class Job:
    """A training as a value. Same job, same device: same weights.

    Raises: ValueError, one sentence, for a network that cannot be built or a batch too large for it.

    >>> from cnnviz.models.builder.presets import preset
    >>> from cnnviz.data.image_sets.choice import DataChoice
    >>> from cnnviz.training.config import TrainConfig
    >>> from cnnviz.training.job import Job
    >>> Job(preset("mnist_b1"), DataChoice("mnist"), TrainConfig(epochs=3)).config.epochs
    3
    """

    blueprint: NetworkSpec
    data: DataChoice
    config: TrainConfig = field(default_factory=TrainConfig)
    augmentation: Augmentation | None = None

    def __post_init__(self) -> None:
        found = inspect_spec(self.blueprint)
        if found.problem is not None:
            raise ValueError(found.problem.sentence)
        values = sum(math.prod(row.output_shape or (0,)) for row in found.rows) * self.config.batch
        require(values <= MOST_VALUES, "batch", "small enough for this network", self.config.batch, "use fewer images")

    def to_record(self) -> dict[str, Any]:
        """Plain JSON values; `from_record` reads them back."""
        return {
            "blueprint": self.blueprint.to_record(),
            "data": self.data.to_record(),
            "config": self.config.to_record(),
            "augmentation": None if self.augmentation is None else self.augmentation.to_record(),
        }

    @classmethod
    def from_record(cls, record: object) -> Job:
        """The job that `to_record` wrote. Raises: ValueError, one sentence, for anything else."""
        record = check_record("job", record, _NAMES, ("blueprint", "data"))
        changed = record.get("augmentation")
        return cls(
            NetworkSpec.from_record(record["blueprint"]),
            DataChoice.from_record(record["data"]),
            TrainConfig.from_record(record.get("config", {})),
            None if changed is None else Augmentation.from_record(changed),
        )


_NAMES = {entry.name for entry in fields(Job)}


class TrainingSession:
    """A job on its way: the run, the pictures it learns from, and the exam that judges it.

    >>> from cnnviz.models.builder.presets import preset
    >>> from cnnviz.data.image_sets.choice import DataChoice
    >>> from cnnviz.training.config import TrainConfig
    >>> from cnnviz.training.job import Job, start_session
    >>> job = Job(preset("digits_small"), DataChoice("digits", limit=100), TrainConfig(steps=3))
    >>> course = start_session(job)
    >>> [report.step for report in course.run.advance(60)]
    [1, 2, 3]
    >>> course.evaluated().step
    3
    """

    def __init__(self, job: Job, sets: ImageSplits, run: TrainingRun, scaling: Scaling, exam: Evaluator) -> None:
        self.job, self.sets, self.run, self.scaling, self.exam = job, sets, run, scaling, exam

    def evaluated(self, limit: int | None = None) -> Evaluation:
        """How well the run reads now; on a fixed sample of `limit` pictures of each part, or on all for validation."""
        return self.exam.held(self.run.moment(), limit)

    def tested(self) -> SetScore | None:
        """Loss and accuracy on the pictures for the test, where the set has such."""
        found = self.exam.tested(self.run.moment())
        return None if found is None else found.score


def start_session(
    job: Job, sets: ImageSplits | None = None, team: ProcessGroup = ALONE, weights: Mapping[str, Tensor] | None = None
) -> TrainingSession:
    """The job with its pictures loaded (or given as `sets`), no step taken yet; from `weights` where there are any.

    Raises: ValueError, one sentence, where pictures, network and batch do not fit; what `load_images` raises.

    >>> from cnnviz.data.image_sets import DataChoice
    >>> from cnnviz.models.builder import preset
    >>> from cnnviz.training import Job, TrainConfig, start_session
    >>> session = start_session(Job(preset("digits_small"), DataChoice("digits", limit=100), TrainConfig(epochs=3)))
    >>> session.run.step, session.run.length  # 100 pictures are two batches of 64
    (0, 6)
    """
    sets = load_images(job.data) if sets is None else sets
    _check_fit(job.blueprint, sets)
    _check_last_batch(job, len(sets.training))
    device, scaling = find_device(job.config.device), Scaling.of(job.config.scaling, sets)
    training, validation = (DeviceImages(part, scaling, device) for part in (sets.training, sets.validation))
    source = EpochBatches(training, job.config.seed, job.augmentation)
    run = TrainingRun(job.config, source, lambda: build_module(job.blueprint), team=team)
    if weights is not None:
        run.begin_with(weights)
    test = None if sets.test is None else DeviceImages(sets.test, scaling, device)
    exam = Evaluator(run.model, training, validation, make_objective(job.config.loss), test)
    return TrainingSession(job, sets, run, scaling, exam)


def _check_last_batch(job: Job, pictures: int) -> None:
    """Batch normalisation of a lone number has no spread: PyTorch raises then, at the end of the first epoch."""
    rest = pictures % job.config.batch or min(pictures, job.config.batch)
    lone = [
        row.name for row in inspect_spec(job.blueprint).rows if _is_normalised(row) and math.prod(_places(row)) == 1
    ]
    is_reached = job.config.length(pictures) >= job.config.steps_an_epoch(pictures)
    if rest == 1 and lone and is_reached:
        raise ValueError(
            _(
                "batch must not leave a single image for the last step of an epoch, since {layer} normalises over "
                "the batch, got {batch} for {pictures} images: choose another batch size",
                layer=lone[0],
                batch=job.config.batch,
                pictures=pictures,
            )
        )


def _is_normalised(row: LayerRow) -> bool:
    return row.part.kind is LayerKind.BATCH_NORM or (row.part.kind is LayerKind.RESIDUAL and row.part.is_normalised)


def _places(row: LayerRow) -> tuple[int, ...]:
    """Rows and columns of a layer's maps; none where it has single units."""
    return (row.output_shape or ())[1:]


def _check_fit(blueprint: NetworkSpec, sets: ImageSplits) -> None:
    wanted, found = (blueprint.input_shape, len(blueprint.classes)), (tuple(sets.shape), len(sets.classes))
    if wanted != found:
        raise ValueError(
            _(
                "network must take images {shape} of {classes} classes, got one for {own_shape} of {own_classes}: "
                "fit it to the data",
                shape=sides(found[0]),
                classes=found[1],
                own_shape=sides(wanted[0]),
                own_classes=wanted[1],
            )
        )
