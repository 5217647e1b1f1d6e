"""A small residual network with batch normalisation, squeeze and excitation, and every kind of layer of a branch."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import trace
from tests.browser.branched import Forward, made

CLASSES = ("a", "b", "c")


def forward(m: Forward, x: torch.Tensor) -> torch.Tensor:
    a = m.relu1(m.bn1(m.conv1((x - 0.25) / torch.tensor([0.5, 0.75])[:, None, None])))
    b = m.bn2(m.conv2(a)) + a  # a shortcut
    squeezed = m.gate(m.up(m.relu2(m.down(b.mean((2, 3), keepdim=True)))))
    c = b * squeezed
    half = m.group(c).chunk(2, 1)[1]
    joined = torch.cat([half, m.larger(m.pool(half)), functional.interpolate(m.pool(c), (6, 6), mode="bilinear")], 1)
    d = m.soft(m.pad(m.mix(joined))) - 0.5
    rows = m.layer(d.amax(2))
    tokens = functional.log_softmax(rows.transpose(1, 2), 2)
    return m.fc(torch.flatten(tokens.sum(1), 1))


def every_branch() -> Forward:
    """The same weights at every call."""
    return made(
        forward, conv1=nn.Conv2d(2, 4, 3), bn1=nn.BatchNorm2d(4), relu1=nn.ReLU(inplace=True),
        conv2=nn.Conv2d(4, 4, 3, padding=1, bias=False), bn2=nn.BatchNorm2d(4), down=nn.Conv2d(4, 2, 1),
        relu2=nn.ReLU(inplace=True), up=nn.Conv2d(2, 4, 1), gate=nn.Sigmoid(), group=nn.GroupNorm(2, 4),
        pool=nn.MaxPool2d(2), larger=nn.Upsample(scale_factor=2), mix=nn.Conv2d(8, 3, 1), soft=nn.Softmax(1),
        pad=nn.ZeroPad2d(1), layer=nn.LayerNorm(8), fc=nn.Linear(3, 3),
    )  # fmt: skip


def picture() -> np.ndarray:
    return np.random.default_rng(0).random((2, 8, 8), dtype=np.float32)


def traced() -> Trace:
    return trace(every_branch(), picture(), "branches")
