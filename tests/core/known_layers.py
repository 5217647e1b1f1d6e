"""What the explorer knows, asked of PyTorch's own list; and a layer that nobody will ever register."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional
from torch.nn.modules import activation

from cnnviz.core.layers import Kind, describe


class Unregistered(nn.Module):
    """A function of each value that no registry knows, so that a new entry there leaves its tests alone."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.softplus(x)


def known_activations() -> list[nn.Module]:
    """Each activation of PyTorch that `cnnviz.core.layers` has registered, with PyTorch's own settings."""
    made = [nn.Identity(), *(one for name in activation.__all__ if (one := _plain(getattr(nn, name))) is not None)]
    return [one for one in made if describe("one", one).kind is Kind.ACTIVATION]


def _plain(module_type: type[nn.Module]) -> nn.Module | None:
    """None for what needs numbers to be made."""
    try:
        return module_type()
    except TypeError:
        return None


def name_of(module: nn.Module) -> str:
    return type(module).__name__
