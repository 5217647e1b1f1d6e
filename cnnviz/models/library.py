"""What `import cnnviz` offers for any `nn.Module`: explain a cell, and ask what a unit sees of the image.

A unit is a `UnitRef`, or its layer's name and its place: `("conv1", 3, 0, 5)` is channel 3, row 0, column 5.
Refuses to know: files, pages.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from torch import nn

from cnnviz.core.explain import Cell
from cnnviz.core.explain import explain as explain_cell
from cnnviz.core.graph import build_graph
from cnnviz.core.layer_trace import Trace
from cnnviz.core.receptive_field import ReceptiveField
from cnnviz.core.receptive_field import projective_field as field_of_pixel
from cnnviz.core.receptive_field import receptive_field as field_of_unit
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _

Unit = UnitRef | tuple[str | int, ...]


def explain(trace: Trace, unit: Unit) -> Cell:
    """The numbers behind one cell of a traced network: a record that has checked its own sum against PyTorch.

    Raises: KeyError for a layer, IndexError for a unit that there is not; ExplainError for an operation that nobody
    explains.

    >>> import cnnviz, torch
    >>> model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3, bias=False))
    >>> trace = cnnviz.trace(model, torch.ones(1, 5, 5).numpy())
    >>> cell = cnnviz.explain(trace, ("0", 1, 2, 2))
    >>> bool(abs(cell.products.sum() - cell.total) < 1e-6)
    True
    """
    place = read_unit(unit)
    layer = trace.layers[trace.position(place.layer)]
    return explain_cell(layer, UnitRef(layer.spec.path, place.channel, place.row, place.col))


def receptive_field(model: nn.Module, input_shape: tuple[int, int, int], unit: Unit) -> ReceptiveField:
    """What one unit sees of an image of `input_shape` (channels, rows, cols), and of every earlier layer.

    Raises: GraphError for a model that cannot be traced or a layer, IndexError for a unit that there is not.

    >>> import cnnviz, torch
    >>> model = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.MaxPool2d(2), torch.nn.Conv2d(8, 8, 3))
    >>> cnnviz.receptive_field(model, (3, 32, 32), ("2", 0, 5, 5)).window.rows.size
    8
    """
    return field_of_unit(build_graph(model, input_shape), read_unit(unit))


def projective_field(
    model: nn.Module, input_shape: tuple[int, int, int], pixel: tuple[int, int]
) -> Mapping[str, np.ndarray | None]:
    """Which units of every layer read the pixel (row, column) of an image of `input_shape`, by the layer's name.

    Booleans (channels, rows, cols) or (entries,); None for a layer behind an operation that nobody knows.
    Raises: GraphError for a model that cannot be traced, IndexError for a pixel that there is not.

    >>> import cnnviz, torch
    >>> model = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, stride=2))
    >>> int(cnnviz.projective_field(model, (3, 32, 32), (0, 0))["0"].sum())
    8
    """
    return field_of_pixel(build_graph(model, input_shape), *pixel)


def read_unit(unit: Unit) -> UnitRef:
    """A unit as a record. Raises: ValueError for what is none.

    >>> from cnnviz.models.library import read_unit
    >>> read_unit(("conv1", 3, 0, 5))
    UnitRef(layer='conv1', channel=3, row=0, col=5)
    """
    if isinstance(unit, UnitRef):
        return unit
    name, *place = unit
    if not isinstance(name, str) or not 1 <= len(place) <= 3 or not all(isinstance(at, int) for at in place):
        raise ValueError(
            _('unit must be a layer and its place as in ("conv1", 3, 0, 5), got {unit}: give channel, row, column',
              unit=repr(unit))
        )  # fmt: skip
    channel, row, col = (*(int(at) for at in place), 0, 0)[:3]
    return UnitRef(name, channel, row, col)
