"""A setup carried out by PyTorch: a network of one layer, traced as any other, so that every cell can be explained.

Refuses to know: pages, and how a result is drawn.
"""

from __future__ import annotations

import warnings
from functools import lru_cache

import numpy as np
import torch
from torch import nn
from torch.nn.utils import skip_init

from cnnviz.conv_lab.settings import LabSetup, Operation, Pair
from cnnviz.core.geometry import Axis
from cnnviz.core.kernels import flip
from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.layers import LayerSpec
from cnnviz.core.trace import trace
from cnnviz.models.zoo import build_sequential

LAYER = "result"


def run_setup(setup: LabSetup) -> Trace:
    """The forward pass of `setup` on its picture; its one layer is called "result".

    >>> import numpy as np
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.run import run_setup
    >>> from cnnviz.conv_lab.settings import LabSetup
    >>> setup = LabSetup(picture=find_image("nine"), kernel=np.array([[[[0, 1], [2, 3]]]]))
    >>> run_setup(setup).layers[0].output.tolist()
    [[[19.0, 25.0], [37.0, 43.0]]]
    """
    return trace(lab_network(setup), setup.picture.values, "laboratory")


def lab_result(setup: LabSetup) -> LayerTrace:
    """What the one layer did."""
    return run_setup(setup).layers[0]


def axes_of(layer: LayerTrace) -> tuple[Axis, Axis]:
    """Which cells of the picture each cell of the result reads, on rows and columns."""
    (_in, *before), (_out, *after) = layer.input.shape, layer.output.shape
    return _axes(layer.spec, (before[0], before[1]), (after[0], after[1]))


@lru_cache(maxsize=64)  # the same while a weight moves
def _axes(spec: LayerSpec, before: Pair, after: Pair) -> tuple[Axis, Axis]:
    axes = spec.axes(before, after)
    assert axes is not None  # the laboratory's operations are windows over maps
    return axes


def lab_network(setup: LabSetup) -> nn.Sequential:
    """`setup` as an `nn.Sequential` of one layer, in evaluation mode. No random number is drawn."""
    return build_sequential(**{LAYER: _module(setup)}).eval()


def _module(setup: LabSetup) -> nn.Module:
    if setup.operation is Operation.GLOBAL_MAX:
        return nn.AdaptiveMaxPool2d(1)
    if setup.operation is Operation.GLOBAL_AVERAGE:
        return nn.AdaptiveAvgPool2d(1)
    if setup.operation is Operation.MAX:
        return nn.MaxPool2d(setup.size, setup.stride, setup.padding, setup.dilation)
    if setup.operation is Operation.AVERAGE:
        return nn.AvgPool2d(setup.size, setup.stride, setup.padding)
    return _with_weights(setup)


@lru_cache(maxsize=1)
def _hear_the_warning_once() -> None:
    """PyTorch says once a process that "same" padding of an even kernel costs a copy: nobody here needs to know."""
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        skip_init(nn.Conv2d, 1, 1, 2, padding="same")(torch.zeros(1, 1, 2, 2))


def _with_weights(setup: LabSetup) -> nn.Module:
    if setup.is_same:
        _hear_the_warning_once()
    is_transposed = setup.operation is Operation.TRANSPOSED
    rest = {"output_padding": setup.output_padding} if is_transposed else {"padding_mode": setup.padding_mode.value}
    module = skip_init(
        nn.ConvTranspose2d if is_transposed else nn.Conv2d, *setup.channels, setup.size, stride=setup.stride,
        padding="same" if setup.is_same else setup.padding, dilation=setup.dilation, groups=setup.groups,
        bias=setup.bias is not None, **rest,
    )  # fmt: skip
    with torch.no_grad():
        module.weight.copy_(torch.tensor(torch_weight(setup)))
        if setup.bias is not None:
            module.bias.copy_(torch.tensor(setup.bias))
    return module


def torch_weight(setup: LabSetup) -> np.ndarray:
    """The kernel as PyTorch wants it: turned by half where that is asked for.

    (out, in / groups, rows, cols), for a transposed convolution (in, out / groups, rows, cols).
    """
    kernel = flip(setup.kernel) if setup.is_flipped else setup.kernel
    if setup.operation is not Operation.TRANSPOSED:
        return np.ascontiguousarray(kernel)
    out, width, rows, cols = kernel.shape
    grouped = kernel.reshape(setup.groups, out // setup.groups, width, rows, cols)
    return np.ascontiguousarray(grouped.swapaxes(1, 2).reshape(setup.groups * width, out // setup.groups, rows, cols))


def random_weights(shape: tuple[int, int, int, int], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias as `nn.Conv2d` starts with after `torch.manual_seed(seed)`, (out, in, rows, cols) and (out,).

    shape: that of the kernel. Both are float32; the caller's random numbers stay as they were.

    >>> import torch
    >>> from torch import nn
    >>> from cnnviz.conv_lab.run import random_weights
    >>> _seeded = torch.manual_seed(0)
    >>> first = nn.Conv2d(3, 16, 3).weight.detach().numpy()
    >>> bool((random_weights((16, 3, 3, 3), seed=0)[0] == first).all())
    True
    """
    out, width, rows, cols = shape
    with torch.random.fork_rng(devices=[]):  # the caller's random numbers stay as they were
        torch.manual_seed(seed)
        fresh = nn.Conv2d(width, out, (rows, cols)).state_dict()
    return fresh["weight"].numpy().copy(), fresh["bias"].numpy().copy()


def linear_difference(setup: LabSetup) -> float | None:
    """How far a 1×1 convolution is from the same fully connected layer at each pixel: the largest difference.

    None where the setup is no plain 1×1 convolution over all channels.
    """
    is_plain = setup.stride == (1, 1) and setup.output == setup.picture.size and setup.groups == 1
    if setup.operation is not Operation.CONVOLUTION or setup.size != (1, 1) or not is_plain:
        return None
    weight = torch.tensor(setup.kernel[:, :, 0, 0])
    bias = None if setup.bias is None else torch.tensor(setup.bias)
    pixels = torch.tensor(setup.picture.values).flatten(1).T  # (cells, in)
    linear = nn.functional.linear(pixels, weight, bias).T.reshape(len(weight), *setup.output)
    return float(np.abs(linear.numpy() - lab_result(setup).output).max())
