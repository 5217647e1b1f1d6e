"""How long does an epoch take with batches of 1, of 10, of 100, and what are so many updates worth? Measured here.

A mini-batch is one matrix product that runs in parallel: an epoch with larger batches takes less time, but makes fewer
updates. Each batch size gets the same share of a time budget, the same network, pictures and seed.
Refuses to know: pages, charts.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cnnviz.checks import is_whole, require
from cnnviz.data.image_sets import ImageSplits, load_images
from cnnviz.i18n import _
from cnnviz.training import Job, TrainingSession, start_session
from cnnviz.training.config import MOST_STEPS

BATCHES = (1, 2, 5, 10, 25, 50, 100, 250, 500)
PIECES = 5  # measured points a batch size
LONGEST = 600.0  # seconds of training in all
LOOKED_AT = 500  # validation pictures a point


@dataclass(frozen=True)
class BatchTiming:
    """A run with batches of `batch` after `updates` steps on `images` pictures, in `seconds` of training alone.

    The first step, in which everything is set up, is not timed and its pictures are not in `images`. accuracy: on a
    fixed sample of the validation pictures. is_last: whether it is the batch size's last point.
    """

    batch: int
    updates: int
    images: int
    seconds: float
    accuracy: float
    of: int  # training pictures: an epoch
    is_last: bool

    @property
    def images_a_second(self) -> float:
        """Pictures trained on each second."""
        return self.images / self.seconds

    @property
    def epoch_seconds(self) -> float:
        """How long all training pictures take once: measured on some of them, scaled up."""
        return self.of / self.images_a_second

    @property
    def updates_an_epoch(self) -> int:
        """Steps until all training pictures were seen once."""
        return math.ceil(self.of / self.batch)


def measure_batch_size(
    job: Job, batches: Sequence[int] = BATCHES, budget_s: float = 20.0, sets: ImageSplits | None = None
) -> Iterator[BatchTiming]:
    """Some points for each batch size, as they are measured; those larger than the training part are left out.

    Raises: ValueError, one sentence, for a budget or batch sizes that cannot be; what `load_images` raises.

    >>> from cnnviz.models.builder.presets import preset
    >>> from cnnviz.experiments.batch_size import measure_batch_size
    >>> from cnnviz.data.image_sets.choice import DataChoice
    >>> from cnnviz.training.config import TrainConfig
    >>> from cnnviz.training.job import Job
    >>> job = Job(preset("digits_small"), DataChoice("digits", limit=200), TrainConfig())
    >>> {pace.batch for pace in measure_batch_size(job, batches=(50,), budget_s=0.2) if pace.is_last}
    {50}
    """
    _check(batches, budget_s)
    sets = load_images(job.data) if sets is None else sets
    fitting = [batch for batch in batches if batch <= len(sets.training)]
    for batch in fitting:
        config = replace(job.config, batch=batch, steps=MOST_STEPS, warm=0, cool=0)
        yield from _run(start_session(replace(job, config=config), sets), batch, budget_s / len(fitting))


def _check(batches: Sequence[int], budget_s: float) -> None:
    rule = _("above 0 and at most {most} seconds", most=LONGEST)
    require(0 < budget_s <= LONGEST, "budget", rule, budget_s, _("20 is usual"))
    are_sizes = bool(batches) and all(is_whole(batch, 1) for batch in batches)
    require(are_sizes, "batch sizes", _("one or more whole numbers from 1"), list(batches), _("correct them"))


def _run(course: TrainingSession, batch: int, budget_s: float) -> Iterator[BatchTiming]:
    run, of = course.run, len(course.sets.training)
    run.advance(0.0, most=1)
    seconds, images = 0.0, 0
    for piece in range(1, PIECES + 1):
        before, began = run.step, time.perf_counter()
        run.advance(budget_s / PIECES)
        seconds += time.perf_counter() - began
        images += sum(_size(step, batch, of) for step in range(before, run.step))
        accuracy = course.evaluated(LOOKED_AT).validation.accuracy
        yield BatchTiming(batch, run.step, images, seconds, accuracy, of, piece == PIECES)


def _size(step: int, batch: int, of: int) -> int:
    """Pictures in step number `step` (from 0): the last batch of an epoch may be smaller."""
    place = step % math.ceil(of / batch)
    return min(batch, of - place * batch)
