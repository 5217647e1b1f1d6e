"""What a packet says of one layer: its settings, its parameters, its operands, and what it would do in training.

Refuses to know: which layers there are, and what of them is seen (`travelling`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cnnviz.core.edits.comparison import PARAMETERS
from cnnviz.core.explain import dropout_mask
from cnnviz.core.explain.laid_weights import weights_by_output
from cnnviz.core.layer_facts import Form, WeightsBy, form_of, weights_by
from cnnviz.core.layer_reads import constant_reads
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind, LayerSpec
from cnnviz.web.selection import Selection
from cnnviz.web.wire import Header, PacketWriter

MOST_WEIGHTS = 12_000_000  # bytes of one layer of a large network, when one steps through its cells
SEED = 0  # of the dropout mask that is shown


def opened_parameters(
    layer: LayerTrace, selection: Selection, cargo: PacketWriter, shown: Selection | None = None
) -> Header:
    """The kernels of the open map, and all that is small.

    Where the cells of what is open have weights of their own, those of one cell travel, and all of them once one steps
    from cell to cell, if they are not too many: `weights_come` says so. shown: what the browser has on the screen; it
    keeps the weights of the layer that it steps through.
    """
    if layer.weight is None or layer.weight.ndim == 1:
        return parameters_header(layer, cargo)
    weight = weights_by_output(layer.spec, layer.weight)
    header = parameters_header(replace(layer, weight=None), cargo)
    own = _own_weights(layer, selection)
    if own is None:
        return header | {"weight": cargo.put_rows(weight, [selection.channel * len(weight) // len(layer.output)])}
    header["weights_come"] = comes = weight.nbytes <= MOST_WEIGHTS
    if not comes or selection.row is None:
        return header | {"weight": cargo.put_rows(weight, [own])}
    if shown is not None and shown.layer == selection.layer and shown.row is not None:
        del header["weight"]
        return header
    return header | {"weight": cargo.put(weight)}


def _own_weights(layer: LayerTrace, selection: Selection) -> int | None:
    """Which weights the cell that is looked at has; None where all cells of a map have those of the map."""
    by = weights_by(layer)
    if by is WeightsBy.COLUMN:
        return selection.col or 0
    if by is WeightsBy.ROW or form_of(layer.output.shape)["form"] is Form.STRIP:
        return selection.row or 0
    return None


def operands_of(layer: LayerTrace, cargo: PacketWriter) -> list[Header] | None:
    """The two inputs of an addition or a product in their order: the number of a source, or a constant's values."""
    if layer.spec.kind not in (Kind.ADD, Kind.MULTIPLY):
        return None
    sources = iter(range(len(layer.sources)))
    return [
        {"source": next(sources)}
        if source is not None
        else {"values": cargo.put(array.astype(np.float32)), "reads": constant_reads(layer, place)}
        for place, (source, array) in enumerate(zip(layer.sources, layer.inputs, strict=True))
    ]


def parameters_header(layer: LayerTrace, cargo: PacketWriter, old: LayerTrace | None = None) -> Header:
    """Weights, biases and estimates; what is there of `old` already travels as what is new."""
    arrays, known = _parameters(layer), {} if old is None else _parameters(old)
    return {name: None if array is None else cargo.put(array, known.get(name)) for name, array in arrays.items()}


def _parameters(layer: LayerTrace) -> dict[str, np.ndarray | None]:
    """Those of a layer, its weights as its outputs read them."""
    arrays = {name: getattr(layer, name) for name in PARAMETERS}
    return arrays | {"weight": None if layer.weight is None else weights_by_output(layer.spec, layer.weight)}


def as_in_training(layer: LayerTrace, cargo: PacketWriter) -> Header | None:
    """What a layer would do with this input in training: the statistics of a batch of one, or a dropout mask."""
    if layer.input.ndim != 3:
        return None
    if layer.spec.kind is Kind.NORMALISATION and layer.mean is not None and layer.input.size > len(layer.mean):
        cells = layer.input.astype(np.float64).reshape(len(layer.mean), -1)  # a row for each channel
        statistics = {"mean": cells.mean(1), "variance": cells.var(1), "unbiased": cells.var(1, ddof=1)}
        return {name: cargo.put(values.astype(np.float32)) for name, values in statistics.items()}
    if layer.spec.kind is Kind.DROPOUT:
        mask = np.broadcast_to(dropout_mask(layer, SEED), layer.input.shape)
        return {"mask": cargo.put(mask.astype(np.uint8))}
    return None


def settings_header(spec: LayerSpec) -> Header:
    """What else a layer's formula needs."""
    return {
        "transposed": spec.is_transposed,
        "slope": spec.slope,
        "numbers": {name: value if np.isfinite(value) else None for name, value in spec.numbers},
        "approximate": spec.approximate,
        "epsilon": spec.epsilon,
        "scales": list(spec.scales),
        "groups": spec.groups,
        "by_image": spec.is_by_image,
        "is_along": bool(spec.over),
        "probability": spec.probability,
    }
