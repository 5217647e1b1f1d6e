"""A setup and its result as the packet of the laboratory: picture, result, weights, windows, shares, histogram.

The two layers are told as the explorer tells its layers, so that the same walk explains them.
Refuses to know: words (`texts`), colours (`figures.theme`), how bytes are laid out (`wire`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnviz.conv_lab.images import LabImage
from cnnviz.conv_lab.run import LAYER
from cnnviz.conv_lab.settings import LabSetup
from cnnviz.core.channel_sums import channel_sums
from cnnviz.core.explain import winning_taps
from cnnviz.core.layer_facts import image_facts, layer_facts
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.web.explorer.layer_headers import parameters_header
from cnnviz.web.wire import Header, PacketWriter

BINS = 41  # of the histogram: odd, so that the middle one stands around 0


def pack(setup: LabSetup, layer: LayerTrace, unit: int, rest: Header, *, with_picture: bool) -> bytes:
    """The packet of what `layer` did with `setup`, map `unit` open; `rest` joins the header.

    Without the picture it is for a browser that has it already.
    """
    cargo = PacketWriter()
    layers = [_picture(setup.picture, cargo, with_picture), _result(setup, layer, cargo)]
    shown = {"layers": layers, "detail": _detail(setup, layer, unit, cargo), "unit": unit}
    shown["winners"] = _winners(layer, cargo)
    return cargo.sealed(shown | {"histogram": histogram(layer.output[unit])} | rest)


def _picture(picture: LabImage, cargo: PacketWriter, with_values: bool) -> Header:
    low, high = picture.span
    shape = picture.values.shape
    header: Header = {"path": "input", "kind": "input", "low": low, "high": high, "shape": list(shape)}
    header |= {"sources": []} | image_facts(shape, (low, high))
    return header | ({"output": cargo.put(picture.values)} if with_values else {})


def _result(setup: LabSetup, layer: LayerTrace, cargo: PacketWriter) -> Header:
    spec = layer.spec
    largest = np.abs(layer.output).reshape(len(layer.output), -1).max(axis=1)
    reach = float(largest.max())
    return {
        "path": LAYER,
        "kind": spec.kind.value,
        "type": spec.type_name,
        "parameters": spec.parameters,
        "output": cargo.put(layer.output),
        "weight_range": None if layer.weight is None else max(float(np.abs(layer.weight).max()), 1e-12),
        "ranges": {"map": [float(value) for value in largest], "layer": reach, "network": reach},
        "settings": {"transposed": spec.is_transposed},
        "follows": 0,
        "sources": [0],
        "classes": False,
        **layer_facts(layer, image_facts(layer.input.shape)),
        **{name: header for name, header in parameters_header(layer, cargo).items() if name in ("weight", "bias")},
    }


def _winners(layer: LayerTrace, cargo: PacketWriter) -> Header | None:
    """Which tap won each cell of a max pooling."""
    if layer.spec.kind is not Kind.MAX_POOLING:
        return None
    return {"layer": LAYER, "taps": cargo.put(winning_taps(layer).astype(np.float32))}


def _detail(setup: LabSetup, layer: LayerTrace, unit: int, cargo: PacketWriter) -> Header | None:
    """What each channel adds to the open map, where there is more than one."""
    if not setup.has_weights or setup.kernel.shape[1] < 2:
        return None
    sums = channel_sums(layer, unit)
    return {"layer": LAYER, "channel": unit, "sums": cargo.put(sums), "range": float(np.abs(sums).max())}


def histogram(values: np.ndarray) -> dict[str, Any]:
    """How many cells lie in each of 41 equal steps from −r to +r, r being the largest size of all `values`.

    >>> import numpy as np
    >>> from cnnviz.web.conv_lab.packet import histogram
    >>> histogram(np.zeros((2, 2)))["counts"][20]
    4
    """
    reach = float(np.abs(values).max()) or 1.0
    counts, _edges = np.histogram(values, bins=BINS, range=(-reach, reach))
    return {"reach": reach, "counts": counts.tolist()}
