"""How a gradient becomes a step: the settings of SGD and Adam, and PyTorch's own optimiser made from them.

Refuses to know: where a gradient comes from, and which network it belongs to.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import torch

from cnnviz.checks import check_word, require

HIGHEST_RATE = 1000.0


class OptimiserMethod(StrEnum):
    """The two ways that most networks are trained with.

    >>> from cnnviz.core.training_step import OptimiserMethod
    >>> [method.value for method in OptimiserMethod]
    ['sgd', 'adam']
    """

    SGD = "sgd"
    ADAM = "adam"


@dataclass(frozen=True)
class OptimiserSettings:
    """The settings of an update, as `torch.optim.SGD` and `torch.optim.Adam` take them.

    SGD: d = g + decay·w, velocity = momentum·velocity + d, w ← w − rate·velocity.
    Adam (Kingma, Ba, 2015): m = β₁·m + (1 − β₁)·d, v = β₂·v + (1 − β₂)·d²,
    w ← w − rate·m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ).

    Raises: ValueError, one sentence, for a setting that makes no sense.

    >>> from cnnviz.core.training_step.optimisers import OptimiserMethod, OptimiserSettings
    >>> OptimiserSettings(OptimiserMethod.ADAM, rate=0.001).betas
    (0.9, 0.999)
    """

    method: OptimiserMethod = OptimiserMethod.SGD
    rate: float = 0.01
    momentum: float = 0.0
    decay: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        object.__setattr__(self, "method", check_word(OptimiserMethod, "method", self.method))
        require(0 < self.rate <= HIGHEST_RATE, "rate", "above 0 and at most 1000", self.rate, "0.01 is a good start")
        require(0 <= self.momentum < 1, "momentum", "in 0..1, without 1", self.momentum, "0.9 is usual")
        require(0 <= self.decay <= 10, "decay", "in 0..10", self.decay, "0.0001 is usual")
        for beta in self.betas:
            require(0 <= beta < 1, "betas", "in 0..1, without 1", beta, "0.9 and 0.999 are usual")
        require(0 < self.epsilon < math.inf, "epsilon", "above 0 and finite", self.epsilon, "0.00000001 is usual")

    def stepper(self, parameters: Iterable[torch.nn.Parameter]) -> torch.optim.Optimizer:
        """PyTorch's optimiser with these settings, as a run starts: nothing remembered yet."""
        if self.method is OptimiserMethod.SGD:
            return torch.optim.SGD(parameters, lr=self.rate, momentum=self.momentum, weight_decay=self.decay)
        return torch.optim.Adam(parameters, lr=self.rate, betas=self.betas, eps=self.epsilon, weight_decay=self.decay)

    def corrections(self, step: int) -> tuple[float, float]:
        """What Adam divides m and v by at step `step` (from 1): `(1 − β₁ᵗ, 1 − β₂ᵗ)`.

        >>> from cnnviz.core.training_step.optimisers import OptimiserMethod, OptimiserSettings
        >>> [round(each, 6) for each in OptimiserSettings(OptimiserMethod.ADAM).corrections(1)]
        [0.1, 0.001]
        """
        first, second = self.betas
        return 1 - first**step, 1 - second**step
