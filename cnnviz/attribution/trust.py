"""The lie detector: what speaks for and against a map, found by running the network, whatever method made the map.

Three questions. Does it add up (for methods that promise it)? Does it depend on the weights: what becomes of it when
they are shuffled, the last layers first (Adebayo et al., "Sanity checks for saliency maps", 2018)? Does taking out what
it marks cost the answer sooner than taking out pixels by chance (Petsiuk et al., "RISE", 2018; that shuffling alone
lets empty maps pass: Binder et al., 2023)? Only pixels that differ from the baseline are counted: to take out others
changes nothing, so that a map which merely finds the ink gains nothing by it.
Refuses to know: methods, sentences.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import scipy
import torch
from torch import nn

from cnnviz.attribution.records import Curves, Doubt, Progress, Shuffled, Trust
from cnnviz.attribution.scores import Scores
from cnnviz.core.graph import Graph, build_graph

POINTS = 16  # of a curve
ORDERS = 12  # by chance
STAGES = 4  # of shuffled layers, all of them the last
TIMES = 3  # that all of them are shuffled: the median counts
LARGEST_ERROR = 0.05  # of a sum, beside what it should be
LARGEST_SIMILARITY = 0.7  # to itself with all weights shuffled
SEED = 0
OF_CURVES = 0.5  # of all the work, about

Explain = Callable[[nn.Module, Graph], np.ndarray]  # a network → its map (channels, rows, cols), for the same question


@dataclass(frozen=True, eq=False)
class Candidate:
    """A map to be checked, (channels, rows, cols).

    `explain` makes it again for a network with other weights; error: of its sum, beside the difference, if promised.
    """

    values: np.ndarray
    explain: Explain
    error: float | None = None


def check_maps(
    candidates: Mapping[str, Candidate], scores: Scores, model: nn.Module, image: np.ndarray, baseline: np.ndarray,
    on_progress: Progress = lambda _done: None,
) -> dict[str, Trust]:  # fmt: skip
    """All checks of some maps of the same question; what they have in common is computed once."""
    pixels = np.abs(image - baseline).max(axis=0) > 0
    maps = {name: one.values for name, one in candidates.items()}
    curves = curves_of({name: one.sum(axis=0) for name, one in maps.items()}, scores, image, baseline, pixels)
    on_progress(OF_CURVES)
    again = {name: one.explain for name, one in candidates.items()}
    shuffled = shuffle_weights(maps, model, scores.graph, again, pixels, on_progress)
    return {
        name: Trust(curves[name], shuffled[name], one.error, tuple(_doubts(curves[name], shuffled[name], one.error)))
        for name, one in candidates.items()
    }


def _doubts(curves: Curves, shuffled: tuple[Shuffled, ...], error: float | None) -> Iterator[Doubt]:
    if error is not None and not error <= LARGEST_ERROR:
        yield Doubt.DOES_NOT_ADD_UP
    if shuffled and shuffled[-1].similarity > LARGEST_SIMILARITY:
        yield Doubt.IGNORES_WEIGHTS
    if not curves.is_better_than_chance:
        yield Doubt.NO_BETTER_THAN_CHANCE


def curves_of(
    by_pixel: Mapping[str, np.ndarray], scores: Scores, image: np.ndarray, baseline: np.ndarray, pixels: np.ndarray
) -> dict[str, Curves]:
    """The scores while `pixels` (rows, cols; booleans) go from the image to the baseline, and back.

    Of each map in `by_pixel` (rows, cols) the highest go first; beside them, pixels in `ORDERS` orders by chance.
    """
    places = np.flatnonzero(pixels)
    dice = np.random.default_rng(SEED)
    first = [places[np.argsort(-one.reshape(-1)[places], kind="stable")] for one in by_pixel.values()]
    orders = [*first, *(dice.permutation(places) for _order in range(ORDERS))]
    counts = np.unique(np.linspace(0, len(places), min(POINTS, len(places)) + 1).round().astype(int))
    ends = ((image, baseline), (baseline, image))
    made = [scores.of(np.stack([_mixed(*end, order[:count]) for end in ends for count in counts])) for order in orders]
    table = np.array(made).reshape(len(orders), 2, len(counts))
    fractions, chance = counts / max(1, len(places)), table[len(first) :]
    return {
        name: Curves(fractions, deletion, insertion, chance[:, 0], chance[:, 1])
        for name, (deletion, insertion) in zip(by_pixel, table[: len(first)], strict=True)
    }


def _mixed(image: np.ndarray, other: np.ndarray, places: np.ndarray) -> np.ndarray:
    """`image` with the pixels at `places` from `other`."""
    made = image.copy()
    made.reshape(len(made), -1)[:, places] = other.reshape(len(other), -1)[:, places]
    return made


def shuffle_weights(
    maps: Mapping[str, np.ndarray], model: nn.Module, graph: Graph, explain: Mapping[str, Explain],
    pixels: np.ndarray, on_progress: Progress = lambda _done: None,
) -> dict[str, tuple[Shuffled, ...]]:  # fmt: skip
    """Each map beside those of networks whose last layers have shuffled weights, up to all layers."""
    twin = copy.deepcopy(model).eval()
    drawn = build_graph(twin, graph.input_shape)
    layers = list(_weights_by_layer(drawn))
    generator = torch.Generator().manual_seed(SEED)
    stages = sorted({max(1, round(len(layers) * stage / STAGES)) for stage in range(1, STAGES + 1)}) if layers else []
    rounds = [done for done in stages for _again in range(TIMES if done == len(layers) else 1)]
    found: dict[str, dict[int, list[float]]] = {name: {done: [] for done in stages} for name in maps}
    for number, done in enumerate(rounds, 1):
        _shuffle([one for _name, weights in layers[:done] for one in weights], generator)
        now = replace(drawn, program=drawn.program.anew())
        for name, values in maps.items():
            found[name][done].append(similarity(values, explain[name](twin, now), pixels))
        on_progress(OF_CURVES + (1 - OF_CURVES) * number / len(rounds))
    return {
        name: tuple(Shuffled(done, layers[done - 1][0], float(np.median(each))) for done, each in of_map.items())
        for name, of_map in found.items()
    }


def _shuffle(weights: list[torch.Tensor], generator: torch.Generator) -> None:
    """The entries of each tensor in another order, in place."""
    for one in weights:
        order = torch.randperm(one.numel(), generator=generator).to(one.device)
        one.data.copy_(one.data.flatten()[order].reshape(one.shape))


def similarity(one: np.ndarray, other: np.ndarray, pixels: np.ndarray) -> float:
    """Spearman's rank correlation of two maps (channels, rows, cols) over `pixels`; 0 where one has no order.

    >>> import numpy as np
    >>> from cnnviz.attribution.trust import similarity
    >>> ramp, all_of_it = np.arange(9.0).reshape(1, 3, 3), np.ones((3, 3), bool)
    >>> round(similarity(ramp, ramp**3, all_of_it), 6), round(similarity(ramp, -ramp, all_of_it), 6)
    (1.0, -1.0)
    """
    first, second = one.sum(axis=0)[pixels], other.sum(axis=0)[pixels]
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(scipy.stats.spearmanr(first, second).statistic)


def _weights_by_layer(graph: Graph) -> Iterator[tuple[str, list[torch.Tensor]]]:
    """The weights that each layer reads, the last layer first; no weight twice."""
    seen: set[int] = set()
    for node in reversed(graph.nodes):
        if node.call is None:
            continue
        found = list(node.call.module.parameters()) if node.call.module is not None else []
        found += [graph.program.constant(ref.node) for ref in node.call.references if node.call.is_constant(ref)]
        weights = [one for one in found if isinstance(one, torch.Tensor) and one.is_floating_point()]
        fresh = [one for one in weights if one.numel() > 1 and one.data_ptr() not in seen]
        seen |= {one.data_ptr() for one in fresh}
        if fresh:
            yield node.name, fresh
