"""What the explorer shows of an edited network beside its maps: state, words, what can be edited, three small maps.

Refuses to know: how edits are carried out, and how bytes are laid out (`wire`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnviz.core.edits import EditableLayers, EditKind, Edits, describe_edit, edits_to_pytorch
from cnnviz.core.edits.comparison import difference_trace
from cnnviz.core.edits.editable import SUMS, EditableLayer
from cnnviz.core.edits.presets import fit_preset, preset_keys, preset_title, recognise_presets
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.figures.theme import format_number
from cnnviz.i18n import _
from cnnviz.models.zoo import is_own_key
from cnnviz.web.edits.state import edits_state_to_json
from cnnviz.web.edits.texts import edits_texts
from cnnviz.web.edits.view import DeltaBase, ViewState
from cnnviz.web.kernel_editor.texts import editor_texts
from cnnviz.web.selection import Selection

Parts = dict[str, Any]


def edits_header(look: ViewState, anatomy: EditableLayers, base: DeltaBase | None) -> Parts:
    """What joins an explorer's packet under "surgery". `base`: what the browser has; what stays is not said again."""
    surgery = look.surgery
    header = {
        **edits_state_to_json(surgery),
        "problem": surgery.problem,
        "key": look.key,
        "base": base and base.key,
        "lines": [describe_edit(edit, anatomy, format_number) for edit in surgery.edits.done],
        "can_redo": bool(surgery.edits.undone),
    }
    if surgery.is_open:
        header["ready_made"] = _ready_made(look)
        header["code"] = edits_to_pytorch(
            look.network, Edits(surgery.edits.done), anatomy, is_saved=is_own_key(look.network), opening=look.opening
        )
    return header if base and look.offers_the_same(base.look) else header | _offers(look, anatomy)


def _ready_made(look: ViewState) -> list[str]:
    """For each input of the open map the ready-made kernel that stands there; nothing where no kernel is open."""
    layer = next((one for one in look.sides.after.layers if one.spec.path == look.selection.layer), None)
    has_kernel = layer is not None and layer.spec.kind is Kind.CONVOLUTION and not layer.spec.is_transposed
    if not has_kernel or layer is None or layer.weight is None:
        return []
    return recognise_presets(layer.weight[look.selection.channel])


def _offers(look: ViewState, anatomy: EditableLayers) -> Parts:
    """Words and what can be done here."""
    if not look.surgery.is_open:
        return {"texts": edits_texts()}
    seed = len(look.surgery.edits.done) + 1  # another throw of the dice after every edit, the same for the same edits
    menu, kernel = _menu(anatomy, look.selection, seed), _kernel(anatomy, look.selection, seed)
    return {"texts": edits_texts(), "menu": menu, "kernel": kernel}


def fields_of(look: ViewState) -> dict[str, np.ndarray]:
    """The probabilities before; the open map on both sides, and the kernel and the bias that can be edited."""
    sides, is_open = look.sides, look.surgery.is_open
    fields = {"scores_before": sides.before.probabilities} if look.surgery.edits else {}
    if is_open:
        fields["scores_after"] = sides.after.probabilities
    layers = [layer.spec.path for layer in sides.after.layers]
    if not is_open or look.selection.layer not in layers:
        return fields
    at = layers.index(look.selection.layer)
    return fields | _open_map(sides.before.layers[at], sides.after.layers[at], look.selection.channel)


def _open_map(before: LayerTrace, after: LayerTrace, channel: int) -> dict[str, np.ndarray]:
    fields = {}
    if after.output.ndim == 3:
        maps = before.output[channel], after.output[channel]
        fields = {"map_before": maps[0], "map_after": maps[1], "map_difference": difference_trace(*maps)}
    if after.spec.kind is Kind.CONVOLUTION and not after.spec.is_transposed and after.weight is not None:
        fields["kernel"] = after.weight[channel]
        if after.bias is not None:
            fields["bias"] = after.bias[channel : channel + 1]
    return fields


def _kernel(anatomy: EditableLayers, selection: Selection, seed: int) -> Parts | None:
    """What the kernel editor is told of the open map; None where no map of a convolution is open."""
    part = _open(anatomy, selection)
    if part is None or not part.has_kernels:
        return None
    rows, cols = part.weights[2:]
    presets = [
        {"key": key, "title": preset_title(key), "group": "preset", "edit": {"op": EditKind.PRESET, "preset": key},
         "hint": fit_preset(key, rows, cols)}
        for key in preset_keys(rows, cols)
    ]  # fmt: skip
    edits = [
        {"key": "zero", "title": _("set to 0"), "group": "edit", "edit": {"op": EditKind.ZERO}},
        {"key": "negate", "title": _("negate"), "group": "edit", "edit": {"op": EditKind.NEGATE}},
        {"key": "random", "title": _("random"), "group": "edit", "edit": {"op": EditKind.RANDOM, "seed": seed},
         "hint": _("As before training: between ±1/√(number of inputs)")},
    ]  # fmt: skip
    texts = editor_texts() | {"channel": _("for map {index}"), "presets_hint": _presets_hint(rows, cols)}
    title = _("Kernels of {layer}, map {channel}", layer=selection.layer, channel=selection.channel)
    place = {"layer": selection.layer, "out": selection.channel}
    return {**place, "title": title, "actions": [*edits, *presets], "texts": texts}


def _presets_hint(rows: int, cols: int) -> str:
    """What is done to a ready-made kernel so that it goes into this layer."""
    return _(
        "This layer's kernels are {rows}×{cols}: a ready-made one has this size too, or stands in its middle with "
        "zeros around it. It is divided by the sum of its weights, or of their absolute values where they cancel out.",
        rows=rows, cols=cols,
    )  # fmt: skip


def _open(anatomy: EditableLayers, selection: Selection) -> EditableLayer | None:
    return next((part for part in anatomy.parts if part.spec.path == selection.layer), None)


def _menu(anatomy: EditableLayers, selection: Selection, seed: int) -> list[Parts]:
    """Everything that is done to a whole map or layer: a title and the edit that it stands for."""
    return [*_of_open_map(anatomy, selection), *(entry for part in anatomy.parts for entry in _of_layer(part, seed))]


def _of_open_map(anatomy: EditableLayers, selection: Selection) -> list[Parts]:
    part = _open(anatomy, selection)
    if part is None or part.spec.kind not in SUMS or part.spec.is_transposed:
        return []
    words = _("Switch map {channel} of {layer} off") if part.has_kernels else _("Switch unit {channel} of {layer} off")
    title = words.format(channel=selection.channel, layer=selection.layer)
    return [{"title": title, "edit": {"op": EditKind.OFF, "layer": selection.layer, "out": selection.channel}}]


def _of_layer(part: EditableLayer, seed: int) -> list[Parts]:
    layer, spec = part.spec.path, part.spec
    if spec.kind is Kind.ACTIVATION:
        words = _("Take {type} out of {layer}", type=spec.type_name, layer=layer)
        return [{"title": words, "edit": {"op": EditKind.LINEAR, "layer": layer}}]
    if part.can_average:
        return [
            {
                "title": _("{layer}: mean instead of largest", layer=layer),
                "edit": {"op": EditKind.AVERAGE, "layer": layer},
            }
        ]
    if spec.kind not in SUMS:
        return []
    is_kernels = spec.kind is Kind.CONVOLUTION
    shuffle = _("Shuffle the kernels of {layer}") if is_kernels else _("Shuffle the weights of {layer}")
    return [
        {"title": shuffle.format(layer=layer), "edit": {"op": EditKind.SHUFFLE, "layer": layer, "seed": seed}},
        {
            "title": _("Random weights in {layer}", layer=layer),
            "edit": {"op": EditKind.REDRAW, "layer": layer, "seed": seed},
        },
    ]
