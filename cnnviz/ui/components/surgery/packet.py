"""What the explorer shows of an edited network beside its maps: state, words, what can be edited, three small maps.

Refuses to know: how edits are carried out, and how bytes are laid out (`wire`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnviz.figures.theme import number
from cnnviz.layers import Kind
from cnnviz.messages import _
from cnnviz.surgery import Anatomy, EditError, Edits, Op, in_words, read_edits, script
from cnnviz.surgery.anatomy import SUMS, Part
from cnnviz.surgery.presets import preset_keys, preset_title
from cnnviz.ui.comparison import Sides
from cnnviz.ui.components.kernel_editor.texts import editor_texts
from cnnviz.ui.components.surgery.texts import surgery_texts
from cnnviz.ui.selection import Selection
from cnnviz.ui.surgery import Surgery, plain_surgery

Parts = dict[str, Any]


def surgery_parts(
    surgery: Surgery, sides: Sides, selection: Selection, anatomy: Anatomy, network: str, base: str | None = None
) -> Parts:
    """What joins an explorer's packet: "surgery" (JSON), "fields" (arrays), and "compared" where anything is edited.

    `base` says which weights the packet counts on, where it does not carry all of them.
    """
    seed = len(surgery.edits.done) + 1  # another throw of the dice after every edit, the same for the same edits
    header = {
        **plain_surgery(surgery),
        "problem": surgery.problem,
        "weights": weights_key(surgery),
        "base": base,
        "lines": [in_words(edit, anatomy, number) for edit in surgery.edits.done],
        "can_redo": bool(surgery.edits.undone),
        "texts": surgery_texts(),
    }
    if surgery.is_open:
        header |= {
            "menu": _menu(anatomy, selection, seed),
            "kernel": _kernel(anatomy, selection, seed),
            "code": script(network, Edits(surgery.edits.done), anatomy),
        }
    fields = _fields(surgery, sides, selection)
    return {"surgery": header, "fields": fields} | ({"compared": sides} if surgery.edits else {})


def weights_key(surgery: Surgery) -> str:
    """Which weights a packet of this surgery shows: a browser that has them already need not get them again."""
    return f"{surgery.view.value} {surgery.edits.text}"


def newer_weights(base: Any, surgery: Surgery) -> bool | frozenset[str]:
    """The layers whose weights a browser lacks that has those called `base`; True for all of them.

    In one view two lists of edits differ at most in the layers that one of them touches.
    """
    view, _space, text = base.partition(" ") if isinstance(base, str) else ("", "", "")
    try:
        known = read_edits(text)
    except EditError:
        return True
    if view != surgery.view.value:
        return True
    if known.done == surgery.edits.done:
        return frozenset()
    return frozenset(edit.layer for edit in (*known.done, *surgery.edits.done))


def _fields(surgery: Surgery, sides: Sides, selection: Selection) -> dict[str, np.ndarray]:
    """The probabilities before; the open map on both sides, and the kernel and the bias that can be edited."""
    fields = {"scores_before": sides.before.probabilities} if surgery.edits else {}
    layers = {layer.spec.path: at for at, layer in enumerate(sides.after.layers)}
    position = layers.get(selection.layer or "")
    if surgery.is_open:
        fields["scores_after"] = sides.after.probabilities
    if position is None or not surgery.is_open:
        return fields
    before, after = (trace.layers[position] for trace in (sides.before, sides.after))
    if after.output.ndim == 3:
        channel = selection.channel
        maps = {"before": before.output[channel], "after": after.output[channel]}
        fields |= {f"map_{name}": values for name, values in maps.items()}
        fields["map_difference"] = maps["after"] - maps["before"]
    if after.spec.kind is Kind.CONVOLUTION and not after.spec.is_transposed and after.weight is not None:
        fields["kernel"] = after.weight[selection.channel]
        if after.bias is not None:
            fields["bias"] = after.bias[selection.channel : selection.channel + 1]
    return fields


def _kernel(anatomy: Anatomy, selection: Selection, seed: int) -> Parts | None:
    """What the kernel editor is told of the open map; None where no map of a convolution is open."""
    part = _open(anatomy, selection)
    if part is None or not part.has_kernels:
        return None
    rows, cols = part.weights[2:]
    presets = [
        {"key": key, "title": preset_title(key), "group": "preset", "edit": {"op": Op.PRESET, "preset": key}}
        for key in preset_keys(rows, cols)
    ]
    edits = [
        {"key": "zero", "title": _("set to 0"), "group": "edit", "edit": {"op": Op.ZERO}},
        {"key": "negate", "title": _("negate"), "group": "edit", "edit": {"op": Op.NEGATE}},
        {"key": "random", "title": _("random"), "group": "edit", "edit": {"op": Op.RANDOM, "seed": seed},
         "hint": _("As before training: between ±1/√(number of inputs)")},
    ]  # fmt: skip
    texts = editor_texts() | {"channel": _("for map {index}")}
    title = _("Kernels of {layer}, map {channel}", layer=selection.layer, channel=selection.channel)
    place = {"layer": selection.layer, "out": selection.channel}
    return {**place, "title": title, "actions": [*edits, *presets], "texts": texts}


def _open(anatomy: Anatomy, selection: Selection) -> Part | None:
    return next((part for part in anatomy.parts if part.spec.path == selection.layer), None)


def _menu(anatomy: Anatomy, selection: Selection, seed: int) -> list[Parts]:
    """Everything that is done to a whole map or layer: a title and the edit that it stands for."""
    return [*_of_open_map(anatomy, selection), *(entry for part in anatomy.parts for entry in _of_layer(part, seed))]


def _of_open_map(anatomy: Anatomy, selection: Selection) -> list[Parts]:
    part = _open(anatomy, selection)
    if part is None or part.spec.kind not in SUMS or part.spec.is_transposed:
        return []
    words = _("Switch map {channel} of {layer} off") if part.has_kernels else _("Switch unit {channel} of {layer} off")
    title = words.format(channel=selection.channel, layer=selection.layer)
    return [{"title": title, "edit": {"op": Op.OFF, "layer": selection.layer, "out": selection.channel}}]


def _of_layer(part: Part, seed: int) -> list[Parts]:
    layer, spec = part.spec.path, part.spec
    if spec.kind is Kind.ACTIVATION:
        words = _("Take {type} out of {layer}", type=spec.type_name, layer=layer)
        return [{"title": words, "edit": {"op": Op.LINEAR, "layer": layer}}]
    if part.can_average:
        return [
            {"title": _("{layer}: mean instead of largest", layer=layer), "edit": {"op": Op.AVERAGE, "layer": layer}}
        ]
    if spec.kind not in SUMS:
        return []
    is_kernels = spec.kind is Kind.CONVOLUTION
    shuffle = _("Shuffle the kernels of {layer}") if is_kernels else _("Shuffle the weights of {layer}")
    return [
        {"title": shuffle.format(layer=layer), "edit": {"op": Op.SHUFFLE, "layer": layer, "seed": seed}},
        {"title": _("Random weights in {layer}", layer=layer), "edit": {"op": Op.REDRAW, "layer": layer, "seed": seed}},
    ]
