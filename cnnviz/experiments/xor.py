"""Can a network learn "one or the other, but not both"? Only with a non-linearity between its layers.

Without one, stacked layers are one linear layer: W₂·(W₁·x + b₁) + b₂ = (W₂·W₁)·x + (W₂·b₁ + b₂). A linear layer z has
z(0,0) + z(1,1) = z(0,1) + z(1,0), so its mean cross-entropy over the four points is at least log 2 (Jensen), which is
what guessing costs. Refuses to know: pages, pictures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from cnnviz.checks import check_whole
from cnnviz.i18n import _
from cnnviz.models.builder import Activation, NetworkSpec, NetworkSpecError, build_module, preset

POINTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
LABELS = np.array([0, 1, 1, 0])  # 1 where exactly one of the two is 1
GUESSING = math.log(2)  # the mean cross-entropy of somebody who always says 50 : 50
MOST_STEPS, MOST_UNITS, SIDE = 5_000, 64, 41
UNDECIDED = 0.01  # so near to 50 : 50 a probability is no answer
FROM, TO = -0.5, 1.5  # what the map of answers covers, on both axes


@dataclass(frozen=True, eq=False)
class XorRun:
    """One training on the four points.

    `losses` (steps + 1,) before each step and after the last; `answers` (4,) and `map` (SIDE, SIDE), rows the first
    input from FROM to TO, are the probability of "different"; `scores` (4, 2) are those of the four points before
    softmax. `layers` are W₁ (units, 2), b₁ (units,), W₂ (2, units), b₂ (2,). `weight` (2, 2) and `bias` (2,) are the
    one layer that does the same, None where there is a non-linearity.
    """

    function: Activation
    losses: np.ndarray
    answers: np.ndarray
    map: np.ndarray
    scores: np.ndarray
    layers: tuple[np.ndarray, ...]
    weight: np.ndarray | None
    bias: np.ndarray | None

    def __post_init__(self) -> None:
        for array in (self.losses, self.answers, self.map, self.scores, *self.layers, self.weight, self.bias):
            if array is not None:
                array.setflags(write=False)

    @property
    def is_answered(self) -> np.ndarray:
        """(4,) bool: where it leans to one side; 50 : 50 is no answer."""
        return np.abs(self.answers - 0.5) > UNDECIDED

    @property
    def right(self) -> int:
        """How many of the four points are answered rightly."""
        return int(((self.answers > 0.5) == (LABELS == 1))[self.is_answered].sum())


def xor_blueprint(function: Activation, units: int = 4) -> NetworkSpec:
    """Two numbers, `units` hidden units, `function`, two classes.

    Raises: NetworkSpecError for a number of units out of its bounds.
    """
    check_whole("hidden units", units, 1, MOST_UNITS, _("4 are enough"), NetworkSpecError)
    start = preset("xor")
    flatten, hidden, bend, head = start.parts
    return replace(start, parts=(flatten, replace(hidden, outputs=units), replace(bend, function=function), head))


def learn_xor(
    function: Activation, seed: int = 0, steps: int = 150, rate: float = 0.1, units: int = 4
) -> XorRun:  # fmt: skip
    """Train on the four points together with Adam; the same arguments give the same run.

    Raises: NetworkSpecError, one sentence, for steps or units out of their bounds.

    >>> from cnnviz.models.builder.layer_config import Activation
    >>> from cnnviz.experiments.xor import learn_xor
    >>> learn_xor(Activation.TANH).right
    4
    >>> learn_xor(Activation.NONE).right < 4
    True
    """
    check_whole("steps", steps, 1, MOST_STEPS, _("150 are enough"), NetworkSpecError)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build_module(xor_blueprint(function, units))
    losses = _train(network, steps, rate)
    weight, bias = merge_linear_layers(network) if function is Activation.NONE else (None, None)
    ticks = np.linspace(FROM, TO, SIDE, dtype=np.float32)
    grid = np.stack(np.meshgrid(ticks, ticks, indexing="ij"), axis=-1).reshape(-1, 2)
    answers = _answers(network, grid).reshape(SIDE, SIDE)
    layers = tuple(array.detach().numpy().copy() for array in network.parameters())
    with torch.no_grad():
        scores = network(_input(POINTS)).numpy()
    return XorRun(function, losses, _answers(network, POINTS), answers, scores, layers, weight, bias)


def _train(network: nn.Sequential, steps: int, rate: float) -> np.ndarray:
    x, labels = _input(POINTS), torch.tensor(LABELS)
    optimiser = torch.optim.Adam(network.parameters(), lr=rate)
    losses = []
    for _step in range(steps):
        loss = functional.cross_entropy(network(x), labels)
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        losses.append(functional.cross_entropy(network(x), labels).item())
    return np.array(losses)


def _input(points: np.ndarray) -> torch.Tensor:
    return torch.tensor(points).reshape(-1, 2, 1, 1)  # (n, 2, 1, 1)


@torch.no_grad()
def _answers(network: nn.Sequential, points: np.ndarray) -> np.ndarray:
    return functional.softmax(network(_input(points)), dim=1)[:, 1].numpy()


@torch.no_grad()
def merge_linear_layers(network: nn.Sequential) -> tuple[np.ndarray, np.ndarray]:
    """The one linear layer, weight (2, 2) and bias (2,), that the linear layers of `network` are together.

    Formula: W = W₂·W₁, b = W₂·b₁ + b₂. It is the whole network only where nothing non-linear stands between them.
    """
    first, last = (layer for layer in network if isinstance(layer, nn.Linear))
    weight = last.weight @ first.weight
    return weight.numpy(), (last.weight @ first.bias + last.bias).numpy()
