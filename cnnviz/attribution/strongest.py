"""What does a unit look for, in real images? Those that excite it most, and where, of all images and places.

Refuses to know: where images come from, pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from cnnviz.attribution.records import Question
from cnnviz.attribution.scores import Scores
from cnnviz.core.graph import Graph
from cnnviz.core.layer_trace import maps_shape
from cnnviz.core.layers import Kind
from cnnviz.core.receptive_field import Box, receptive_field
from cnnviz.core.units import UnitRef

NOT_LOOKING = (Kind.FLATTEN, Kind.SOFTMAX)  # they hand on what others found


@dataclass(frozen=True, eq=False)
class Peaks:
    """The largest value of each map of `layer` in each image, and its place: `values`, `rows`, `cols`, (n, maps).

    >>> import numpy as np
    >>> from cnnviz.attribution.strongest import Peaks
    >>> place = np.zeros((3, 1), int)
    >>> peaks = Peaks("conv1", np.array([[1.0], [4.0], [2.0]]), place, place)
    >>> peaks.best(0), peaks.is_same_everywhere(0)
    (4.0, False)
    """

    layer: str
    values: np.ndarray
    rows: np.ndarray
    cols: np.ndarray

    @property
    def nbytes(self) -> int:
        """The memory that they take."""
        return self.values.nbytes + self.rows.nbytes + self.cols.nbytes

    def best(self, channel: int) -> float:
        """The largest value of a map over all images."""
        return float(self.values[:, channel].max())

    def is_same_everywhere(self, channel: int) -> bool:
        """Whether a map has the same largest value in every image: nothing excites it more than anything else."""
        return float(np.ptp(self.values[:, channel])) == 0


@dataclass(frozen=True)
class Patch:
    """Where image number `image` excites a map most: the unit, its value, and its receptive field in the image.

    `box` is the receptive field by the formula, cut off at the border; None where it is not known.
    """

    image: int
    unit: UnitRef
    value: float
    box: Box | None


def looking_layers(graph: Graph) -> list[str]:
    """The layers whose units can be asked what they look for, in the order in which they run.

    >>> from torch import nn
    >>> from cnnviz.attribution.strongest import looking_layers
    >>> from cnnviz.core.graph import build_graph
    >>> model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(18, 2))
    >>> looking_layers(build_graph(model, (1, 5, 5)))
    ['0', '1', '3']
    """
    return [
        node.name
        for number, node in enumerate(graph.nodes)
        if node.is_layer and graph.dependent[number] and node.shapes[0] is not None
        and (node.spec is None or node.spec.kind not in NOT_LOOKING)
    ]  # fmt: skip


def units_of(graph: Graph, layer: str) -> tuple[int, int, int]:
    """(maps, rows, cols) of a layer; the entries of a vector are maps of one cell.

    >>> from torch import nn
    >>> from cnnviz.attribution.strongest import units_of
    >>> from cnnviz.core.graph import build_graph
    >>> units_of(build_graph(nn.Sequential(nn.Conv2d(1, 2, 3)), (1, 5, 5)), "0")
    (2, 3, 3)
    """
    shape = maps_shape(graph.nodes[graph.position(layer)].shape)
    return (shape[0], 1, 1) if len(shape) == 1 else (shape[0], shape[1], shape[2])


def find_peaks(graph: Graph, layer: str, images: np.ndarray) -> Peaks:
    """Where `images` (n, channels, rows, cols) excite each map of `layer` most.

    >>> import torch
    >>> from torch import nn
    >>> from cnnviz.attribution.strongest import find_peaks
    >>> from cnnviz.core.graph import build_graph
    >>> graph = build_graph(nn.Sequential(nn.ReLU()), (1, 1, 3))
    >>> peaks = find_peaks(graph, "0", torch.tensor([[[[1.0, 5, 2]]], [[[3.0, 0, 0]]]]).numpy())
    >>> peaks.values.tolist(), peaks.cols.tolist()
    ([[5.0], [3.0]], [[1], [0]])
    """
    found, cols = [], units_of(graph, layer)[2]
    for outputs in _outputs(graph, layer, images):
        flat = outputs.flatten(2)  # (n, maps, cells)
        found.append(flat.max(dim=2))
    values = torch.cat([each.values for each in found]).cpu().numpy()
    places = torch.cat([each.indices for each in found]).cpu().numpy()
    return Peaks(layer, values, places // cols, places % cols)


def _outputs(graph: Graph, layer: str, images: np.ndarray) -> Iterator[torch.Tensor]:
    """The maps of the layer (n, maps, rows, cols), as many images at once as memory and network allow."""
    program, number, shape = graph.program, graph.position(layer), units_of(graph, layer)
    at_once = Scores(graph, Question(0)).at_once
    with torch.no_grad():
        for begin in range(0, len(images), at_once):
            batch = torch.tensor(images[begin : begin + at_once], dtype=program.dtype, device=program.device)
            yield program(number, batch).reshape(len(batch), *shape)


def strongest_patches(graph: Graph, peaks: Peaks, channel: int, count: int) -> list[Patch]:
    """The `count` images that excite map `channel` most, the strongest first, each with its strongest place.

    >>> import torch
    >>> from torch import nn
    >>> from cnnviz.attribution.strongest import find_peaks, strongest_patches
    >>> from cnnviz.core.graph import build_graph
    >>> graph = build_graph(nn.Sequential(nn.MaxPool2d((1, 2), 1)), (1, 1, 4))
    >>> peaks = find_peaks(graph, "0", torch.tensor([[[[1.0, 2, 9, 0]]], [[[3.0, 0, 0, 0]]]]).numpy())
    >>> patch = strongest_patches(graph, peaks, 0, 1)[0]
    >>> patch.image, patch.value, patch.box.cols  # the first of the two windows that hold the 9
    (0, 9.0, range(1, 3))
    """
    order = np.argsort(-peaks.values[:, channel], kind="stable")[:count]
    return [_patch(graph, peaks, int(image), channel) for image in order]


def _patch(graph: Graph, peaks: Peaks, image: int, channel: int) -> Patch:
    unit = UnitRef(peaks.layer, channel, int(peaks.rows[image, channel]), int(peaks.cols[image, channel]))
    return Patch(image, unit, float(peaks.values[image, channel]), receptive_field(graph, unit).reach)


def middle_unit(graph: Graph, layer: str, channel: int) -> UnitRef:
    """The unit in the middle of a map: its receptive field is cut off least.

    >>> from torch import nn
    >>> from cnnviz.attribution.strongest import middle_unit
    >>> from cnnviz.core.graph import build_graph
    >>> middle_unit(build_graph(nn.Sequential(nn.Conv2d(1, 2, 3)), (1, 7, 9)), "0", 1)
    UnitRef(layer='0', channel=1, row=2, col=3)
    """
    _maps, rows, cols = units_of(graph, layer)
    return UnitRef(layer, channel, rows // 2, cols // 2)


def strongest_unit(graph: Graph, layer: str, channel: int, image: np.ndarray) -> UnitRef:
    """The unit of a map that one image (channels, rows, cols) excites most.

    >>> import torch
    >>> from torch import nn
    >>> from cnnviz.attribution.strongest import strongest_unit
    >>> from cnnviz.core.graph import build_graph
    >>> graph = build_graph(nn.Sequential(nn.ReLU()), (1, 1, 3))
    >>> strongest_unit(graph, "0", 0, torch.tensor([[[1.0, 5, 2]]]).numpy())
    UnitRef(layer='0', channel=0, row=0, col=1)
    """
    peaks = find_peaks(graph, layer, image[None])
    return UnitRef(layer, channel, int(peaks.rows[0, channel]), int(peaks.cols[0, channel]))
