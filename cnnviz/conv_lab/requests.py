"""All that can be set in the laboratory: a `LabSettings` holds it, possible or not.

Refuses to know: which wishes are possible (`rules`, `settings`), torch, and what comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cnnviz.conv_lab.images import LabImage
from cnnviz.core.geometry import span

Pair = tuple[int, int]


class Operation(StrEnum):
    """What is done under each window.

    >>> from cnnviz.conv_lab.settings import Operation
    >>> [operation.value for operation in Operation]
    ['convolution', 'transposed', 'max', 'average', 'global-max', 'global-average']
    """

    CONVOLUTION = "convolution"
    TRANSPOSED = "transposed"
    MAX = "max"
    AVERAGE = "average"
    GLOBAL_MAX = "global-max"
    GLOBAL_AVERAGE = "global-average"


class PaddingMode(StrEnum):
    """What stands around the picture, in PyTorch's words.

    >>> from cnnviz.conv_lab.settings import PaddingMode
    >>> [mode.value for mode in PaddingMode]
    ['zeros', 'reflect', 'replicate', 'circular']
    """

    ZEROS = "zeros"
    REFLECT = "reflect"
    REPLICATE = "replicate"
    CIRCULAR = "circular"


WITH_WEIGHTS = (Operation.CONVOLUTION, Operation.TRANSPOSED)
GLOBAL = (Operation.GLOBAL_MAX, Operation.GLOBAL_AVERAGE)


@dataclass(frozen=True, eq=False, kw_only=True)
class LabSettings:
    """All that can be set; pairs are (rows, cols), in cells.

    `kernel` (out, in / groups, rows, cols) as it is edited, before a flip; `bias` (out,) or None; both become float32.
    `is_same`: the padding that keeps the size, whatever `padding` says. `is_flipped`: true convolution, the kernel
    turned by half. `on_top`: the side of a second window on the result, which only shows what that sees; 0 for none.

    >>> import numpy as np
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.settings import LabSettings
    >>> wish = LabSettings(picture=find_image("nine"), kernel=np.ones((1, 1, 4, 4)))
    >>> wish.output  # a kernel of 4×4 does not fit into 3×3: no cell is left
    (0, 0)
    """

    picture: LabImage
    kernel: np.ndarray
    bias: np.ndarray | None = None
    operation: Operation = Operation.CONVOLUTION
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    is_same: bool = False
    padding_mode: PaddingMode = PaddingMode.ZEROS
    dilation: Pair = (1, 1)
    groups: int = 1
    output_padding: Pair = (0, 0)
    is_flipped: bool = False
    on_top: int = 0

    def __post_init__(self) -> None:
        for name in ("kernel", "bias"):
            array = getattr(self, name)
            if array is not None:
                kept = np.array(array, dtype=np.float32)
                kept.setflags(write=False)
                object.__setattr__(self, name, kept)

    @property
    def size(self) -> Pair:
        """Rows and columns of the kernel, or of the window that is pooled."""
        if self.operation in GLOBAL:
            return self.picture.size
        return int(self.kernel.shape[2]), int(self.kernel.shape[3])

    @property
    def has_weights(self) -> bool:
        """Whether the kernel's weights count, not only its size."""
        return self.operation in WITH_WEIGHTS

    @property
    def channels(self) -> Pair:
        """(in, out)."""
        return self.picture.channels, len(self.kernel) if self.has_weights else self.picture.channels

    @property
    def around(self) -> tuple[Pair, Pair]:
        """The padding before and after the picture, on rows and on columns; "same" puts the smaller half before."""
        if not self.is_same:
            return (self.padding[0], self.padding[0]), (self.padding[1], self.padding[1])
        totals = [d * (k - 1) for d, k in zip(self.dilation, self.size, strict=True)]
        rows, cols = ((total // 2, total - total // 2) for total in totals)
        return rows, cols

    @property
    def output(self) -> Pair:
        """Rows and columns of the result by the formula; below 1 where the window does not fit."""
        if self.operation in GLOBAL:
            return 1, 1
        rows, cols = (_length(self, axis) for axis in (0, 1))
        return rows, cols


def _length(wish: LabSettings, axis: int) -> int:
    size, stride, covered = wish.picture.size[axis], wish.stride[axis], span(wish.size[axis], wish.dilation[axis])
    if wish.operation is Operation.TRANSPOSED:
        return (size - 1) * stride - 2 * wish.padding[axis] + covered + wish.output_padding[axis]
    return (size + sum(wish.around[axis]) - covered) // stride + 1
