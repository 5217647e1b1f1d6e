"""A kernel found by gradient descent from a picture and the map that it should give.

The loss is the sum of squared differences; its gradient is PyTorch's. A run keeps everything, so that it can be played
forwards and backwards. Refuses to know: pages, clocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cnnviz.checks import sides
from cnnviz.conv_lab.images import LabImage
from cnnviz.i18n import _

MOST_STEPS = 500
Size = tuple[int, int]


class LearningError(ValueError):
    """A run that cannot be; the message says why."""


@dataclass(frozen=True, eq=False)
class LearningConfig:
    """What is learned: the kernel of `size` that turns `picture` into `target`, from a random start.

    `target` (1, rows, cols) as a kernel of this size without padding and bias gives it; `rate` is the learning rate.
    Raises: LearningError for a target of another shape, or numbers out of bounds.
    """

    picture: LabImage
    target: np.ndarray
    size: Size
    rate: float = 0.03
    seed: int = 0

    def __post_init__(self) -> None:
        rows, cols = (n - k + 1 for n, k in zip(self.picture.size, self.size, strict=True))
        if self.target.shape != (1, rows, cols):
            got = sides(self.target.shape)
            raise LearningError(
                _("target must be a map of 1×{rows}×{cols}, as a kernel of {size} gives it, got {got}: "
                  "change one of them", rows=rows, cols=cols, size=sides(self.size), got=got)
            )  # fmt: skip
        if not 0 < self.rate <= 10:
            raise LearningError(_("learning rate must be above 0 and at most 10, got {got}: 0.03 is a good start",
                                  got=self.rate))  # fmt: skip


@dataclass(frozen=True)
class LearningReport:
    """One step: its number (from 1), and the loss of the kernel that it started from."""

    step: int
    loss: float


def make_target(picture: LabImage, kernel: np.ndarray) -> np.ndarray:
    """The map that a hidden kernel (rows, cols), the same for every channel, makes of `picture`: (1, rows', cols')."""
    weight = np.broadcast_to(kernel, (1, picture.channels, *kernel.shape))
    return functional.conv2d(torch.tensor(picture.values)[None], torch.tensor(weight.copy()))[0].numpy()


class LearningRun:
    """One kernel being learned. The same config gives the same run.

    `kernels[i]` is the kernel after `i` steps, (in, rows, cols), `losses[i]` its loss.
    """

    def __init__(self, config: LearningConfig) -> None:
        self.config = config
        self._picture = torch.tensor(config.picture.values)[None]
        self._target = torch.tensor(config.target)[None]
        self._kernel = _start(config)
        self.kernels: list[np.ndarray] = [_frozen(self._kernel)]
        self.losses: list[float] = [float(self._loss(self._kernel))]

    @property
    def step(self) -> int:
        """How many steps were taken."""
        return len(self.kernels) - 1

    @property
    def kernel(self) -> np.ndarray:
        """The kernel as it is now, (in, rows, cols), read-only."""
        return self.kernels[-1]

    @property
    def has_diverged(self) -> bool:
        """Whether the numbers have left every bound: the learning rate is too large."""
        return not np.isfinite(self.losses[-1])

    def advance(self, steps: int = 1) -> tuple[LearningReport, ...]:
        """Take so many steps, fewer where the run diverges or is at its end (500); one report each."""
        first = self.step
        while self.step < min(first + steps, MOST_STEPS) and not self.has_diverged:
            self._take_step()
        return tuple(LearningReport(at + 1, self.losses[at]) for at in range(first, self.step))

    def _take_step(self) -> None:
        kernel = self._kernel.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(self._loss(kernel), kernel)
        self._kernel = (kernel - self.config.rate * gradient).detach()
        self.kernels.append(_frozen(self._kernel))
        self.losses.append(float(self._loss(self._kernel)))

    def _loss(self, kernel: Tensor) -> Tensor:
        return ((functional.conv2d(self._picture, kernel) - self._target) ** 2).sum()


def _start(config: LearningConfig) -> Tensor:
    """As `nn.Conv2d` starts: uniform between ±1/√(weights)."""
    shape = (1, config.picture.channels, *config.size)
    bound = float(np.prod(shape)) ** -0.5
    generator = torch.Generator().manual_seed(config.seed)
    return (torch.rand(shape, generator=generator) * 2 - 1) * bound


def _frozen(kernel: Tensor) -> np.ndarray:
    kept = kernel[0].detach().numpy().copy()
    kept.setflags(write=False)
    return kept


def largest_rate(picture: LabImage, size: Size) -> float:
    """The learning rate from which on the run diverges: 2 / the largest eigenvalue of the loss's second derivative.

    The loss is ‖C·w − y‖² with every window of the picture as a row of C, so that the second derivative is 2·CᵀC.
    Source: any text on gradient descent for quadratic functions, e.g. Goh, "Why momentum really works" (Distill, 2017).
    """
    columns = functional.unfold(torch.tensor(picture.values, dtype=torch.float64)[None], size)[0]  # (weights, windows)
    largest = float(torch.linalg.eigvalsh(2 * columns @ columns.T)[-1])
    return 2 / largest if largest > 0 else float("inf")
