"""The effective field: how strongly each pixel moves one unit, for given images.

|gradient| of the unit with respect to the pixels, PyTorch's own, summed over the channels of the image and averaged
over the images (Luo, Li, Urtasun, Zemel, "Understanding the Effective Receptive Field", NeurIPS 2016).
Refuses to know: formulas; weights are shared with the model and nothing is left behind in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from cnnviz.checks import sides
from cnnviz.core.graph import Graph
from cnnviz.core.receptive_field.record import Box
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _


@dataclass(frozen=True, eq=False)
class EffectiveField:
    """`weights` (rows, cols) add up to 1; all are 0 where the unit is silent: no pixel moves it, for these images.

    `weights` are float64; `images` is how many were averaged over.

    >>> import numpy as np
    >>> from cnnviz.core.receptive_field import Box, EffectiveField
    >>> from cnnviz.core.units import UnitRef
    >>> field = EffectiveField(UnitRef("conv1"), np.array([[0.25, 0.25], [0.5, 0.0]]), images=1)
    >>> field.is_silent, field.share_within(Box(range(0, 1), range(0, 2)))
    (False, 0.5)
    """

    unit: UnitRef
    weights: np.ndarray
    images: int

    def __post_init__(self) -> None:
        self.weights.setflags(write=False)

    @property
    def is_silent(self) -> bool:
        """Whether no pixel moves the unit, as behind a ReLU that is off."""
        return not self.weights.any()

    def share_within(self, box: Box) -> float | None:
        """The share of all |gradient| that lies inside `box`; None for a silent unit, which has none."""
        if self.is_silent:
            return None
        return float(self.weights[box.mask((self.weights.shape[0], self.weights.shape[1]))].sum())


def central_indices(box: Box, share: float = 0.5) -> Box:
    """The middle of a box: `share` of its height and of its width.

    >>> from cnnviz.core.receptive_field.effective import central_indices
    >>> from cnnviz.core.receptive_field.record import Box
    >>> central_indices(Box(range(0, 8), range(0, 4)))
    Box(rows=range(2, 6), cols=range(1, 3))
    """
    sides = []
    for side in (box.rows, box.cols):
        cut = round(len(side) * (1 - share) / 2)
        sides.append(range(side.start + cut, side.stop - cut))
    return Box(sides[0], sides[1])


def effective_field(graph: Graph, unit: UnitRef, images: np.ndarray) -> EffectiveField:
    """The effective field of `unit` for `images`, (channels, rows, cols) or (n, channels, rows, cols).

    images: numbers as the network reads them; they become the type of its weights.
    Returns: the mean of |gradient| over the images, float64 (rows, cols), which adds up to 1 unless the unit is silent.
    Raises: GraphError for a layer, IndexError for a unit that there is not, ValueError for images of another shape.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> from cnnviz.core.receptive_field import effective_field
    >>> from cnnviz.core.units import UnitRef
    >>> graph = build_graph(nn.Sequential(nn.AvgPool2d(2)), (1, 4, 4))
    >>> effective_field(graph, UnitRef("0", 0, 0, 0), np.zeros((1, 4, 4), np.float32)).weights[:2].tolist()
    [[0.25, 0.25, 0.0, 0.0], [0.25, 0.25, 0.0, 0.0]]
    """
    batch = images[None] if images.ndim == 3 else images
    if batch.shape[1:] != graph.input_shape or not len(batch):
        raise ValueError(
            _("images must be of shape {wanted}, got {shape}: prepare them for this network",
              wanted=sides(graph.input_shape), shape=sides(images.shape))
        )  # fmt: skip
    position = graph.position(unit.layer)
    index: tuple[int, ...] = graph.nodes[position].index(unit)[1:]  # the batch axis stays
    pixels = torch.tensor(batch, dtype=graph.program.dtype, device=graph.program.device).requires_grad_()
    with torch.enable_grad():
        total = graph.program(position, pixels).movedim(0, -1)[index].sum()
        (gradient,) = torch.autograd.grad(total, pixels, materialize_grads=True)
    strength = gradient.abs().sum(dim=1).mean(dim=0).double().cpu().numpy()  # (h, w)
    return EffectiveField(unit, strength / (strength.sum() or 1.0), len(batch))
