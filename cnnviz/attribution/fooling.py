"""Fool it: a change of an image, as small as could be found, that makes the network give another class.

Steps along the gradient, on a sphere around the image that shrinks while the image has the class and grows while it has
not (Rony et al., "Decoupling direction and norm for efficient gradient-based L2 adversarial attacks and defenses",
2019); then the border is taken as straight, and the nearest image beyond it tried. Nothing proves that no smaller
change exists.
Refuses to know: pages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from cnnviz.attribution.records import AttributionError
from cnnviz.attribution.scores import answer_of, score_node
from cnnviz.checks import refusal
from cnnviz.core.graph import Graph
from cnnviz.i18n import _

STEPS = 120  # on the sphere
GROWTH = 0.05  # of its radius in a step
FIRST, LAST = 1.0, 0.01  # how far a step goes, as a part of the radius
REFINEMENTS = 20
HALVINGS = 12  # of the change, until it is just enough
BEYOND = 1e-3  # how far above the border is aimed at, in the unit of the scores
LEVEL = 1 / 255


@dataclass(frozen=True, eq=False)
class Fooled:
    """`image` (channels, rows, cols), and the same `changed`, with `scores` (classes,) for it.

    is_found: whether the network gives class `target` for it. `just_short` are the scores of the image with one
    hundredth less of the change.

    >>> import numpy as np
    >>> from cnnviz.attribution.fooling import Fooled
    >>> image, scores = np.zeros((1, 1, 2), np.float32), np.array([1.0, 0.9])
    >>> made = Fooled(0, image, image + np.float32([[[0.6, 0.8]]]), scores, scores[::-1], True)
    >>> round(made.distance, 6), made.pixels, round(made.largest, 6)
    (1.0, 2, 0.8)
    """

    target: int
    image: np.ndarray
    changed: np.ndarray
    scores: np.ndarray
    just_short: np.ndarray
    is_found: bool

    @property
    def change(self) -> np.ndarray:
        """What is added to the image, (channels, rows, cols)."""
        made: np.ndarray = self.changed - self.image
        return made

    @property
    def distance(self) -> float:
        """The size of the change: the root of the sum of its squares (L2)."""
        return float(np.sqrt((self.change.astype(np.float64) ** 2).sum()))

    @property
    def pixels(self) -> int:
        """How many pixels change by more than half a level of grey."""
        return int((np.abs(self.change).max(axis=0) > LEVEL / 2).sum())

    @property
    def largest(self) -> float:
        """The greatest change of a value."""
        return float(np.abs(self.change).max())


def fool(graph: Graph, image: np.ndarray, target: int, least: float | None = None) -> Fooled:
    """The smallest change found that makes class `target` of `image` (channels, rows, cols), values within 0 and 1.

    least: the probability that it must have; None: more than any other class.
    Raises: AttributionError, one sentence, for a class that there is not, or that the image has already.

    >>> import numpy as np
    >>> import torch
    >>> from torch import nn
    >>> from cnnviz.attribution.fooling import fool
    >>> from cnnviz.core.graph import build_graph
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(2, 2, bias=False))
    >>> model[1].weight.data = torch.eye(2)
    >>> made = fool(build_graph(model, (1, 1, 2)), np.array([[[0.75, 0.25]]], np.float32), 1)
    >>> made.is_found, made.changed.round(2).tolist()  # the nearest point of the border is in the middle
    (True, [[[0.5, 0.5]]])
    """
    scores = answer_of(graph, image)
    _check(scores, target, least)
    border = _Border(graph, target, least)
    begin = border.tensor(image)
    reached, farthest = _on_spheres(border, begin)
    if reached is None:
        return _made(graph, image, begin, target, farthest, is_found=False)
    return _made(graph, image, begin, target, _refined(border, begin, reached), is_found=True)


def _on_spheres(border: _Border, begin: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor]:
    """The nearest image beyond the border that the steps came to, None for none; and where they ended."""
    here, radius, best, nearest = begin, 1.0, None, float("inf")
    for step in range(STEPS):
        margin, slope = border.margin_and_slope(here)
        distance = float((here - begin).norm())
        if margin >= 0 and distance < nearest:
            best, nearest = here, distance
        if not slope.any():
            break
        radius *= 1 - GROWTH if margin >= 0 else 1 + GROWTH
        length = LAST + (FIRST - LAST) * (1 + np.cos(np.pi * step / STEPS)) / 2
        change = here - begin + length * radius * slope / slope.norm()
        here = border.within(begin + radius * change / change.norm(), begin)
    return best, here


def _refined(border: _Border, begin: torch.Tensor, reached: torch.Tensor) -> torch.Tensor:
    """A smaller change still, as long as there is one where the border is taken as straight."""
    best = _shrunk(border, begin, reached)
    for _refinement in range(REFINEMENTS):
        tried = _nearest(border, begin, best)
        if border.margin(tried) < 0:
            tried = (tried + best) / 2
        if border.margin(tried) < 0:
            return best
        tried = _shrunk(border, begin, tried)
        if (tried - begin).norm() >= 0.999 * (best - begin).norm():
            return best
        best = tried
    return best


def _check(scores: np.ndarray, target: int, least: float | None) -> None:
    if not 0 <= target < len(scores):
        rule = _("a class from 0 to {last}", last=len(scores) - 1)
        raise refusal("target", rule, target, _("choose one of these"), AttributionError)
    if least is None and int(scores.argmax()) == target:
        raise AttributionError(_("The image has this class already: choose another one."))
    if least is not None and not 0 < least < 1:
        raise refusal("least", _("between 0 and 1"), least, _("0.9 is surely enough"), AttributionError)


class _Border:
    """How far an image is beyond the border of the target: 0 or more means that it has the class."""

    def __init__(self, graph: Graph, target: int, least: float | None) -> None:
        self.program, self.at, self.target, self.least = graph.program, score_node(graph), target, least

    def tensor(self, image: np.ndarray) -> torch.Tensor:
        return torch.tensor(image, dtype=self.program.dtype, device=self.program.device)

    def _of(self, image: torch.Tensor) -> torch.Tensor:
        scores = self.program(self.at, image[None]).flatten()
        others = torch.cat([scores[: self.target], scores[self.target + 1 :]])
        if self.least is None:
            return scores[self.target] - others.max()
        return scores[self.target] - torch.logsumexp(others, 0) - float(np.log(self.least / (1 - self.least)))

    @staticmethod
    def within(image: torch.Tensor, begin: torch.Tensor) -> torch.Tensor:
        """Values from 0 to 1, or as far as those of the first image go."""
        return image.clamp(min(0.0, float(begin.min())), max(1.0, float(begin.max())))

    def margin(self, image: torch.Tensor) -> float:
        with torch.no_grad():
            return float(self._of(image))

    def margin_and_slope(self, image: torch.Tensor) -> tuple[float, torch.Tensor]:
        seen = image.detach().requires_grad_()
        margin = self._of(seen)
        (slope,) = torch.autograd.grad(margin, seen)
        return float(margin.detach()), slope


def _nearest(border: _Border, begin: torch.Tensor, here: torch.Tensor) -> torch.Tensor:
    """The allowed image nearest to `begin` at which the margin would be just above 0, were it straight around `here`.

    That is `begin` and so much of the slope, cut off where values end; where none is enough, as much as there is.
    """
    margin, slope = border.margin_and_slope(here)
    size = float(slope.abs().max())
    if size == 0:
        return here
    wanted = float((slope * here).sum()) - margin + BEYOND

    def along(amount: float) -> torch.Tensor:
        return border.within(begin + amount * slope / size, begin)

    low, high = 0.0, 1.0
    while float((slope * along(high)).sum()) < wanted and high < 1e6:
        high *= 2
    for _halving in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if float((slope * along(middle)).sum()) < wanted else (low, middle)
    return along(high)


def _shrunk(border: _Border, begin: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """As little of the change from `begin` to `there` as still is enough."""
    low, high = 0.0, 1.0
    for _halving in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if border.margin(begin + middle * (there - begin)) >= 0 else (middle, high)
    return begin + high * (there - begin)


def _made(
    graph: Graph, image: np.ndarray, begin: torch.Tensor, target: int, changed: torch.Tensor, *, is_found: bool
) -> Fooled:
    array = changed.detach().cpu().numpy()
    short = (begin + 0.99 * (changed - begin)).detach().cpu().numpy()
    return Fooled(target, image, array, answer_of(graph, array), answer_of(graph, short), is_found)
