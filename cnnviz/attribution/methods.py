"""The methods, by name. Captum computes each; here stands what it is given, and what a method promises.

Refuses to know: pages, and whether a map can be believed (`trust`).
"""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import nn

from cnnviz.attribution.integration import integrate
from cnnviz.attribution.records import AttributionError, Progress, Question, Settings
from cnnviz.attribution.scores import Scores
from cnnviz.checks import is_whole, refusal
from cnnviz.core.graph import Graph
from cnnviz.core.graph.axes import ON_MAPS
from cnnviz.i18n import _

MOST_STEPS = 1600  # of integrated gradients
WINDOWS_ALONG_SIDE = 7  # of occlusion, where nothing is set
SIDE = 2048  # the largest window that anybody may ask for


@dataclass(frozen=True, eq=False)
class Task:
    """One image to be explained; `model` is what the graph was drawn of, in evaluation mode."""

    model: nn.Module
    graph: Graph
    question: Question
    image: torch.Tensor  # (1, channels, rows, cols), with gradients on
    baseline: torch.Tensor
    settings: Settings
    on_progress: Progress = lambda _done: None


Made = tuple[torch.Tensor, Settings]  # the map (1, channels, rows, cols), and what was set


@dataclass(frozen=True)
class Method:
    """One way to explain an answer. promises_sum: that the map adds up to score − score of the baseline.

    takes: the names of the settings that mean something to it.
    """

    label: str
    promises_sum: bool
    run: Callable[[Task], Made]
    takes: tuple[str, ...] = ()


def _gradient(task: Task) -> Made:
    from captum.attr import Saliency

    return Saliency(Scores(task.graph, task.question)).attribute(task.image, abs=False), Settings()


def _input_x_gradient(task: Task) -> Made:
    from captum.attr import InputXGradient

    return InputXGradient(Scores(task.graph, task.question)).attribute(task.image), Settings()


def _integrated_gradients(task: Task) -> Made:
    """With as many steps as are asked for, of equal length; else with shorter ones where the sum is not right yet."""
    scores = Scores(task.graph, task.question)
    steps = _whole("steps", task.settings.steps, 1, MOST_STEPS)
    if not steps:
        made, steps = integrate(scores, task.image, task.baseline, MOST_STEPS)
        return made, Settings(steps=steps)
    from captum.attr import IntegratedGradients

    made = IntegratedGradients(scores).attribute(
        task.image, task.baseline, n_steps=steps, method="riemann_middle", internal_batch_size=scores.at_once
    )
    return made, Settings(steps=steps)


def _occlusion(task: Task) -> Made:
    """Each value is the mean of the differences of all windows over its pixel."""
    from captum.attr import Occlusion

    scores = Scores(task.graph, task.question)
    channels, *sides = task.image.shape[1:]
    window = _whole("window", task.settings.window, 1, min(SIDE, *sides)) or max(1, min(sides) // WINDOWS_ALONG_SIDE)
    stride = _whole("stride", task.settings.stride, 1, window) or max(1, window // 2)
    places = math.prod(-(-(side - window) // stride) + 1 for side in sides)
    scores.on_run = lambda runs: task.on_progress(min(1.0, (runs - 1) / places))  # the first run is of the whole image
    made = Occlusion(scores).attribute(
        task.image.detach(), (channels, window, window), (channels, stride, stride), task.baseline,
        perturbations_per_eval=scores.at_once,
    )  # fmt: skip
    return made.to(task.image.dtype), Settings(window=window, stride=stride)


def _grad_cam(task: Task) -> Made:
    """The maps of one layer, each weighted by its mean gradient, added, negative values left out, enlarged."""
    from captum.attr import LayerAttribution, LayerGradCam

    number = layer_with_maps(task.graph, task.settings.layer)
    scores = Scores(task.graph, task.question, number)
    small = LayerGradCam(scores, scores.tap).attribute(task.image, relu_attributions=True)
    large = LayerAttribution.interpolate(small, tuple(task.image.shape[2:]), "bilinear")
    return large.detach().expand(task.image.shape).clone(), Settings(layer=task.graph.nodes[number].name)


def _deep_lift(task: Task) -> Made:
    from captum.attr import DeepLift

    return _by_modules(task, lambda model: DeepLift(model).attribute(task.image, task.baseline))


def _relevance(task: Task) -> Made:
    from captum.attr import LRP

    return _by_modules(task, lambda model: LRP(model).attribute(task.image))


def _by_modules(task: Task, attribute: Callable[[nn.Module], torch.Tensor]) -> Made:
    """Methods that put hooks on modules: they see a network of modules only, each used once."""
    model = _OneScore(copy.deepcopy(task.model).eval(), task.question)
    for module in model.modules():
        if getattr(module, "inplace", False):
            module.inplace = False  # type: ignore[assignment]
    try:
        with warnings.catch_warnings():  # that it puts hooks on modules: these are a copy's
            warnings.simplefilter("ignore", UserWarning)
            return attribute(model).detach(), Settings()
    except (RuntimeError, AssertionError, TypeError, AttributeError, ValueError) as error:
        raise AttributionError(
            _("This method has no rule for a layer of this network: choose integrated gradients.")
        ) from error


class _OneScore(nn.Module):
    def __init__(self, model: nn.Module, question: Question) -> None:
        super().__init__()
        self.model, self.question = model, question

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        scores = self.model(images).flatten(1)
        chosen: torch.Tensor = scores[:, self.question.target]
        return chosen if self.question.against is None else chosen - scores[:, self.question.against]


def layer_with_maps(graph: Graph, name: str | None) -> int:
    """The number of the layer called `name`, which must have maps; of the last that has any, where none is named.

    >>> from torch import nn
    >>> from cnnviz.attribution.methods import layer_with_maps
    >>> from cnnviz.core.graph import build_graph
    >>> layer_with_maps(build_graph(nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten()), (1, 5, 5)), None)
    1
    """
    fitting = layers_with_maps(graph)
    if name is not None:
        number = graph.position(name)
        if number not in fitting:
            raise refusal("layer", _("one with feature maps"), name, _("choose a convolution"), AttributionError)
        return number
    if not fitting:
        raise AttributionError(_("Grad-CAM needs a layer with feature maps: this network has none."))
    return fitting[-1]


def layers_with_maps(graph: Graph) -> list[int]:
    """The numbers of the layers whose output is feature maps of more than one cell, in the order in which they run.

    >>> from torch import nn
    >>> from cnnviz.attribution.methods import layers_with_maps
    >>> from cnnviz.core.graph import build_graph
    >>> layers_with_maps(build_graph(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten()), (1, 5, 5)))
    [1, 2]
    """
    return [number for number, node in enumerate(graph.nodes) if node.is_layer and _has_maps(graph, number)]


def _has_maps(graph: Graph, number: int) -> bool:
    node = graph.nodes[number]
    shape = node.shapes[0]
    return shape is not None and len(shape) == 4 and node.place == ON_MAPS and max(shape[2:]) > 1


def _whole(name: str, value: int | None, least: int, most: int) -> int | None:
    if value is not None and not is_whole(value, least, most):
        rule = _("a whole number from {least} to {most}", least=least, most=most)
        raise refusal(name, rule, value, _("leave it out, and it is chosen"), AttributionError)
    return value


def methods() -> Mapping[str, Method]:
    """All methods by name, in the order in which they are offered.

    >>> from cnnviz.attribution.methods import methods
    >>> list(methods())
    ['ig', 'input_x_gradient', 'gradient', 'occlusion', 'grad_cam', 'deep_lift', 'lrp']
    """
    return {
        "ig": Method(_("integrated gradients"), True, _integrated_gradients, ("steps",)),
        "input_x_gradient": Method(_("input × gradient"), False, _input_x_gradient),
        "gradient": Method(_("gradient"), False, _gradient),
        "occlusion": Method(_("occlusion"), False, _occlusion, ("window", "stride")),
        "grad_cam": Method(_("Grad-CAM"), False, _grad_cam, ("layer",)),
        "deep_lift": Method(_("DeepLift"), True, _deep_lift),
        "lrp": Method(_("layer-wise relevance propagation"), True, _relevance),
    }
