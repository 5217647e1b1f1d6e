"""Integrated gradients whose steps are short where the score bends, so that few of them add up.

The straight way from the baseline to the image is cut into pieces. The score at both ends of a piece says what its
gradients must add up to; the pieces that are off most are halved until the whole sum is right. Captum takes the steps
of each piece. ReLU and max pooling put bends on the way whose places nobody knows beforehand: with steps of equal
length it took 400 of them to be right to 0.5 %, and 700 to find that out. The sum says nothing of single pixels, so the
first pieces are short.
Refuses to know: pages, networks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from cnnviz.attribution.scores import Scores

PIECES = 64  # to begin with
IN_PIECE = 2  # steps
HALVED = 4  # one piece in so many, each time
GOOD_ENOUGH = 0.005  # the error of the sum, beside the difference
LUCKY = 0.02  # the errors of all pieces without their signs, beside it: above, the sum is right by luck
ENOUGH_STEPS = 300  # after which only the sum counts


def integrate(scores: Scores, image: torch.Tensor, baseline: torch.Tensor, most_steps: int) -> tuple[torch.Tensor, int]:
    """The map (1, channels, rows, cols) from `baseline` to `image`, of the same shape, and how many gradients it took.

    >>> import torch
    >>> from torch import nn
    >>> from cnnviz.attribution.integration import integrate
    >>> from cnnviz.attribution.records import Question
    >>> from cnnviz.attribution.scores import Scores
    >>> from cnnviz.core.graph import build_graph
    >>> scores = Scores(build_graph(nn.Sequential(nn.Flatten()), (1, 1, 2)), Question(1))
    >>> made, steps = integrate(scores, torch.tensor([[[[3.0, 4.0]]]]), torch.zeros(1, 1, 1, 2), 100)
    >>> made.tolist(), steps
    ([[[[0.0, 4.0]]]], 100)
    """
    way = _Way(scores, image.detach(), baseline)
    cuts = np.linspace(0, 1, min(PIECES, most_steps // IN_PIECE) + 1)
    at_cuts = way.scores_at(cuts)
    parts, sums = way.parts(cuts[:-1], cuts[1:])
    pieces = _Pieces(cuts[:-1], cuts[1:], at_cuts[:-1], at_cuts[1:], parts, sums)
    difference, steps = float(at_cuts[-1] - at_cuts[0]), IN_PIECE * len(parts)
    while not _is_right(pieces.errors, max(abs(difference), 1e-6), steps):
        worst = np.argsort(-np.abs(pieces.errors), kind="stable")[: max(1, len(pieces.errors) // HALVED)]
        steps += 2 * IN_PIECE * len(worst)
        if steps > most_steps:
            return pieces.parts.sum(dim=0, keepdim=True), steps - 2 * IN_PIECE * len(worst)
        pieces = _halve(way, pieces, worst)
    return pieces.parts.sum(dim=0, keepdim=True), steps


def _is_right(errors: np.ndarray, difference: float, steps: int) -> bool:
    """Whether the sum is right, and not only because errors of both signs make up for each other."""
    if abs(errors.sum()) > GOOD_ENOUGH * difference:
        return False
    return steps >= ENOUGH_STEPS or bool(np.abs(errors).sum() <= LUCKY * difference)


@dataclass(frozen=True, eq=False)
class _Pieces:
    """Pieces of the way: their ends, as parts of it, and the scores there (k,); maps `parts` (k, …) and their sums."""

    begins: np.ndarray
    ends: np.ndarray
    at_begins: np.ndarray
    at_ends: np.ndarray
    parts: torch.Tensor
    sums: np.ndarray

    @property
    def errors(self) -> np.ndarray:
        """How far each map's sum is off what the score rises on the piece."""
        made: np.ndarray = self.sums - (self.at_ends - self.at_begins)
        return made


def _halve(way: _Way, pieces: _Pieces, worst: np.ndarray) -> _Pieces:
    """The same with two pieces in the place of each of the `worst`."""
    rest = np.setdiff1d(np.arange(len(pieces.begins)), worst)
    begins, ends = pieces.begins[worst], pieces.ends[worst]
    middles = (begins + ends) / 2
    at_middles = way.scores_at(middles)
    parts, sums = way.parts(np.r_[begins, middles], np.r_[middles, ends])
    return _Pieces(
        np.r_[pieces.begins[rest], begins, middles],
        np.r_[pieces.ends[rest], middles, ends],
        np.r_[pieces.at_begins[rest], pieces.at_begins[worst], at_middles],
        np.r_[pieces.at_ends[rest], at_middles, pieces.at_ends[worst]],
        torch.cat([pieces.parts[torch.as_tensor(rest)], parts]),
        np.r_[pieces.sums[rest], sums],
    )


@dataclass(frozen=True, eq=False)
class _Way:
    """The straight way from `baseline` to `image`, both (1, channels, rows, cols)."""

    scores: Scores
    image: torch.Tensor
    baseline: torch.Tensor

    def at(self, places: np.ndarray) -> torch.Tensor:
        """The images at these parts of the way, (k, channels, rows, cols)."""
        along = torch.as_tensor(places, dtype=self.image.dtype, device=self.image.device)[:, None, None, None]
        return self.baseline + along * (self.image - self.baseline)

    def scores_at(self, places: np.ndarray) -> np.ndarray:
        """The scores there, (k,)."""
        return self.scores.of(self.at(places).cpu().numpy()).astype(np.float64)

    def parts(self, begins: np.ndarray, ends: np.ndarray) -> tuple[torch.Tensor, np.ndarray]:
        """What each piece adds to the map, (k, channels, rows, cols), and its sum (k,)."""
        from captum.attr import IntegratedGradients

        captum, at_once = IntegratedGradients(self.scores), max(1, self.scores.at_once // IN_PIECE)
        made = torch.cat([
            captum.attribute(
                self.at(ends[begin : begin + at_once]), self.at(begins[begin : begin + at_once]), n_steps=IN_PIECE,
                method="riemann_middle",
            ).detach()
            for begin in range(0, len(begins), at_once)
        ])  # fmt: skip
        return made, made.flatten(1).sum(dim=1, dtype=torch.float64).cpu().numpy()
