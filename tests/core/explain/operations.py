"""Networks whose last layer is one of every operation that a graph can hold, and what their records list."""

from __future__ import annotations

import copy
import itertools

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torchvision.ops import StochasticDepth

from cnnviz.core.explain import AddCell, Cell, MovedCell, ProductCell, WeightedCell
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.core.trace import trace
from cnnviz.core.units import UnitRef
from tests.core.function_network import Call

SHAPE = (4, 5, 6)


def image(shape: tuple[int, ...] = SHAPE, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def of(function, **modules: nn.Module) -> Call:
    torch.manual_seed(0)
    return Call(lambda self, x: function(x), **modules).double().eval()


def learned(*modules: nn.Module) -> nn.Sequential:
    """Layers whose parameters and running estimates are none of those that they begin with."""
    torch.manual_seed(1)
    model = nn.Sequential(*modules).double()
    for tensor in itertools.chain(model.parameters(), model.buffers()):
        if tensor.is_floating_point():
            tensor.data.uniform_(0.2, 1.5)
    return model.eval()


# Each: the network, and the kind of its last layer.
NETWORKS = {
    "sum of two branches": (of(lambda x: x + torch.flip(x, [3])), Kind.ADD),
    "in place, with a factor": (of(lambda x: torch.tanh(x).add_(x, alpha=0.5)), Kind.ADD),
    "difference": (of(lambda x: x - torch.sigmoid(x)), Kind.ADD),
    "sum with a number": (of(lambda x: 2.5 + x), Kind.ADD),
    "product with one number a map": (of(lambda x: x * x.mean((2, 3), keepdim=True)), Kind.MULTIPLY),
    "product with itself": (of(lambda x: x * x), Kind.MULTIPLY),
    "quotient": (of(lambda x: x / (1 + torch.exp(x))), Kind.MULTIPLY),
    "channels joined": (of(lambda x: torch.cat([x, torch.relu(x)], dim=1)), Kind.CONCAT),
    "rows joined": (of(lambda x: torch.cat([x, x], 2)), Kind.CONCAT),
    "mean of each map": (of(lambda x: x.mean((2, 3))), Kind.REDUCTION),
    "mean over channels": (of(lambda x: x.mean(1, keepdim=True)), Kind.REDUCTION),
    "largest of each row": (of(lambda x: torch.amax(x, dim=-1)), Kind.REDUCTION),
    "smallest of all": (of(lambda x: x.amin((1, 2, 3))), Kind.REDUCTION),
    "sum along columns": (of(lambda x: torch.sum(x, 2)), Kind.REDUCTION),
    "mean of two halves": (of(lambda x: x.view(1, 2, 2, 5, 6).mean(1)), Kind.REDUCTION),
    "sum of neighbours": (of(lambda x: x.view(1, 2, 2, 5, 6).sum(2)), Kind.REDUCTION),
    "mean of each half": (of(lambda x: x.view(1, 2, 2, 5, 6).mean((2, 3, 4))), Kind.REDUCTION),
    "largest of two halves": (of(lambda x: x.view(1, 2, 2, 5, 6).amax(1)), Kind.REDUCTION),
    "softmax over two halves": (of(lambda x: x.view(1, 2, 2, 5, 6).softmax(1)), Kind.SOFTMAX),
    "softmax over neighbours": (of(lambda x: x.view(1, 2, 2, 5, 6).softmax(2)), Kind.SOFTMAX),
    "softmax over rows of two halves": (of(lambda x: x.view(1, 2, 2, 5, 6).softmax(-2)), Kind.SOFTMAX),
    "softmax over channels": (nn.Sequential(nn.Softmax(dim=1)), Kind.SOFTMAX),
    "log softmax of a vector": (of(lambda x: functional.log_softmax(x.flatten(1), 1)), Kind.SOFTMAX),
    "axes exchanged": (of(lambda x: x.permute(0, 2, 3, 1)), Kind.REARRANGE),
    "shuffled channels": (
        of(lambda x: x.view(1, 2, 2, 5, 6).transpose(1, 2).reshape(1, 4, 5, 6)), Kind.REARRANGE,
    ),
    "second half": (of(lambda x: x.chunk(2, dim=1)[1]), Kind.REARRANGE),
    "part of a split": (of(lambda x: torch.split(x, [1, 3], 1)[1]), Kind.REARRANGE),
    "a crop": (of(lambda x: x[:, 1:, ::2, 2:]), Kind.REARRANGE),
    "rolled": (of(lambda x: torch.roll(x, 2, dims=3)), Kind.REARRANGE),
    "flattened": (of(lambda x: torch.flatten(x, 1)), Kind.FLATTEN),
    "zeros around": (nn.Sequential(nn.ZeroPad2d((1, 2, 0, 3))), Kind.PADDING),
    "a number around": (of(lambda x: functional.pad(x, (1, 1, 1, 1), value=7.0)), Kind.PADDING),
    "reflected": (nn.Sequential(nn.ReflectionPad2d(2)), Kind.PADDING),
    "twice as large": (nn.Sequential(nn.Upsample(scale_factor=2)), Kind.UPSAMPLING),
    "three times as large, bilinear": (
        of(lambda x: functional.interpolate(x, scale_factor=3, mode="bilinear")), Kind.UPSAMPLING,
    ),
    "to a size, corners aligned": (
        nn.Sequential(nn.Upsample((7, 9), mode="bilinear", align_corners=True)), Kind.UPSAMPLING,
    ),
    "group normalisation": (learned(nn.GroupNorm(2, 4)), Kind.NORMALISATION),
    "instance normalisation": (nn.Sequential(nn.InstanceNorm2d(4)), Kind.NORMALISATION),
    "instance normalisation that tracks": (
        learned(nn.InstanceNorm2d(4, affine=True, track_running_stats=True)), Kind.NORMALISATION,
    ),
    "layer normalisation": (learned(nn.LayerNorm([5, 6])), Kind.NORMALISATION),
    "layer normalisation of all": (learned(nn.LayerNorm([4, 5, 6])), Kind.NORMALISATION),
    "layer normalisation of channels last": (
        Call(lambda self, x: self.n(x.permute(0, 2, 3, 1)), n=learned(nn.LayerNorm(4))), Kind.NORMALISATION,
    ),
    "batch normalisation": (learned(nn.BatchNorm2d(4)), Kind.NORMALISATION),
    "batch normalisation without estimates": (
        nn.Sequential(nn.BatchNorm2d(4, track_running_stats=False)), Kind.NORMALISATION,
    ),
    "batch normalisation that is told to train": (
        of(lambda x: functional.batch_norm(x, None, None, training=True)), Kind.NORMALISATION,
    ),
    "batch normalisation of a vector": (learned(nn.Flatten(), nn.BatchNorm1d(120)), Kind.NORMALISATION),
    "stochastic depth": (nn.Sequential(StochasticDepth(0.5, "row")), Kind.DROPOUT),
    "pooling that also says where": (
        of(lambda x: functional.max_pool2d(x, 2, return_indices=True)[0]), Kind.MAX_POOLING,
    ),
    "depthwise": (learned(nn.Conv2d(4, 8, 3, groups=4, stride=2, dilation=2, padding=2)), Kind.CONVOLUTION),
    "transposed": (learned(nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2, output_padding=1)), Kind.CONVOLUTION),
    "functional convolution": (
        Call(lambda self, x: functional.conv2d(x, self.c.weight, padding="same"), c=nn.Conv2d(4, 3, 3)).double(),
        Kind.CONVOLUTION,
    ),
}  # fmt: skip
ACTIVATIONS = [
    nn.ReLU6(), nn.Hardswish(), nn.Hardsigmoid(), nn.SiLU(), nn.Mish(), nn.ELU(0.7), nn.CELU(0.7), nn.SELU(),
    nn.PReLU(), nn.PReLU(4, 0.1), nn.Hardtanh(-0.3, 0.6), nn.Softplus(2, 3), nn.LogSigmoid(), nn.Softsign(),
    nn.Dropout(), nn.Dropout2d(), nn.AlphaDropout(),
]  # fmt: skip
for made in ACTIVATIONS:
    NETWORKS[str(made)] = nn.Sequential(copy.deepcopy(made).double()), None  # type: ignore[assignment]
for function in (torch.exp, torch.abs, torch.neg, torch.square):
    NETWORKS[function.__name__] = of(lambda x, function=function: function(x)), Kind.ACTIVATION
NETWORKS["clamp"] = of(lambda x: x.clamp(-0.4, 0.9)), Kind.ACTIVATION
NETWORKS["clamped from below"] = of(lambda x: torch.clamp(x, min=-0.1)), Kind.ACTIVATION
NETWORKS["third power"] = of(lambda x: x**3), Kind.ACTIVATION


def last_layer(model: nn.Module, values: np.ndarray) -> LayerTrace:
    return trace(model.double(), values).layers[-1]


def precision(model: nn.Module) -> torch.dtype:
    """A network without parameters is traced in float32."""
    return torch.float32 if next(model.parameters(), None) is None else torch.float64


def units(layer: LayerTrace):
    for place in np.ndindex(layer.output.shape):
        yield UnitRef(layer.spec.path, *place)


def read_by(layer: LayerTrace, cell: Cell) -> np.ndarray:
    """Which cells of the first input the record says are read."""
    mask = np.zeros(layer.inputs[0].shape, dtype=bool)
    if isinstance(cell, AddCell | ProductCell):
        for place, source in zip(cell.cells, layer.sources, strict=True):
            if place is not None and source == layer.sources[0]:
                mask[place] = True
    elif isinstance(cell, MovedCell):
        if cell.input is not None and layer.sources[cell.input] == layer.sources[0]:
            mask[cell.cell] = True
    elif isinstance(cell, WeightedCell):
        mask[tuple(cell.cells[cell.weights != 0].T)] = True
    else:
        raise AssertionError(f"no cells are listed by {type(cell).__name__}")
    return mask


HALVES = ["mean of two halves", "sum of neighbours", "mean of each half"]  # along axes that maps do not have
LISTED = [
    "sum of two branches", "product with itself", "rows joined", "mean of each map", "mean over channels",
    "sum along columns", "axes exchanged", "a crop", "rolled", "zeros around", "reflected", "twice as large",
    "three times as large, bilinear", "to a size, corners aligned", "second half", "shuffled channels",
]  # fmt: skip
