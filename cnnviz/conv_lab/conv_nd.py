"""Convolution along one axis (a sequence) and along three (a volume, a video): small numbers, PyTorch's own layer.

`run_nd(ND_EXAMPLES[0].make())` runs `nn.Conv1d` or `nn.Conv3d` and keeps what it traced, so that every cell of
the result can be explained. Refuses to know: how a number is written, pages.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from cnnviz.checks import refusal, require
from cnnviz.conv_lab.output_sizes import AxisSize, sliding_formula, unread_cells
from cnnviz.core.explain.cell import explain
from cnnviz.core.explain.windows_nd import ConvNdCell, nd_axes
from cnnviz.core.geometry import span
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.trace import trace
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _

LINE, VOLUME = 1, 3  # axes
MOST_CHANNELS = 3
MOST_SIZE = {LINE: 16, VOLUME: 5}  # cells of the input on one axis
MOST_KERNEL = {LINE: 7, VOLUME: 3}
MOST_STRIDE, MOST_PADDING, MOST_DILATION = 4, 2, 3
LARGEST = 999.0  # of a number that is typed
Sizes = tuple[int, ...]


class NdError(ValueError):
    """Numbers or settings that PyTorch would refuse, or that do not fit on the page: one sentence."""


@dataclass(frozen=True, eq=False)
class NdSetup:
    """An input and one kernel that slides along its axes.

    values: (channels, length) or (channels, slices, rows, columns), float32. kernel: the same axes, as many channels.
    stride, padding, dilation: one number for each axis.
    Raises: NdError, one sentence, for what PyTorch would refuse or what does not fit on the page.
    """

    values: np.ndarray
    kernel: np.ndarray
    bias: float = 0.0
    stride: Sizes = (1,)
    padding: Sizes = (0,)
    dilation: Sizes = (1,)

    def __post_init__(self) -> None:
        _must_be_input("input", self.values, MOST_SIZE)
        _must_be_input("kernel", self.kernel, MOST_KERNEL)
        self._must_span_channels()
        self._must_be_bounded()
        for padded, covered in zip(self.padded, map(span, self.kernel.shape[1:], self.dilation), strict=True):
            way = _("make the kernel or the dilation smaller, or the padding larger")
            require(covered <= padded, "kernel", f"at most the padded input ({padded})", covered, way, NdError)

    def _must_span_channels(self) -> None:
        channels = self.values.shape[0]
        if self.kernel.ndim != self.values.ndim or self.kernel.shape[0] != channels:
            way = _("the kernel spans all channels of the input")
            raise refusal("kernel", f"{self.axes}-D with {channels} channels", self.kernel.shape, way, NdError)

    def _must_be_bounded(self) -> None:
        way = _("choose another number")
        require(abs(self.bias) <= LARGEST, "bias", f"−{LARGEST:g} to {LARGEST:g}", self.bias, way, NdError)
        bounds = {"stride": (1, MOST_STRIDE), "padding": (0, MOST_PADDING), "dilation": (1, MOST_DILATION)}
        for name, (least, most) in bounds.items():
            numbers = getattr(self, name)
            holds = len(numbers) == self.axes and all(least <= number <= most for number in numbers)
            require(holds, name, f"{self.axes} × {least} to {most}", list(numbers), way, NdError)

    @property
    def axes(self) -> int:
        """Along how many axes the kernel slides: 1 or 3."""
        return self.values.ndim - 1

    @property
    def padded(self) -> Sizes:
        """The sizes of the input with its padding on both sides."""
        sizes = zip(self.values.shape[1:], self.padding, strict=True)
        return tuple(int(size) + 2 * padding for size, padding in sizes)

    @property
    def parameters(self) -> int:
        """Weights and the bias."""
        return int(self.kernel.size) + 1


def _must_be_input(name: str, values: np.ndarray, most: dict[int, int]) -> None:
    """Raises: NdError for numbers of another form than (channels, length) or (channels, slices, rows, columns)."""
    way = _("choose other sizes")
    axes = values.ndim - 1
    require(axes in most, name, "1-D or 3-D", f"{axes}-D", way, NdError)
    channels, *sizes = values.shape
    require(1 <= channels <= MOST_CHANNELS, name, f"1 to {MOST_CHANNELS} channels", channels, way, NdError)
    holds = all(1 <= size <= most[axes] for size in sizes)
    require(holds, name, f"1 to {most[axes]} cells on each axis", "×".join(map(str, sizes)), way, NdError)
    largest = float(np.abs(values).max())
    require(math.isfinite(largest) and largest <= LARGEST, name, f"numbers up to {LARGEST:g}", largest, way, NdError)


@dataclass(frozen=True, eq=False)
class NdResult:
    """What PyTorch made of a setup; `layer` is its convolution as it was traced."""

    setup: NdSetup
    layer: LayerTrace

    @property
    def output(self) -> np.ndarray:
        """The result, (length,) or (slices, rows, columns), float32."""
        return self.layer.output.reshape(self.layer.shape[2:])

    def cell(self, place: Sizes) -> ConvNdCell:
        """The cell of the result at `place`, a number for each axis, as the sum that it is.

        Raises: IndexError for a cell that there is not.
        """
        unit = UnitRef(self.layer.spec.path, *(place if self.setup.axes == VOLUME else (0, 0, *place)))
        cell = explain(self.layer, unit)
        assert isinstance(cell, ConvNdCell)
        return cell

    def sizes(self) -> tuple[AxisSize, ...]:
        """For each axis its output size, the formula that gives it, and the cells that no window reads."""
        return tuple(self._size(axis) for axis in range(self.setup.axes))

    def _size(self, axis: int) -> AxisSize:
        setup = self.setup
        n, k = setup.values.shape[axis + 1], setup.kernel.shape[axis + 1]
        both = (setup.padding[axis], setup.padding[axis])
        formula, rest = sliding_formula(n, k, setup.stride[axis], setup.dilation[axis], both)
        unread = unread_cells(nd_axes(self.layer)[axis])
        return AxisSize(axis_names(setup.axes)[axis], self.output.shape[axis], formula, rest, unread)

    def reads(self, place: Sizes) -> list[int]:
        """The cells of the padded input under the window of a cell, counted in reading order over all channels."""
        axes, setup = nd_axes(self.layer), self.setup
        around = zip(axes, place, setup.padding, strict=True)
        taps = [[int(at) + padding for at in axis.places[unit] if at is not None] for axis, unit, padding in around]
        shape = (setup.values.shape[0], *setup.padded)
        grid = np.ix_(range(shape[0]), *taps)
        return [int(at) for at in np.arange(math.prod(shape)).reshape(shape)[grid].ravel()]


def run_nd(setup: NdSetup) -> NdResult:
    """Run PyTorch's layer with the numbers of `setup`.

    >>> from cnnviz.conv_lab.conv_nd import ND_EXAMPLES, run_nd
    >>> run_nd(ND_EXAMPLES[0].make()).output.tolist()
    [4.0, 7.0, 8.0, 11.0]
    """
    channels, *sizes = setup.values.shape
    layer = _convolution(setup)
    if setup.axes == LINE:
        model, image = nn.Sequential(nn.Flatten(2), layer), setup.values[:, None]  # (c, 1, n) → (c, n)
    else:
        model = nn.Sequential(nn.Unflatten(1, (channels, sizes[0])), layer)  # (c · d, r, k) → (c, d, r, k)
        image = setup.values.reshape(-1, *sizes[1:])
    return NdResult(setup, trace(model.eval(), np.ascontiguousarray(image)).layers[1])


def _convolution(setup: NdSetup) -> nn.Module:
    channels, *kernel = setup.kernel.shape
    kind = nn.Conv1d if setup.axes == LINE else nn.Conv3d
    layer = kind(channels, 1, kernel, stride=setup.stride, padding=setup.padding, dilation=setup.dilation)  # type: ignore[arg-type]
    assert layer.bias is not None
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(setup.kernel)[None])
        layer.bias.fill_(setup.bias)
    return layer


def axis_names(axes: int) -> tuple[str, ...]:
    """What the axes are called.

    >>> from cnnviz.conv_lab.conv_nd import axis_names
    >>> axis_names(3)
    ('slices', 'rows', 'columns')
    """
    return (_("cells"),) if axes == LINE else (_("slices"), _("rows"), _("columns"))


@dataclass(frozen=True, eq=False)
class NdExample:
    """A setup to begin with: its name, what to look at, and its numbers."""

    key: str
    describe: Callable[[], str]
    look_at: Callable[[], str]
    make: Callable[[], NdSetup]


def _line(values: list[list[float]], kernel: list[list[float]]) -> NdSetup:
    return NdSetup(np.array(values, np.float32), np.array(kernel, np.float32))


def _volume(values: np.ndarray, kernel: list[list[list[float]]]) -> NdSetup:
    one = (1,) * VOLUME
    return NdSetup(values[None].astype(np.float32), np.array([kernel], np.float32), 0.0, one, (0,) * VOLUME, one)


def _moving_dot() -> np.ndarray:
    """Four images of 3×4: a dot goes one column to the right in each, (4, 3, 4)."""
    video = np.zeros((4, 3, 4))
    video[range(4), 1, range(4)] = 1
    return video


ND_EXAMPLES = (
    NdExample("sequence", lambda: _("1-D: two channels"),
              lambda: _("A sequence (sound, a sensor, text as vectors): the kernel spans both channels and slides "
                        "along one axis."),
              lambda: _line([[1, 2, 4, 7, 11, 16], [0, 1, 0, 1, 0, 1]], [[-1, 0, 1], [1, 1, 1]])),
    NdExample("step", lambda: _("1-D: a step"),
              lambda: _("Each cell minus its left neighbour: only where the sequence changes is the result not 0."),
              lambda: _line([[0, 0, 0, 5, 5, 5, 5, 0, 0, 0]], [[-1, 1]])),
    NdExample("volume", lambda: _("3-D: a volume"),
              lambda: _("Slices of a scan: the kernel has slices, too, and slides along three axes."),
              lambda: _volume(np.arange(27).reshape(3, 3, 3), [[[1, 0], [0, 1]], [[0, -1], [2, 0]]])),
    NdExample("video", lambda: _("3-D: a moving dot"),
              lambda: _("A video: slices are moments. This kernel answers with 2 where a dot goes one column to the "
                        "right from one moment to the next, and with at most 1 elsewhere."),
              lambda: _volume(_moving_dot(), [[[1, 0]], [[0, 1]]])),
)  # fmt: skip
