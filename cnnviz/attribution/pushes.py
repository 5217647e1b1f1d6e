"""How far can one push? The image moved, turned, scaled, thickened, blurred, made noisy or hidden, and the answers.

SciPy moves the pixels; what comes in from outside is 0. Refuses to know: pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import scipy
import torch

from cnnviz.attribution.scores import MOST_AT_ONCE, score_node
from cnnviz.core.graph import Graph

SEED = 0
POINTS = 41  # of a curve


class Push(StrEnum):
    """What is done to the image.

    >>> from cnnviz.attribution.pushes import Push
    >>> Push("turn")
    <Push.TURN: 'turn'>
    """

    RIGHT = "right"
    DOWN = "down"
    TURN = "turn"
    SCALE = "scale"
    THICKEN = "thicken"
    BLUR = "blur"
    NOISE = "noise"
    HIDE = "hide"


@dataclass(frozen=True)
class Reach:
    """From where to where an amount goes, and the one that leaves the image as it is."""

    low: float
    high: float
    start: float = 0.0

    @property
    def amounts(self) -> np.ndarray:
        """The amounts of a curve, `start` among them: (POINTS,)."""
        made = np.linspace(self.low, self.high, POINTS)
        made[np.abs(made - self.start).argmin()] = self.start
        return made


def reach_of(push: Push, sides: tuple[int, int]) -> Reach:
    """How far a push goes for an image of `sides` (rows, cols): pixels, degrees, times, or a standard deviation.

    >>> from cnnviz.attribution.pushes import Push, reach_of
    >>> reach_of(Push.RIGHT, (28, 28))
    Reach(low=-9.0, high=9.0, start=0.0)
    """
    third = float(min(sides) // 3)
    return {
        Push.RIGHT: Reach(-third, third), Push.DOWN: Reach(-third, third), Push.TURN: Reach(-90.0, 90.0),
        Push.SCALE: Reach(0.5, 1.5, 1.0), Push.THICKEN: Reach(-2.0, 2.0), Push.BLUR: Reach(0.0, third / 3),
        Push.NOISE: Reach(0.0, 1.0), Push.HIDE: Reach(0.0, float(min(sides))),
    }[push]  # fmt: skip


def push_image(image: np.ndarray, push: Push, amount: float) -> np.ndarray:
    """`image` (channels, rows, cols) pushed by `amount`; the amount `start` of its reach changes nothing.

    >>> import numpy as np
    >>> from cnnviz.attribution.pushes import Push, push_image
    >>> push_image(np.array([[[1.0, 2.0, 3.0]]]), Push.RIGHT, 1).tolist()
    [[[0.0, 1.0, 2.0]]]
    """
    made: np.ndarray = np.stack([_PUSHES[push](channel, amount) for channel in image])
    return made.astype(image.dtype)


def _scaled(channel: np.ndarray, times: float) -> np.ndarray:
    middle = (np.array(channel.shape) - 1) / 2
    return scipy.ndimage.affine_transform(channel, [1 / times] * 2, middle - middle / times, order=1)


def _thickened(channel: np.ndarray, pixels: float) -> np.ndarray:
    """The largest (below 0: the smallest) value within `pixels`, whole ones; in between the mean of both sides."""
    whole, part = int(abs(pixels)), abs(pixels) % 1
    filtered = scipy.ndimage.grey_dilation if pixels > 0 else scipy.ndimage.grey_erosion
    steps = [channel if size == 0 else filtered(channel, 2 * size + 1) for size in (whole, whole + 1)]
    return (1 - part) * steps[0] + part * steps[1]


def _noisy(channel: np.ndarray, size: float) -> np.ndarray:
    return channel + size * np.random.default_rng(SEED).standard_normal(channel.shape)


def _hidden(channel: np.ndarray, side: float) -> np.ndarray:
    """A square in the corner top left is 0."""
    made = channel.copy()
    made[: round(side), : round(side)] = 0
    return made


_PUSHES: dict[Push, Callable[[np.ndarray, float], np.ndarray]] = {
    Push.RIGHT: lambda channel, pixels: scipy.ndimage.shift(channel, (0, pixels), order=1),
    Push.DOWN: lambda channel, pixels: scipy.ndimage.shift(channel, (pixels, 0), order=1),
    Push.TURN: lambda channel, degrees: scipy.ndimage.rotate(channel, -degrees, reshape=False, order=1),
    Push.SCALE: _scaled,
    Push.THICKEN: _thickened,
    Push.BLUR: lambda channel, width: scipy.ndimage.gaussian_filter(channel, width) if width else channel,
    Push.NOISE: _noisy,
    Push.HIDE: _hidden,
}


@dataclass(frozen=True, eq=False)
class PushedAnswers:
    """The scores (k, classes) of an image pushed by `amounts` (k,)."""

    amounts: np.ndarray
    scores: np.ndarray

    def probabilities(self, temperature: float = 1.0) -> np.ndarray:
        """Softmax of the scores over `temperature`, (k, classes): above 1 the network is less sure of itself.

        >>> import numpy as np
        >>> from cnnviz.attribution.pushes import PushedAnswers
        >>> PushedAnswers(np.zeros(1), np.array([[0.0, np.log(3)]])).probabilities().round(2).tolist()
        [[0.25, 0.75]]
        """
        made: np.ndarray = torch.softmax(torch.tensor(self.scores) / temperature, dim=1).numpy()
        return made


def pushed_answers(graph: Graph, image: np.ndarray, push: Push) -> PushedAnswers:
    """What the network says of `image` (channels, rows, cols) over the whole reach of a push.

    >>> import torch
    >>> from cnnviz.attribution.pushes import Push, pushed_answers
    >>> from cnnviz.core.graph import build_graph
    >>> graph = build_graph(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(9, 2)), (1, 3, 3))
    >>> pushed_answers(graph, torch.rand(1, 3, 3).numpy(), Push.TURN).scores.shape
    (41, 2)
    """
    amounts = reach_of(push, (image.shape[1], image.shape[2])).amounts
    return PushedAnswers(amounts, scores_of(graph, [push_image(image, push, float(one)) for one in amounts]))


def answers_over_shifts(graph: Graph, image: np.ndarray, reach: int) -> np.ndarray:
    """The scores of the image moved by −reach to reach pixels down and right: (2·reach + 1, 2·reach + 1, classes).

    >>> import torch
    >>> from cnnviz.attribution.pushes import answers_over_shifts
    >>> from cnnviz.core.graph import build_graph
    >>> graph = build_graph(torch.nn.Sequential(torch.nn.Flatten()), (1, 1, 2))
    >>> answers_over_shifts(graph, torch.tensor([[[1.0, 2.0]]]).numpy(), 1)[1].tolist()  # moved left, not, right
    [[2.0, 0.0], [1.0, 2.0], [0.0, 1.0]]
    """
    steps = range(-reach, reach + 1)
    moved = [push_image(push_image(image, Push.DOWN, down), Push.RIGHT, right) for down in steps for right in steps]
    return scores_of(graph, moved).reshape(len(steps), len(steps), -1)


def scores_of(graph: Graph, images: list[np.ndarray]) -> np.ndarray:
    """The scores of all classes for images (channels, rows, cols), (n, classes); one by one where it must be."""
    program, at = graph.program, score_node(graph)
    parts = []
    with torch.no_grad():
        for begin in range(0, len(images), MOST_AT_ONCE):
            batch = torch.tensor(np.stack(images[begin : begin + MOST_AT_ONCE]), dtype=program.dtype).to(program.device)
            parts += [program(at, one[None]).flatten(1) for one in batch]
    made: np.ndarray = torch.cat(parts).cpu().numpy()
    return made
