"""A blueprint as Keras 3 lines that run as they are: a `Sequential`, or a `Model` where there is a skip.

The same shapes, parameters and function; what Keras does otherwise stands in comments, what it cannot do is refused.
Refuses to know: keras itself (tests run the lines), pages, training.
"""

from __future__ import annotations

from cnnviz.i18n import _
from cnnviz.models.builder.activations import FORMS
from cnnviz.models.builder.inspection import Inspection, LayerRow
from cnnviz.models.builder.layer_config import LayerConfig, LayerKind, NetworkSpecError, Pooling

_NORM = "BatchNormalization(momentum=0.9, epsilon=1e-05"


def spec_to_keras(found: Inspection) -> str:
    """The lines for a blueprint without a problem.

    Raises: NetworkSpecError, one sentence, for a part that has no twin in Keras.

    >>> from cnnviz.models.builder.inspection import inspect_spec
    >>> from cnnviz.models.builder.keras_code import spec_to_keras
    >>> from cnnviz.models.builder.presets import preset
    >>> lines = spec_to_keras(inspect_spec(preset("mnist_b1"))).splitlines()
    >>> next(line.strip() for line in lines if "conv1" in line)
    'layers.Conv2D(16, 5, padding="same", name="conv1"),  # (n, 28, 28, 16)'
    """
    blueprint = found.blueprint
    channels, rows, cols = blueprint.input_shape
    has_skip = any(row.part.kind is LayerKind.RESIDUAL for row in found.rows)
    write = _model if has_skip else _sequential
    title = " ".join(blueprint.title.split())
    lines = [
        "import keras", "import numpy as np", "from keras import layers", "", *_remarks(found), "",
        *write(found, f"({rows}, {cols}, {channels})"), "",
        "# " + _("{title}: {count} parameters", title=title, count=f"{found.parameters:,}"),
        f"classes = {blueprint.classes!r}",
        f'x = np.zeros((1, {rows}, {cols}, {channels}), dtype="float32")',
        "scores = network(x, training=False)", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _remarks(found: Inspection) -> list[str]:
    kinds = {row.part.kind for row in found.rows}
    has_norm = LayerKind.BATCH_NORM in kinds or any(row.part.is_normalised for row in found.rows)
    sentences = [
        _("Maps have the shape (rows, columns, channels) here, (channels, rows, columns) in PyTorch:"),
        _("weights cannot be copied unchanged."),
        _("Initial weights: Glorot's rule and biases of 0 here; PyTorch draws both within ±1/√(inputs of a unit)."),
        _("Scores come out, no softmax: train with SparseCategoricalCrossentropy(from_logits=True)."),
    ]
    if has_norm:
        sentences += [
            _("Batch normalisation: momentum 0.9 is what PyTorch calls 0.1. The running variance is biased here,"),
            _("unbiased in PyTorch; mean and variance count as parameters that are not trained."),
        ]
    return [f"# {sentence}" for sentence in sentences]


def _sequential(found: Inspection, shape: str) -> list[str]:
    lines = [f"        layers.Input({shape}),"]
    for row in found.rows:
        *first, last = _layers(row)
        lines += [*(f"        layers.{layer}," for layer in first), f"        layers.{last},{_shape(row)}"]
    return ["network = keras.Sequential(", "    [", *lines, "    ]", ")"]


def _model(found: Inspection, shape: str) -> list[str]:
    """With a skip the layers are no row: the functional way."""
    lines = [f"x = first = layers.Input({shape})"]
    for row in found.rows:
        if row.part.kind is LayerKind.RESIDUAL:
            lines += _block(row)
        else:
            *before, last = _layers(row)
            lines += [*(f"x = layers.{layer}(x)" for layer in before), f"x = layers.{last}(x){_shape(row)}"]
    return [*lines, "network = keras.Model(first, x)"]


def _block(row: LayerRow) -> list[str]:
    part, name = row.part, row.name
    bias = ", use_bias=False" if part.is_normalised else ""
    norm = [f'x = layers.{_NORM}, name="{name}_norm")(x)'] if part.is_normalised else []
    return [
        "skip = x",
        f'x = layers.Conv2D({row.outputs}, {part.kernel}, padding="same"{bias}, name="{name}_conv")(x)',
        *norm,
        f"x = layers.{FORMS[part.function].keras})(x)",
        f'x = layers.Add(name="{name}")([x, skip]){_shape(row)}',
    ]


def _layers(row: LayerRow) -> list[str]:
    """One part as one layer or, where padding has no word of its own in Keras, as two."""
    part, end = row.part, f'name="{row.name}")'
    match part.kind:
        case LayerKind.CONV:
            stride = f", strides={part.stride}" if part.stride != 1 else ""
            padding, before = _padding(part)
            return [*before, f"Conv2D({row.outputs}, {part.kernel}{stride}{padding}, {end}"]
        case LayerKind.ACTIVATION:
            return [f"{FORMS[part.function].keras}, {end}"]
        case LayerKind.POOL:
            return _pooling(row, end)
        case LayerKind.DROPOUT:
            return [f"Dropout({part.share}, {end}"]
        case LayerKind.DROPOUT2D:
            return [f"SpatialDropout2D({part.share}, {end}"]
        case LayerKind.BATCH_NORM:
            return [f"{_NORM}, {end}"]
        case LayerKind.FLATTEN:
            return [f"Flatten({end}"]
        case LayerKind.LINEAR:
            return [f"Dense({row.outputs}, {end}"]
        case LayerKind.GLOBAL_AVERAGE:
            return [f"GlobalAveragePooling2D(keepdims=True, {end}"]
        case LayerKind.RESIDUAL:
            raise AssertionError("a block is written by `_block`")


def _padding(part: LayerConfig) -> tuple[str, list[str]]:
    """Keras knows two words; "same" pads as PyTorch does only for an odd kernel that moves cell by cell."""
    if part.padding == 0:
        return "", []
    if part.stride == 1 and 2 * part.padding == part.kernel - 1:
        return ', padding="same"', []
    return "", [f"ZeroPadding2D({part.padding})"]


def _pooling(row: LayerRow, end: str) -> list[str]:
    part = row.part
    stride = f", strides={part.stride}" if part.stride != part.kernel else ""
    if part.pooling is Pooling.AVERAGE:
        before = [f"ZeroPadding2D({part.padding})"] if part.padding else []
        return [*before, f"AveragePooling2D({part.kernel}{stride}, {end}"]
    if part.padding:
        raise NetworkSpecError(
            _("padding of {name} must be 0 for Keras, got {got}: its max pooling pads differently from PyTorch's",
              name=row.name, got=part.padding)
        )  # fmt: skip
    return [f"MaxPooling2D({part.kernel}{stride}, {end}"]


def _shape(row: LayerRow) -> str:
    shape = row.output_shape or ()
    ours = (*shape[1:], shape[0]) if len(shape) == 3 else shape
    return f"  # (n, {', '.join(map(str, ours))})"
