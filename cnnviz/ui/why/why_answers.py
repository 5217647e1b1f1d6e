"""What the panel "Why this answer?" shows, computed once for the same question. No widget, no session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from weakref import ref

import numpy as np

from cnnviz.attribution import (
    Attribution,
    Contributions,
    Question,
    Settings,
    attribute_graph,
    check_attribution,
    contributions_of,
    method_names,
)
from cnnviz.attribution.methods import layers_with_maps
from cnnviz.attribution.pushes import Push, PushedAnswers, answers_over_shifts, pushed_answers
from cnnviz.attribution.records import Progress
from cnnviz.attribution.scores import answer_of
from cnnviz.machine.bounded_cache import BoundedCache
from cnnviz.ui.app.caches import TrainedNetwork

T = TypeVar("T")
QUICK = ("gradient", "input_x_gradient", "grad_cam")  # one run and back: a map while the pen moves
SMALL = 2_000_000  # numbers in all layers: up to here a map is checked at once
REACH = 6  # pixels of the map over shifts
_FOUND: BoundedCache[Any] = BoundedCache(most=64, most_bytes=64_000_000)


@dataclass(frozen=True)
class Asked:
    """What the reader chose: a method, its settings, and the score that is explained."""

    method: str
    question: Question
    settings: Settings


def explained(
    chosen: TrainedNetwork, image: np.ndarray, asked: Asked, on_progress: Progress | None = None
) -> Attribution:
    """The map for what was asked, without its checks. Raises: AttributionError, one sentence."""
    told: dict[str, Any] = {} if on_progress is None else {"on_progress": on_progress}
    return kept(
        (asked,), chosen, image,
        lambda: attribute_graph(
            chosen.model, chosen.graph, image, asked.method, asked.question, 0.0, asked.settings, **told
        ),
    )  # fmt: skip


def checked(
    chosen: TrainedNetwork, image: np.ndarray, asked: Asked, on_progress: Progress | None = None
) -> Attribution:
    """The same map with its checks. Raises: AttributionError, one sentence."""
    told: dict[str, Any] = {} if on_progress is None else {"on_progress": on_progress}
    made = explained(chosen, image, asked)
    return kept(
        ("checked", asked), chosen, image, lambda: check_attribution(chosen.model, chosen.graph, image, made, **told)
    )


def parts_of(chosen: TrainedNetwork, image: np.ndarray, layer: str, question: Question) -> Contributions:
    """The score as a sum over the maps of a layer. Raises: AttributionError, one sentence."""
    return kept((layer, question), chosen, image, lambda: contributions_of(chosen.graph, image, layer, question))


def pushed(chosen: TrainedNetwork, image: np.ndarray, push: Push) -> PushedAnswers:
    """The answers over the whole reach of a push."""
    return kept((push,), chosen, image, lambda: pushed_answers(chosen.graph, image, push))


def shifted(chosen: TrainedNetwork, image: np.ndarray, entry: int, temperature: float) -> np.ndarray:
    """The probability of class `entry` for the image moved by up to `REACH` pixels, (2·REACH + 1, 2·REACH + 1)."""
    scores = kept(("shifts",), chosen, image, lambda: answers_over_shifts(chosen.graph, image, REACH))
    flat = PushedAnswers(np.zeros(0), scores.reshape(-1, scores.shape[-1])).probabilities(temperature)
    made: np.ndarray = flat[:, entry].reshape(scores.shape[:2])
    return made


def offered_layers(chosen: TrainedNetwork) -> list[str]:
    """The layers with feature maps, the last first."""
    graph = chosen.graph
    return [graph.nodes[number].name for number in reversed(layers_with_maps(graph))]


def offered_methods() -> list[str]:
    """The methods that the panel offers: DeepLift and LRP are wrong on too many networks to be offered to everybody."""
    return [name for name in method_names() if name not in ("deep_lift", "lrp")]


def is_small(chosen: TrainedNetwork) -> bool:
    """Whether the checks, some hundred runs of the network, take no time that is worth a question."""
    nodes = chosen.graph.nodes
    return sum(int(np.prod(shape)) for node in nodes for shape in node.shapes if shape) <= SMALL


def scores_of(chosen: TrainedNetwork, image: np.ndarray) -> np.ndarray:
    """The scores that the network gives an image, (classes,)."""
    return kept(("scores",), chosen, image, lambda: answer_of(chosen.graph, image))


def kept(
    what: tuple[object, ...], chosen: TrainedNetwork, image: np.ndarray, make: Callable[[], T],
    size_of: Callable[[T], int] | None = None,
) -> T:  # fmt: skip
    """What `make` gives, computed once for this question, network and image.

    size_of: the bytes of what was made, where that is not of the size of the image.
    """
    found = find_kept(what, chosen, image)
    if found is None:
        found = make()
        keep(what, chosen, image, found, size_of(found) if size_of else 4 * image.nbytes)
    return cast(T, found)


def find_kept(what: tuple[object, ...], chosen: TrainedNetwork, image: np.ndarray) -> Any:
    """What is kept for this question, network and image; None for what is not."""
    return _FOUND.get(_place(what, chosen, image))


def keep(what: tuple[object, ...], chosen: TrainedNetwork, image: np.ndarray, found: object, size: int) -> None:
    """Keep an answer of `size` bytes."""
    _FOUND.put(_place(what, chosen, image), found, size)


def _place(what: tuple[object, ...], chosen: TrainedNetwork, image: np.ndarray) -> tuple[object, ...]:
    return (what, ref(chosen), image.shape, image.tobytes())
