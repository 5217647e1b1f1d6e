"""Ready-made kernels for any size that they fit into, and what can be done to a kernel: pure functions of arrays.

A kernel is a float32 array (rows, cols) here. All are meant for cross-correlation, which is what PyTorch computes.
Refuses to know: pictures, channels, torch.
Sources: R. Gonzalez, R. Woods, "Digital Image Processing" (3.6, 10.2); H. Scharr, "Optimal operators in digital image
processing" (2000) for 3, 10, 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import comb

import numpy as np

from cnnviz.checks import sides
from cnnviz.data.choices import find_by_key
from cnnviz.i18n import _

Array = np.ndarray
Size = tuple[int, int]
LARGEST = 11  # cells on a side


class KernelError(ValueError):
    """A kernel that cannot be made or changed so; its text is one sentence for the reader."""


@dataclass(frozen=True)
class KernelPreset:
    """A kernel that can be had ready-made: its size where nobody asks for another, and the smallest one."""

    key: str
    describe: Callable[[], str]  # called when shown, so that it speaks the reader's language
    make: Callable[[int, int], Array]
    natural: Size = (3, 3)
    least: Size = (1, 1)
    has_one_size: bool = False  # in a larger one it stands in the middle, with zeros around it

    @property
    def title(self) -> str:
        """What it is called, in the reader's language."""
        return self.describe()

    def fits(self, rows: int, cols: int) -> bool:
        """Whether there is one of this size."""
        return self.least[0] <= rows <= LARGEST and self.least[1] <= cols <= LARGEST

    def fitted(self, rows: int, cols: int) -> Array:
        """The kernel with so many rows and columns, float32.

        Raises: KernelError for a size that it does not fit into.

        >>> from cnnviz.core.kernels import find_preset
        >>> find_preset("box").fitted(1, 4).tolist()
        [[0.25, 0.25, 0.25, 0.25]]
        """
        if not self.fits(rows, cols):
            raise KernelError(
                _("{title} must have from {least} to {most} cells, got {rows}×{cols}: choose another size",
                  title=self.title, least=sides(self.least), most=f"{LARGEST}×{LARGEST}",
                  rows=rows, cols=cols)
            )  # fmt: skip
        return self.make(rows, cols).astype(np.float32)


def centre_index(size: int) -> int:
    """The cell that a kernel of this size is centred on; of an even size the earlier one, as for PyTorch's "same"."""
    return (size - 1) // 2


def _box(rows: int, cols: int) -> Array:
    return np.full((rows, cols), 1 / (rows * cols))


def _ones(rows: int, cols: int) -> Array:
    return np.ones((rows, cols))


def _binomial(size: int) -> Array:
    """1 2 1, 1 3 3 1, 1 4 6 4 1 …: the whole numbers that come closest to a Gaussian."""
    return np.array([comb(size - 1, k) for k in range(size)], dtype=np.float64)


def _gaussian(rows: int, cols: int) -> Array:
    return np.outer(_binomial(rows), _binomial(cols)) / 2.0 ** (rows + cols - 2)


def _steps(size: int) -> Array:
    """−1 before the middle, 1 after it, 0 on it."""
    return np.sign(np.arange(size) - (size - 1) / 2)


def _vertical(rows: int, cols: int) -> Array:
    return np.tile(_steps(cols), (rows, 1))


def _horizontal(rows: int, cols: int) -> Array:
    return _vertical(cols, rows).T


def _prewitt(rows: int, cols: int) -> Array:
    """1 0 −1 in each row; wider ones fall evenly, 2 1 0 −1 −2 and 3 1 −1 −3."""
    ramp = (cols - 1) / 2 - np.arange(cols)
    return np.tile(ramp if cols % 2 else 2 * ramp, (rows, 1))


def _sobel(rows: int, cols: int) -> Array:
    """Smooth along the edge (1 2 1), the difference of smooth neighbours across it (1 0 −1)."""
    return np.outer(_binomial(rows), np.convolve(_binomial(cols - 2), [1, 0, -1]))


def _sobel_horizontal(rows: int, cols: int) -> Array:
    return _sobel(cols, rows).T


def _of_one_size(key: str, describe: Callable[[], str], *values: list[float]) -> KernelPreset:
    """A kernel of one size only, with zeros around it in a larger one."""
    kernel = np.array(values, dtype=np.float32)
    size = (len(values), len(values[0]))
    return KernelPreset(key, describe, lambda rows, cols: resize(kernel, rows, cols), size, size, has_one_size=True)


def _outline(rows: int, cols: int) -> Array:
    kernel = -np.ones((rows, cols))
    kernel[centre_index(rows), centre_index(cols)] = rows * cols - 1
    return kernel


def _identity(rows: int, cols: int) -> Array:
    return _spot(rows, cols, centre_index(rows), centre_index(cols))


def _corner(rows: int, cols: int) -> Array:
    return _spot(rows, cols, 0, 0)


def _spot(rows: int, cols: int, row: int, col: int) -> Array:
    kernel = np.zeros((rows, cols))
    kernel[row, col] = 1
    return kernel


def _motion(rows: int, cols: int) -> Array:
    """A straight line from the upper left to the lower right corner."""
    count = max(rows, cols)
    kernel = np.zeros((rows, cols))
    for step in range(count):
        kernel[step * rows // count, step * cols // count] += 1 / count
    return kernel


PRESETS = (
    KernelPreset("box", lambda: _("averaging"), _box),
    KernelPreset("gaussian", lambda: _("Gaussian"), _gaussian),
    KernelPreset("motion", lambda: _("motion blur"), _motion, natural=(5, 5)),
    KernelPreset("vertical", lambda: _("vertical edges"), _vertical, least=(1, 2)),
    KernelPreset("horizontal", lambda: _("horizontal edges"), _horizontal, least=(2, 1)),
    KernelPreset("prewitt", lambda: _("Prewitt"), _prewitt, least=(3, 3)),
    KernelPreset("sobel", lambda: _("Sobel"), _sobel, least=(3, 3)),
    KernelPreset("sobel-horizontal", lambda: _("Sobel, rotated"), _sobel_horizontal, least=(3, 3)),
    _of_one_size("scharr", lambda: _("Scharr"), [3, 0, -3], [10, 0, -10], [3, 0, -3]),
    _of_one_size("laplacian", lambda: _("Laplacian"), [0, 1, 0], [1, -4, 1], [0, 1, 0]),
    KernelPreset("outline", lambda: _("outline"), _outline, least=(1, 2)),
    _of_one_size("sharpen", lambda: _("sharpen"), [0, -1, 0], [-1, 5, -1], [0, -1, 0]),
    _of_one_size("emboss", lambda: _("emboss"), [-2, -1, 0], [-1, 1, 1], [0, 1, 2]),
    KernelPreset("identity", lambda: _("identity"), _identity),
    KernelPreset("corner", lambda: _("corner of the window"), _corner, natural=(2, 2)),
    _of_one_size("difference", lambda: _("difference 1, −1"), [1, -1]),
    KernelPreset("ones", lambda: _("all 1"), _ones),
)  # fmt: skip


def find_preset(key: str) -> KernelPreset:
    """The ready-made kernel called `key`. Raises: KeyError, one sentence with the known keys."""
    return find_by_key(PRESETS, key, _("kernel"))


class KernelOperation(StrEnum):
    """What can be done to a kernel at one click."""

    NORMALISE = "normalise"
    NEGATE = "negate"
    FLIP = "flip"
    ROTATE = "rotate"
    ZERO = "zero"


def apply_operation(kernel: Array, edit: KernelOperation) -> Array:
    """`kernel` (rows, cols) after one edit; a new array, only a quarter turn has another shape.

    Raises: KernelError where a kernel of zeros is to be normalised.

    >>> import numpy as np
    >>> from cnnviz.core.kernels import KernelOperation, apply_operation
    >>> apply_operation(np.array([[1, 2, 1]]), KernelOperation.NORMALISE).tolist()
    [[0.25, 0.5, 0.25]]
    """
    changes: dict[KernelOperation, Callable[[Array], Array]] = {
        KernelOperation.NORMALISE: normalise,
        KernelOperation.NEGATE: negate,
        KernelOperation.FLIP: flip,
        KernelOperation.ROTATE: lambda array: np.rot90(array, -1).copy(),
        KernelOperation.ZERO: np.zeros_like,
    }
    return changes[edit](kernel)


def negate(kernel: Array) -> Array:
    """Each weight with the other sign; 0 stays 0 and does not become −0."""
    return (0 - kernel) if kernel.dtype.kind != "u" else 0 - kernel.astype(np.int64)


def normalise(kernel: Array) -> Array:
    """Divided by the sum of its weights, so that an even picture keeps its brightness.

    Where they cancel out (an edge detector) it is divided by the sum of their sizes, so that no answer is larger than
    the brightest cell. Raises: KernelError for a kernel of zeros.
    """
    total, size = float(kernel.sum(dtype=np.float64)), float(np.abs(kernel).sum(dtype=np.float64))
    if size == 0:
        raise KernelError(
            _("kernel must have a weight other than 0 to be normalised, got only 0: change a weight first")
        )
    cancels = abs(total) < 1e-6 * size
    made = kernel.astype(np.float64) / (size if cancels else total)
    return made.astype(kernel.dtype) if np.issubdtype(kernel.dtype, np.floating) else made  # a fraction is no integer


def flip(kernel: Array) -> Array:
    """Turned by half: what makes a cross-correlation a convolution in the sense of mathematics. Last two axes."""
    return kernel[..., ::-1, ::-1].copy()


def resize(kernel: Array, rows: int, cols: int) -> Array:
    """Cut or surrounded by zeros to so many rows and columns, its middle kept. Last two axes.

    Raises: KernelError outside 1 … 11.

    >>> import numpy as np
    >>> from cnnviz.core.kernels import resize
    >>> resize(np.ones((1, 1)), 1, 3).tolist()
    [[0.0, 1.0, 0.0]]
    """
    if not (1 <= rows <= LARGEST and 1 <= cols <= LARGEST):
        raise KernelError(
            _("kernel size must be from 1 to {most}, got {rows}×{cols}: choose another size",
              most=LARGEST, rows=rows, cols=cols)
        )  # fmt: skip
    made = np.zeros((*kernel.shape[:-2], rows, cols), dtype=kernel.dtype)
    old_rows, new_rows = _overlap(kernel.shape[-2], rows)
    old_cols, new_cols = _overlap(kernel.shape[-1], cols)
    made[..., new_rows, new_cols] = kernel[..., old_rows, old_cols]
    return made


def _overlap(old: int, new: int) -> tuple[slice, slice]:
    """Which cells of the old axis stay, and where they stand on the new one."""
    shift = centre_index(new) - centre_index(old)
    first, last = max(0, -shift), min(old, new - shift)
    return slice(first, last), slice(first + shift, last + shift)
