"""The walk through one training step alone, on other networks: `?which=odd`, `dead`, `broken` or `graph`."""

import math

import numpy as np
import streamlit as st
import torch
from torch import nn

from cnnviz.core.training_step import OptimiserMethod, OptimiserSettings, trace_training_step
from cnnviz.ui.mount.training_step import mount_training_step
from cnnviz.web.training_step import training_step_packet


class Dead(nn.Module):
    """Lets nothing back."""

    def forward(self, value: torch.Tensor) -> torch.Tensor:
        """The same values, cut off."""
        return value.detach() * 1


def odd(middle: nn.Module) -> nn.Sequential:
    """Colour input, groups, stride, a padding mode, batch norm, a transposed convolution, two linear layers."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, stride=2, padding=1, padding_mode="reflect", groups=3),
        nn.BatchNorm2d(6),
        nn.SiLU(),
        middle,
        nn.AvgPool2d(2),
        nn.ConvTranspose2d(6, 4, 3, stride=2, groups=2),
        nn.Dropout2d(),
        nn.Flatten(),
        nn.Linear(4 * 9 * 9, 8),
        nn.Tanh(),
        nn.Linear(8, 3),
    )


class Branched(nn.Module):
    """A shortcut, a join, one convolution called twice, a fully connected layer on maps, probabilities at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.pool = nn.AdaptiveAvgPool2d(4)
        self.embed = nn.Linear(8, 6)
        self.norm = nn.LayerNorm(6)
        self.fc = nn.Linear(6, 3)

    def forward(self, value: torch.Tensor) -> torch.Tensor:
        """The probabilities of three classes."""
        one = torch.relu(self.stem(value))
        two = torch.relu(self.conv(one) + one)
        both = torch.cat([self.conv(two), two * torch.sigmoid(two.mean((2, 3), keepdim=True))], dim=1)
        tokens = self.norm(self.embed(self.pool(both).flatten(2).transpose(1, 2)))
        return torch.softmax(self.fc(tokens.mean(1)), dim=1)


which = st.query_params.get("which", "odd")
model = odd(Dead() if which == "dead" else nn.Identity())
if which == "graph":
    torch.manual_seed(1)
    model = Branched()
if which == "broken":
    with torch.no_grad():
        model[5].weight[0, 0, 0, 0] = math.inf
picture = np.random.default_rng(0).random((3, 16, 16), dtype=np.float32)
st.set_page_config(layout="wide")
made = trace_training_step(model, picture, 1, OptimiserSettings(OptimiserMethod.ADAM, rate=0.01), step=2)
mount_training_step(training_step_packet(made, ("a", "b", "c")), key="motion")
