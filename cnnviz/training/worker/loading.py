"""What a worker is told, how a job is loaded there, and what the page has to know of it.

Refuses to know: pipes, how a run is trained.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from torch import from_numpy

from cnnviz.data.image_sets import ImageSplits
from cnnviz.i18n import _
from cnnviz.training import Job, TrainingSession, start_session
from cnnviz.training.worker.messages import Started

NO_MEMORY = ("out of memory", "can't allocate memory", "bad_alloc", "can't start new thread")  # PyTorch's, and Python's


@dataclass(frozen=True, eq=False)
class Command:
    """What the page wants. `start` brings a job, and pictures or first weights where they are not the usual ones."""

    word: str  # start, pause, resume, step, stop, rate, speed
    number: int = 0  # of the run, for start
    value: Any = None  # the job's record, the rate, or steps a second (None: as fast as it can)
    language: str = "en"
    sets: ImageSplits | None = None
    weights: Mapping[str, NDArray[Any]] | None = None
    speed: float | None = None  # steps a second from the first one on, for start


def steps_to_test(course: TrainingSession) -> int:
    """Steps until the test images are looked at; as many as are left where they are not."""
    run, every = course.run, course.run.config.test_every
    return every - run.step % every if course.exam.has_test and every else max(1, run.length - run.step)


def load_in_thread(command: Command) -> Future[TrainingSession]:
    """The job of `command` with its pictures, loaded in a thread of its own."""
    weights = {name: from_numpy(array.copy()) for name, array in (command.weights or {}).items()} or None
    threads = ThreadPoolExecutor(1, thread_name_prefix="loading")
    try:
        return threads.submit(lambda: start_session(Job.from_record(command.value), command.sets, weights=weights))
    finally:
        threads.shutdown(wait=False)


def run_facts(course: TrainingSession) -> Started:
    """What a page has to know of a job that has been loaded."""
    run, sets = course.run, course.sets
    return Started(
        classes=sets.classes,
        mean=course.scaling.mean,
        std=course.scaling.std,
        pictures=len(sets.training),
        validation=len(sets.validation),
        steps_an_epoch=run.steps_an_epoch,
        length=run.length,
        parameters=sum(weight.numel() for weight in run.model.parameters()),
        layers=tuple(dict.fromkeys(name.split(".")[0] for name, _weight in run.model.named_parameters())),
    )


def describe_failure(error: Exception) -> str:
    """What happened, for the reader: one sentence."""
    text = str(error)
    if isinstance(error, MemoryError) or any(word in text for word in NO_MEMORY):
        return _("There is not enough memory for this: choose a smaller batch or a smaller network.")
    if isinstance(error, OSError):
        return text
    return _(
        "The training stopped with an internal error ({kind}): start it again, or change a setting.",
        kind=type(error).__name__,
    )
