"""How far attributions can be believed, and what they cost: figures on the shipped networks and their own test digits.

`python -m benchmarks.attribution [PART …] [--network digits_residual] [--digits N]`: `sums` is how far the sum of
integrated gradients is off on 200 digits; `lies` how often the checks find out maps that are wrong by construction, and
doubt maps that are not, on 50 digits; `climbs` for how many of the maps that are alive the image that maximises them
reaches the best real one; `fools` how small a change makes another digit; `times` what each method takes for one digit.
`sums`, `lies` and `climbs` check
what docs/design.md promises: the exit status is 1 where it does not hold.
"""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from benchmarks.rows import times_of
from cnnviz.attribution import AttributionError, Question, attribute_graph, method_names
from cnnviz.attribution.fooling import fool
from cnnviz.attribution.maximise import Climb, Start, maximise, start_image
from cnnviz.attribution.records import Attribution, Doubt
from cnnviz.attribution.scores import answer_of
from cnnviz.attribution.strongest import find_peaks, middle_unit, strongest_unit
from cnnviz.core.graph import Graph, build_graph
from cnnviz.core.layers import Kind
from cnnviz.core.receptive_field import receptive_field
from cnnviz.core.units import UnitRef
from cnnviz.data.held_out_images import held_out_digits
from cnnviz.models.checkpoints import load

SHAPE = (1, 28, 28)
NETWORKS = ("mnist", "digits_residual")
RIGHT = "integrated gradients"
SEARCHED = 2_000  # images among which the best real one is looked for
SEEDS = 2  # climbs of a map: the better one counts
FOOLED = 20  # digits, each to its nine other classes
MOST_REACHED = 0.9  # of the maps that are alive
LARGEST_ERROR = 0.01  # of the sum of integrated gradients, beside what it should be
BROKEN: list[str] = []  # promises that did not hold in this run


def digits(count: int) -> np.ndarray:
    """Test digits (n, 1, 28, 28) in 0..1."""
    images: np.ndarray = held_out_digits(count).shown.images[:, None].astype(np.float32) / np.float32(255)
    return images[:count]


def explain(model: nn.Module, graph: Graph, image: np.ndarray, method: str, checks: bool = False) -> Attribution:
    """The map for the class that the network gives."""
    target = int(answer_of(graph, image).argmax())
    return attribute_graph(model, graph, image, method, Question(target), checks=checks)


def sums(model: nn.Module, graph: Graph, count: int) -> Iterator[str]:
    """The completeness error of integrated gradients, beside the difference that the map should add up to."""
    made = [explain(model, graph, image, "ig") for image in digits(count)]
    errors = np.array([one.completeness_error / abs(one.difference) for one in made])
    yield f"integrated gradients on {len(made)} digits: completeness error, beside the difference of the scores"
    yield (f"  median {np.median(errors):.2%}, 95th percentile {np.quantile(errors, 0.95):.2%}, largest "
           f"{errors.max():.2%}; mean difference {np.mean([one.difference for one in made]):.2f}")  # fmt: skip
    yield from promise("every error is below 1 %", bool(errors.max() < LARGEST_ERROR))


def promise(sentence: str, holds: bool) -> Iterator[str]:
    """Say whether it holds, and remember where it does not."""
    if not holds:
        BROKEN.append(sentence)
    yield f"  {'met' if holds else 'MISSED'}: {sentence}"


def pooled_first(model: nn.Module) -> nn.Module:
    """The same function with each ReLU after the max pooling that follows it, which DeepLift reads wrongly."""
    parts = list(copy.deepcopy(model).children())
    for at, (one, other) in enumerate(pairwise(parts)):
        if isinstance(one, nn.ReLU) and isinstance(other, nn.MaxPool2d):
            parts[at : at + 2] = other, one
    return nn.Sequential(*parts).eval()


def lies(model: nn.Module, graph: Graph, count: int) -> Iterator[str]:
    """How often each kind of map is doubted, and why."""
    turned = pooled_first(model)
    turned_graph = build_graph(turned, SHAPE)
    found: dict[str, list[tuple[Doubt, ...]]] = {}
    for image in digits(count):
        made = explain(model, graph, image, "ig", checks=True)
        wrong = explain(turned, turned_graph, image, "deep_lift", checks=True)
        trusts = {RIGHT: made.trust, "DeepLift after max pooling": wrong.trust,
                  "a random map": made.controls["random"], "an edge detector": made.controls["edges"]}  # fmt: skip
        for name, trust in trusts.items():
            assert trust is not None
            found.setdefault(name, []).append(trust.doubts)
    yield f"maps that are doubted, of {count} digits"
    for name, doubts in found.items():
        why = ", ".join(f"{doubt.value}: {sum(doubt in one for one in doubts)}" for doubt in Doubt)
        yield f"  {name}: {sum(map(bool, doubts))} ({why})"
    wrong_ones = [name for name in found if name != RIGHT]
    yield from promise("every wrong map is doubted", all(all(map(bool, found[name])) for name in wrong_ones))
    named = {Doubt.DOES_NOT_ADD_UP, Doubt.IGNORES_WEIGHTS}
    yield from promise(f"{RIGHT} are never said to be false", not any(named & set(one) for one in found[RIGHT]))


def climbs(_model: nn.Module, graph: Graph, most_maps: int) -> Iterator[str]:
    """For how many maps that are alive, at most so many of a layer, the maximised image reaches the best real one."""
    images, reached, all_alive = digits(SEARCHED), 0, 0
    yield f"maps whose maximised image reaches the best of {SEARCHED} digits: from noise ({SEEDS} seeds), and of the"
    yield "rest those that rise above it from the best real image"
    for layer in convolutions(graph):
        peaks = find_peaks(graph, layer, images)
        maps = range(0, peaks.values.shape[1], -(-peaks.values.shape[1] // most_maps))
        alive = [at for at in maps if not peaks.is_same_everywhere(at)]
        missed = [at for at in alive if _from_noise(graph, layer, at) < peaks.best(at)]
        above = sum(
            _from_image(graph, layer, at, images[peaks.values[:, at].argmax()]) > peaks.best(at) for at in missed
        )
        yield f"  {layer}: {len(alive) - len(missed)} of {len(alive)}, and {above} of {len(missed)}"
        reached, all_alive = reached + len(alive) - len(missed) + above, all_alive + len(alive)
    yield from promise(f"{reached} of {all_alive}: at least 90 %", reached >= MOST_REACHED * all_alive)


def convolutions(graph: Graph) -> list[str]:
    """The layers whose maps are asked about: each convolution, and each ReLU: behind it maps are stuck from noise."""
    kinds = (Kind.CONVOLUTION, Kind.ACTIVATION)
    return [node.name for node in graph.layers if node.spec is not None and node.spec.kind in kinds]


def _from_noise(graph: Graph, layer: str, channel: int) -> float:
    unit = middle_unit(graph, layer, channel)
    seen = receptive_field(graph, unit).exact
    starts = [start_image(Start.NOISE, SHAPE, seed, seen=seen) for seed in range(SEEDS)]
    return max(_top_of(graph, unit, start) for start in starts)


def _from_image(graph: Graph, layer: str, channel: int, image: np.ndarray) -> float:
    unit = strongest_unit(graph, layer, channel, image)
    return _top_of(graph, unit, image)


def _top_of(graph: Graph, unit: UnitRef, start: np.ndarray) -> float:
    """Where a climb ends: what the page shows."""
    *_on_the_way, last = maximise(graph, unit, start, Climb())
    return last.value


def fools(_model: nn.Module, graph: Graph, _count: int) -> Iterator[str]:
    """How small a change makes another digit of a digit."""
    images, sizes, missed, begin = digits(FOOLED), [], 0, time.perf_counter()
    for image in images:
        answer = int(answer_of(graph, image).argmax())
        for target in set(range(10)) - {answer}:
            made = fool(graph, image, target)
            sizes += [made.distance] if made.is_found else []
            missed += not made.is_found
    each = (time.perf_counter() - begin) / (len(sizes) + missed)
    lengths = np.linalg.norm(images.reshape(len(images), -1), axis=1)
    yield f"{len(images)} digits, each made any of the nine others: {missed} not found, {each:.2f} s each"
    yield (f"  change (L2): median {np.median(sizes):.2f}, largest {max(sizes):.2f}; the digits themselves "
           f"{np.median(lengths):.2f}")  # fmt: skip


def times(model: nn.Module, graph: Graph, _count: int) -> Iterator[str]:
    """What one map takes, without and with its checks, one thread."""
    image = digits(1)[0]
    yield "one digit, one thread: median time of a map, and with its checks"
    for method in method_names():
        try:
            plain, checked = (_median(model, graph, image, method, asked) for asked in (False, True))
        except AttributionError as error:
            yield f"  {method}: {error}"
            continue
        yield f"  {method}: {plain:.0f} ms, {checked:.0f} ms"


def _median(model: nn.Module, graph: Graph, image: np.ndarray, method: str, checks: bool) -> float:
    return float(np.median(times_of(5, lambda: explain(model, graph, image, method, checks))))


PARTS: dict[str, Callable[[nn.Module, Graph, int], Iterator[str]]] = {
    "sums": sums, "lies": lies, "climbs": climbs, "fools": fools, "times": times,
}  # fmt: skip
USUAL = {"sums": 200, "lies": 50, "climbs": 32}  # digits; maps of a layer


def main() -> None:
    """Print all parts, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attribution", description=__doc__)
    parser.add_argument("parts", nargs="*", default=[], metavar="PART", help=", ".join(PARTS))
    parser.add_argument(
        "--digits",
        type=int,
        help="how many, in the place of the usual number of sums and lies; of climbs, maps of a layer",
    )
    parser.add_argument("--network", choices=NETWORKS, default=NETWORKS[0], help="the shipped network that is asked")
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(unknown)}: choose among {', '.join(PARTS)}")
    torch.set_num_threads(1)
    model = load(chosen.network)[0]
    graph = build_graph(model, SHAPE)
    for name in chosen.parts or PARTS:
        begin = time.perf_counter()
        for line in PARTS[name](model, graph, chosen.digits or USUAL.get(name, 0)):
            print(line, flush=True)
        print(f"  ({name}: {time.perf_counter() - begin:.0f} s)", flush=True)
    raise SystemExit(int(bool(BROKEN)))


if __name__ == "__main__":
    main()
