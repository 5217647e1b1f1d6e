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
from collections.abc import Callable, Iterator

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import nn

from cnnviz.attribution.records import Curves, Doubt, Shuffled, Trust
from cnnviz.attribution.scores import Scores
from cnnviz.core.graph import Graph, build_graph

POINTS = 16  # of a curve
ORDERS = 12  # by chance
STAGES = 4  # of shuffled layers, all of them the last
TIMES = 3  # that all of them are shuffled: the median counts
LARGEST_ERROR = 0.05  # of a sum, beside what it should be
LARGEST_SIMILARITY = 0.7  # to itself with all weights shuffled
SEED = 0

Explain = Callable[[nn.Module, Graph], np.ndarray]  # a network → its map (channels, rows, cols), for the same question


def check_map(
    values: np.ndarray, scores: Scores, model: nn.Module, image: np.ndarray, baseline: np.ndarray,
    explain: Explain, error: float | None,
) -> Trust:  # fmt: skip
    """All checks of a map `values` (channels, rows, cols).

    `explain` makes it again for a network with other weights; error: of its sum, beside the difference, if promised.
    """
    pixels = np.abs(image - baseline).max(axis=0) > 0
    curves = curves_of(values.sum(axis=0), scores, image, baseline, pixels)
    shuffled = tuple(shuffle_weights(values, model, scores.graph, explain, pixels))
    return Trust(curves, shuffled, error, tuple(_doubts(curves, shuffled, error)))


def _doubts(curves: Curves, shuffled: tuple[Shuffled, ...], error: float | None) -> Iterator[Doubt]:
    if error is not None and not error <= LARGEST_ERROR:
        yield Doubt.DOES_NOT_ADD_UP
    if shuffled and shuffled[-1].similarity > LARGEST_SIMILARITY:
        yield Doubt.IGNORES_WEIGHTS
    if not curves.is_better_than_chance:
        yield Doubt.NO_BETTER_THAN_CHANCE


def curves_of(
    by_pixel: np.ndarray, scores: Scores, image: np.ndarray, baseline: np.ndarray, pixels: np.ndarray
) -> Curves:
    """The scores while `pixels` (rows, cols; booleans) go from the image to the baseline, and back.

    The highest of the map `by_pixel` (rows, cols) go first; so do pixels in `ORDERS` orders by chance.
    """
    places = np.flatnonzero(pixels)
    dice = np.random.default_rng(SEED)
    first = places[np.argsort(-by_pixel.reshape(-1)[places], kind="stable")]
    orders = [first, *(dice.permutation(places) for _order in range(ORDERS))]
    counts = np.unique(np.linspace(0, len(places), min(POINTS, len(places)) + 1).round().astype(int))
    runs = [(order, end) for order in orders for end in ((image, baseline), (baseline, image))]
    made = scores.of(np.stack([_mixed(*ends, order[:count]) for order, ends in runs for count in counts]))
    table = made.reshape(len(orders), 2, len(counts))
    fractions = counts / max(1, len(places))
    return Curves(fractions, table[0, 0], table[0, 1], table[1:, 0], table[1:, 1])


def _mixed(image: np.ndarray, other: np.ndarray, places: np.ndarray) -> np.ndarray:
    """`image` with the pixels at `places` from `other`."""
    made = image.copy()
    made.reshape(len(made), -1)[:, places] = other.reshape(len(other), -1)[:, places]
    return made


def shuffle_weights(
    values: np.ndarray, model: nn.Module, graph: Graph, explain: Explain, pixels: np.ndarray
) -> Iterator[Shuffled]:
    """The map beside those of networks whose last layers have shuffled weights, up to all layers."""
    twin = copy.deepcopy(model).eval()
    layers = list(_weights_by_layer(build_graph(twin, graph.input_shape)))
    generator = torch.Generator().manual_seed(SEED)
    stages = sorted({max(1, round(len(layers) * stage / STAGES)) for stage in range(1, STAGES + 1)}) if layers else []
    for done in stages:
        found = []
        for _again in range(TIMES if done == len(layers) else 1):
            _shuffle([one for _name, weights in layers[:done] for one in weights], generator)
            found.append(similarity(values, explain(twin, build_graph(twin, graph.input_shape)), pixels))
        yield Shuffled(done, layers[done - 1][0], float(np.median(found)))


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
    return float(spearmanr(first, second).statistic)


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
