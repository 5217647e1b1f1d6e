"""What the laboratory computes, written down once more: loops over cells, taps and channels, in float64."""

from __future__ import annotations

import itertools

import numpy as np

from cnnviz.conv_lab.settings import LabSetup, Operation, PaddingMode


def value_at(values: np.ndarray, row: int, col: int, mode: PaddingMode, nothing: float = 0.0) -> float:
    """What stands at a place, inside the picture or around it."""
    rows, cols = values.shape
    if 0 <= row < rows and 0 <= col < cols:
        return float(values[row, col])
    if mode is PaddingMode.ZEROS:
        return nothing
    return float(values[folded(row, rows, mode), folded(col, cols, mode)])


def folded(place: int, size: int, mode: PaddingMode) -> int:
    if mode is PaddingMode.CIRCULAR:
        return place % size
    if mode is PaddingMode.REPLICATE:
        return 0 if place < 0 else min(place, size - 1)
    while not 0 <= place < size:
        place = -place if place < 0 else 2 * (size - 1) - place
    return place


def naive(setup: LabSetup, *, turns: bool | None = None) -> np.ndarray:
    """The result of `setup`, (out, rows, cols); `turns` the kernel by half, as `setup` says where it is None."""
    if setup.operation is Operation.TRANSPOSED:
        return spread(setup)
    return slid(setup, setup.is_flipped if turns is None else turns)


def slid(setup: LabSetup, turns: bool) -> np.ndarray:
    values = setup.picture.values.astype(np.float64)
    kernel = setup.kernel.astype(np.float64)
    kernel = np.rot90(kernel, 2, axes=(2, 3)) if turns else kernel
    per_group, width = len(kernel) // setup.groups, kernel.shape[1]
    made = np.zeros((len(kernel), *setup.output))
    for unit, row, col in np.ndindex(*made.shape):
        total = 0.0 if setup.bias is None else float(setup.bias[unit])
        for channel, i, j in np.ndindex(*kernel.shape[1:]):
            y = row * setup.stride[0] + i * setup.dilation[0] - setup.around[0][0]
            x = col * setup.stride[1] + j * setup.dilation[1] - setup.around[1][0]
            source = values[unit // per_group * width + channel]
            total += kernel[unit, channel, i, j] * value_at(source, y, x, setup.padding_mode)
        made[unit, row, col] = total
    return made


def spread(setup: LabSetup) -> np.ndarray:
    """A transposed convolution: each cell of the picture lays down a copy of the kernel, times its value."""
    values = setup.picture.values.astype(np.float64)
    kernel = setup.kernel.astype(np.float64)
    kernel = np.rot90(kernel, 2, axes=(2, 3)) if setup.is_flipped else kernel
    per_group, width = len(kernel) // setup.groups, kernel.shape[1]
    made = np.zeros((len(kernel), *setup.output))
    for unit, channel, row, col in itertools.product(range(len(kernel)), range(width), *map(range, setup.picture.size)):
        source = values[unit // per_group * width + channel, row, col]
        for i, j in np.ndindex(*kernel.shape[2:]):
            y = row * setup.stride[0] + i * setup.dilation[0] - setup.padding[0]
            x = col * setup.stride[1] + j * setup.dilation[1] - setup.padding[1]
            if 0 <= y < made.shape[1] and 0 <= x < made.shape[2]:
                made[unit, y, x] += kernel[unit, channel, i, j] * source
    return made if setup.bias is None else made + setup.bias.astype(np.float64)[:, None, None]


def pooled(setup: LabSetup) -> np.ndarray:
    """Max or average pooling; what stands around the picture is −∞ for the one and a 0 that counts for the other."""
    values = setup.picture.values.astype(np.float64)
    is_max = setup.operation is Operation.MAX
    made = np.zeros((len(values), *setup.output))
    for channel, row, col in np.ndindex(*made.shape):
        seen = [
            value_at(
                values[channel],
                row * setup.stride[0] + i * setup.dilation[0] - setup.padding[0],
                col * setup.stride[1] + j * setup.dilation[1] - setup.padding[1],
                PaddingMode.ZEROS,
                -np.inf if is_max else 0.0,
            )
            for i, j in itertools.product(range(setup.size[0]), range(setup.size[1]))
        ]
        made[channel, row, col] = max(seen) if is_max else sum(seen) / len(seen)
    return made
