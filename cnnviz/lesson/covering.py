"""A fully connected layer is a convolution whose kernel covers its whole input: the large example, computed both ways.

5 maps of 3×3 and 4096 units: 4096 kernels of 5×3×3, one place for each to stand, 4096 numbers.
Refuses to know: the lesson's own votes (`run` computes them both ways).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch.nn import functional

MAPS, SIDE, UNITS = 5, 3, 4096
SEED = 0


@dataclass(frozen=True)
class DenseAsConvolution:
    """The shapes that PyTorch reports, and by how much the two ways differ at most.

    >>> from cnnviz.lesson import dense_as_convolution
    >>> found = dense_as_convolution()
    >>> found.linear_output, found.output, found.difference < 1e-4
    ((1, 4096), (4096, 1, 1), True)
    """

    input: tuple[int, ...]
    column: tuple[int, ...]
    linear_weight: tuple[int, ...]
    linear_output: tuple[int, ...]
    kernel: tuple[int, ...]
    output: tuple[int, ...]
    difference: float


@lru_cache(maxsize=1)
def dense_as_convolution() -> DenseAsConvolution:
    """The example with random numbers (a seed of its own; nobody else's random numbers change).

    >>> from cnnviz.lesson.covering import dense_as_convolution
    >>> dense_as_convolution().kernel
    (4096, 5, 3, 3)
    """
    generator = torch.Generator().manual_seed(SEED)
    maps = torch.randn(1, MAPS, SIDE, SIDE, generator=generator)  # (1, 5, 3, 3)
    weight = torch.randn(UNITS, MAPS * SIDE * SIDE, generator=generator)  # (4096, 45)
    column = maps.flatten(1)  # (1, 45)
    kernels = weight.reshape(UNITS, MAPS, SIDE, SIDE)
    dense, convolved = functional.linear(column, weight), functional.conv2d(maps, kernels)
    return DenseAsConvolution(
        input=tuple(maps.shape[1:]),
        column=tuple(column.shape),
        linear_weight=tuple(weight.shape),
        linear_output=tuple(dense.shape),
        kernel=tuple(kernels.shape),
        output=tuple(convolved.shape[1:]),
        difference=float((dense.flatten() - convolved.flatten()).abs().max()),
    )
