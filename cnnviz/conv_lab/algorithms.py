"""One convolution computed in three ways, with equal results, and how long each takes for kernels of growing size.

Sliding window: weight by weight, the picture shifted by its place and added up. Matrix product (im2col): every window
laid in a column, one product with the kernels as rows. Fourier: a product of spectra is a convolution.
Refuses to know: pages; a time is this machine's, now.
Sources: K. Chellapilla, S. Puri, P. Simard, "High performance convolutional neural networks for document processing"
(2006) for the matrix product; M. Mathieu, M. Henaff, Y. LeCun, "Fast training of convolutional networks through FFTs"
(2014).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cnnviz.conv_lab.run import torch_weight
from cnnviz.conv_lab.settings import LabSetup, Operation, PaddingMode
from cnnviz.core.geometry import span
from cnnviz.i18n import _

Pair = tuple[int, int]
SIZES = (1, 3, 5, 7, 9, 11, 15, 21, 31, 41)  # of the kernels that are timed
SIDE = 128  # of the picture that they are timed on
BUDGET_S = 1.5


class Algorithm(StrEnum):
    """How a convolution is computed."""

    SLIDING = "sliding"
    MATRIX = "matrix"
    FOURIER = "fourier"


class AlgorithmError(ValueError):
    """There is no such way for this setup; the message says why."""


@dataclass(frozen=True)
class Window2d:
    """What a way must know beside picture and weights."""

    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)
    groups: int = 1


def convolve(setup: LabSetup, way: Algorithm) -> np.ndarray:
    """The result of `setup` computed in one way, (out, rows, cols); PyTorch's own convolution is not used.

    Raises: AlgorithmError for anything but a convolution.

    >>> import numpy as np
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.settings import LabSetup
    >>> from cnnviz.conv_lab.algorithms import Algorithm, convolve
    >>> setup = LabSetup(picture=find_image("nine"), kernel=np.array([[[[0, 1], [2, 3]]]]))
    >>> [convolve(setup, way).tolist() for way in Algorithm]
    [[[[19.0, 25.0], [37.0, 43.0]]], [[[19.0, 25.0], [37.0, 43.0]]], [[[19.0, 25.0], [37.0, 43.0]]]]
    """
    if setup.operation is not Operation.CONVOLUTION:
        raise AlgorithmError(_("the three ways are ways to compute a convolution, got {got}: choose a convolution",
                          got=setup.operation.value))  # fmt: skip
    picture = pad_image(setup)
    window = Window2d(setup.stride, setup.dilation, setup.groups)
    made = WAYS[way](picture, torch.tensor(torch_weight(setup)), window)
    if setup.bias is not None:
        made = made + torch.tensor(setup.bias)[:, None, None]
    return made.numpy()


def pad_image(setup: LabSetup) -> Tensor:
    """The picture with its border, (channels, rows, cols)."""
    (top, bottom), (left, right) = setup.around
    mode = "constant" if setup.padding_mode is PaddingMode.ZEROS else setup.padding_mode.value
    return functional.pad(torch.tensor(setup.picture.values)[None], (left, right, top, bottom), mode=mode)[0]


def convolve_by_sliding(picture: Tensor, weight: Tensor, window: Window2d) -> Tensor:
    """Weight by weight: what each adds to all cells at once. (c, h, w), (out, c / groups, kh, kw) → (out, h', w')."""
    rows, cols = _output_size(picture, weight, window)
    (down, across), (dy, dx) = window.stride, window.dilation
    grouped = picture.reshape(window.groups, -1, *picture.shape[1:])  # (g, c / g, h, w)
    kernels = weight.reshape(window.groups, -1, *weight.shape[1:])  # (g, out / g, c / g, kh, kw)
    total = torch.zeros(window.groups, kernels.shape[1], rows, cols)
    for row in range(weight.shape[2]):
        for col in range(weight.shape[3]):
            top, left = row * dy, col * dx
            below, right = top + (rows - 1) * down + 1, left + (cols - 1) * across + 1
            shifted = grouped[:, :, top:below:down, left:right:across]
            total += torch.einsum("goc,gchw->gohw", kernels[:, :, :, row, col], shifted)
    return total.reshape(len(weight), rows, cols)


def convolve_by_matrix(picture: Tensor, weight: Tensor, window: Window2d) -> Tensor:
    """Every window as a column, the kernels as rows, one matrix product for each group."""
    rows, cols = _output_size(picture, weight, window)
    columns = functional.unfold(picture[None], weight.shape[2:], window.dilation, stride=window.stride)[0]
    columns = columns.reshape(window.groups, -1, rows * cols)  # (g, c / g · kh · kw, cells)
    lines = weight.reshape(window.groups, len(weight) // window.groups, -1)  # (g, out / g, c / g · kh · kw)
    return (lines @ columns).reshape(len(weight), rows, cols)


def convolve_by_fft(picture: Tensor, weight: Tensor, window: Window2d) -> Tensor:
    """Spectra multiplied, the kernel's conjugate for a cross-correlation; then what the stride skips is left out."""
    rows, cols = _output_size(picture, weight, window)
    size = picture.shape[1:]
    spread = _spread(weight, window.dilation)
    spectrum = torch.fft.rfft2(picture).reshape(window.groups, 1, -1, size[0], size[1] // 2 + 1)
    kernels = torch.fft.rfft2(spread, s=size).reshape(window.groups, -1, weight.shape[1], size[0], size[1] // 2 + 1)
    made = torch.fft.irfft2((spectrum * kernels.conj()).sum(2), s=size).reshape(len(weight), *size)
    down, across = window.stride
    return made[:, : (rows - 1) * down + 1 : down, : (cols - 1) * across + 1 : across].contiguous()


WAYS: dict[Algorithm, Callable[[Tensor, Tensor, Window2d], Tensor]] = {
    Algorithm.SLIDING: convolve_by_sliding, Algorithm.MATRIX: convolve_by_matrix, Algorithm.FOURIER: convolve_by_fft,
}  # fmt: skip


def _output_size(picture: Tensor, weight: Tensor, window: Window2d) -> Pair:
    axes = zip(picture.shape[1:], weight.shape[2:], window.stride, window.dilation, strict=True)
    rows, cols = ((n - span(k, d)) // s + 1 for n, k, s, d in axes)
    return rows, cols


def _spread(weight: Tensor, dilation: Pair) -> Tensor:
    """A dilated kernel written out, with zeros between its weights."""
    out, width, rows, cols = weight.shape
    made = torch.zeros(out, width, span(rows, dilation[0]), span(cols, dilation[1]))
    made[:, :, :: dilation[0], :: dilation[1]] = weight
    return made


@dataclass(frozen=True)
class Timing:
    """The median time of one way for one kernel size, in milliseconds, and how often it was measured."""

    way: Algorithm
    size: int
    milliseconds: float
    rounds: int


def measure_timings(sizes: tuple[int, ...] = SIZES, side: int = SIDE, budget_s: float = BUDGET_S) -> Iterator[Timing]:
    """How long each way takes on a picture of `side`×`side` for square kernels of these sizes; about `budget_s` in all.

    The picture is padded so that the result has its size. Each is measured at least once, and as often as its share of
    the budget allows.
    """
    generator = torch.Generator().manual_seed(0)
    share = budget_s / (len(sizes) * len(WAYS))
    for size in sizes:
        picture = torch.rand(1, side + size - 1, side + size - 1, generator=generator)
        weight = torch.rand(1, 1, size, size, generator=generator)
        for way in Algorithm:
            yield _timing(way, picture, weight, share)


def _timing(way: Algorithm, picture: Tensor, weight: Tensor, share: float) -> Timing:
    WAYS[way](picture, weight, Window2d())  # the first call of a kind plans, and is no measure
    times: list[float] = []
    deadline = time.perf_counter() + share
    while not times or time.perf_counter() < deadline:
        start = time.perf_counter()
        WAYS[way](picture, weight, Window2d())
        times.append(time.perf_counter() - start)
    return Timing(way, weight.shape[-1], 1000 * float(np.median(times)), len(times))
