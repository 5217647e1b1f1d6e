"""The words, kinds and fields of the editor of a network; `{names}` are filled in the browser."""

from __future__ import annotations

from typing import Any

from cnnviz.i18n import _, current_language
from cnnviz.models.builder import LayerKind, Pooling
from cnnviz.models.builder.activations import FORMS
from cnnviz.models.builder.layer_config import (
    AUTOMATIC,
    BATCH_NORM,
    FIELDS,
    FLATTEN,
    GLOBAL_AVERAGE,
    LARGEST_KERNEL,
    MOST_CHANNELS,
    MOST_PADDING,
    MOST_STRIDE,
    MOST_UNITS,
    LayerConfig,
    activation,
    conv,
    dropout,
    dropout2d,
    linear,
    pool,
    residual,
)

FRESH: dict[LayerKind, LayerConfig] = {
    LayerKind.CONV: conv(16, 3, padding=1), LayerKind.ACTIVATION: activation(), LayerKind.POOL: pool(2),
    LayerKind.BATCH_NORM: BATCH_NORM, LayerKind.DROPOUT2D: dropout2d(), LayerKind.RESIDUAL: residual(),
    LayerKind.GLOBAL_AVERAGE: GLOBAL_AVERAGE, LayerKind.FLATTEN: FLATTEN, LayerKind.LINEAR: linear(32),
    LayerKind.DROPOUT: dropout(),
}  # fmt: skip


def editor_texts() -> dict[str, Any]:
    """Every text of the component."""
    return {
        "language": current_language(),
        "kinds": _kinds(),
        "fresh": {kind.value: part.to_record() for kind, part in FRESH.items()},
        "fields": {kind.value: _fields(kind) for kind in LayerKind},
        "title": _("Layers of the network"),
        "diagram": _("The shapes from image to scores: press one to go to its layer"),
        "start": _("Start from"),
        "own": _("your own"),
        "undo": _("Undo"),
        "redo": _("Redo"),
        "input": _("input"),
        "output": _("Output"),
        "parameters": _("Parameters"),
        "sees": _("Receptive field"),
        "sees_hint": _("Pixels of the image that one unit depends on, rows × columns; ≤: fewer for some units"),
        "up": _("Move {name} up"),
        "down": _("Move {name} down"),
        "remove": _("Remove {name}"),
        "kind": _("Kind of {name}"),
        "add": _("Add a layer"),
        "add_here": _("Add a layer here"),
        "add_what": _("Add which layer?"),
        "cancel": _("Cancel"),
        "unknown": _("Unknown until the layers before it fit"),
        "total": _("{parameters} parameters, {macs} multiply-adds per image"),
        "fits": _("Everything fits."),
        "stuck": _("Does not fit yet: see {name}."),
        "end": _("the end"),
        "type_hint": _("Press to type a number"),
        "keys": _("Keys: ↑ ↓ from layer to layer · Alt+↑ ↓ moves one · Enter into its numbers, Esc back · "
                  "Insert adds after it · Delete removes · Ctrl+Z undoes"),
        "nobody": _("The server gave no answer: change something again, or load the page anew."),
    }  # fmt: skip


def _kinds() -> dict[str, str]:
    return {
        LayerKind.CONV.value: _("Convolution"),
        LayerKind.ACTIVATION.value: _("Activation"),
        LayerKind.POOL.value: _("Pooling"),
        LayerKind.BATCH_NORM.value: _("Batch normalisation"),
        LayerKind.DROPOUT2D.value: _("Spatial dropout"),
        LayerKind.RESIDUAL.value: _("Residual block"),
        LayerKind.GLOBAL_AVERAGE.value: _("Global average"),
        LayerKind.FLATTEN.value: _("Flatten"),
        LayerKind.LINEAR.value: _("Fully connected"),
        LayerKind.DROPOUT.value: _("Dropout"),
    }


def _fields(kind: LayerKind) -> list[dict[str, Any]]:
    """How each field of a kind is typed: a number in bounds, one that may be automatic, a word, a tick."""
    return [_field(kind, name) for name in ORDER if name in FIELDS[kind]]


ORDER = ("function", "pooling", "outputs", "kernel", "stride", "padding", "share", "is_normalised", "inputs")


def _field(kind: LayerKind, name: str) -> dict[str, Any]:
    is_linear = kind is LayerKind.LINEAR
    numbers = {
        "kernel": (_("size") if kind is LayerKind.CONV else _("window"), 1, LARGEST_KERNEL),
        "stride": (_("stride"), 1, MOST_STRIDE),
        "padding": (_("padding"), 0, MOST_PADDING),
        "outputs": (_("units") if is_linear else _("kernels"), 1, MOST_UNITS if is_linear else MOST_CHANNELS),
        "inputs": (_("inputs") if is_linear else _("input channels"), 1, MOST_UNITS),
    }
    if name in numbers:
        label, least, most = numbers[name]
        found = {"name": name, "type": "number", "label": label, "least": least, "most": most}
        return found | _automatic(kind, name)
    functions = {function.value: forms.describe() for function, forms in FORMS.items()}
    others: dict[str, dict[str, Any]] = {
        "function": {"type": "words", "label": _("function"), "words": functions},
        "pooling": {"type": "words", "label": _("takes the"), "words": {
            Pooling.MAX.value: _("maximum"), Pooling.AVERAGE.value: _("average")}},
        "share": {"type": "number", "label": _("share"), "least": 0, "most": 0.95, "step": 0.05},
        "is_normalised": {"type": "tick", "label": _("normalised")},
    }  # fmt: skip
    return {"name": name} | others[name]


def _automatic(kind: LayerKind, name: str) -> dict[str, Any]:
    """What stands in place of a number that follows by itself."""
    found = {"type": "automatic", "value": AUTOMATIC, "back": _("automatic")}
    if name == "inputs":
        return found | {"text": _("{name}: {count}, from the previous layer")}
    if name == "outputs" and kind is LayerKind.LINEAR:
        return found | {"text": _("{name}: {count}, one per class")}
    return {}
