"""Why this answer? One map for one image and one class, with its checks.

Refuses to know: pages, files.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from cnnviz.attribution.controls import edge_map, random_map
from cnnviz.attribution.methods import Task, methods
from cnnviz.attribution.records import Attribution, AttributionError, Progress, Question, Settings
from cnnviz.attribution.scores import Scores, answer_of
from cnnviz.attribution.trust import Candidate, Explain, check_maps
from cnnviz.checks import not_one_of, refusal
from cnnviz.core.graph import Graph, build_graph
from cnnviz.i18n import _

OWN = "own"  # the map itself, among those that are checked
STEPS_OF_SHUFFLED = 50  # at most, of integrated gradients of a shuffled network: their order is compared, not their sum


def _silent(_done: float) -> None:
    """Nobody wants to know how far it is."""


def attribute(
    model: nn.Module, image: np.ndarray, method: str = "ig", target: int | None = None, against: int | None = None,
    *, baseline: float = 0.0, steps: int | None = None, window: int | None = None, stride: int | None = None,
    layer: str | None = None, checks: bool = True,
) -> Attribution:  # fmt: skip
    """How much each value of `image` (channels, rows, cols) speaks for class `target`, rather than for `against`.

    method: "ig" (integrated gradients), "input_x_gradient", "gradient", "occlusion" (`window` and `stride` in pixels),
    "grad_cam" (at `layer`), "deep_lift" or "lrp". target: None for the class with the highest score. baseline: the
    value of a pixel that says nothing. checks: whether to make those of `trust`, which run the network some hundred
    times.

    Raises: AttributionError or GraphError, one sentence, for what there is not or a network that cannot be read.

    >>> import cnnviz, torch
    >>> model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(9, 2))
    >>> made = cnnviz.attribute(model, torch.rand(1, 3, 3).numpy(), target=1)
    >>> made.values.shape, made.completeness_error < 1e-5, made.trust.error < 1e-4
    ((1, 3, 3), True, True)
    """
    graph = build_graph(model, _shape_of(image))
    wanted = int(answer_of(graph, image).argmax()) if target is None else target
    settings = Settings(steps, window, stride, layer)
    return attribute_graph(model, graph, image, method, Question(wanted, against), baseline, settings, checks)


def attribute_graph(
    model: nn.Module, graph: Graph, image: np.ndarray, method: str, question: Question, baseline: float = 0.0,
    settings: Settings | None = None, checks: bool = False, on_progress: Progress = _silent,
) -> Attribution:  # fmt: skip
    """The same where the graph of `model` is drawn already, and the question asked.

    on_progress: is told how much of the map is done, where a method can say so (occlusion): from 0 to 1.
    Raises: AttributionError or GraphError, one sentence.

    >>> import torch
    >>> from cnnviz.attribution import Question, attribute_graph
    >>> from cnnviz.core.graph import build_graph
    >>> model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
    >>> image = torch.ones(1, 2, 2).numpy()
    >>> attribute_graph(model, build_graph(model, (1, 2, 2)), image, "gradient", Question(1)).values.shape
    (1, 2, 2)
    """
    found = methods().get(method)
    if found is None:
        raise not_one_of("method", method, method_names(), AttributionError)
    chosen = settings or Settings()
    _check_settings(method, chosen, baseline)
    scores = Scores(graph, question)
    empty = np.full_like(image, baseline)
    output, baseline_output = (float(score) for score in scores.of(np.stack([image, empty])))
    values, chosen = _map_of(model, graph, image, empty, method, question, chosen, on_progress)
    made = Attribution(method, question, values, output, baseline_output, empty, found.promises_sum, chosen)
    return check_attribution(model, graph, image, made) if checks else made


def _check_settings(method: str, settings: Settings, baseline: float) -> None:
    """What a method does not take is refused: left aside in silence it would seem to have been taken."""
    takes = methods()[method].takes
    for name, value in settings.given.items():
        if name not in takes:
            others = ", ".join(other for other, each in methods().items() if name in each.takes)
            rule = _("left out with the method {method}", method=method)
            raise refusal(name, rule, value, _("it is for {methods}", methods=others), AttributionError)
    if not np.isfinite(baseline):
        raise refusal("baseline", _("a finite number"), baseline, _("0 is usual"), AttributionError)


def check_attribution(
    model: nn.Module, graph: Graph, image: np.ndarray, made: Attribution, on_progress: Progress = _silent
) -> Attribution:
    """The same attribution of `image` with its checks, and those of two maps that know nothing of the network.

    >>> import torch
    >>> from cnnviz.attribution import Question, attribute_graph, check_attribution
    >>> from cnnviz.core.graph import build_graph
    >>> model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
    >>> image, graph = torch.ones(1, 2, 2).numpy(), build_graph(model, (1, 2, 2))
    >>> made = attribute_graph(model, graph, image, "ig", Question(1))
    >>> check_attribution(model, graph, image, made).trust.error < 1e-4
    True
    """
    steps = made.settings.steps
    settings = replace(made.settings, steps=min(steps, STEPS_OF_SHUFFLED)) if steps else made.settings

    def explain(other: nn.Module, drawn: Graph) -> np.ndarray:
        return _map_of(other, drawn, image, made.baseline, made.method, made.question, settings)[0]

    controls = {"random": random_map(image), "edges": edge_map(image)}
    error = _error(model, graph, image, made) if made.promises_sum else None
    candidates = {OWN: Candidate(made.values, explain, error)}
    candidates |= {name: Candidate(one, _always(one)) for name, one in controls.items()}
    found = check_maps(candidates, Scores(graph, made.question), model, image, made.baseline, on_progress)
    return replace(made, trust=found.pop(OWN), controls=found)


def _always(made: np.ndarray) -> Explain:
    """What makes the same map of every network."""
    return lambda _model, _graph: made


def method_names() -> list[str]:
    """What `method` may be, in the order in which it is offered.

    >>> from cnnviz.attribution.attribute_image import method_names
    >>> method_names()[:2]
    ['ig', 'input_x_gradient']
    """
    return list(methods())


def _map_of(
    model: nn.Module, graph: Graph, image: np.ndarray, empty: np.ndarray, method: str, question: Question,
    settings: Settings, on_progress: Progress = _silent,
) -> tuple[np.ndarray, Settings]:  # fmt: skip
    program = graph.program
    tensors = [torch.tensor(one, dtype=program.dtype, device=program.device)[None] for one in (image, empty)]
    values, chosen = methods()[method].run(
        Task(model, graph, question, tensors[0].requires_grad_(), tensors[1], settings, on_progress)
    )
    made: np.ndarray = values.detach()[0].cpu().numpy()
    if not np.isfinite(made).all():
        raise AttributionError(_("The map has values that are no finite numbers: choose another method or layer."))
    return made, chosen


def _error(model: nn.Module, graph: Graph, image: np.ndarray, made: Attribution) -> float:
    """How far the sum is off, beside what it should be: of the map, or of that of the image half-way, if that is worse.

    A method that is wrong on this network can be right for one image by luck.
    """
    there = (made.baseline + (image - made.baseline) / 2).astype(image.dtype)
    half = float(Scores(graph, made.question).of(there[None])[0]) - made.baseline_output
    values, _chosen = _map_of(model, graph, there, made.baseline, made.method, made.question, made.settings)
    off = max(made.completeness_error, abs(float(values.sum(dtype=np.float64)) - half))
    return off / max(abs(made.difference), abs(half), 1e-6)


def _shape_of(image: np.ndarray) -> tuple[int, int, int]:
    if image.ndim != 3:
        raise AttributionError(
            _("image must have the axes channels, rows and columns, got {count} axes: add what is missing",
              count=image.ndim)
        )  # fmt: skip
    return int(image.shape[0]), int(image.shape[1]), int(image.shape[2])
