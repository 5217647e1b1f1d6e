"""A training step as the walk's packet: maps, gradients, kernels before and after, and which cells a weight meets.

Refuses to know: words (`texts`), colours (`figures.theme`), how bytes are laid out (`wire`), and what a layer reads
or how it is shown (`layer_facts`).
"""

from __future__ import annotations

import math
from dataclasses import asdict

import numpy as np

from cnnviz.core.colour_ranges import colour_ranges
from cnnviz.core.explain.laid_weights import weights_by_output
from cnnviz.core.layer_facts import column_facts, range_groups
from cnnviz.core.layers import Kind
from cnnviz.core.training_step import LayerStep, ParameterStep, StepTrace
from cnnviz.core.training_step.sums import tap_sources
from cnnviz.figures.theme import PALETTES
from cnnviz.web.selection import INPUT, SOFTMAX
from cnnviz.web.training_step.texts import figures, motion_texts, steps
from cnnviz.web.training_step.way_back import scores_column
from cnnviz.web.wire import Header, PacketWriter

MOST_DIGITS = 9
FIELDS = ("before", "gradient", "step", "after", "velocity", "mean", "square", "fair_mean", "fair_square")


def pack(motion: StepTrace, classes: tuple[str, ...]) -> bytes:
    """The packet of `motion`; column 0 is the input, then come the layers, then the shares."""
    cargo = PacketWriter()
    optimiser = motion.optimiser
    return cargo.sealed(
        {
            "layers": _columns(motion, cargo),
            "classes": classes,
            "target": motion.target,
            "scores": scores_column(motion),
            "loss": _plain(motion.loss),
            "loss_after": _plain(motion.loss_after),
            "losses": [_plain(loss) for loss in motion.losses],
            "optimiser": {
                "method": optimiser.method.value,
                "rate": optimiser.rate,
                "decay": optimiser.decay,
                "momentum": optimiser.momentum,
                "epsilon": optimiser.epsilon,
            },
            "palettes": {name: asdict(palette) for name, palette in PALETTES.items()},
            "steps": steps(motion, classes),
            "together": _plain(float(motion.grad_logits.sum())),
            "share_digits": _share_digits(motion.grad_logits),
            "texts": motion_texts(),
        }
    )


def _plain(value: float) -> float | None:
    """A number as JSON can carry it: what is not finite is null."""
    return value if math.isfinite(value) else None


def _share_digits(differences: np.ndarray) -> int:
    """The fewest decimals with which the largest difference keeps 3 figures and the shown ones add up to 0."""
    for digits in range(figures(_half(differences) or 0.0), MOST_DIGITS):
        if round(sum(round(float(value), digits) for value in differences), digits) == 0:
            return digits
    return MOST_DIGITS


def _half(array: np.ndarray | None) -> float | None:
    """The half-width of a scale around 0 for `array`; null where there is nothing finite to show."""
    finite = array[np.isfinite(array)] if array is not None else np.empty(0)
    return float(np.abs(finite).max()) if finite.size else None


def _columns(motion: StepTrace, cargo: PacketWriter) -> list[Header]:
    """Every column of the picture with its facts; scores and shares also as they are after the step."""
    columns = [_input(motion, cargo), *_layers(motion, cargo), _softmax(motion, cargo)]
    for at, values in ((scores_column(motion), motion.after.logits), (-1, motion.after.probabilities)):
        columns[at]["after"] = cargo.put(values)
    groups = range_groups(colour_ranges(motion.trace))
    for column, facts, group in zip(columns, column_facts(motion.trace), groups, strict=True):
        reads = [{name: one[name] for name in ("cells", "channels", "groups")} for one in facts["reads"]]
        column |= facts | {"reads": reads, "range_group": group}
    return columns


def _input(motion: StepTrace, cargo: PacketWriter) -> Header:
    return _column(INPUT, INPUT, motion.trace.image, motion.grad_image, cargo) | {"range": 1.0, "inputs": []}


def _softmax(motion: StepTrace, cargo: PacketWriter) -> Header:
    inputs = [scores_column(motion)]
    return _column(SOFTMAX, SOFTMAX, motion.probabilities, None, cargo) | {"range": 1.0, "inputs": inputs}


def _layers(motion: StepTrace, cargo: PacketWriter) -> list[Header]:
    found = []
    for layer, scales in zip(motion.layers, colour_ranges(motion.trace), strict=True):
        spec, shape = layer.spec, _unrolled(motion, layer)
        header = _column(spec.path, spec.kind.value, layer.output, layer.grad_output, cargo)
        header |= {"range": _plain(scales.layer), "kernels": _kernels(layer, shape, cargo), "axes": _axes(layer)}
        header |= _inputs(motion, layer, cargo)
        found.append(header)
    return found


def _unrolled(motion: StepTrace, layer: LayerStep) -> tuple[int, ...]:
    """The maps that a fully connected layer reads, unrolled: those before a flattening, else what goes in."""
    source = layer.traced.sources[0]
    while source and motion.layers[source - 1].spec.kind is Kind.FLATTEN:
        layer = motion.layers[source - 1]
        source = layer.traced.sources[0]
    return layer.input.shape


def _inputs(motion: StepTrace, layer: LayerStep, cargo: PacketWriter) -> Header:
    """The columns that a layer takes, each once, and what it hands back to those that others read too.

    is_along: a fully connected layer that every row of the maps goes through.
    """
    columns = [one for one in dict.fromkeys(layer.traced.sources) if one is not None]
    backs = {}
    for column in columns:
        path = motion.trace.layers[column - 1].spec.path if column else ""
        back = layer.grad_inputs[layer.traced.sources.index(column)]
        if back is not None and len(motion.readers(path)) > 1:
            backs[str(column)] = {"field": cargo.put(back), "range": _half(back)}
    is_along = layer.spec.kind is Kind.LINEAR and layer.input.ndim > 1
    return {"inputs": columns, "backs": backs, "is_along": is_along}


def _column(path: str, kind: str, output: np.ndarray, gradient: np.ndarray | None, cargo: PacketWriter) -> Header:
    """The values of one column of the picture, and d loss / d value."""
    return {
        "path": path,
        "kind": kind,
        "output": cargo.put(output),
        "gradient": None if gradient is None else cargo.put(gradient),
        "gradient_range": _half(gradient),
    }


def _kernels(layer: LayerStep, shape: tuple[int, ...], cargo: PacketWriter) -> Header | None:
    """The weights as pictures: (out, pictures of each, rows, cols); biases as (out,)."""
    if layer.weight is None or layer.spec.kind not in (Kind.CONVOLUTION, Kind.LINEAR):
        return None
    own = _pictured(layer, layer.weight.before, shape).shape
    weights = {name: _pictured(layer, array, shape) for name, array in _fields(layer.weight)}
    if layer.calls > 1 and layer.weight_part is not None:
        weights["part"] = _pictured(layer, layer.weight_part, shape)
    biases = {} if layer.bias is None else dict(_fields(layer.bias))
    return {
        "out": own[0],
        "each": own[1],
        "rows": own[2],
        "cols": own[3],
        "groups": layer.spec.groups,
        "weight": {name: cargo.put(np.ascontiguousarray(array)) for name, array in weights.items()},
        "bias": {name: cargo.put(array) for name, array in biases.items()},
        "ranges": {name: _half(array) for name, array in weights.items()},
    }


def _fields(held: ParameterStep) -> list[tuple[str, np.ndarray]]:
    return [(name, array) for name in FIELDS if (array := getattr(held, name)) is not None]


def _pictured(layer: LayerStep, array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Weights as (out, pictures of each, rows, cols): what each output reads, map by map."""
    spec = layer.spec
    if spec.kind is Kind.LINEAR:
        folds = layer.input.ndim == 1 and len(shape) == 3 and math.prod(shape) == array.shape[1]
        return array.reshape(len(array), *shape) if folds else array[:, None, None, :]
    return weights_by_output(spec, array)


def _axes(layer: LayerStep) -> Header | None:
    """For each tap of a kernel the input row (column) that it meets at each output row (column); −1 is padding."""
    if layer.spec.kind is not Kind.CONVOLUTION:
        return None
    axes = layer.spec.axes(layer.input.shape[-2:], layer.output.shape[-2:])  # type: ignore[arg-type]
    assert axes is not None
    taps = zip(("rows", "cols"), axes, layer.spec.kernel, strict=True)
    return {name: [tap_sources(axis, tap).tolist() for tap in range(size)] for name, axis, size in taps}
