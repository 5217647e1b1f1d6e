"""What tests of graphs share: a function as a network."""

import torch
from torch import nn


class Call(nn.Module):
    """A function as a network."""

    def __init__(self, function, **modules: nn.Module) -> None:
        super().__init__()
        self.function = function
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(self, x)
