"""Why convolutions: shift the picture and the map shifts with it; pooling forgives a little; weights are shared.

Refuses to know: pages, colours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cnnviz.conv_lab.images import LabImage
from cnnviz.conv_lab.run import lab_result
from cnnviz.conv_lab.settings import LabSetup, Operation, PaddingMode, SettingsError
from cnnviz.i18n import _

CLOSE = 1e-5  # of the largest value: what float32 sums in another order may differ by


@dataclass(frozen=True, eq=False)
class ShiftResult:
    """A picture shifted by (down, right), and what becomes of its map; arrays (channels, rows, cols), read-only.

    `moved` is the map of the picture as it was, shifted; `after` the map of the shifted picture; `differs` (rows,
    cols) where the two are not the same; `border` (rows, cols) the cells whose window, before or after the shift,
    reaches what lies outside the picture. Equivariance: `differs` lies within `border`.
    """

    picture: np.ndarray
    before: np.ndarray
    moved: np.ndarray
    after: np.ndarray
    differs: np.ndarray
    border: np.ndarray

    def __post_init__(self) -> None:
        for array in vars(self).values():
            array.setflags(write=False)


def shift_image(values: np.ndarray, down: int, right: int, *, wraps: bool = False) -> np.ndarray:
    """`values` (channels, rows, cols) moved; what comes in is 0, or with `wraps` what went out on the other side.

    down, right: cells, negative for up and left. Returns: a new array of the same shape and type.

    >>> import numpy as np
    >>> from cnnviz.conv_lab.shifts import shift_image
    >>> shift_image(np.array([[[1, 2, 3]]]), 0, 1).tolist()
    [[[0, 1, 2]]]
    """
    made = np.roll(values, (down, right), axis=(1, 2))
    if not wraps:
        made[:, _came_in(values.shape[1], down)] = 0
        made[:, :, _came_in(values.shape[2], right)] = 0
    return made


def _came_in(size: int, by: int) -> slice:
    return slice(0, min(by, size)) if by >= 0 else slice(max(size + by, 0), size)


def run_shifted(setup: LabSetup, down: int, right: int) -> ShiftResult:
    """Shift the picture of `setup` and its map; with circular padding both go round.

    Raises: SettingsError where the map is not as large as the picture: a stride makes it shift by less.
    """
    keeps_size = setup.output == setup.picture.size and setup.stride == (1, 1)
    if setup.operation is not Operation.CONVOLUTION or not keeps_size:
        raise SettingsError(_("the map must be as large as the image to be compared: take stride 1 and padding “same”"))
    wraps = setup.padding_mode is PaddingMode.CIRCULAR
    picture = shift_image(setup.picture.values, down, right, wraps=wraps)
    before = lab_result(setup).output
    after = lab_result(replace(setup, picture=LabImage("shifted", picture))).output
    moved = shift_image(before, down, right, wraps=wraps)
    tolerance = CLOSE * max(float(np.abs(before).max()), 1e-12)
    differs = (np.abs(moved - after) > tolerance).any(axis=0)
    border = np.zeros_like(differs) if wraps else _border(setup, down, right)
    return ShiftResult(picture, before.copy(), moved, after.copy(), differs, border)


def _border(setup: LabSetup, down: int, right: int) -> np.ndarray:
    """Cells whose window reads anything but the picture's own cells, before or after the shift."""
    rows, cols = setup.picture.size
    inside = np.ones((1, rows, cols), bool)
    for axis, size in ((1, rows), (2, cols)):
        before, after = setup.around[axis - 1]
        edge = [slice(None)] * 3
        edge[axis] = slice(0, before)
        inside[tuple(edge)] = False
        edge[axis] = slice(size - after, size)
        inside[tuple(edge)] = False
    return ~(inside & _reads_no_filling(setup, down, right) & shift_image(inside, down, right))[0]


def _reads_no_filling(setup: LabSetup, down: int, right: int) -> np.ndarray:
    """Cells whose window, after the shift, lies wholly in what was the picture before it."""
    rows, cols = setup.picture.size
    real = shift_image(np.ones((1, rows, cols), bool), down, right)[0]
    taps = [np.arange(k) * d - before[0] for k, d, before in zip(setup.size, setup.dilation, setup.around, strict=True)]
    kept = np.ones((1, rows, cols), bool)
    for row in taps[0]:
        for col in taps[1]:
            kept[0] &= shift_image(real[None], -int(row), -int(col))[0]
    return kept


def change_after_pooling(made: ShiftResult, side: int) -> float:
    """How much of the map changed with the picture's shift, pooled to the largest of each `side`×`side` window first.

    Formula: Σ|a − b| / (Σ|a| + Σ|b|): 0 where nothing changes, 1 where the two have nothing in common; `side` 1 is no
    pooling.

    >>> import numpy as np
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.settings import LabSetup
    >>> from cnnviz.conv_lab.shifts import change_after_pooling, run_shifted
    >>> setup = LabSetup(picture=find_image("face"), kernel=np.ones((1, 1, 3, 3)), is_same=True)
    >>> [change_after_pooling(run_shifted(setup, 0, 0), side) for side in (1, 2)]
    [0.0, 0.0]
    """
    before, after = _pooled(made.before, side), _pooled(made.after, side)
    size = float(np.abs(before).sum(dtype=np.float64) + np.abs(after).sum(dtype=np.float64))
    return float(np.abs(before - after).sum(dtype=np.float64)) / size if size > 0 else 0.0


def _pooled(values: np.ndarray, side: int) -> np.ndarray:
    if side == 1:
        return values
    window = np.ones((1, 1, side, side), np.float32)
    picture = LabImage("map", values)
    return lab_result(LabSetup(picture=picture, kernel=window, operation=Operation.MAX, stride=(side, side))).output


def count_dense_parameters(setup: LabSetup) -> int:
    """How many parameters a fully connected layer between the same maps has: every cell to every cell, and biases.

    9 cells to 4 cells, and 4 biases.

    >>> import numpy as np
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.settings import LabSetup
    >>> from cnnviz.conv_lab.shifts import count_dense_parameters
    >>> count_dense_parameters(LabSetup(picture=find_image("nine"), kernel=np.ones((1, 1, 2, 2))))
    40
    """
    cells_in = int(setup.picture.values.size)
    cells_out = setup.channels[1] * setup.output[0] * setup.output[1]
    return cells_in * cells_out + cells_out
