"""What a part makes of what arrives: output shape, parameters and why so many, multiply-adds.

For a part that fits; what is claimed by hand counts where it does not. Formulas: `geometry.output_size`, the sums of
`summary.parameter_formula`. Multiply-adds are those of convolutions and matrix products, as PyTorch counts them.
Refuses to know: torch, what is wrong (`problems`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from cnnviz.core.geometry import output_size
from cnnviz.models.builder.layer_config import AUTOMATIC, LayerConfig, LayerKind

Shape = tuple[int, ...]  # (channels, rows, cols) or (entries,)
SLIDING = (LayerKind.CONV, LayerKind.POOL)


@dataclass(frozen=True)
class LayerSize:
    """`inputs` and `outputs` are channels or entries; `shape` is what comes out."""

    inputs: int
    outputs: int
    shape: Shape
    parameters: int = 0
    formula: str = ""
    macs: int = 0


def layer_size(part: LayerConfig, arrives: Shape, classes: int) -> LayerSize:
    """The sizes of `part` where `arrives` comes in. Raises: ValueError for a window that does not fit.

    >>> from cnnviz.models.builder.layer_config import conv
    >>> from cnnviz.models.builder.output_sizes import layer_size
    >>> layer_size(conv(16, 5, padding=2), (1, 28, 28), 10).formula
    '16·(5·5·1 + 1) = 416'
    """
    match part.kind:
        case LayerKind.CONV:
            return _convolution(part, arrives)
        case LayerKind.POOL:
            return LayerSize(arrives[0], arrives[0], (arrives[0], *conv_output(part, arrives)))
        case LayerKind.LINEAR:
            return _linear(part, arrives, classes)
        case LayerKind.BATCH_NORM:
            width = part.inputs or arrives[0]
            return LayerSize(width, width, arrives, 2 * width, f"2·{width} = {2 * width:,}")
        case LayerKind.RESIDUAL:
            return _residual(part, arrives)
        case LayerKind.FLATTEN:
            return LayerSize(arrives[0], prod(arrives), (prod(arrives),))
        case LayerKind.GLOBAL_AVERAGE:
            return LayerSize(arrives[0], arrives[0], (arrives[0], 1, 1))
        case _:
            return LayerSize(arrives[0], arrives[0], arrives)


def conv_output(part: LayerConfig, arrives: Shape) -> tuple[int, int]:
    """Rows and columns after the window of a convolution or pooling has been everywhere."""
    rows, cols = (output_size(side, part.kernel, part.stride, part.padding) for side in arrives[1:])
    return rows, cols


def _convolution(part: LayerConfig, arrives: Shape) -> LayerSize:
    width, k, out = part.inputs or arrives[0], part.kernel, part.outputs
    rows, cols = conv_output(part, arrives)
    count = out * (k * k * width + 1)
    formula = f"{out}·({k}·{k}·{width} + 1) = {count:,}"
    return LayerSize(width, out, (out, rows, cols), count, formula, out * rows * cols * k * k * width)


def _linear(part: LayerConfig, arrives: Shape, classes: int) -> LayerSize:
    width, out = part.inputs or prod(arrives), classes if part.outputs == AUTOMATIC else part.outputs
    count = out * (width + 1)
    return LayerSize(width, out, (out,), count, f"{out}·({width} + 1) = {count:,}", out * width)


def _residual(part: LayerConfig, arrives: Shape) -> LayerSize:
    width, k = part.inputs or arrives[0], part.kernel
    weights = k * k * width
    count = width * (weights + (2 if part.is_normalised else 1))
    inner = f"{width}·{k}·{k}·{width} + 2·{width}" if part.is_normalised else f"{width}·({k}·{k}·{width} + 1)"
    return LayerSize(width, width, arrives, count, f"{inner} = {count:,}", width * weights * prod(arrives[1:]))
