"""What a worker says, as frozen records with NumPy arrays; and how each lies in a frame.

Refuses to know: processes, pipes, torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnviz.training.reports import EpochReport, Evaluation, SetScore, TestCost, TestReport
from cnnviz.training.worker.frames import Arrays


class RunState(StrEnum):
    """What a worker does: it starts (loads Python, PyTorch), waits for a job, loads the job's pictures, …

    >>> from cnnviz.training.worker import RunState
    >>> [state.value for state in RunState if state.is_over]
    ['done', 'stopped', 'failed']
    """

    STARTING = "starting"
    IDLE = "idle"
    LOADING = "loading"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"  # a last look at what it has learned
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """Whether the run will not go on."""
        return self in (RunState.DONE, RunState.STOPPED, RunState.FAILED)


@dataclass(frozen=True)
class RunStatus:
    """A worker's state, where its run stands, and one sentence where there is something to say.

    step of length steps are taken; epoch passes over the pictures lie behind. device: "cpu" or "cuda".

    >>> from cnnviz.training.worker import RunState, RunStatus
    >>> RunStatus(RunState.RUNNING, step=3, length=10, epoch=0.5, device="cpu").state.is_over
    False
    """

    state: RunState
    step: int = 0
    length: int = 0
    epoch: float = 0.0
    device: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Started:
    """A job has been loaded: what the page has to know of it. Pictures are read as (x − mean) / std, x in 0..1.

    mean, std: one number a channel. length: steps of the whole run.

    >>> from cnnviz.training.worker import Started
    >>> started = Started(("X", "O"), (0.0,), (1.0,), pictures=900, validation=100, steps_an_epoch=15, length=45,
    ...                   parameters=1698, layers=("conv1", "conv2", "fc"))
    >>> started.length // started.steps_an_epoch  # epochs
    3
    """

    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    pictures: int  # for training
    validation: int
    steps_an_epoch: int
    length: int
    parameters: int
    layers: tuple[str, ...]  # those with weights, in order


@dataclass(frozen=True, eq=False)
class Progress:
    """Steps that were taken: for each point its step, and loss, accuracy and learning rate there, all (n,).

    A point stands for one step; where nobody asked for a long time, steps between the extremes are left out.
    norms: √Σ g² of the last step by layer. samples_per_s: pictures learned from a second, while it ran.
    seconds_left: at that pace, until the end.

    >>> import numpy as np
    >>> from cnnviz.training.worker import Progress
    >>> columns = np.array([1, 2]), np.array([2.3, 2.1]), np.array([0.1, 0.2]), np.array([0.01, 0.01])
    >>> progress = Progress(*columns, norms={"fc": 1.0}, samples_per_s=500.0, seconds_left=8.0)
    >>> float(progress.losses[-1])
    2.1
    """

    steps: NDArray[np.int64]
    losses: NDArray[np.float64]
    accuracies: NDArray[np.float64]
    rates: NDArray[np.float64]
    norms: Mapping[str, float]
    samples_per_s: float
    seconds_left: float


@dataclass(frozen=True, eq=False)
class Evaluated:
    """How well the run reads (`cnnviz.training.Evaluation`).

    >>> from cnnviz.data.image_sets import DataChoice
    >>> from cnnviz.models.builder import preset
    >>> from cnnviz.training import Job, TrainConfig, start_session
    >>> from cnnviz.training.worker import Evaluated
    >>> job = Job(preset("digits_small"), DataChoice("digits", limit=100), TrainConfig(steps=2))
    >>> Evaluated(start_session(job).evaluated(limit=20)).evaluation.validation.n
    20
    """

    evaluation: Evaluation


@dataclass(frozen=True)
class Tested:
    """How well the run reads test images.

    >>> from cnnviz.training import SetScore
    >>> from cnnviz.training.reports import TestReport
    >>> from cnnviz.training.worker.messages import Tested
    >>> Tested(TestReport(50, 0.1, SetScore(0.6, 0.8, 2000), is_whole=False)).report.step
    50
    """

    report: TestReport


@dataclass(frozen=True)
class EpochEnded:
    """An epoch is over.

    >>> from cnnviz.training import SetScore
    >>> from cnnviz.training.reports import EpochReport
    >>> from cnnviz.training.worker.messages import EpochEnded
    >>> EpochEnded(EpochReport(1, 51, SetScore(1.2, 0.6, 1617), SetScore(0.5, 0.85, 180))).report.epoch
    1
    """

    report: EpochReport


@dataclass(frozen=True, eq=False)
class MomentMessage:
    """The weights after `step` steps: float32 (or int64) arrays by name, read-only.

    >>> import numpy as np
    >>> from cnnviz.training.worker import MomentMessage
    >>> MomentMessage(0, {"fc.bias": np.zeros(10, np.float32)}).size
    40
    """

    step: int
    weights: Mapping[str, NDArray[Any]]

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(array.nbytes for array in self.weights.values())


Message = RunStatus | Started | Progress | Evaluated | Tested | TestCost | EpochEnded | MomentMessage


def pack_message(messages: list[Message]) -> tuple[dict[str, Any], Arrays]:
    """Header and arrays of a frame with these messages."""
    heads: list[Any] = []
    arrays: dict[str, NDArray[Any]] = {}
    for number, message in enumerate(messages):
        head, own = _PACK[type(message)](message)
        heads.append([type(message).__name__, head])
        arrays |= {f"{number}/{name}": array for name, array in own.items()}
    return {"messages": heads}, arrays


def unpack_message(header: Mapping[str, Any], arrays: Arrays) -> list[Message]:
    """The messages of a frame."""
    found = []
    for number, (kind, head) in enumerate(header["messages"]):
        own = {name.split("/", 1)[1]: array for name, array in arrays.items() if name.split("/", 1)[0] == str(number)}
        found.append(_UNPACK[kind](head, own))
    return found


def _flat(message: Any) -> tuple[dict[str, Any], Arrays]:
    return dict(vars(message)), {}


def _progress(message: Progress) -> tuple[dict[str, Any], Arrays]:
    names = ("steps", "losses", "accuracies", "rates")
    head = {name: value for name, value in vars(message).items() if name not in names}
    return head, {name: getattr(message, name) for name in names}


def _evaluated(message: Evaluated) -> tuple[dict[str, Any], Arrays]:
    evaluation = message.evaluation
    names = ("confusion", "at", "predicted")
    head = {name: value for name, value in vars(evaluation).items() if name not in names}
    head |= {name: vars(getattr(evaluation, name)) for name in ("training", "validation")}
    return head, {name: getattr(evaluation, name) for name in names}


def _evaluation_of(head: dict[str, Any], arrays: Arrays) -> Evaluated:
    scores = {name: SetScore(**head[name]) for name in ("training", "validation")}
    first = tuple((true, predicted) for true, predicted in head["first"])
    return Evaluated(Evaluation(**{**head, **scores, "first": first, **arrays}))


def _tested(message: Tested) -> tuple[dict[str, Any], Arrays]:
    return {**vars(message.report), "score": vars(message.report.score)}, {}


def _tested_of(head: dict[str, Any], _arrays: Arrays) -> Tested:
    return Tested(TestReport(**{**head, "score": SetScore(**head["score"])}))


def _epoch(message: EpochEnded) -> tuple[dict[str, Any], Arrays]:
    report = message.report
    return {**vars(report), "training": vars(report.training), "validation": vars(report.validation)}, {}


def _epoch_of(head: dict[str, Any], _arrays: Arrays) -> EpochEnded:
    scores = {name: SetScore(**head[name]) for name in ("training", "validation")}
    return EpochEnded(EpochReport(**{**head, **scores}))


def _started_of(head: dict[str, Any], _arrays: Arrays) -> Started:
    found: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in head.items()}
    return Started(**found)


_PACK: dict[type, Any] = {
    RunStatus: _flat,
    Started: _flat,
    Progress: _progress,
    Evaluated: _evaluated,
    Tested: _tested,
    TestCost: _flat,
    EpochEnded: _epoch,
    MomentMessage: lambda message: ({"step": message.step}, dict(message.weights)),
}
_UNPACK: dict[str, Any] = {
    "RunStatus": lambda head, _arrays: RunStatus(**{**head, "state": RunState(head["state"])}),
    "Started": _started_of,
    "Progress": lambda head, arrays: Progress(**head, **arrays),
    "Evaluated": _evaluation_of,
    "Tested": _tested_of,
    "TestCost": lambda head, _arrays: TestCost(**head),
    "EpochEnded": _epoch_of,
    "MomentMessage": lambda head, arrays: MomentMessage(head["step"], arrays),
}
