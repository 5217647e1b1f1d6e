"""What a browser must know of every column of a network and cannot see in its numbers: the one place where it is said.

A column is what the explorer and the training step show side by side: the image, then every layer, then the
probabilities. Nothing here changes with the image, except `range_groups`.
Refuses to know: values, words, and where anything is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from cnnviz.core.colour_ranges import ColourRanges
from cnnviz.core.column_form import Form, form_of
from cnnviz.core.explain import divisors
from cnnviz.core.explain.windows_nd import divisors_nd
from cnnviz.core.layer_reads import Cells, constant_reads, reads_of, whole
from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.layers import CELL_BY_CELL, CONVOLUTIONS, POOLING, POOLING_ND, Kind

FOLLOWED = (
    Kind.ADD, Kind.MULTIPLY, Kind.CONCAT, Kind.REARRANGE, Kind.PADDING, Kind.UPSAMPLING, Kind.REDUCTION, Kind.SOFTMAX,
)  # fmt: skip
WALKED = (*CELL_BY_CELL, *POOLING, *POOLING_ND, *FOLLOWED, *CONVOLUTIONS, Kind.FLATTEN, Kind.LINEAR)
Header = dict[str, Any]


def column_facts(trace: Trace) -> list[Header]:
    """What is known of every column of `trace`.

    `follows`: the first column whose output it takes; `sources`: all those whose cells it is shown to read, as often as
    it takes them; after a flattening a fully connected layer reads the maps. `reads`: what it reads of each of them,
    see `reads_of`. `form`, `count`, `rows`, `cols`: see `form_of`. `classes`: whether its entries stand for classes.
    `colours`: the palette of its values, and `bounds`: the fixed ends of their scale, None where the numbers set them.
    The others: see `layer_facts`.
    """
    last = len(trace.layers)
    found = [_image(trace.image.shape)]
    for number, layer in enumerate(trace.layers, start=1):
        sources = [_source(trace, layer, one) for one in layer.sources if one is not None]
        before = next(one for one in layer.sources if one is not None)
        links = {"follows": before, "sources": sources, "classes": number == last and not trace.stopped}
        found.append(links | layer_facts(layer, found[sources[0]]))
    return found if trace.stopped else [*found, _probabilities(trace, last)]


def _image(shape: tuple[int, ...]) -> Header:
    return {"follows": None, "sources": [], "reads": [], "classes": False, **image_facts(shape)}


def image_facts(shape: tuple[int, ...], bounds: tuple[float, float] = (0, 1)) -> Header:
    """What is known of an image by itself."""
    return {"colours": "inputs", "bounds": list(bounds), "is_walked": False} | form_of(shape)


def _probabilities(trace: Trace, last: int) -> Header:
    form = form_of(trace.probabilities.shape) | {"form": Form.BARS, "count": len(trace.probabilities), "rows": 1}
    known = {"colours": "scores", "bounds": [0, 1], "is_walked": True}
    return {"follows": last, "sources": [last], "reads": [whole()], "classes": True, "adds_up": False} | known | form


def _source(trace: Trace, layer: LayerTrace, column: int) -> int:
    """The column whose cells `layer` is shown to read where it takes the output of `column`."""
    before = trace.layers[column - 1] if column else None
    if layer.spec.kind is not Kind.LINEAR or before is None:
        return column
    is_flat = before.spec.kind is Kind.FLATTEN and before.input.ndim == 3
    return before.sources[0] or 0 if is_flat else column


def layer_facts(layer: LayerTrace, source: Header) -> Header:
    """What is known of one layer by itself; `source` is the form of what it reads.

    `adds_up`: its output is a sum of its inputs times weights, plus a bias, and drawn as one. `kernel`: rows and
    columns of the picture of its weights for one input map, None without any. `divisors`: see `explain.divisors`.
    `cuts`: it turns what is below 0 into 0. `is_walked`: the arithmetic of its cells can be shown step by step.
    `weights_by`: see `weights_by`.
    """
    spec, is_sum, reads = layer.spec, adds_up(layer), reads_of(layer)
    return {
        "reads": reads,
        "colours": "activations",
        "bounds": None,
        "adds_up": is_sum,
        "kernel": _kernel(layer, source) if is_sum else None,
        "weights_by": weights_by(layer),
        "divisors": _divisors(layer),
        "cuts": spec.type_name == "ReLU",
        "is_walked": spec.kind in WALKED and _is_known(layer, reads),
        **form_of(layer.output.shape, is_unrolled=spec.kind is Kind.FLATTEN),
    }


def _is_known(layer: LayerTrace, reads: list[Header]) -> bool:
    """Whether it is known of every input which cells are read: a step shows their values."""
    constants = [place for place, source in enumerate(layer.sources) if source is None]
    if layer.spec.kind in (Kind.ADD, Kind.MULTIPLY):
        reads = [*reads, *(constant_reads(layer, place) for place in constants)]
    return all(one["cells"] is not Cells.UNKNOWN for one in reads)


def adds_up(layer: LayerTrace) -> bool:
    """Whether a layer is drawn as a sum: a term for each map that it reads, all of whose cells have the same kernel."""
    return layer.spec.kind is Kind.CONVOLUTION or (layer.spec.kind is Kind.LINEAR and not _is_along(layer))


class WeightsBy(StrEnum):
    """What says which of a layer's outputs a cell is of, where the cells of a map have not all the same weights."""

    ROW = "row"
    COLUMN = "col"
    MAP = "map"  # of a volume, whose slices are maps one after another


def weights_by(layer: LayerTrace) -> WeightsBy | None:
    """Of a sum that is not drawn as one, which weights each cell has; None for other layers.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.layer_facts import weights_by
    >>> from cnnviz.core.trace import trace
    >>> weights_by(trace(nn.Sequential(nn.Linear(4, 2)), np.ones((3, 5, 4), np.float32)).layers[0])
    <WeightsBy.COLUMN: 'col'>
    """
    if layer.spec.kind is Kind.CONVOLUTION_ND:
        return WeightsBy.ROW if len(layer.spec.windows) == 1 else WeightsBy.MAP
    return WeightsBy.COLUMN if _is_along(layer) else None


def _divisors(layer: LayerTrace) -> dict[str, list[int]] | None:
    if layer.spec.kind is Kind.AVERAGE_POOLING_ND:
        return divisors_nd(layer)
    return divisors(layer) if layer.spec.kind is Kind.AVERAGE_POOLING else None


def _is_along(layer: LayerTrace) -> bool:
    """Whether a fully connected layer stands on maps: PyTorch applies it to each of their rows."""
    return layer.spec.kind is Kind.LINEAR and layer.input.ndim == 3


def _kernel(layer: LayerTrace, source: Header) -> list[int] | None:
    """A fully connected layer is a convolution whose kernel has the size of the maps that it reads."""
    if layer.spec.kind is Kind.CONVOLUTION:
        return list(layer.spec.kernel)
    return [source["rows"], source["cols"]] if source["form"] is Form.MAPS else None


def range_groups(scales: Iterable[ColourRanges]) -> list[int]:
    """Which columns share a colour scale: one number for each column, the same for those that share.

    The image and the probabilities have scales of their own; a layer begins one where it sums (`LayerSpec.
    sets_colour_range`), where nothing came before, or where its network leaves it little (`colour_ranges`).
    """
    groups, number = [0], 0
    for one in scales:
        number += one.starts or one.is_own
        groups.append(number)
    return [*groups, number + 1]
