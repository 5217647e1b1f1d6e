"""The learning rate of a step, as a formula of the step alone: nothing is remembered, a run can go on anywhere.

The shapes are those of `torch.optim.lr_scheduler` (StepLR, CosineAnnealingLR, OneCycleLR with its own defaults),
which the tests compare them with. Refuses to know: optimisers.
"""

from __future__ import annotations

import math

from cnnviz.training.config import ScheduleKind, TrainConfig

STAIRS, FALL = 3, 0.1  # `step`: so many stairs in a run, each a tenth of the one before
RISING, START, END = 0.3, 1 / 25, 1 / 25e4  # `one_cycle`: share of the run in which it rises, first and last factor


def rate_at(step: int, config: TrainConfig, length: int | None = None) -> float:
    """The learning rate of step number `step` (from 0) of a run of `length` steps (the config's own, unless told).

    The base (the config's rate, or the last one set by hand) × the schedule's factor × a line up over the first
    `warm` steps and a line down over the last `cool`. With a constant schedule, what happens before the last `cool`
    steps does not depend on how many steps there are: a run can be prolonged and is still the run of its config.
    Raises: ValueError where neither config nor caller says how long the run is.

    >>> from cnnviz.training import TrainConfig, rate_at
    >>> config = TrainConfig(steps=4, rate=0.1, warm=2, cool=2)
    >>> [rate_at(step, config) for step in range(4)]
    [0.05, 0.1, 0.1, 0.05]
    """
    total = length if length is not None else config.steps
    if total is None:
        raise ValueError("length must be told where epochs decide, got None: give the number of steps")
    rising = (step + 1) / max(config.warm, 1)
    falling = (total - step) / max(config.cool, 1)
    return base_rate(step, config) * factor(step, total, config.schedule) * min(1.0, rising, falling)


def base_rate(step: int, config: TrainConfig) -> float:
    """The rate before any schedule: the config's, or the last one set by hand up to this step."""
    return next((rate for at, rate in reversed(config.changes) if at <= step), config.rate)


def factor(step: int, length: int, schedule: ScheduleKind) -> float:
    """What the schedule multiplies the base with at step number `step` (from 0) of `length`: in 0..1."""
    if schedule is ScheduleKind.STEP:
        return FALL ** (step // max(1, -(-length // STAIRS)))
    if schedule is ScheduleKind.COSINE:
        return (1 + math.cos(math.pi * step / length)) / 2
    if schedule is ScheduleKind.ONE_CYCLE:
        return _one_cycle(step, length)
    return 1.0


def _one_cycle(step: int, length: int) -> float:
    """Up from 1/25 along half a cosine, then down to almost nothing (Smith, Topin 2018, as in PyTorch)."""
    if length == 1:
        return 1.0
    top, last = RISING * length - 1, length - 1
    if step <= top:
        return _blend(START, 1.0, step / top if top else 1.0)
    return _blend(1.0, END, (step - top) / (last - top))


def _blend(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
