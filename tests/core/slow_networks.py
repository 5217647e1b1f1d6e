"""A small network in float64 for the tests of slow motion: loops and finite differences are quick on it."""

import numpy as np
import torch
from torch import nn

from cnnviz.core.training_step import OptimiserMethod, OptimiserSettings, StepTrace, trace_training_step
from cnnviz.models.zoo import build_sequential

SGD, ADAM = OptimiserSettings(OptimiserMethod.SGD, rate=0.05), OptimiserSettings(OptimiserMethod.ADAM, rate=0.01)


def small(seed: int = 0) -> nn.Sequential:
    """Two convolutions, a maximum and a mean, float64: small enough for loops and finite differences."""
    torch.manual_seed(seed)
    return build_sequential(
        conv1=nn.Conv2d(2, 3, 3, stride=2, padding=1),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2, stride=1),
        conv2=nn.Conv2d(3, 4, 2, padding=1, padding_mode="replicate"),
        tanh=nn.Tanh(),
        pool2=nn.AvgPool2d(2, padding=1),
        flatten=nn.Flatten(),
        fc=nn.Linear(4 * 3 * 3, 5),
    ).double()


def picture(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(shape)


def moved(seed: int = 0, optimiser: OptimiserSettings = SGD, step: int = 1) -> StepTrace:
    return trace_training_step(small(seed), picture((2, 9, 9), seed), 2, optimiser, step=step)
