"""A blueprint made to fit another set of pictures: other size, other channels, other classes.

Refuses to know: data sets; it is told the shape and the classes.
"""

from __future__ import annotations

from dataclasses import replace

from cnnviz.models.builder.layer_config import AUTOMATIC, LayerConfig, LayerKind
from cnnviz.models.builder.network_spec import NetworkSpec, Shape


def adapt_to_data(blueprint: NetworkSpec, input_shape: Shape, classes: tuple[str, ...]) -> NetworkSpec:
    """`blueprint` for pictures of `input_shape` (channels, rows, cols) and for `classes`; as it is where both match.

    Numbers of inputs that were typed by hand become automatic, since what arrives is another, and the last fully
    connected layer gives one score a class. A kernel may still be larger than its map then: `inspect_spec` says so.
    Raises: NetworkSpecError, one sentence, for a shape or classes out of their bounds.

    >>> from cnnviz.models.builder.adapt import adapt_to_data
    >>> from cnnviz.models.builder.presets import preset
    >>> adapt_to_data(preset("birds_c1"), (1, 28, 28), tuple("0123456789")).input_shape
    (1, 28, 28)
    """
    parts = blueprint.parts
    if input_shape != blueprint.input_shape:
        parts = tuple(replace(part, inputs=AUTOMATIC) for part in parts)
    if len(classes) != len(blueprint.classes):
        parts = _with_outputs(parts, len(blueprint.classes))
    return replace(blueprint, input_shape=input_shape, classes=classes, parts=parts)


def _with_outputs(parts: tuple[LayerConfig, ...], classes: int) -> tuple[LayerConfig, ...]:
    """The last fully connected layer follows the classes where its number was theirs before."""
    numbers = [number for number, part in enumerate(parts) if part.kind is LayerKind.LINEAR]
    if not numbers or parts[numbers[-1]].outputs != classes:
        return parts
    last = numbers[-1]
    return (*parts[:last], replace(parts[last], outputs=AUTOMATIC), *parts[last + 1 :])
