"""One unit of a fully connected layer: every entry times its weight, and the sum that they make.

Refuses to know: what the entries were, unless it is told the shape of the maps before the flatten.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnviz.checks import sides
from cnnviz.core.explain.cell import (
    Cell,
    ExplainError,
    cell_position,
    common_fields,
    demand_finite,
    exact_sum,
    explainer_of,
    weights_of,
)
from cnnviz.core.explain.flatten import Place, cell_of_entry
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _

Shape = tuple[int, int, int]


@dataclass(frozen=True, eq=False, kw_only=True)
class DenseCell(Cell):
    """`products.sum() + bias == total`; `inputs`, `weights` and `products` (entries,) in float64.

    `order` (entries,) lists the entries by how much they add or take away, the largest first.
    `shape` is that of the maps before a flatten, None where there were none. `before`: where the entries stand, for a
    layer on maps: the map and the row; nothing for one on a vector.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain_dense
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> network = nn.Sequential(nn.Flatten(), nn.Linear(4, 1))
    >>> layer = trace(network, np.array([[[1, 2], [3, 4]]], np.float32)).layers[1]
    >>> cell = explain_dense(layer, UnitRef("1", 0), shape=(1, 2, 2))
    >>> cell.inputs.tolist(), cell.source(2)
    ([1.0, 2.0, 3.0, 4.0], (0, 1, 0))
    """

    inputs: np.ndarray
    weights: np.ndarray
    products: np.ndarray
    order: np.ndarray
    bias: float
    shape: Shape | None = None
    before: tuple[int, ...] = ()

    def source(self, entry: int) -> Place | None:
        """The cell (channel, row, col) that `entry` was before the flatten; None where there were no maps."""
        return None if self.shape is None else cell_of_entry(self.shape, entry)

    def _check(self) -> None:
        if not np.array_equal(self.products, self.inputs * self.weights):
            raise ExplainError(
                _("products of {path} must be inputs × weights, got others: compute them from these",
                  path=self.spec.path)
            )  # fmt: skip
        magnitude = float(np.abs(self.products).sum() + abs(self.bias))
        self._must_make_total(float(self.products.sum() + self.bias), magnitude)


@explainer_of(Kind.LINEAR)
def explain_linear(layer: LayerTrace, unit: UnitRef) -> DenseCell:
    """The unit of a fully connected layer; `explain_dense` also says which cell each entry was."""
    return explain_dense(layer, unit)


def explain_dense(layer: LayerTrace, unit: UnitRef, shape: Shape | None = None) -> DenseCell:
    """The unit of a fully connected layer whose entries were maps of `shape` (channels, rows, cols), if any.

    Where the layer's input is more than a vector, PyTorch applies it along the last axis, and so does this.
    Raises: ExplainError for a shape of another size, or for numbers that are not finite.

    >>> import numpy as np
    >>> import torch
    >>> from torch import nn
    >>> from cnnviz.core.explain.dense import explain_dense
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = nn.Linear(2, 1)
    >>> layer.weight.data, layer.bias.data = torch.tensor([[10.0, -20.0]]), torch.tensor([1.0])
    >>> traced = trace(nn.Sequential(nn.Flatten(), layer), np.array([[[1, 2]]], np.float32))
    >>> cell = explain_dense(traced.layers[1], UnitRef("1", 0))
    >>> cell.total, cell.order.tolist()
    (-29.0, [1, 0])
    """
    *before, at = cell_position(layer, unit)
    inputs, weights = exact_sum(layer.input[tuple(before)]), exact_sum(weights_of(layer)[at])
    _must_fit(layer, shape, len(inputs))
    fields, bias = common_fields(layer, unit), 0.0 if layer.bias is None else float(layer.bias[at])
    checked = ((_("input"), inputs), (_("weights"), weights), (_("bias"), bias), (_("output"), fields["total"]))
    for name, values in checked:
        demand_finite(layer, name, values)
    products = inputs * weights
    order = np.argsort(-np.abs(products), kind="stable")
    return DenseCell(**fields, inputs=inputs, weights=weights, products=products, order=order, bias=bias, shape=shape,
                     before=tuple(before))  # fmt: skip


def _must_fit(layer: LayerTrace, shape: Shape | None, entries: int) -> None:
    if shape is not None and int(np.prod(shape)) != entries:
        raise ExplainError(
            _("shape must hold the {entries} inputs of {path}, got {shape}: give the shape before the flatten",
              entries=entries, path=layer.spec.path, shape=sides(shape))
        )  # fmt: skip
