"""One cell of a convolution: the window, the kernel, their products, and the sum that they make.

PyTorch's convolution is a cross-correlation: no kernel is flipped. A transposed convolution is read the same way,
from the output: each tap of the kernel meets the one input cell that it spreads to this output, or none.
Refuses to know: where windows lie (`taps`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnviz.core.explain.cell import (
    Cell,
    ExplainError,
    common_fields,
    demand_finite,
    exact_sum,
    explainer_of,
    weights_of,
)
from cnnviz.core.explain.laid_weights import weights_by_output
from cnnviz.core.explain.taps import window_taps
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _


@dataclass(frozen=True, eq=False, kw_only=True)
class ConvCell(Cell):
    """`products.sum() + bias == total`, for the `c` input channels that the unit reads; arrays in float64.

    `patch`, `kernel`, `products` (c, kh, kw); `sums` (c,), the products added up channel by channel;
    `channels` (c,), which input maps these are; `padded` (kh, kw), True where a tap lies outside the input;
    `sources` (kh, kw, 2), the row and column of the cell whose value stands there, −1 where none does.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.Conv2d(1, 1, 3, padding=1)), np.ones((1, 5, 5), np.float32)).layers[0]
    >>> cell = explain(layer, UnitRef("0", 0, 0, 0))
    >>> cell.patch[0].tolist()  # the corner: padding above and on the left
    [[0.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 1.0, 1.0]]
    >>> bool(abs(cell.products.sum() + cell.bias - cell.total) < 1e-6)
    True
    """

    patch: np.ndarray
    kernel: np.ndarray
    products: np.ndarray
    sums: np.ndarray
    bias: float
    padded: np.ndarray
    sources: np.ndarray
    channels: tuple[int, ...]

    def _check(self) -> None:
        holds = np.array_equal(self.products, self.patch * self.kernel)
        if not holds or not np.array_equal(self.sums, self.products.sum(axis=(1, 2))):
            raise ExplainError(
                _("products of {path} must be patch × kernel and sums their sums, got others: compute them from these",
                  path=self.spec.path)
            )  # fmt: skip
        magnitude = float(np.abs(self.products).sum() + abs(self.bias))
        self._must_make_total(float(self.sums.sum() + self.bias), magnitude)


@explainer_of(Kind.CONVOLUTION)
def explain_convolution(layer: LayerTrace, unit: UnitRef) -> ConvCell:
    """The cell of a convolution, with any kernel, stride, padding, dilation and groups, transposed ones included.

    Raises: ExplainError where a weight or a value under the window is not finite.

    >>> import numpy as np
    >>> from cnnviz.core.explain.convolution import explain_convolution
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.run import run_setup
    >>> from cnnviz.conv_lab.settings import LabSetup
    >>> from cnnviz.core.units import UnitRef
    >>> kernel = np.array([[[[0, 1], [2, 3]]]], np.float32)
    >>> layer = run_setup(LabSetup(picture=find_image("nine"), kernel=kernel)).layers[0]
    >>> cell = explain_convolution(layer, UnitRef("result", 0, 0, 0))
    >>> cell.products.tolist(), cell.total
    ([[[0.0, 1.0], [6.0, 12.0]]], 19.0)
    """
    fields = common_fields(layer, unit)
    channels, kernel = _kernel_of(layer, unit.channel)
    taps = window_taps(layer, unit.row, unit.col)
    patch = taps.gathered(layer.input[channels.start : channels.stop])
    bias = 0.0 if layer.bias is None else float(layer.bias[unit.channel])
    for name, values in ((_("input"), patch), (_("kernel"), kernel), (_("bias"), bias), (_("output"), fields["total"])):
        demand_finite(layer, name, values)
    products = patch * kernel
    return ConvCell(
        **fields, patch=patch, kernel=kernel, products=products, sums=products.sum(axis=(1, 2)), bias=bias,
        padded=taps.padded, sources=taps.sources, channels=tuple(channels),
    )  # fmt: skip


def _kernel_of(layer: LayerTrace, unit: int) -> tuple[range, np.ndarray]:
    """The input channels that output map `unit` reads, and its kernel over them, (c, kh, kw)."""
    weight = weights_by_output(layer.spec, weights_of(layer))
    group, width = unit // (len(weight) // layer.spec.groups), weight.shape[1]
    return range(group * width, (group + 1) * width), exact_sum(weight[unit])
