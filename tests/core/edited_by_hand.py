"""The trained network copied and changed in place, by hand: what edits are held against."""

import copy
import hashlib
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from cnnviz.core.edits import Edit, EditKind, Edits, apply_edits, editable_layers
from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import Tracer
from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import find_sample
from cnnviz.models import checkpoints

MODEL, _MANIFEST = checkpoints.load("mnist")
IMAGE = preprocess(find_sample("three").sketch).image
ANATOMY = editable_layers(MODEL)
KERNEL = tuple(np.linspace(-1, 1, 25).astype(np.float32).tolist())


def operated(*edits: Edit, model: nn.Sequential = MODEL) -> Trace:
    return Tracer(apply_edits(model, Edits(edits)))(IMAGE)


def changed(*changes: Callable[[nn.Sequential], None], model: nn.Sequential = MODEL) -> Trace:
    """The oracle: a deep copy, changed in place."""
    twin = copy.deepcopy(model)
    with torch.no_grad():
        for change in changes:
            change(twin)
    return Tracer(twin)(IMAGE)


def assert_same(one: Trace, other: Trace):
    for mine, wanted in zip(one.layers, other.layers, strict=True):
        assert mine.spec.path == wanted.spec.path
        np.testing.assert_allclose(mine.output, wanted.output, atol=1e-6)
    np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-6)


def set_kernel(layer: str, out: int, into: int, values: object) -> Callable[[nn.Sequential], None]:
    def change(model: nn.Sequential) -> None:
        weight = model.get_submodule(layer).weight
        weight[out, into] = torch.as_tensor(values, dtype=torch.float32).reshape(weight[out, into].shape)

    return change


def take_out(layer: str) -> Callable[[nn.Sequential], None]:
    return lambda model: model.set_submodule(layer, nn.Identity())


def average(layer: str) -> Callable[[nn.Sequential], None]:
    return lambda model: model.set_submodule(layer, nn.AvgPool2d(2))


def off(layer: str, out: int) -> Callable[[nn.Sequential], None]:
    def change(model: nn.Sequential) -> None:
        model.get_submodule(layer).weight[out].zero_()
        model.get_submodule(layer).bias[out].zero_()

    return change


def bias(layer: str, out: int, value: float) -> Callable[[nn.Sequential], None]:
    def change(model: nn.Sequential) -> None:
        model.get_submodule(layer).bias[out] = value

    return change


def redraw(layer: str, seed: int) -> Callable[[nn.Sequential], None]:
    """PyTorch's own first weights, from PyTorch's own dice."""

    def change(model: nn.Sequential) -> None:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            model.get_submodule(layer).reset_parameters()

    return change


def negate(layer: str, out: int, into: int) -> Callable[[nn.Sequential], None]:
    def change(model: nn.Sequential) -> None:
        model.get_submodule(layer).weight[out, into].mul_(-1)

    return change


CASES = [
    (Edit(EditKind.SET, "conv1", 3, 0, KERNEL), set_kernel("conv1", 3, 0, KERNEL)),
    (Edit(EditKind.SET, "conv2", 7, 5, KERNEL), set_kernel("conv2", 7, 5, KERNEL)),
    (Edit(EditKind.ZERO, "conv2", 7, 5), set_kernel("conv2", 7, 5, [0.0] * 25)),
    (Edit(EditKind.NEGATE, "conv2", 7, 5), negate("conv2", 7, 5)),
    (Edit(EditKind.BIAS, "conv1", 3, numbers=(0.75,)), bias("conv1", 3, 0.75)),
    (Edit(EditKind.BIAS, "fc", 8, numbers=(-2.5,)), bias("fc", 8, -2.5)),
    (Edit(EditKind.OFF, "conv1", 3), off("conv1", 3)),
    (Edit(EditKind.OFF, "fc", 8), off("fc", 8)),
    (Edit(EditKind.LINEAR, "relu1"), take_out("relu1")),
    (Edit(EditKind.AVERAGE, "pool2"), average("pool2")),
    (Edit(EditKind.REDRAW, "conv1", seed=7), redraw("conv1", 7)),
    (Edit(EditKind.REDRAW, "fc", seed=8), redraw("fc", 8)),
]
NAMES = [edit.text[:16] for edit, _change in CASES]


def fingerprint(model: nn.Module) -> tuple:
    """All parameters to the byte, who they are, whether they ask for gradients, modes and hooks."""
    return tuple(
        (name, id(module), module.training, len(module._forward_hooks), len(module._forward_pre_hooks),
         [(key, id(p), p.requires_grad, p.grad is None, p._version, hashlib.sha256(p.detach().numpy()).hexdigest())
          for key, p in module._parameters.items() if p is not None])
        for name, module in model.named_modules()
    )  # fmt: skip
