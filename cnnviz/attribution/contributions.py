"""Which maps of a layer carried the answer: the score as a sum over the cells of one layer.

Captum computes each cell's part: its value times the score's gradient there. Where all that follows the layer is a
weighted sum (flatten, fully connected, means), that is the score itself, and nothing is estimated.
Refuses to know: pages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from cnnviz.attribution.records import Question
from cnnviz.attribution.scores import Scores
from cnnviz.core.graph import Graph

PROBES = 4  # random inputs by which "all that follows is a weighted sum" is tried
TOLERANCE = 1e-4
SEED = 0


@dataclass(frozen=True, eq=False)
class Contributions:
    """The score as a sum: `rest` (the score with the layer at zero) and a part for each cell of the layer.

    `cells` have the layer's shape, without the batch axis. is_weighted_sum: whether all that follows is one, so that
    each part is what the score would lose without its cell. `error` says whether the parts add up all the same.

    >>> import numpy as np
    >>> from cnnviz.attribution import Contributions, Question
    >>> made = Contributions("pool2", Question(0), np.array([[[1.0, 2.0]], [[-0.5, 0.0]]]), 0.25, 2.75, True)
    >>> made.by_map.tolist(), made.error
    ([3.0, -0.5], 0.0)
    """

    layer: str
    question: Question
    cells: np.ndarray
    rest: float
    output: float
    is_weighted_sum: bool

    @property
    def by_map(self) -> np.ndarray:
        """The part of each map, or of each entry of a vector: (channels,)."""
        summed: np.ndarray = self.cells.reshape(len(self.cells), -1).sum(axis=1, dtype=np.float64)
        return summed

    @property
    def error(self) -> float:
        """How far the sum shown is off the score."""
        return abs(float(self.by_map.sum()) + self.rest - self.output)


def contributions_of(graph: Graph, image: np.ndarray, layer: str, question: Question) -> Contributions:
    """The score of `image` (channels, rows, cols) as a sum over the cells of `layer`.

    Raises: AttributionError or GraphError, one sentence.

    >>> import torch
    >>> from torch import nn
    >>> from cnnviz.attribution.contributions import contributions_of
    >>> from cnnviz.attribution.records import Question
    >>> from cnnviz.core.graph import build_graph
    >>> model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(27, 2))
    >>> made = contributions_of(build_graph(model, (1, 5, 5)), torch.rand(1, 5, 5).numpy(), "1", Question(0))
    >>> made.by_map.shape, made.is_weighted_sum, made.error < 1e-5
    ((3,), True, True)
    """
    from captum.attr import LayerGradientXActivation

    number = graph.position(layer)
    scores = Scores(graph, question, number)
    seen = scores.tensor(image)
    with torch.no_grad():
        output = float(scores(seen))
        value = graph.program(number, seen)
        rest = float(_after(scores, seen, torch.zeros_like(value)))
    parts = LayerGradientXActivation(scores, scores.tap).attribute(seen.clone().requires_grad_())
    cells: np.ndarray = parts.detach()[0].cpu().numpy()
    is_weighted_sum = _is_weighted_sum(scores, seen, value, rest)
    return Contributions(graph.nodes[number].name, question, cells, rest, output, is_weighted_sum)


def _after(scores: Scores, seen: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """The score where the layer's output is `value`."""
    handle = scores.tap.register_forward_hook(lambda _module, _inputs, _output: value)
    try:
        made: torch.Tensor = scores(seen)
        return made
    finally:
        handle.remove()


def _is_weighted_sum(scores: Scores, seen: torch.Tensor, value: torch.Tensor, rest: float) -> bool:
    """Whether the score of a sum of two values is the sum of their scores, for values by chance of both signs."""
    generator = torch.Generator().manual_seed(SEED)
    size = float(value.abs().max()) or 1.0
    with torch.no_grad():
        for _probe in range(PROBES):
            one, other = (size * torch.randn(value.shape, generator=generator).to(value) for _ in range(2))
            parts = [float(_after(scores, seen, each)) - rest for each in (one, other, one + other)]
            if abs(parts[0] + parts[1] - parts[2]) > TOLERANCE * max(1.0, *map(abs, parts)):
                return False
    return True
