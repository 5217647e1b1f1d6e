"""How a network is trained, as a frozen record: everything that decides the result, besides network and data.

Refuses to know: networks, images, how a step is taken (`run`).
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from cnnviz.checks import check_one_of, check_record, check_word, is_number, is_whole, require

DEVICES = ("auto", "cpu", "cuda")
MOST_STEPS = 10_000_000
MOST_EPOCHS = 10_000
MOST_BATCH = 65_536
MOST_CHANGES = 1_000
LARGEST = sys.float_info.max  # whole numbers go on beyond it


class OptimiserKind(StrEnum):
    """PyTorch's optimiser behind a step; `momentum` is SGD with momentum.

    >>> from cnnviz.training import OptimiserKind
    >>> [kind.value for kind in OptimiserKind]
    ['sgd', 'momentum', 'adam', 'adamw']
    """

    SGD = "sgd"
    MOMENTUM = "momentum"
    ADAM = "adam"
    ADAMW = "adamw"


class ScheduleKind(StrEnum):
    """How the learning rate goes over the run (`learning_rates`).

    >>> from cnnviz.training import ScheduleKind
    >>> [kind.value for kind in ScheduleKind]
    ['constant', 'step', 'cosine', 'one_cycle']
    """

    CONSTANT = "constant"
    STEP = "step"
    COSINE = "cosine"
    ONE_CYCLE = "one_cycle"


class LossKind(StrEnum):
    """What is minimised (`losses`); `softmax_nll` is a famous mistake, kept to be looked at.

    >>> from cnnviz.training import LossKind
    >>> [kind.value for kind in LossKind]
    ['cross_entropy', 'log_softmax_nll', 'softmax_nll', 'squared_error']
    """

    CROSS_ENTROPY = "cross_entropy"
    LOG_SOFTMAX_NLL = "log_softmax_nll"
    SOFTMAX_NLL = "softmax_nll"
    SQUARED_ERROR = "squared_error"


class ScalingKind(StrEnum):
    """What the network reads: 0..1 as it is, (x − 0.5)/0.5, or with the mean and spread of the training images.

    >>> from cnnviz.training import ScalingKind
    >>> [kind.value for kind in ScalingKind]
    ['none', 'half', 'data']
    """

    NONE = "none"
    HALF = "half"
    DATA = "data"


@dataclass(frozen=True)
class TrainConfig:
    """How a network is trained. The defaults are those of a text book: Adam, 0.001, batches of 64.

    `steps` says how long; where it is None, `epochs` (passes over the training images) does.
    `changes` holds the learning rates set by hand while the run went on, (step, rate): with them it is reproducible.

    >>> from cnnviz.training.config import TrainConfig
    >>> TrainConfig(optimiser="sgd", rate=0.01, epochs=100).rate
    0.01
    """

    steps: int | None = None
    epochs: int = 1
    batch: int = 64
    optimiser: OptimiserKind = OptimiserKind.ADAM
    rate: float = 1e-3  # the highest learning rate
    schedule: ScheduleKind = ScheduleKind.CONSTANT
    warm: int = 0  # the first steps, in which the rate rises to what the schedule says
    cool: int = 0  # the last steps, in which it falls to 0
    momentum: float = 0.9  # of the optimiser called momentum
    decay: float = 0.0  # weight decay, the optimiser's own
    l2: float = 0.0  # λ of an explicit penalty: loss + λ · Σ p²
    loss: LossKind = LossKind.CROSS_ENTROPY
    smoothing: float = 0.0  # label smoothing
    averaging: float = 0.0  # share of the old average kept at each step (EMA of the weights); 0 is off
    scaling: ScalingKind = ScalingKind.NONE
    changes: tuple[tuple[int, float], ...] = ()
    seed: int = 0
    device: str = "auto"
    test_every: int = 50  # steps between two looks at the test images while it is watched; 0: at the end only

    def __post_init__(self) -> None:
        self._settle()
        steps = self.steps
        require(
            steps is None or 1 <= steps <= MOST_STEPS, "steps", f"in 1..{MOST_STEPS}", steps, "train for one or more"
        )
        require(1 <= self.epochs <= MOST_EPOCHS, "epochs", f"in 1..{MOST_EPOCHS}", self.epochs, "train for one or more")
        require(1 <= self.batch <= MOST_BATCH, "batch", f"in 1..{MOST_BATCH}", self.batch, "64 is usual")
        require(0 < self.rate < 10, "rate", "above 0 and below 10", self.rate, "0.001 is a good start")
        require(self.warm >= 0, "warm", "at least 0", self.warm, "0 starts with the full rate")
        require(self.cool >= 0, "cool", "at least 0", self.cool, "0 keeps the full rate to the end")
        require(0 <= self.momentum < 1, "momentum", "at least 0 and below 1", self.momentum, "0.9 is usual")
        require(0 <= self.decay <= 1, "decay", "in 0..1", self.decay, "0.0001 is usual, 0 is off")
        require(0 <= self.l2 <= 1, "l2", "in 0..1", self.l2, "0.001 is usual, 0 is off")
        require(0 <= self.smoothing < 1, "smoothing", "at least 0 and below 1", self.smoothing, "0.05 is usual")
        require(0 <= self.averaging < 1, "averaging", "at least 0 and below 1", self.averaging, "0.999 is usual")
        require(0 <= self.seed < 2**63, "seed", "at least 0 and below 2⁶³", self.seed, "0 is as good as any")
        require(0 <= self.test_every <= MOST_STEPS, "test_every", f"in 0..{MOST_STEPS}", self.test_every, "50 is usual")
        check_one_of("device", self.device, DEVICES)

    def _settle(self) -> None:
        """Words become enums, numbers become the kind of number that their field holds."""
        for name, kind in _KINDS.items():
            object.__setattr__(self, name, check_word(kind, name, getattr(self, name)))
        for name in ("epochs", "batch", "warm", "cool", "seed", "test_every"):
            _whole(name, getattr(self, name))
        if self.steps is not None:
            _whole("steps", self.steps)
        for name in ("rate", "momentum", "decay", "l2", "smoothing", "averaging"):
            object.__setattr__(self, name, _number(name, getattr(self, name)))
        object.__setattr__(self, "changes", _checked_changes(self.changes))

    def length(self, images: int) -> int:
        """Steps of the whole run over so many training images; the last batch of an epoch may be smaller."""
        return self.steps if self.steps is not None else self.epochs * self.steps_an_epoch(images)

    def steps_an_epoch(self, images: int) -> int:
        """Steps of one pass over so many images."""
        return max(1, -(-images // self.batch))

    def to_record(self) -> dict[str, Any]:
        """Plain JSON values; `from_record` reads them back."""
        return {**asdict(self), "changes": [list(change) for change in self.changes]}

    @classmethod
    def from_record(cls, record: object) -> TrainConfig:
        """The config that `to_record` wrote. Raises: ValueError, one sentence, for anything else."""
        names = {entry.name for entry in fields(cls)}
        record = check_record("training settings", record, names)
        return cls(**record)


_KINDS: dict[str, type[StrEnum]] = {
    "optimiser": OptimiserKind,
    "schedule": ScheduleKind,
    "loss": LossKind,
    "scaling": ScalingKind,
}


def _whole(name: str, value: object) -> None:
    require(is_whole(value), name, "a whole number", value, "give one")


def _number(name: str, value: object) -> float:
    require(is_number(value, -LARGEST, LARGEST), name, "a number", value, "give one")
    return float(value)  # type: ignore[arg-type]


def _checked_changes(changes: object) -> tuple[tuple[int, float], ...]:
    """Rates set by hand: steps rise, rates are rates."""
    pairs = isinstance(changes, list | tuple) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 for pair in changes
    )
    require(pairs, "changes", "pairs of a step and a rate", changes, "leave them out")
    found: list[tuple[int, float]] = []
    for step, rate in changes:  # type: ignore[attr-defined]
        _whole("step of a change", step)
        value = _number("rate of a change", rate)
        require(0 < value < 10, "rate of a change", "above 0 and below 10", value, "0.001 is a good start")
        require(step >= (found[-1][0] if found else 0), "step of a change", "in order", step, "sort them")
        found.append((step, value))
    require(len(found) <= MOST_CHANGES, "changes", f"at most {MOST_CHANGES}", len(found), "set the rate less often")
    return tuple(found)
