"""A network with every kind of layer that can be walked, in unusual settings, and one kind that cannot."""

from __future__ import annotations

import math
import warnings

import numpy as np
import torch
from torch import nn

from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import trace

UNKNOWN = "softplus"
CLASSES = ("a", "b", "c")


def every_layer() -> nn.Sequential:
    """Random float32 weights, the same at every call."""
    torch.manual_seed(0)
    layers = {
        "wide": nn.Conv2d(3, 6, 11, padding=5),
        "leaky": nn.LeakyReLU(0.2),
        "pointwise": nn.Conv2d(6, 8, 1, bias=False),
        "hardswish": nn.Hardswish(),
        "tanh": nn.Tanh(),
        "depthwise": nn.Conv2d(8, 16, 3, padding=1, groups=8),
        "mish": nn.Mish(),
        "sigmoid": nn.Sigmoid(),
        "same": nn.Conv2d(16, 6, (2, 4), padding="same"),
        "elu": nn.ELU(0.7),
        "gelu": nn.GELU(),
        "reflect": nn.Conv2d(6, 6, 3, padding=2, padding_mode="reflect"),
        "celu": nn.CELU(0.8),
        "gelu_tanh": nn.GELU("tanh"),
        "replicate": nn.Conv2d(6, 6, (3, 2), (1, 2), (1, 2), dilation=(2, 3), padding_mode="replicate"),
        "selu": nn.SELU(),
        "silu": nn.SiLU(),
        "hardtanh": nn.Hardtanh(-0.6, 0.5),
        "circular": nn.Conv2d(6, 4, 3, padding=1, padding_mode="circular"),
        "prelu": nn.PReLU(4),
        "norm": nn.BatchNorm2d(4),
        "softsign": nn.Softsign(),
        "logsigmoid": nn.LogSigmoid(),
        "transposed": nn.ConvTranspose2d(4, 6, 3, 2, padding=1, output_padding=1, groups=2),
        "largest": nn.MaxPool2d(3, 2, padding=1, dilation=2, ceil_mode=True),
        "mean": nn.AvgPool2d(3, 2, padding=1, ceil_mode=True, count_include_pad=False),
        "smooth": nn.Softplus(2, 3),
        "mean_padded": nn.AvgPool2d((2, 3), 1, padding=(0, 1)),
        "hardsigmoid": nn.Hardsigmoid(),
        "divided": nn.AvgPool2d(2, 1, divisor_override=3),
        "adaptive": nn.AdaptiveAvgPool2d((3, 4)),
        "relu6": nn.ReLU6(),
        "dropout": nn.Dropout(0.3),
        UNKNOWN: nn.Threshold(0.0, 0.0),
        "flatten": nn.Flatten(),
        "hidden": nn.Linear(6 * 3 * 4, 7),
        "bend": nn.ReLU(),
        "score": nn.Linear(7, 3),
    }
    model = nn.Sequential()
    for name, layer in layers.items():
        model.add_module(name, layer)
    model.norm.running_mean, model.norm.running_var = torch.randn(4), torch.rand(4) + 0.2
    model.norm.weight.data, model.norm.bias.data = torch.randn(4), torch.randn(4)
    model.prelu.weight.data = torch.tensor([0.25, -0.5, 0.125, 1.5])
    return model.eval()


def broken() -> nn.Sequential:
    """One weight of the depthwise convolution is no number, as after a training run that went astray."""
    model = every_layer()
    model.depthwise.weight.data[5, 0, 1, 1] = math.nan
    return model


def picture() -> np.ndarray:
    return np.random.default_rng(0).random((3, 22, 19), dtype=np.float32)


def traced(model: nn.Sequential) -> Trace:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Using padding='same' with even kernel")  # what is tested here
        return trace(model, picture(), "every")
