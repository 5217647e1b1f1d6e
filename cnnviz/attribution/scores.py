"""A network as a function of images whose value is one score, as Captum wants it; one layer of it can be looked at.

Refuses to know: methods.
"""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import nn

from cnnviz.attribution.records import AttributionError, Question
from cnnviz.checks import refusal
from cnnviz.core.graph import Graph
from cnnviz.core.layers import Kind
from cnnviz.i18n import _

MOST_VALUES = 2**25  # of all layers, of the images that run at once: 128 MiB, and as much again on the way back
MOST_AT_ONCE = 128
_TAKE_BATCHES: WeakKeyDictionary[Graph, bool] = WeakKeyDictionary()


def score_node(graph: Graph) -> int:
    """The number of the node that holds the scores: what the network returns, before a softmax that it may end with.

    >>> from torch import nn
    >>> from cnnviz.attribution.scores import score_node
    >>> from cnnviz.core.graph import build_graph
    >>> score_node(build_graph(nn.Sequential(nn.Flatten(), nn.Linear(4, 2), nn.Softmax(dim=1)), (1, 2, 2)))
    2
    """
    number = graph.output
    while (node := graph.nodes[number]).call is not None and node.spec is not None and node.spec.kind is Kind.SOFTMAX:
        number = node.call.references[0].node
    return number


class Scores(nn.Module):
    """Images (n, channels, rows, cols) → the score that `question` asks for, (n,), with gradients to the images.

    layer: a node whose output runs through `tap`, so that its values and gradients can be asked for.
    A network that was recorded for one image (sizes are written in it) runs once for each image.

    >>> import torch
    >>> from torch import nn
    >>> from cnnviz.attribution.records import Question
    >>> from cnnviz.attribution.scores import Scores
    >>> from cnnviz.core.graph import build_graph
    >>> scores = Scores(build_graph(nn.Sequential(nn.Flatten()), (1, 2, 2)), Question(3))
    >>> scores(torch.arange(8.0).reshape(2, 1, 2, 2)).tolist()
    [3.0, 7.0]
    """

    def __init__(self, graph: Graph, question: Question, layer: int | None = None) -> None:
        super().__init__()
        self.graph, self.question, self.layer = graph, question, layer
        self.tap = nn.Identity()
        self._at = score_node(graph)
        self.classes = self._check_classes()
        self.at_once = max(1, min(MOST_AT_ONCE, MOST_VALUES // _values_of(graph)))
        self.runs = 0  # images that have been run
        self.on_run: Callable[[int], None] = lambda _runs: None  # is told so after each call
        if not self._takes_batches():
            self.at_once = 1

    def _check_classes(self) -> int:
        shape = self.graph.nodes[self._at].shapes[0]
        if shape is None:
            raise AttributionError(_("network must return numbers, got something else: choose another network"))
        count = int(np.prod(shape[1:]))
        for name, entry in (("target", self.question.target), ("against", self.question.against)):
            if entry is not None and not 0 <= entry < count:
                rule = _("a class from 0 to {last}", last=count - 1)
                raise refusal(name, rule, entry, _("choose one of these"), AttributionError)
        if self.question.against == self.question.target:
            raise refusal("against", _("another class than the target"), self.question.against,
                          _("choose another, or none"), AttributionError)  # fmt: skip
        return count

    def _takes_batches(self) -> bool:
        """Whether two images at once give what they give one by one: tried once for each network."""
        if self.graph not in _TAKE_BATCHES:
            _TAKE_BATCHES[self.graph] = _takes_batches(self.graph, self._at)
        return _TAKE_BATCHES[self.graph]

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """The scores, (n,)."""
        made = torch.cat([self._run(image[None]) for image in images]) if self.at_once == 1 else self._run(images)
        self.on_run(self.runs)
        return made

    def _run(self, images: torch.Tensor) -> torch.Tensor:
        self.runs += len(images)
        program = self.graph.program
        if self.layer is None:
            value = program(self._at, images)
        else:
            values = program.values(images, self.layer)
            values[self.layer] = self.tap(values[self.layer])
            begun = {number: value for number, value in enumerate(values) if value is not None}
            value = program.values(images, self._at, begun=begun, after=self.layer)[self._at]
        scores = value.reshape(len(images), -1)
        chosen = scores[:, self.question.target]
        return chosen if self.question.against is None else chosen - scores[:, self.question.against]

    def of(self, images: np.ndarray) -> np.ndarray:
        """The scores of images (n, channels, rows, cols) as an array, as many at once as memory allows."""
        program = self.graph.program
        with torch.no_grad():
            parts = [
                self(torch.tensor(images[at : at + self.at_once], dtype=program.dtype, device=program.device))
                for at in range(0, len(images), self.at_once)
            ]
        made: np.ndarray = torch.cat(parts).cpu().numpy()
        return made

    def tensor(self, image: np.ndarray) -> torch.Tensor:
        """An image (channels, rows, cols) as the network takes it, with the batch axis."""
        program = self.graph.program
        return torch.tensor(np.ascontiguousarray(image), dtype=program.dtype, device=program.device)[None]


def _takes_batches(graph: Graph, at: int) -> bool:
    shape, program = graph.input_shape, graph.program
    images = torch.linspace(-1, 1, 2 * int(np.prod(shape)), dtype=program.dtype, device=program.device)
    images = images.reshape(2, *shape)
    with torch.no_grad():
        try:
            both = program(at, images)
        except (RuntimeError, ValueError, TypeError, IndexError):
            return False
        single = torch.cat([program(at, image[None]) for image in images])
    return both.shape == single.shape and bool(torch.allclose(both, single, rtol=1e-3, atol=1e-4))


def answer_of(graph: Graph, image: np.ndarray) -> np.ndarray:
    """The scores of all classes for one image, (classes,).

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.attribution.scores import answer_of
    >>> from cnnviz.core.graph import build_graph
    >>> answer_of(build_graph(nn.Sequential(nn.Flatten()), (1, 1, 2)), np.array([[[3.0, 4.0]]])).tolist()
    [3.0, 4.0]
    """
    program = graph.program
    with torch.no_grad():
        value = program(score_node(graph), torch.tensor(image, dtype=program.dtype, device=program.device)[None])
    scores: np.ndarray = value.flatten().cpu().numpy()
    return scores


def _values_of(graph: Graph) -> int:
    """Numbers that one image makes in all layers."""
    return max(1, sum(int(np.prod(shape)) for node in graph.nodes for shape in node.shapes if shape))
