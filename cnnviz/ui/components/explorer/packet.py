"""A trace as the explorer's packet: for each layer what it is, its numbers, its windows and its colour ranges.

Refuses to know: words (`texts`), colours (`figures.theme`), how bytes are laid out (`wire`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from cnnviz.explain import dropout_mask
from cnnviz.geometry import SAME_CELL, Geometry, Window
from cnnviz.layers import CELL_BY_CELL, Kind, LayerSpec
from cnnviz.ranges import Ranges
from cnnviz.trace import LayerTrace, Trace
from cnnviz.ui.comparison import PARAMETERS, Alone, Compared
from cnnviz.ui.components.wire import Cargo, Header
from cnnviz.ui.selection import INPUT, SOFTMAX, Selection, plain_selection

SEED = 0  # of the dropout mask that is shown


@dataclass(frozen=True, eq=False)
class Content:
    """The numbers of a packet: a trace, what it is compared with, what is open, and more arrays, by name.

    As what a browser has: without `is_same_image` only what no image changes is meant.
    """

    trace: Trace
    selection: Selection
    compared: Compared | None = None
    fields: Mapping[str, np.ndarray] = field(default_factory=dict)
    is_same_image: bool = True

    @property
    def scales(self) -> Compared:
        """Whose colour scales it has: where it is one side of a comparison, they are shared with the other."""
        return self.compared or Alone(self.trace)


def pack(
    trace: Trace,
    selection: Selection,
    rest: Header,
    *,
    with_weights: bool = True,
    compared: Compared | None = None,
    fields: Mapping[str, np.ndarray] | None = None,
    base: Content | None = None,
) -> bytes:
    """The packet of `trace` as `selection` shows it; `rest` joins the header (texts, palette, verdict, link).

    Without weights it is for a browser that has them. `compared`: where it is one side of a comparison, whose colour
    scales it shares. `fields`: more arrays, by name. `base`: what the browser has of layers that are built alike: of
    these only numbers travel, and only new ones.
    """
    return _packed(Content(trace, selection, compared, fields or {}), base, rest, with_weights)


def _packed(content: Content, base: Content | None, rest: Header, with_weights: bool) -> bytes:
    cargo, trace = Cargo(), content.trace
    old = base if base and base.is_same_image else None
    layers = [
        _input(trace, old.trace.image if old else None, cargo),
        *(_news(content, base, cargo) if base else _layers(content, cargo, with_weights)),
        _softmax(trace, cargo),
    ]
    known = old.fields if old else {}
    more = {name: cargo.put(array, known.get(name)) for name, array in content.fields.items()}
    shown = {"layers": layers, "detail": _detail(content, old, cargo), "fields": more}
    return cargo.sealed(shown | {"selection": plain_selection(content.selection), **rest})


def _input(trace: Trace, old: np.ndarray | None, cargo: Cargo) -> Header:
    return {
        "path": INPUT,
        "kind": INPUT,
        "output": cargo.put(trace.image, old),
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


def _layers(content: Content, cargo: Cargo, with_weights: bool) -> list[Header]:
    reach: Geometry | None = SAME_CELL
    result = []
    for at, (layer, scales) in enumerate(zip(content.trace.layers, content.scales.scales(), strict=True)):
        window = layer.spec.geometry
        reach = window.after(reach) if window and reach else None
        header = _layer(layer, scales, window, reach, cargo) | {"weight_range": content.scales.weight_range(at)}
        result.append(header | _weights(layer, cargo) if with_weights else header)
    return result


def _news(content: Content, base: Content, cargo: Cargo) -> list[Header]:
    """The numbers of every layer, for a browser that has those of `base`."""
    rows = zip(content.trace.layers, base.trace.layers, content.scales.scales(), strict=True)
    same = base.is_same_image
    return [
        {"path": layer.spec.path, "kind": layer.spec.kind.value}
        | _numbers(layer, scales, cargo, old.output if same else None)
        | {"weight_range": content.scales.weight_range(at), **_parameters(layer, cargo, old)}
        for at, (layer, old, scales) in enumerate(rows)
    ]


def _numbers(layer: LayerTrace, scales: Ranges, cargo: Cargo, old: np.ndarray | None = None) -> Header:
    """What changes with every image."""
    return {
        "output": cargo.put(layer.output, old),
        "training": _as_in_training(layer, cargo),
        "ranges": {
            "map": scales.maps,
            "layer": scales.layer,
            "network": scales.network,
            "starts": scales.starts or scales.finer > 1,
            "finer": scales.finer,
        },
    }


def _layer(layer: LayerTrace, scales: Ranges, window: Geometry | None, reach: Geometry | None, cargo: Cargo) -> Header:
    spec = layer.spec
    return {
        "path": spec.path,
        "kind": spec.kind.value,
        "type": spec.type_name,
        "parameters": spec.parameters,
        "window": _geometry(window),
        "dilation": list(spec.dilation),
        "groups": spec.groups,
        "reach": _geometry(reach),
        "whole": spec.sees_whole_input,
        **_numbers(layer, scales, cargo),
    }


def _weights(layer: LayerTrace, cargo: Cargo) -> Header:
    """What stays the same from drawing to drawing: parameters, and which cells each unit reads."""
    return _parameters(layer, cargo) | {"axes": _axes(layer), "settings": _settings(layer.spec)}


def _parameters(layer: LayerTrace, cargo: Cargo, old: LayerTrace | None = None) -> Header:
    arrays = {name: getattr(layer, name) for name in PARAMETERS}
    return {
        name: None if array is None else cargo.put(array, getattr(old, name, None)) for name, array in arrays.items()
    }


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


def _detail(content: Content, base: Content | None, cargo: Cargo) -> Header | None:
    """What each input channel adds to the open map or score, where the open layer is a sum."""
    layer, channel = content.selection.layer, content.selection.channel
    if layer in (None, INPUT, SOFTMAX):
        return None
    position = content.trace.position(layer or "")
    if content.trace.layers[position].spec.kind not in (Kind.CONVOLUTION, Kind.LINEAR):
        return None
    sums, reach = content.scales.sums(position, channel)
    is_known = base is not None and (base.selection.layer, base.selection.channel) == (layer, channel)
    old = base.scales.sums(position, channel)[0] if base and is_known else None
    return {"layer": layer, "channel": channel, "sums": cargo.put(sums, old), "range": reach}
