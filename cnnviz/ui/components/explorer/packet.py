"""A trace as the explorer's packet: for each layer what it is, its numbers, its windows and its colour ranges.

Refuses to know: words (`texts`), colours (`figures.theme`), how bytes are laid out (`wire`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from cnnviz.explain import dropout_mask
from cnnviz.geometry import SAME_CELL, Geometry, Window
from cnnviz.layers import CELL_BY_CELL, Kind, LayerSpec
from cnnviz.ranges import Ranges
from cnnviz.trace import LayerTrace, Trace
from cnnviz.ui.comparison import Alone, Compared
from cnnviz.ui.components.wire import Cargo, Header
from cnnviz.ui.selection import INPUT, SOFTMAX, Selection, plain_selection

SEED = 0  # of the dropout mask that is shown


def pack(
    trace: Trace,
    selection: Selection,
    rest: Header,
    *,
    with_weights: bool | Collection[str] = True,
    compared: Compared | None = None,
    fields: Mapping[str, np.ndarray] | None = None,
) -> bytes:
    """The packet of `trace` as `selection` shows it; `rest` joins the header (texts, palette, verdict, link).

    Without weights, or with those of some layers (by path), it is for a browser that has the others. `compared`: where
    it is one side of a comparison, whose colour scales it shares. `fields`: more arrays, by name.
    """
    cargo = Cargo()
    compared = compared or Alone(trace)
    heavy = {layer.spec.path for layer in trace.layers} if with_weights is True else with_weights or ()
    layers = [_input(trace, cargo), *_layers(trace, compared, cargo, heavy), _softmax(trace, cargo)]
    more = {name: cargo.put(array) for name, array in (fields or {}).items()}
    detail = _detail(trace, compared, selection, cargo)
    return cargo.sealed(
        {"layers": layers, "detail": detail, "fields": more, "selection": plain_selection(selection), **rest}
    )


def _input(trace: Trace, cargo: Cargo) -> Header:
    return {
        "path": INPUT,
        "kind": INPUT,
        "output": cargo.put(trace.image),
        "window": None,
        "reach": _geometry(SAME_CELL),
    }


def _softmax(trace: Trace, cargo: Cargo) -> Header:
    return {
        "path": SOFTMAX,
        "kind": SOFTMAX,
        "output": cargo.put(trace.probabilities),
        "window": None,
        "reach": None,
        "whole": True,
    }


def _layers(trace: Trace, compared: Compared, cargo: Cargo, heavy: Collection[str]) -> list[Header]:
    reach: Geometry | None = SAME_CELL
    result = []
    for at, (layer, scales) in enumerate(zip(trace.layers, compared.scales(), strict=True)):
        window = layer.spec.geometry
        reach = window.after(reach) if window and reach else None
        header = _layer(layer, scales, window, reach, cargo) | {"weight_range": compared.weight_range(at)}
        result.append(header | _weights(layer, cargo) if layer.spec.path in heavy else header)
    return result


def _layer(layer: LayerTrace, scales: Ranges, window: Geometry | None, reach: Geometry | None, cargo: Cargo) -> Header:
    spec = layer.spec
    return {
        "path": spec.path,
        "kind": spec.kind.value,
        "type": spec.type_name,
        "parameters": spec.parameters,
        "output": cargo.put(layer.output),
        "window": _geometry(window),
        "dilation": list(spec.dilation),
        "groups": spec.groups,
        "reach": _geometry(reach),
        "whole": spec.sees_whole_input,
        "training": _as_in_training(layer, cargo),
        "ranges": {"map": scales.maps, "layer": scales.layer, "network": scales.network},
    }


def _weights(layer: LayerTrace, cargo: Cargo) -> Header:
    """What stays the same from drawing to drawing: parameters, and which cells each unit reads."""
    arrays = {name: getattr(layer, name) for name in ("weight", "bias", "mean", "variance")}
    fields = {name: None if array is None else cargo.put(array) for name, array in arrays.items()}
    return fields | {"axes": _axes(layer), "settings": _settings(layer.spec)}


def _as_in_training(layer: LayerTrace, cargo: Cargo) -> Header | None:
    """What a layer would do with this input in training: the statistics of a batch of one, or a dropout mask."""
    if layer.input.ndim != 3:
        return None
    if layer.spec.kind is Kind.NORMALISATION and layer.input[0].size > 1:
        maps = layer.input.astype(np.float64)
        statistics = {"mean": maps.mean((1, 2)), "variance": maps.var((1, 2)), "unbiased": maps.var((1, 2), ddof=1)}
        return {name: cargo.put(values.astype(np.float32)) for name, values in statistics.items()}
    if layer.spec.kind is Kind.DROPOUT:
        mask = np.broadcast_to(dropout_mask(layer, SEED), layer.input.shape)
        return {"mask": cargo.put(mask.astype(np.uint8))}
    return None


def _axes(layer: LayerTrace) -> Header | None:
    """Places and sources of every tap, rows and columns; None where a unit reads its own cell, or everything."""
    if layer.spec.kind in CELL_BY_CELL or layer.input.ndim != 3 or layer.output.ndim != 3:
        return None
    axes = layer.spec.axes(layer.input.shape[1:], layer.output.shape[1:])
    return axes and {
        name: {"places": axis.places, "sources": axis.sources}
        for name, axis in zip(("rows", "cols"), axes, strict=True)
    }


def _settings(spec: LayerSpec) -> Header:
    """What else a layer's formula needs."""
    return {
        "transposed": spec.is_transposed,
        "padding_mode": spec.padding_mode,
        "counts_padding": spec.counts_padding,
        "divisor": spec.divisor,
        "slope": spec.slope,
        "approximate": spec.approximate,
        "epsilon": spec.epsilon,
        "probability": spec.probability,
    }


def _geometry(geometry: Geometry | None) -> Header | None:
    return None if geometry is None else {"rows": _window(geometry.rows), "cols": _window(geometry.cols)}


def _window(window: Window) -> Header:
    return {"size": window.size, "jump": window.jump, "start": window.start}


def _detail(trace: Trace, compared: Compared, selection: Selection, cargo: Cargo) -> Header | None:
    """What each input channel adds to the open map or score, where the open layer is a sum."""
    if selection.layer in (None, INPUT, SOFTMAX):
        return None
    position = trace.position(selection.layer or "")
    if trace.layers[position].spec.kind not in (Kind.CONVOLUTION, Kind.LINEAR):
        return None
    sums, reach = compared.sums(position, selection.channel)
    return {"layer": selection.layer, "channel": selection.channel, "sums": cargo.put(sums), "range": reach}
