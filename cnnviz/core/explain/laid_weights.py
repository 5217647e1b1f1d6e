"""The weights of a convolution as its outputs read them, whichever way PyTorch keeps them."""

from __future__ import annotations

import numpy as np

from cnnviz.core.layers import LayerSpec


def weights_by_output(spec: LayerSpec, weight: np.ndarray) -> np.ndarray:
    """Weights as (out, in / groups, *kernel): the `weight` (in, out / groups, *kernel) of a transposed one, turned.

    The weights of every other layer are returned as they are. No kernel is flipped.

    >>> import torch
    >>> from torch import nn
    >>> from cnnviz.core.explain.laid_weights import weights_by_output
    >>> from cnnviz.core.ops import describe
    >>> layer = nn.ConvTranspose1d(4, 6, 3, groups=2)
    >>> layer.weight.shape, weights_by_output(describe("", layer), layer.weight.detach().numpy()).shape
    (torch.Size([4, 3, 3]), (6, 2, 3))
    """
    if not spec.is_transposed:
        return weight
    groups, width = spec.groups, len(weight) // spec.groups
    grouped = weight.reshape(groups, width, *weight.shape[1:])  # (groups, in, out, *kernel), within a group
    return grouped.swapaxes(1, 2).reshape(groups * weight.shape[1], width, *weight.shape[2:])
