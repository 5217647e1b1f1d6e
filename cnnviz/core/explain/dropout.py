"""One cell of a dropout layer: left alone in evaluation mode, zeroed or scaled by 1 / (1 − p) in training mode.

Refuses to know: PyTorch's random numbers. A mask drawn here from a seed has the right odds, but is a mask of our own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnviz.checks import sides
from cnnviz.core.explain.cell import Cell, ExplainError, cell_position, common_fields, explainer_of
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _

WHOLE_MAPS = "Dropout2d"  # drops a map as a whole


@dataclass(frozen=True, eq=False, kw_only=True)
class DropoutCell(Cell):
    """`value · scale == total`; `scale` is 0 where the cell is dropped, 1 / (1 − p) where it is kept in training.

    In evaluation mode (`is_training` False) it is 1: nothing is done.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain, explain_dropout
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.Dropout(0.5)), np.ones((1, 1, 1), np.float32)).layers[0]
    >>> unit = UnitRef("0", 0, 0, 0)
    >>> explain(layer, unit).scale, explain_dropout(layer, unit, np.array([[[True]]])).scale
    (1.0, 2.0)
    """

    value: float
    probability: float
    scale: float
    is_training: bool
    is_kept: bool

    def _check(self) -> None:
        made = self.value * self.scale  # PyTorch multiplies by 0 too: ∞ dropped is NaN
        self._must_make_total(made, abs(made))


@explainer_of(Kind.DROPOUT)
def explain_inactive_dropout(layer: LayerTrace, unit: UnitRef) -> DropoutCell:
    """The cell in evaluation mode, which hands its value on."""
    value = float(layer.input[unit.within(layer.input.shape)])
    fields = common_fields(layer, unit) | {"value": value, "probability": layer.spec.probability}
    return DropoutCell(**fields, scale=1.0, is_training=False, is_kept=True)


def dropout_mask(layer: LayerTrace, seed: int) -> np.ndarray:
    """Which cells a training step keeps, drawn from `seed`: booleans (c, h, w), or (c, 1, 1) for whole maps.

    Each is True with the probability 1 − p. The draw is NumPy's, so the mask is not the one that PyTorch would draw.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain.dropout import dropout_mask
    >>> from cnnviz.core.trace import trace
    >>> layer = trace(nn.Sequential(nn.Dropout2d()), np.ones((8, 3, 3), np.float32)).layers[0]
    >>> dropout_mask(layer, seed=0).shape
    (8, 1, 1)
    """
    shape = layer.input.shape
    shape = (shape[0], *(1 for _size in shape[1:])) if layer.spec.type_name == WHOLE_MAPS else shape
    return np.random.default_rng(seed).random(shape) >= layer.spec.probability


def explain_dropout(layer: LayerTrace, unit: UnitRef, mask: np.ndarray) -> DropoutCell:
    """The cell in training mode under `mask`, which broadcasts to the layer's input: True where a cell is kept.

    The total is computed here. Raises: ExplainError for a mask that does not fit, or that keeps a cell at p = 1.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain.dropout import explain_dropout
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.Dropout(0.5)), np.full((1, 1, 1), 3, np.float32)).layers[0]
    >>> explain_dropout(layer, UnitRef("0", 0, 0, 0), np.array([[[True]]])).total
    6.0
    >>> explain_dropout(layer, UnitRef("0", 0, 0, 0), np.array([[[False]]])).total
    0.0
    """
    place = cell_position(layer, unit)
    value, is_kept = float(layer.input[place]), bool(_fitted(layer, mask)[place])
    probability = layer.spec.probability
    if is_kept and probability == 1:
        raise ExplainError(_("mask of {path} must drop every cell at p = 1, got one kept", path=layer.spec.path))
    scale = 1 / (1 - probability) if is_kept else 0.0
    return DropoutCell(
        spec=layer.spec, unit=unit, total=value * scale, dtype=layer.output.dtype, value=value,
        probability=probability, scale=scale, is_training=True, is_kept=is_kept,
    )  # fmt: skip


def _fitted(layer: LayerTrace, mask: np.ndarray) -> np.ndarray:
    try:
        return np.broadcast_to(np.asarray(mask, dtype=bool), layer.input.shape)
    except ValueError as error:
        raise ExplainError(
            _("mask of {path} must fit its input, {shape}, got {mask}: draw it with dropout_mask",
              path=layer.spec.path, shape=sides(layer.input.shape), mask=sides(mask.shape))
        ) from error  # fmt: skip
