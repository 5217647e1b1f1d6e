"""Which activations the explainer knows, asked of PyTorch's own list."""

from __future__ import annotations

from torch import nn
from torch.nn.modules import activation

from cnnviz.core.layers import Kind
from cnnviz.core.ops import describe

# Explained in Python, and not yet walked in the browser. Each that gets a curve and a formula there leaves this list.
NOT_WALKED: set[str] = set()


def known_activations() -> set[str]:
    """The types of PyTorch's activations that `cnnviz.core.ops` has registered."""
    made = [nn.Identity(), *(one for name in activation.__all__ if (one := _plain(getattr(nn, name))) is not None)]
    return {type(one).__name__ for one in made if describe("one", one).kind is Kind.ACTIVATION}


def _plain(module_type: type[nn.Module]) -> nn.Module | None:
    """None for what needs numbers to be made."""
    try:
        return module_type()
    except TypeError:
        return None
