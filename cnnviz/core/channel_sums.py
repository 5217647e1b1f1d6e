"""What each input channel adds to one output map or score of a layer that sums.

Refuses to know: single cells (`core.explain`), and how a layer was traced.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from cnnviz.core.geometry import span, transposed_size
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.core.trace import TraceError
from cnnviz.i18n import _


def channel_sums(layer: LayerTrace, unit: int) -> np.ndarray:
    """What each input channel adds to one output map or score, before the sum over channels and the bias.

    A convolution, transposed ones and every padding mode included, gives (in / groups, rows, cols); its sum over the
    first axis plus the bias is the output map `unit`. A fully connected layer gives the products weight × input, (in,).
    Raises: TraceError for a layer that sums nothing, IndexError for a unit that it does not have.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.channel_sums import channel_sums
    >>> from cnnviz.core.trace import trace
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
        return _read_only(_spread(layer, maps, kernels)[0])
    kernels = torch.tensor(weight[unit])[:, None]
    maps = functional.pad(maps, _padding_around(layer), mode=_PADDINGS[layer.spec.padding_mode])
    sums = functional.conv2d(maps, kernels, stride=layer.spec.stride, dilation=layer.spec.dilation, groups=width)
    return _read_only(sums[0])


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


def _read_only(value: torch.Tensor) -> np.ndarray:
    return value.numpy()
