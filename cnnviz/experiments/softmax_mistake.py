"""What happens when a softmax stands before `nll_loss`, which expects log-probabilities?

A published example does so. Its loss is −p of the true class (in −1..0), where it should be −log p. By the chain rule
the gradient of −p by the scores is p·(probabilities − target), that of −log p is (probabilities − target): the mistake
multiplies every gradient by p. Where the network is wrong, p is small, and it hardly learns from its errors.
Refuses to know: data sets, pages.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from cnnviz.checks import check_whole
from cnnviz.i18n import _
from cnnviz.models.builder import NetworkSpec, build_module, preset
from cnnviz.training import LossKind, make_objective

MOST_STEPS = 5_000
RIGHT, WRONG = LossKind.LOG_SOFTMAX_NLL, LossKind.SOFTMAX_NLL
WAYS = (RIGHT, WRONG)


def score_gradients(scores: np.ndarray, target: int) -> tuple[np.ndarray, np.ndarray]:
    """The gradient of either loss by the scores (k,) of one picture of class `target`: the right one, the mistaken one.

    Both are (k,), of the type of the scores. Raises: ValueError, one sentence, for a class that there is not.

    >>> import numpy as np
    >>> from cnnviz.experiments.softmax_mistake import score_gradients
    >>> right, mistaken = score_gradients(np.zeros(2), target=0)
    >>> right.tolist(), mistaken.tolist()
    ([-0.5, 0.5], [-0.25, 0.25])
    """
    if not 0 <= target < len(scores):
        raise ValueError(_("target must be below the number of scores ({count}), got {got}: choose one of them",
                           count=len(scores), got=target))  # fmt: skip
    found = []
    for kind in WAYS:
        value = torch.tensor(scores[None], requires_grad=True)
        (gradient,) = torch.autograd.grad(make_objective(kind)(value, torch.tensor([target])), value)
        found.append(gradient[0].numpy())
    return found[0], found[1]


def gradient_pull(probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How strongly either loss pulls at the score of the true class, by the probability p that it has.

    Formula: 1 − p, and with the mistake p·(1 − p): nothing where p is 0, at most a quarter.
    """
    return 1 - probability, probability * (1 - probability)


@dataclass(frozen=True)
class LossMoment:
    """A training one way after `step` steps.

    `loss` is what it minimises, `cross_entropy` the same yardstick for both, over the pictures kept aside;
    `accuracy` their share read rightly; `gradient` the length of the gradient by all parameters in the last step.
    """

    step: int
    loss: float
    cross_entropy: float
    accuracy: float
    gradient: float


class LossComparison:
    """The same network trained rightly and with the mistake: same first weights, same batches, Adam.

    `images` (n, channels, rows, cols) and `labels` (n,) to train on, `kept` the same pair to judge by.
    Raises: ValueError, one sentence, for steps out of their bounds; NetworkSpecError where the pictures do not fit.

    >>> import numpy as np
    >>> from cnnviz.experiments.softmax_mistake import LossComparison, RIGHT
    >>> images, labels = np.zeros((8, 1, 28, 28), np.float32), np.zeros(8, np.int64)
    >>> both = LossComparison(images, labels, (images, labels), steps=1)
    >>> both.advance(60)
    True
    >>> both.moments[RIGHT][-1].step
    1
    """

    def __init__(
        self, images: np.ndarray, labels: np.ndarray, kept: tuple[np.ndarray, np.ndarray], *,
        blueprint: NetworkSpec | None = None, steps: int = 300, batch: int = 64, rate: float = 1e-3, seed: int = 0,
        every: int = 20,
    ) -> None:  # fmt: skip
        check_whole("steps", steps, 1, MOST_STEPS, _("300 show it"))
        self.steps, self.batch, self.every, self.step = steps, batch, every, 0
        self.moments: dict[LossKind, list[LossMoment]] = {kind: [] for kind in WAYS}
        self._data = torch.tensor(images), torch.tensor(labels)
        self._kept = torch.tensor(kept[0]), torch.tensor(kept[1])
        self._generator = torch.Generator().manual_seed(seed)
        self._networks = {kind: _fresh(blueprint or preset("small_b5"), seed) for kind in WAYS}
        self._optimisers = {
            kind: torch.optim.Adam(network.parameters(), lr=rate) for kind, network in self._networks.items()
        }  # fmt: skip

    @property
    def is_done(self) -> bool:
        """Whether all steps have been taken."""
        return self.step >= self.steps

    def advance(self, budget_s: float) -> bool:
        """Steps, both ways in turn, for about that long, at least one; whether all are taken now."""
        deadline = time.perf_counter() + budget_s
        while not self.is_done:
            self._take_step()
            if time.perf_counter() >= deadline:
                break
        return self.is_done

    def _take_step(self) -> None:
        images, labels = self._data
        chosen = torch.randint(len(images), (self.batch,), generator=self._generator)
        self.step += 1
        for kind, network in self._networks.items():
            optimiser = self._optimisers[kind]
            optimiser.zero_grad()
            make_objective(kind)(network(images[chosen]), labels[chosen]).backward()
            optimiser.step()
            if self.step % self.every == 0 or self.step in (1, self.steps):
                self.moments[kind].append(self._moment(kind, network))

    @torch.no_grad()
    def _moment(self, kind: LossKind, network: nn.Module) -> LossMoment:
        images, labels = self._kept
        scores = network.eval()(images)
        network.train()
        parts = [p.grad.square().sum() for p in network.parameters() if p.grad is not None]
        loss, yardstick = (float(make_objective(one)(scores, labels)) for one in (kind, RIGHT))
        accuracy = float((scores.argmax(dim=1) == labels).float().mean())
        return LossMoment(self.step, loss, yardstick, accuracy, float(torch.stack(parts).sum().sqrt()))


def _fresh(blueprint: NetworkSpec, seed: int) -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build_module(blueprint).train()
