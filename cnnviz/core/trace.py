"""Run a network once and keep everything: the input and output of every layer, as plain arrays.

Numbers are PyTorch's, handed on as read-only NumPy arrays. The model is only read: no hook,
no change of mode, gradient or parameter, also when a layer fails.
Refuses to know: pages, colours, and where the image came from.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from cnnviz.checks import check_one_of, sides
from cnnviz.core.geometry import span, transposed_size
from cnnviz.core.layers import Kind, LayerSpec, describe
from cnnviz.i18n import _


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """What one layer did: arrays without the batch axis, (channels, rows, cols) or (entries,).

    `weight` is (out, in / groups, rows, cols), (in, out / groups, rows, cols) for a transposed convolution, (out, in)
    or (channels,); weight and bias are None for layers without parameters. `mean` and `variance` (channels,) are
    the running estimates of a batch normalisation.
    """

    spec: LayerSpec
    input: np.ndarray
    output: np.ndarray
    weight: np.ndarray | None = None
    bias: np.ndarray | None = None
    mean: np.ndarray | None = None
    variance: np.ndarray | None = None

    def __post_init__(self) -> None:
        for array in (self.input, self.output, self.weight, self.bias, self.mean, self.variance):
            if array is not None:
                array.setflags(write=False)


@dataclass(frozen=True, eq=False)
class Trace:
    """One forward pass: `image` (channels, rows, cols), all layers, `logits` and `probabilities` (classes,)."""

    network: str
    image: np.ndarray
    layers: tuple[LayerTrace, ...]
    logits: np.ndarray
    probabilities: np.ndarray

    def __post_init__(self) -> None:
        for array in (self.image, self.logits, self.probabilities):
            array.setflags(write=False)

    def position(self, path: str) -> int:
        """The place of the layer called `path`, counted from 0.

        Raises: KeyError, naming the layers that there are.
        """
        paths = [layer.spec.path for layer in self.layers]
        check_one_of("layer", path, paths, KeyError)
        return paths.index(path)


class TraceError(ValueError):
    """The network cannot be traced with this image; the message says which layer refused, and why."""


class Tracer:
    """A network made ready to be traced again and again: what does not change is read once.

    Keeps the weights as they are at construction: make a new tracer after a training step.
    A model in training mode is copied first, so that it stays as it is.
    `twin`: a tracer of a network that shares layers with this one; what it has read of these is not read again.
    """

    def __init__(self, model: nn.Sequential, network: str = "", twin: Tracer | None = None) -> None:
        model = copy.deepcopy(model).eval() if model.training else model
        known = {(layer.spec.path, layer.module): layer for layer in twin._layers} if twin else {}
        self.network = network
        self._layers: list[_Layer] = [
            known.get((path, module)) or _read(path, module) for path, module in sequential_layers(model)
        ]
        self._like = next(model.parameters(), torch.empty(0))

    def __call__(self, image: np.ndarray, begun: Trace | None = None) -> Trace:
        """Run once on `image`, a float array (channels, rows, cols).

        `begun`: what the `twin` made of the same image; up to the first layer that is not shared it is taken over.
        Raises: TraceError when a layer refuses its input, or what has begun is of another image.
        """
        if begun is not None and not np.array_equal(image, begun.image, equal_nan=True):
            raise TraceError(_("image must be that of the trace that goes on, got another: trace it from the start"))
        with torch.inference_mode():
            return self._run(image, begun.layers[: self._shared(begun)] if begun else ())

    def _shared(self, begun: Trace) -> int:
        """How many layers at the front are the very layers of `begun`; a spec is read once a layer."""
        pairs = zip(self._layers, begun.layers, strict=True)
        return next((at for at, (mine, theirs) in enumerate(pairs) if mine.spec is not theirs.spec), len(self._layers))

    def _run(self, image: np.ndarray, begun: tuple[LayerTrace, ...]) -> Trace:
        start = begun[-1].output if begun else image
        value = torch.tensor(start, dtype=self._like.dtype, device=self._like.device)[None]  # (1, c, h, w)
        before = begun[-1].output if begun else _array(value)[0]
        layers = list(begun)
        for layer in self._layers[len(begun) :]:
            value = _apply(layer, value)
            after = _array(value)[0]
            layers.append(LayerTrace(layer.spec, before, after, **layer.arrays))
            before = after
        logits = value[0].flatten()
        probabilities = functional.softmax(logits, dim=0)
        return Trace(self.network, layers[0].input, tuple(layers), _array(logits), _array(probabilities))


def trace(model: nn.Sequential, image: np.ndarray, network: str = "") -> Trace:
    """Run `model` in evaluation mode on one image (channels, rows, cols) and record every layer.

    image: floats; they become the type of the model's weights. network: a name for the record.
    Raises: TraceError when the model is not a row of layers, or a layer refuses its input.

    >>> import numpy as np
    >>> from cnnviz.models.zoo import find_recipe
    >>> from cnnviz.core.trace import trace
    >>> trace(find_recipe("mnist").build(), np.zeros((1, 28, 28), np.float32)).logits.shape
    (10,)
    """
    return Tracer(model, network)(image)


def channel_sums(layer: LayerTrace, unit: int) -> np.ndarray:
    """What each input channel adds to one output map or score, before the sum over channels and the bias.

    A convolution, transposed ones and every padding mode included, gives (in / groups, rows, cols); its sum over the
    first axis plus the bias is the output map `unit`. A fully connected layer gives the products weight × input, (in,).
    Raises: TraceError for a layer that sums nothing, IndexError for a unit that it does not have.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.trace import channel_sums, trace
    >>> layer = trace(nn.Sequential(nn.Conv2d(3, 8, 3)), np.zeros((3, 9, 9), np.float32)).layers[0]
    >>> channel_sums(layer, 0).shape
    (3, 7, 7)
    """
    if layer.weight is None or layer.spec.kind not in (Kind.CONVOLUTION, Kind.LINEAR):
        raise TraceError(_("{path} has no sum over channels: choose a layer with weights", path=layer.spec.path))
    count = len(layer.weight if layer.spec.kind is Kind.LINEAR else layer.output)
    if not 0 <= unit < count:
        raise IndexError(_("unit must be below {count}, got {unit}", count=count, unit=unit))
    if layer.spec.kind is Kind.LINEAR:
        return layer.weight[unit] * layer.input
    return _convolve_each_channel(layer, unit, layer.weight)


_PADDINGS = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}  # torch's


def _convolve_each_channel(layer: LayerTrace, unit: int, weight: np.ndarray) -> np.ndarray:
    groups = layer.spec.groups
    width, units = len(layer.input) // groups, len(layer.output) // groups
    first = unit // units * width  # the group of inputs that this unit reads
    maps = torch.tensor(layer.input[first : first + width])[None]  # (1, width, h, w)
    if layer.spec.is_transposed:
        kernels = torch.tensor(weight[first : first + width, unit % units])[:, None]  # (width, 1, k, k)
        return _array(_spread(layer, maps, kernels)[0])
    kernels = torch.tensor(weight[unit])[:, None]
    maps = functional.pad(maps, _padding_around(layer), mode=_PADDINGS[layer.spec.padding_mode])
    sums = functional.conv2d(maps, kernels, stride=layer.spec.stride, dilation=layer.spec.dilation, groups=width)
    return _array(sums[0])


def _spread(layer: LayerTrace, maps: torch.Tensor, kernels: torch.Tensor) -> torch.Tensor:
    """Each channel's transposed convolution; the output padding is what makes the output size come out."""
    spec = layer.spec
    sizes = zip(layer.input.shape[1:], spec.kernel, spec.stride, spec.padding, spec.dilation, strict=True)
    rows, cols = (out - transposed_size(*window) for out, window in zip(layer.output.shape[1:], sizes, strict=True))
    return functional.conv_transpose2d(
        maps, kernels, stride=spec.stride, padding=spec.padding, output_padding=(rows, cols), groups=maps.shape[1],
        dilation=spec.dilation,
    )  # fmt: skip


def _padding_around(layer: LayerTrace) -> tuple[int, int, int, int]:
    """(left, right, top, bottom): what lies before is the spec's, what lies after makes the output size come out.

    Rows and columns that the stride leaves unread are fewer than a stride: they may stay.
    """
    spec = layer.spec
    rows, cols = (
        max((out - 1) * s + span(k, d) - size - p, 0)
        for out, s, d, k, size, p in zip(
            layer.output.shape[1:], spec.stride, spec.dilation, spec.kernel, layer.input.shape[1:], spec.padding,
            strict=True,
        )
    )  # fmt: skip
    return spec.padding[1], cols, spec.padding[0], rows


def sequential_layers(model: nn.Module, prefix: str = "") -> Iterator[tuple[str, nn.Module]]:
    """The layers of nested `nn.Sequential`s with their paths, in the order in which they run.

    prefix: what stands before every path.
    Raises: TraceError for another network.

    >>> from torch import nn
    >>> from cnnviz.core.trace import sequential_layers
    >>> model = nn.Sequential(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), nn.Flatten())
    >>> [path for path, _module in sequential_layers(model)]
    ['0.0', '0.1', '1']
    """
    if not isinstance(model, nn.Sequential):
        raise TraceError(
            _("network must be an nn.Sequential, got {type}: give its layers in a row", type=type(model).__name__)
        )
    for name, module in model._modules.items():  # named_children leaves out a layer that stands there twice
        if module is None:
            continue
        path = f"{prefix}{name}"
        if isinstance(module, nn.Sequential):
            yield from sequential_layers(module, f"{path}.")
        else:
            yield path, module


@dataclass(frozen=True, eq=False)
class _Layer:
    """What stays the same from run to run."""

    module: nn.Module
    spec: LayerSpec
    arrays: dict[str, np.ndarray | None]  # as `LayerTrace` calls them
    works_in_place: bool


_NAMES = {"weight": "weight", "bias": "bias", "mean": "running_mean", "variance": "running_var"}


def _read(path: str, module: nn.Module) -> _Layer:
    tensors = {ours: getattr(module, name, None) for ours, name in _NAMES.items()}
    return _Layer(
        module,
        describe(path, module),
        arrays={
            name: _array(tensor.detach().clone()) if isinstance(tensor, torch.Tensor) else None
            for name, tensor in tensors.items()
        },
        works_in_place=getattr(module, "inplace", False),
    )


def _apply(layer: _Layer, value: torch.Tensor) -> torch.Tensor:
    """The layer's output; a layer that works in place gets a copy, so that the record of its input stays true."""
    try:
        return layer.module(value.clone() if layer.works_in_place else value)
    except (RuntimeError, ValueError) as error:
        shape = sides(value.shape[1:])
        raise TraceError(
            _("layer {path} refused its input of shape {shape}: {reason}",
              path=layer.spec.path, shape=shape, reason=error)
        ) from error  # fmt: skip


def _array(value: torch.Tensor) -> np.ndarray:
    return value.numpy() if value.is_cpu else value.cpu().numpy()
