"""What a part makes of what arrives: output shape, parameters and why so many, multiply-adds.

For a part that fits; what is claimed by hand counts where it does not. Formulas: `geometry.output_size`, the sums of
`summary.parameter_formula`. Multiply-adds are those of convolutions and matrix products, as PyTorch counts them.
Refuses to know: torch, what is wrong (`problems`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from cnnviz.core.geometry import output_size
from cnnviz.models.builder.layer_config import AUTOMATIC, Part, PartKind

Shape = tuple[int, ...]  # (channels, rows, cols) or (entries,)
SLIDING = (PartKind.CONV, PartKind.POOL)


@dataclass(frozen=True)
class Size:
    """`inputs` and `outputs` are channels or entries; `shape` is what comes out."""

    inputs: int
    outputs: int
    shape: Shape
    parameters: int = 0
    formula: str = ""
    macs: int = 0


def size_of(part: Part, arrives: Shape, classes: int) -> Size:
    """The sizes of `part` where `arrives` comes in. Raises: ValueError for a window that does not fit.

    >>> from cnnviz.models.builder.layer_config import conv
    >>> from cnnviz.models.builder.output_sizes import size_of
    >>> size_of(conv(16, 5, padding=2), (1, 28, 28), 10).formula
    '16·(5·5·1 + 1) = 416'
    """
    match part.kind:
        case PartKind.CONV:
            return _convolution(part, arrives)
        case PartKind.POOL:
            return Size(arrives[0], arrives[0], (arrives[0], *slid(part, arrives)))
        case PartKind.LINEAR:
            return _linear(part, arrives, classes)
        case PartKind.BATCH_NORM:
            width = part.inputs or arrives[0]
            return Size(width, width, arrives, 2 * width, f"2·{width} = {2 * width:,}")
        case PartKind.RESIDUAL:
            return _residual(part, arrives)
        case PartKind.FLATTEN:
            return Size(arrives[0], prod(arrives), (prod(arrives),))
        case PartKind.GLOBAL_AVERAGE:
            return Size(arrives[0], arrives[0], (arrives[0], 1, 1))
        case _:
            return Size(arrives[0], arrives[0], arrives)


def slid(part: Part, arrives: Shape) -> tuple[int, int]:
    """Rows and columns after the window of a convolution or pooling has been everywhere."""
    rows, cols = (output_size(side, part.kernel, part.stride, part.padding) for side in arrives[1:])
    return rows, cols


def _convolution(part: Part, arrives: Shape) -> Size:
    width, k, out = part.inputs or arrives[0], part.kernel, part.outputs
    rows, cols = slid(part, arrives)
    count = out * (k * k * width + 1)
    formula = f"{out}·({k}·{k}·{width} + 1) = {count:,}"
    return Size(width, out, (out, rows, cols), count, formula, out * rows * cols * k * k * width)


def _linear(part: Part, arrives: Shape, classes: int) -> Size:
    width, out = part.inputs or prod(arrives), classes if part.outputs == AUTOMATIC else part.outputs
    count = out * (width + 1)
    return Size(width, out, (out,), count, f"{out}·({width} + 1) = {count:,}", out * width)


def _residual(part: Part, arrives: Shape) -> Size:
    width, k = part.inputs or arrives[0], part.kernel
    weights = k * k * width
    count = width * (weights + (2 if part.is_normalised else 1))
    inner = f"{width}·{k}·{k}·{width} + 2·{width}" if part.is_normalised else f"{width}·({k}·{k}·{width} + 1)"
    return Size(width, width, arrives, count, f"{inner} = {count:,}", width * weights * prod(arrives[1:]))
