"""A trace as the explorer's packet: for each layer what it is, its numbers, its colour ranges, and once the facts.

Refuses to know: words (`texts`), colours (`figures.theme`), how bytes are laid out (`wire`), and what a layer reads
or how it is shown (`layer_facts`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from cnnviz.core.colour_ranges import ColourRanges
from cnnviz.core.edits.comparison import Compared, SingleTrace
from cnnviz.core.explain import winning_taps
from cnnviz.core.layer_facts import adds_up, column_facts, range_groups
from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.layers import Kind
from cnnviz.core.map_overview import map_activity, most_active
from cnnviz.web.explorer.graph import column_activity, graph_plan, layout_of
from cnnviz.web.explorer.layer_headers import (
    as_in_training,
    opened_parameters,
    operands_of,
    parameters_header,
    settings_header,
)
from cnnviz.web.explorer.travelling import Travelling, travelling
from cnnviz.web.selection import INPUT, SOFTMAX, Selection, selection_to_json
from cnnviz.web.wire import Header, PacketWriter

MOST_TERMS = 64  # of a sum that are shown side by side, as `MOST_SOURCES` in focus.js
FIRST_TERMS = 48  # of one with more


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
        return self.compared or SingleTrace(self.trace)


def pack(
    trace: Trace,
    selection: Selection,
    rest: Header,
    *,
    with_weights: bool = True,
    compared: Compared | None = None,
    fields: Mapping[str, np.ndarray] | None = None,
    base: Content | None = None,
    most_bytes: int | None = None,
    shown: Selection | None = None,
    ranked: Trace | None = None,
) -> bytes:
    """The packet of `trace` as `selection` shows it; `rest` joins the header (texts, palette, verdict, link).

    Without weights it is for a browser that has them. `compared`: where it is one side of a comparison, whose colour
    scales it shares. `fields`: more arrays, by name. `base`: what the browser has of layers that are built alike: of
    these only numbers travel, and only new ones. `most_bytes`: of a network with more numbers only what is seen
    travels, see `travelling`; such a packet has no base. `shown`: what the browser shows of it already, then only what
    is new does. `ranked`: a trace of the same layers whose most active maps are shown where there are too many, None:
    its own.
    """
    content = Content(trace, selection, compared, fields or {})
    part = travelling(trace, selection, most_bytes, shown, ranked)
    if part is None:
        return _packed(content, base, _graph(trace, selection, ranked) | rest, with_weights)
    if part.shown is None:
        return _packed(content, None, _graph(trace, selection, ranked) | rest, with_weights, part)
    graph = _graph(trace, selection, ranked, part.shown.selection)
    return _packed(content, None, graph | rest, False, part)


def _graph(trace: Trace, selection: Selection, ranked: Trace | None, shown: Selection | None = None) -> Header:
    """Where all stands. A browser that shows the same plan already gets the activity of the open layer's maps only."""
    layout = layout_of(trace, selection)
    if shown is None or layout != layout_of(trace, shown):
        return {"plan": graph_plan(trace, layout, selection.layer, ranked), "stopped": trace.stopped}
    numbers = [column.number for column in layout.columns] if layout else []
    found = {number: column_activity(trace, number, selection.layer) for number in numbers}
    return {"activity": {number: one for number, one in found.items() if one is not None}, "stopped": trace.stopped}


def _packed(
    content: Content, base: Content | None, rest: Header, with_weights: bool, part: Travelling | None = None
) -> bytes:
    cargo, trace = PacketWriter(), content.trace
    old = base if base and base.is_same_image else None
    layers = [
        {} if part and part.shown else _input(trace, old.trace.image if old else None, cargo),
        *(_news(content, base, cargo) if base else _layers(content, cargo, with_weights, part)),
        *([] if trace.stopped else [_softmax(trace, cargo)]),
    ]
    for layer, group in zip(layers, range_groups(content.scales.scales()), strict=False):  # a part has no last one
        layer["range_group"] = group
    if with_weights and not base:
        layers = [layer | facts for layer, facts in zip(layers, column_facts(trace), strict=True)]
    known = old.fields if old else {}
    more = {name: cargo.put(array, known.get(name)) for name, array in content.fields.items()}
    detail = _detail(content, old, cargo, part.shown.selection if part and part.shown else None)
    shown: Header = {"layers": layers, "detail": detail, "terms": _terms(content)}
    shown["winners"] = _winners(content, cargo)
    shown |= {"fields": more, "selection": selection_to_json(content.selection)}
    return cargo.sealed(shown | rest)


def _input(trace: Trace, old: np.ndarray | None, cargo: PacketWriter) -> Header:
    return {"path": INPUT, "kind": INPUT, "output": cargo.put(trace.image, old)}


def _softmax(trace: Trace, cargo: PacketWriter) -> Header:
    return {"path": SOFTMAX, "kind": SOFTMAX, "output": cargo.put(trace.probabilities)}


def _layers(content: Content, cargo: PacketWriter, with_weights: bool, part: Travelling | None) -> list[Header]:
    if part is not None:
        return _seen_layers(content, cargo, part)
    result = []
    for at, (layer, scales) in enumerate(zip(content.trace.layers, content.scales.scales(), strict=True)):
        header = _layer(layer, scales, cargo) | {"weight_range": content.scales.weight_range(at)}
        result.append(header | _weights(layer, cargo) if with_weights else header)
    return result


def _seen_layers(content: Content, cargo: PacketWriter, part: Travelling) -> list[Header]:
    """Of a large network: the kernels of the open map only, and maps that are not open in overview size."""
    result: list[Header] = []
    for number, (layer, scales) in enumerate(zip(content.trace.layers, content.scales.scales(), strict=True), start=1):
        if part.is_shown(number):
            result.append({})
            continue
        is_open, is_whole = number == part.opened, part.has_whole(number)
        header: Header = {
            "path": layer.spec.path,
            "kind": layer.spec.kind.value,
            "type": layer.spec.type_name,
            "parameters": layer.spec.parameters,
            "settings": settings_header(layer.spec),
            "operands": operands_of(layer, cargo) if is_open else None,
            "output": cargo.put(layer.output) if is_whole and not part.is_whole_there(number) else None,
            "overview": None if is_whole else part.overview(number, cargo),
            "training": as_in_training(layer, cargo) if is_open else None,
            "ranges": _ranges(scales) | {"map": cargo.put(_reaches(scales, number in part.seen))},
        }
        if part.is_whole_there(number) and is_whole:
            del header["output"]
        if is_open:
            header |= {"weight_range": content.scales.weight_range(number - 1)}
            known = part.shown.selection if part.shown else None
            header |= opened_parameters(layer, content.selection, cargo, known)
        result.append(header)
    return result


def _reaches(scales: ColourRanges, is_seen: bool) -> np.ndarray:
    return np.array(scales.maps if is_seen else scales.maps[:1], dtype=np.float32)


def _ranges(scales: ColourRanges) -> Header:
    return {"map": scales.maps, "layer": scales.layer, "network": scales.network, "finer": scales.finer}


def _news(content: Content, base: Content, cargo: PacketWriter) -> list[Header]:
    """The numbers of every layer, for a browser that has those of `base`."""
    rows = zip(content.trace.layers, base.trace.layers, content.scales.scales(), strict=True)
    same = base.is_same_image
    return [
        {"path": layer.spec.path, "kind": layer.spec.kind.value}
        | _numbers(layer, scales, cargo, old.output if same else None)
        | {"weight_range": content.scales.weight_range(at), **parameters_header(layer, cargo, old)}
        for at, (layer, old, scales) in enumerate(rows)
    ]


def _numbers(layer: LayerTrace, scales: ColourRanges, cargo: PacketWriter, old: np.ndarray | None = None) -> Header:
    """What changes with every image."""
    return {
        "output": cargo.put(layer.output, old),
        "training": as_in_training(layer, cargo),
        "ranges": _ranges(scales),
    }


def _layer(layer: LayerTrace, scales: ColourRanges, cargo: PacketWriter) -> Header:
    spec = layer.spec
    return {
        "path": spec.path,
        "kind": spec.kind.value,
        "type": spec.type_name,
        "parameters": spec.parameters,
        **_numbers(layer, scales, cargo),
    }


def _weights(layer: LayerTrace, cargo: PacketWriter) -> Header:
    """What stays the same from drawing to drawing."""
    return parameters_header(layer, cargo) | {
        "settings": settings_header(layer.spec),
        "operands": operands_of(layer, cargo),
    }


def _detail(content: Content, base: Content | None, cargo: PacketWriter, shown: Selection | None) -> Header | None:
    """What each input channel adds to the open map or score, where the open layer is a sum.

    shown: the selection that the browser shows of this very trace, if it does.
    """
    layer, channel = content.selection.layer, content.selection.channel
    if layer in (None, INPUT, SOFTMAX):
        return None
    position = content.trace.position(layer or "")
    if not adds_up(content.trace.layers[position]):
        return None
    sums, reach = content.scales.sums(position, channel)
    is_known = base is not None and (base.selection.layer, base.selection.channel) == (layer, channel)
    old = base.scales.sums(position, channel)[0] if base and is_known else None
    if shown and (shown.layer, shown.channel) == (layer, channel):
        old = sums
    return {"layer": layer, "channel": channel, "sums": cargo.put(sums, old), "range": reach}


def _terms(content: Content) -> list[int] | None:
    """Of many inputs of the open map or score those whose terms are largest, by the mean of |value|; else None."""
    layer, channel = content.selection.layer, content.selection.channel
    if layer in (None, INPUT, SOFTMAX):
        return None
    own = content.trace.layers[content.trace.position(layer or "")]
    maps = [own.input, *(content.trace.layers[at - 1].input for at in own.sources[:1] if at)]
    source = next((one for one in maps if one.ndim == 3), None)
    if not adds_up(own) or source is None:
        return None
    sums, _reach = content.scales.sums(content.trace.position(layer or ""), channel)
    count = len(source) // own.spec.groups
    if count <= MOST_TERMS or sums.size % count:
        return None
    first = channel // (len(own.output) // own.spec.groups) * count
    return sorted(first + at for at in most_active(map_activity(sums.reshape(count, 1, -1)))[:FIRST_TERMS])


def _winners(content: Content, cargo: PacketWriter) -> Header | None:
    """Which tap won each cell of the open layer, where that is a max pooling: see `explain.winning_taps`."""
    path = content.selection.layer
    layer = next((one for one in content.trace.layers if one.spec.path == path), None)
    if layer is None or layer.spec.kind is not Kind.MAX_POOLING:
        return None
    made = winning_taps(layer)
    is_small = made.max(initial=0) <= np.iinfo(np.uint8).max
    return {"layer": path, "taps": cargo.put(made.astype(np.uint8 if is_small else np.float32))}
