"""What a network under training makes of a picture at one moment: kernels, maps, answer, the first ten guesses.

Every number is PyTorch's. Refuses to know: where weights come from, who asks, how it is painted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cnnviz.core.colour_ranges import largest_finite
from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.layers import Kind
from cnnviz.core.trace import Tracer
from cnnviz.evaluation.features import feature_layers, last_layer_inputs
from cnnviz.models.builder import NetworkSpec
from cnnviz.training.losses import Objective, penalty
from cnnviz.training.saved_networks import build_untouched
from cnnviz.web.trainer.images import ValidationSample

MOST_MAPS, MOST_KERNELS, MOST_CELLS = 64, 128, 65_536  # that travel in one answer


@dataclass(frozen=True, eq=False)
class TrainerView:
    """One picture in the network at one moment.

    layers: paths of those whose output is maps. layer: the one that is shown. kernels: (out, rows, cols) of the last
    convolution up to it, for input `channel` of `channels`; None where there is none. maps: (c, rows, cols), the first
    of `maps_in_all`. probabilities: (classes,). Ranges reach from −value to +value.
    """

    layers: tuple[str, ...]
    layer: str | None
    kernel_layer: str | None
    channel: int
    channels: int
    kernels: np.ndarray | None
    kernel_range: float
    maps: np.ndarray | None
    maps_in_all: int
    range: float
    probabilities: np.ndarray


class WeightMoment:
    """The network with the weights of one step, ready to be asked."""

    def __init__(self, step: int, blueprint: NetworkSpec, weights: Mapping[str, Tensor]) -> None:
        self.step = step
        self._model = build_untouched(blueprint)
        self._model.load_state_dict(dict(weights))
        self._model.eval().requires_grad_(False)
        self._tracer = Tracer(self._model)
        self._ten: np.ndarray | None = None
        self._gradients: dict[str, np.ndarray] = {}

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """The weights of this very moment, copies."""
        return {name: weight.numpy().copy() for name, weight in self._model.state_dict().items()}

    def look(self, image: Tensor, layer: str | None, channel: int) -> TrainerView:
        """`image` (1, c, h, w), as the network reads it; a layer that it has not is the first with maps."""
        return trainer_view(self._tracer(image[0].numpy()), layer, channel)

    def ten(self, exhibits: ValidationSample) -> np.ndarray:
        """What the first ten pictures are taken for, (10,)."""
        if self._ten is None:
            with torch.inference_mode():
                self._ten = self._model(exhibits.read_first()).argmax(dim=1).numpy()
        return self._ten

    def gradient(self, layer: str, exhibits: ValidationSample, objective: Objective) -> np.ndarray | None:
        """∂ loss / ∂ weight of a convolution, (out, in, rows, cols), for the batch of `exhibits`, in evaluation mode.

        None where the layer has no weight of its own.
        """
        name = f"{layer}.weight"
        weights = dict(self._model.named_parameters())
        if name in weights and layer not in self._gradients:
            images, labels = exhibits.read_batch()
            weight = weights[name].detach().requires_grad_()
            scores = torch.func.functional_call(self._model, {name: weight}, (images,))
            (found,) = torch.autograd.grad(objective(scores, labels), weight)
            self._gradients[layer] = found.numpy()
        return self._gradients.get(layer)

    @property
    def squares(self) -> float:
        """Σ p² over all weights that are trained: what an L2 penalty multiplies with λ."""
        return float(penalty(self._model.parameters()))

    def shares(self, images: Tensor) -> np.ndarray:
        """The probabilities of `images` (n, c, h, w): (n, classes)."""
        with torch.inference_mode():
            return torch.softmax(self._model(images), dim=1).numpy()

    def feature_layers(self, shape: tuple[int, int, int]) -> tuple[str, ...]:
        """The layers whose inputs can stand for an image, the usual one last. Raises: EmbeddingError."""
        return feature_layers(self._model, shape)

    def features(self, images: Tensor, layer: str = "") -> tuple[str, np.ndarray]:
        """A layer's name, "": the last fully connected one, and what arrives at it: (n, entries).

        Raises: EmbeddingError.
        """
        return last_layer_inputs(self._model, images, layer)


@dataclass(frozen=True, eq=False)
class KernelGradients:
    """The gradients of the kernels that a `TrainerView` shows: values (out, rows, cols), on a scale of ±range."""

    values: np.ndarray
    range: float
    batch: int


def kernel_gradients(
    moment: WeightMoment, sight: TrainerView, exhibits: ValidationSample, objective: Objective
) -> KernelGradients | None:
    """Kernel by kernel, for the same input channel; None where no kernels are shown."""
    found = None if sight.kernel_layer is None else moment.gradient(sight.kernel_layer, exhibits, objective)
    if found is None:
        return None
    values = np.ascontiguousarray(found[:MOST_KERNELS, sight.channel])
    return KernelGradients(values, max(largest_finite(found), 1e-12), len(exhibits.batch))


def trainer_view(trace: Trace, layer: str | None, channel: int) -> TrainerView:
    """What is shown of a trace."""
    with_maps = [made for made in trace.layers if made.output.ndim == 3 and made.spec.kind is not Kind.DROPOUT]
    paths = [made.spec.path for made in with_maps]
    shown = with_maps[paths.index(layer) if layer in paths else 0] if with_maps else None
    source = _kernels_of(trace, shown)
    channels = 0 if source is None else _weights(source).shape[1]
    channel = min(max(channel, 0), max(channels - 1, 0))
    kernels = None if source is None else np.ascontiguousarray(_weights(source)[:MOST_KERNELS, channel])
    maps = None if shown is None else shown.output[: _fitting(shown.output)]
    return TrainerView(
        tuple(paths), shown.spec.path if shown else None, source.spec.path if source else None, channel, channels,
        kernels, 0.0 if source is None else max(largest_finite(_weights(source)), 1e-12),
        maps, 0 if shown is None else len(shown.output), 0.0 if maps is None else max(largest_finite(maps), 1e-12),
        trace.probabilities,
    )  # fmt: skip


def _weights(layer: LayerTrace) -> np.ndarray:
    assert layer.weight is not None
    return layer.weight


def _kernels_of(trace: Trace, shown: LayerTrace | None) -> LayerTrace | None:
    """The last convolution up to the shown layer."""
    if shown is None:
        return None
    until = trace.layers[: trace.position(shown.spec.path) + 1]
    return next((made for made in reversed(until) if made.spec.kind is Kind.CONVOLUTION), None)


def _fitting(maps: np.ndarray) -> int:
    return max(1, min(MOST_MAPS, MOST_CELLS // max(1, maps[0].size)))
